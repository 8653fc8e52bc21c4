"""What is new at the providers since the week began, waiting to be looked at."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, QuerySet
from django.utils import timezone

from orders.models import Service

MOST = 1000
FIRST_READINGS = timedelta(days=1)


@dataclass(frozen=True)
class Arrivals:
    """New offers of this week; `hidden` of them are not sold yet. Counted up to one beyond MOST."""

    since: datetime
    count: int
    hidden: int


def week_began(now: datetime) -> datetime:
    """Monday's midnight, by the panel's clock."""
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=today.weekday())


def services_new_since(since: datetime) -> QuerySet[Service]:
    """Services whose offer came at `since` or later and is still there.

    What comes within a provider's first day is its catalog, from which somebody chose when it was
    added, and no news.
    """
    fresh = Service.objects.filter(offer__first_seen_at__gte=since, offer__retired_at=None)
    return fresh.filter(offer__first_seen_at__gt=F("offer__provider__created_at") + FIRST_READINGS)


def arrivals(now: datetime) -> Arrivals:
    """How many came this week. Two queries, each counted no further than one beyond `MOST`."""
    since = week_began(now)
    found = services_new_since(since).order_by()
    return Arrivals(since, found[: MOST + 1].count(), _hidden(found))


def waiting(now: datetime) -> int:
    """How many of this week's are not sold yet. One query."""
    return _hidden(services_new_since(week_began(now)).order_by())


def _hidden(found: QuerySet[Service]) -> int:
    return found.filter(is_visible=False)[: MOST + 1].count()

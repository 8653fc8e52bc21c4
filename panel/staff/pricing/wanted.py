"""What the table of prices is narrowed to."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy

from orders import rules
from orders.models import Order, Service
from panel.staff.services.narrowed import Narrowed

SALES_OVER = timedelta(days=30)
ONLY = {
    "below": (gettext_lazy("Below floor"), "arrow-down-to-line"),
    "changed": (gettext_lazy("Cost up past its limit"), "trending-up"),
    "unruled": (gettext_lazy("No rule"), "circle-dashed"),
    "unsold": (gettext_lazy("No sales"), "moon"),
}


@dataclass(frozen=True)
class Wanted(Narrowed):
    """What the table is narrowed to."""

    PAGE = "staff:pricing"

    only: str = ""
    now: datetime = field(default_factory=timezone.now, compare=False)

    @classmethod
    def of(cls, query: QueryDict) -> "Wanted":
        only = query.get("only", "")
        return cls.said(query, only=only if only in ONLY else "")

    @cached_property
    def watched(self) -> rules.Watched:
        return rules.watched()

    @cached_property
    def services(self) -> QuerySet[Service]:
        """What is in the shop and fits, of types that can be ordered."""
        found = Service.objects.filter(is_visible=True).exclude(offer__service_type="")
        found = self.narrow(found)
        return found.filter(self._only()) if self.only else found

    def _only(self) -> Q:
        if self.only == "unruled":
            return ~rules.ruled()
        if self.only == "unsold":
            return ~Q(Exists(recent_orders(self.now).filter(service=OuterRef("pk"))))
        watched = self.watched
        return Q(pk__in=watched.below if self.only == "below" else watched.risen)

    @property
    def chips(self) -> list[dict[str, Any]]:
        """Filters to press, with how many services they would leave."""
        counts = {"below": len(self.watched.below), "changed": len(self.watched.risen)}
        return [
            {
                "label": label,
                "icon": icon,
                "count": counts.get(only, 0),
                "on": only == self.only,
                "url": replace(self, only="" if only == self.only else only).url,
            }
            for only, (label, icon) in ONLY.items()
        ]


def recent_orders(now: datetime) -> QuerySet[Order]:
    """The orders of the last days, found by their numbers, which rise with time."""
    since = now - SALES_OVER
    found = Order.objects.filter(placed_at__gte=since)
    first = found.order_by("placed_at").values_list("pk", flat=True).first()
    return found if first is None else found.filter(pk__gte=first)

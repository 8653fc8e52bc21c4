"""What the lists of refills and of cancel requests share: tabs, rows, pages by keyset."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from orders import followups
from orders.errors import Declined, FieldErrors
from orders.kept_words import told
from orders.models import Cancellation, Refill
from orders.people import Person
from orders.spelling import lowered
from panel import paginator
from panel.staff.followups.filters import FollowUpFilters

SIZE = paginator.SIZE


@dataclass(frozen=True)
class Tab:
    """Some of the requests, and what it says when there are none; `counted`: a person is needed."""

    slug: str
    label: str | Promise
    fits: Callable[[datetime], Q]
    empty: str | Promise
    explained: str | Promise = ""
    counted: bool = False


@dataclass(frozen=True)
class TabLink:
    """A tab as the page shows it."""

    label: str
    url: str
    current: bool
    count: int | None


@dataclass(frozen=True)
class Row:
    """One request. Provider's words and id only for who sees the provider."""

    number: int
    order: int
    service: str
    client: str
    coin: str
    label: str
    asked_at: datetime
    asked_by: str
    changed_at: datetime
    upstream_id: str
    answer: str
    is_lost: bool
    in_flight: bool
    can_renumber: bool = False

    @property
    def stands(self) -> str:
        """Its status within a sentence."""
        return lowered(self.label)


@dataclass(frozen=True)
class Listed:
    """One kind of request as a list: its tabs, which of its statuses are under way, and which
    rows a person has to settle."""

    kind: followups.Kind
    tabs: Sequence[Tab]
    in_flight: Sequence[str]
    is_lost: Callable[[Any], bool]
    has_number: Callable[[Any], bool] = lambda row: False
    """Whether it is followed by a number that a person may have to correct."""

    @property
    def statuses(self) -> list[tuple[str, str]]:
        """The words of every status, for a filter."""
        return list(self.kind.model._meta.get_field("status").flatchoices)


def whichever(**lookups: Any) -> Callable[[datetime], Q]:
    """What a tab holds, where that does not depend on the moment."""
    return lambda now: Q(**lookups)


def visible(listed: Listed, who: Person) -> QuerySet[Any]:
    """What the person may see, with all that a row reads."""
    rows = followups.visible(listed.kind, who)
    return rows.select_related("order__service", "order__customer", "asked_by")


def context(listed: Listed, who: Person, query: QueryDict) -> dict[str, Any]:
    """One page of the list, as the templates take it."""
    now, tabs = timezone.now(), listed.tabs
    tab = next((tab for tab in tabs if tab.slug == query.get("tab", "")), tabs[0])
    filters = FollowUpFilters(who, listed.statuses, query)
    fitting = filters.apply(visible(listed, who).filter(tab.fits(now)), now)
    page = paginator.page(fitting, query, size=SIZE)
    rows = [row_of(listed, row, who) for row in page.rows]
    return {
        "rows": rows,
        "newer": page.newer,
        "older": page.older,
        "tab": tab,
        "filters": filters,
        # A function: a live table's answer never asks for their counts.
        "tabs": lambda: [_link(listed, each, tab, who, now, filters) for each in tabs],
        "sees_cost": who.sees_cost,
        "is_live": any(row.in_flight for row in rows),
    }


def row_of(listed: Listed, row: Refill | Cancellation, who: Person) -> Row:
    """One request, as this person may see it."""
    return Row(
        number=row.pk,
        order=row.order_id,
        service=row.order.service.name,
        client=row.order.customer.name,
        coin=row.status,
        label=row.get_status_display(),
        asked_at=row.asked_at,
        asked_by=str(row.asked_by or _("the client's program")),
        changed_at=row.changed_at,
        upstream_id=row.upstream_id if who.sees_cost else "",
        answer=told(row.answer) if who.sees_cost else "",
        is_lost=listed.is_lost(row),
        in_flight=row.status in listed.in_flight,
        can_renumber=who.sees_cost and listed.has_number(row),
    )


def show(form: forms.Form, error: Declined) -> None:
    """Say on a form what the verb said."""
    if not isinstance(error, FieldErrors):
        form.add_error(None, str(error))
        return
    for name, text in error.errors.items():
        form.add_error(name if name in form.fields else None, text)


def _link(
    listed: Listed,
    tab: Tab,
    current: Tab,
    who: Person,
    now: datetime,
    filters: FollowUpFilters,
) -> TabLink:
    count = None
    if tab.counted:
        fitting = followups.visible(listed.kind, who).filter(tab.fits(now))
        count = paginator.count_up_to(filters.apply(fitting, now))
    return TabLink(str(tab.label), filters.at_tab(tab.slug), tab is current, count)

"""The two kinds of requests, a batch of either, and what is told of one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from orders import history
from orders.enums import EventKind
from orders.models import Cancellation, Refill
from orders.persons import Person, visible_orders
from orders.upstream.client import Client

REQUESTED, SENDING, UNKNOWN = "requested", "sending", "unknown"
"""The statuses that refills and cancel requests have in common."""

LOST = gettext_noop("The answer was lost. It may or may not have reached the provider.")
RESTORED = gettext_noop("The database was restored from a backup; it may have been sent since.")
Answers = Mapping[str, Any]
Send = Callable[[Client, Sequence[str], float], Answers]


@dataclass(frozen=True)
class Kind:
    """What differs between the two."""

    model: type[Refill] | type[Cancellation]
    bell: str
    event: EventKind
    accepted: str
    declined: str
    send: Send
    id_of: Callable[[Any], str]


@dataclass(frozen=True)
class Item:
    """One request in a batch."""

    pk: int
    order_id: int
    upstream_order_id: str


@dataclass(frozen=True)
class Batch:
    """Requests that this process alone may send, until `send_before` (monotonic seconds)."""

    token: UUID
    items: tuple[Item, ...]
    send_before: float

    @property
    def ids(self) -> list[str]:
        return [item.upstream_order_id for item in self.items]


def visible(kind: Kind, who: Person) -> QuerySet[Any]:
    """The requests about orders that this person may see."""
    rows: QuerySet[Any] = kind.model._default_manager.all()
    return rows if who.sees_all else rows.filter(order__in=visible_orders(who))


def holder(kind: Kind, ours: Refill | Cancellation, upstream_id: str) -> int | None:
    """The order whose request at the same provider has this number, however it stands."""
    rows: Any = kind.model._default_manager
    held = rows.filter(provider=ours.provider_id, upstream_id=upstream_id).exclude(pk=ours.pk)
    return held.values_list("order_id", flat=True).first()


def tell(
    kind: Kind,
    pk: int,
    order_id: int,
    status: str,
    at: datetime,
    *,
    person_id: int | None = None,
    detail: str = "",
) -> None:
    """A line in the order's history. `data` names the request and what it has become."""
    data = {str(kind.event): pk, "now": str(status)}
    history.note(order_id, kind.event, at, person_id=person_id, detail=detail, **data)

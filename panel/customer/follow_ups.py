"""What became of the refills and cancel requests of an order, in a customer's words.

The supplier's own words stay with staff.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.enums import CancellationStatus, RefillStatus
from orders.models import CANCEL_IN_FLIGHT, REFILL_IN_FLIGHT, Cancellation, Order, Refill

MOST = 10
"""Of each kind, the newest."""

CANCEL_ASKED = gettext_lazy(
    "Cancel requested. The supplier decides; if it stops, the undelivered part returns to your "
    "balance."
)

_REFILLS: Mapping[str, str | Promise] = {
    RefillStatus.IN_PROGRESS: gettext_lazy("Refill under way."),
    RefillStatus.COMPLETED: gettext_lazy("Refill completed."),
    RefillStatus.REJECTED: gettext_lazy("Refill declined by the supplier."),
    RefillStatus.CANCELED: gettext_lazy("The supplier did not carry out the refill."),
    RefillStatus.FAILED: gettext_lazy("The supplier did not carry out the refill."),
}
_CANCELLATIONS: Mapping[str, str | Promise] = {
    CancellationStatus.DECLINED: gettext_lazy("The supplier did not stop this order."),
    CancellationStatus.DONE: gettext_lazy("Stopped, as requested."),
}


@dataclass(frozen=True)
class FollowUp:
    """One request: when it was made, and where it stands."""

    coin: str
    words: str
    asked_at: datetime
    is_open: bool


@dataclass(frozen=True)
class FollowUps:
    """All of an order's, newest first."""

    refills: list[FollowUp]
    cancels: list[FollowUp]

    @property
    def refill_is_open(self) -> bool:
        return any(each.is_open for each in self.refills)

    @property
    def cancel_is_open(self) -> bool:
        return any(each.is_open for each in self.cancels)

    def __iter__(self) -> Iterator[FollowUp]:
        return iter(sorted(self.refills + self.cancels, key=_age, reverse=True))


def of(order: Order) -> FollowUps:
    """Two queries."""
    refills = Refill.objects.filter(order=order).order_by("-pk")[:MOST]
    cancels = Cancellation.objects.filter(order=order).order_by("-pk")[:MOST]
    return FollowUps([_refill(refill) for refill in refills], [_cancel(ask) for ask in cancels])


def _age(follow_up: FollowUp) -> datetime:
    return follow_up.asked_at


def _refill(refill: Refill) -> FollowUp:
    is_open = refill.status in REFILL_IN_FLIGHT
    words = str(_REFILLS.get(refill.status) or _("Refill requested."))
    return FollowUp("refilling" if is_open else refill.status, words, refill.asked_at, is_open)


def _cancel(asked: Cancellation) -> FollowUp:
    is_open = asked.status in CANCEL_IN_FLIGHT
    words = str(_CANCELLATIONS.get(asked.status, CANCEL_ASKED))
    return FollowUp("requested" if is_open else asked.status, words, asked.asked_at, is_open)

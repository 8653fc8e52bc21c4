"""Refills and cancel requests in an order's history, in words."""

from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from orders.enums import CancellationStatus, RefillStatus
from orders.models import Event
from panel.staff.orders.timeline_items import Item, Teller, by_whom, item

Told = dict[str, tuple[str, str | Promise]]
Tells = Callable[[Teller, Event], Item]

_REFILLS: Told = {
    RefillStatus.REQUESTED: ("accent", gettext_lazy("Refill asked for")),
    RefillStatus.PENDING: ("accent", gettext_lazy("Refill taken by the provider")),
    RefillStatus.IN_PROGRESS: ("accent", gettext_lazy("Refill in progress")),
    RefillStatus.COMPLETED: ("green", gettext_lazy("Refill completed")),
    RefillStatus.REJECTED: ("red", gettext_lazy("Refill declined by the provider")),
    RefillStatus.CANCELED: ("grey", gettext_lazy("Refill canceled by the provider")),
    RefillStatus.FAILED: ("red", gettext_lazy("Refill failed")),
    RefillStatus.UNKNOWN: ("amber", gettext_lazy("Refill sent, the answer was lost")),
}
_CANCELS: Told = {
    CancellationStatus.REQUESTED: ("accent", gettext_lazy("Cancel request asked for")),
    CancellationStatus.UNKNOWN: ("amber", gettext_lazy("Cancel request sent, the answer was lost")),
    CancellationStatus.ACCEPTED: (
        "accent",
        gettext_lazy("Cancel request accepted; the provider decides"),
    ),
    CancellationStatus.DECLINED: ("red", gettext_lazy("Cancel request declined by the provider")),
    CancellationStatus.DONE: (
        "green",
        gettext_lazy("Cancel request fulfilled, the order stopped"),
    ),
}


def _told(name: Promise, icon: str, told: Told) -> Tells:
    def tell(teller: Teller, event: Event) -> Item:
        status = event.data.get("now", "")
        tone, words = told.get(status, ("grey", f"{name} {status}"))
        return item(event, tone, icon, by_whom(event, words), teller.words(event.detail))

    return tell


refill = _told(gettext_lazy("Refill"), "refresh-cw", _REFILLS)
cancel = _told(gettext_lazy("Cancel request"), "octagon-x", _CANCELS)

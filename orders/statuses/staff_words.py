"""What staff read about an order: the side at fault, the figures, what to decide."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.enums import HoldReason, OrderStatus
from orders.kept_words import told
from orders.money import ZERO
from orders.spelling import count, lowered
from orders.statuses.graph import FINAL
from orders.statuses.readings import Reading

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

Money = Callable[[Decimal], str]

HOLDS: "dict[str, _StrOrPromise]" = {
    HoldReason.PROVIDER_FUNDS: gettext_lazy("provider account has no funds"),
    HoldReason.PROVIDER_KEY: gettext_lazy("provider refused our key"),
    HoldReason.PROVIDER_DOWN: gettext_lazy("provider not answering"),
    HoldReason.PROVIDER_BUSY: gettext_lazy("provider asked us to slow down"),
    HoldReason.PROVIDER_STOPPED: gettext_lazy("sending to this provider is stopped"),
    HoldReason.PRICE: gettext_lazy("cost changed"),
    HoldReason.STALE_COST: gettext_lazy("cost is not fresh"),
    HoldReason.SERVICE_PAUSED: gettext_lazy("service is paused"),
    HoldReason.REQUEST: gettext_lazy("provider did not understand our request"),
    HoldReason.STAFF: gettext_lazy("by staff"),
}
"""Why an order waits, naming the side at fault."""


@dataclass(frozen=True)
class StaffFacts:
    """The plain values that staff's words are made of; what a person may not see is left empty.

    Moments and durations come written ("14:02:11", "12 s", "40 s ago").
    """

    status: OrderStatus | str
    subscription: str = ""
    """Where a subscription stands, in a word; empty for other orders."""
    hold: HoldReason | str = HoldReason.NONE
    hold_detail: str = ""
    """Such as "Cost rose 1.20 → 3.60; below floor by 1.10"; empty for who may not see costs."""
    hold_since: str = ""
    refunded: Decimal = ZERO
    remains: int | None = None
    refund_unknown: bool = False
    sending_for: str = ""
    sent_at: str = ""
    repeat_at: str = ""
    """When a lost answer is asked for again by itself."""
    checked: str = ""
    upstream_id: str = ""
    provider_returned: Decimal | None = None
    """What the provider took off its charge; null for who may not see costs."""
    canceled_how: str = ""
    """Such as "by provider", "before sending", "by Mira Kovač"."""
    refusal: str = ""
    """The family of the refusal."""
    refusal_text: str = ""
    """The provider's own words."""
    given_up_by: str = ""
    given_up_reason: str = ""
    loss_after_refund: Decimal | None = None
    """Set where the provider completed an order that had been refunded."""


def staff_reads(order: StaffFacts, money: Money) -> Reading:
    """What staff read. `money` writes an amount in the panel's currency."""
    if order.subscription:
        return _subscribed(order, money)
    return _READERS[OrderStatus(order.status)](order, money)


def _waiting(order: StaffFacts, money: Money) -> Reading:
    if not order.hold:
        return _plain(_("Waiting to be sent"))
    return Reading(_("Held"), _hold(order), joint=": ")


def _hold(order: StaffFacts) -> str:
    if order.hold == HoldReason.PRICE and order.hold_detail:
        detail = told(order.hold_detail)
        return lowered(detail[0]) + detail[1:]
    why = str(HOLDS.get(order.hold, order.hold))
    if order.hold_since:
        why = _("%(why)s since %(moment)s") % {"why": why, "moment": order.hold_since}
    return f"{why}: {told(order.hold_detail)}" if order.hold_detail else why


def _sending(order: StaffFacts, money: Money) -> Reading:
    if not order.sending_for:
        return _plain(_("Sending"))
    return _plain(_("Sending (%(time)s)") % {"time": order.sending_for})


def _unconfirmed(order: StaffFacts, money: Money) -> Reading:
    lost = _("The answer was lost. It may or may not exist at the provider.")
    if order.sent_at:
        lost = _(
            "Sent %(moment)s, the answer was lost. It may or may not exist at the provider."
        ) % {"moment": order.sent_at}
    then = _("Decide in the review queue; do not place it again.")
    if order.repeat_at:
        then = _(
            "It is asked for again with the same key at %(moment)s; do not place it again."
        ) % {"moment": order.repeat_at}
    return Reading(_("Unconfirmed"), f"{lost} {then}")


def _at_provider(order: StaffFacts, money: Money) -> Reading:
    titles = {
        OrderStatus.PENDING: _("Pending at provider"),
        OrderStatus.PROCESSING: _("Processing at provider"),
    }
    title = titles[OrderStatus(order.status)]
    number = _("id %(number)s") % {"number": order.upstream_id} if order.upstream_id else ""
    return _followed(title, number)


def _in_progress(order: StaffFacts, money: Money) -> Reading:
    return _followed(_("In progress"), _checked(order))


def _checked(order: StaffFacts) -> str:
    if not order.checked:
        return ""
    return _("last checked %(moment)s") % {"moment": order.checked}


def _completed(order: StaffFacts, money: Money) -> Reading:
    return _plain(_("Completed"))


def _partial(order: StaffFacts, money: Money) -> Reading:
    if order.refund_unknown:
        return _followed(_("Partial"), _("remains unknown: set it"))
    figures = {"refund": money(order.refunded)}
    words = _("refund %(refund)s")
    if order.remains is not None:
        figures["remains"] = count(max(order.remains, 0))
        words = _("remains %(remains)s, refund %(refund)s")
    return _followed(_("Partial"), f"{words % figures}{_returned(order, money)}")


def _returned(order: StaffFacts, money: Money) -> str:
    if order.provider_returned is None:
        return ""
    if not order.provider_returned:
        return _("; provider returned nothing yet")
    return _("; provider returned %(amount)s") % {"amount": money(order.provider_returned)}


def _canceled(order: StaffFacts, money: Money) -> Reading:
    if order.loss_after_refund is not None:
        loss = _("loss %(amount)s, no money moved") % {"amount": money(order.loss_after_refund)}
        return Reading(_("Completed after refund"), loss, joint=": ")
    if order.given_up_by:
        reason = f'"{order.given_up_reason}"' if order.given_up_reason else ""
        title = _("Given up by %(person)s") % {"person": order.given_up_by}
        return Reading(title, reason, joint=": " if reason else "")
    return Reading(_("Canceled"), order.canceled_how, joint=" ")


def _subscribed(order: StaffFacts, money: Money) -> Reading:
    standing = _(order.subscription)
    if order.status not in FINAL:
        return _followed(standing, _checked(order))
    if order.refund_unknown:
        return _followed(standing, _("remains unknown: set it"))
    return _followed(standing, _("refund %(refund)s") % {"refund": money(order.refunded)})


def _refused(order: StaffFacts, money: Money) -> Reading:
    said = f'"{order.refusal_text}"' if order.refusal_text else ""
    family = f"({order.refusal})" if order.refusal else ""
    words = " ".join(part for part in (said, family) if part)
    return Reading(_("Refused"), words, joint=": " if words else "")


def _failed(order: StaffFacts, money: Money) -> Reading:
    return Reading(_("Failed at provider"), _("Refund, wait or set partial"))


def _plain(title: str) -> Reading:
    return Reading(title, joint="")


def _followed(title: str, words: str) -> Reading:
    return Reading(title, words, joint=", " if words else "")


_READERS: dict[OrderStatus, Callable[[StaffFacts, Money], Reading]] = {
    OrderStatus.WAITING: _waiting,
    OrderStatus.SENDING: _sending,
    OrderStatus.UNCONFIRMED: _unconfirmed,
    OrderStatus.PENDING: _at_provider,
    OrderStatus.PROCESSING: _at_provider,
    OrderStatus.IN_PROGRESS: _in_progress,
    OrderStatus.COMPLETED: _completed,
    OrderStatus.PARTIAL: _partial,
    OrderStatus.CANCELED: _canceled,
    OrderStatus.REFUSED: _refused,
    OrderStatus.FAILED: _failed,
}

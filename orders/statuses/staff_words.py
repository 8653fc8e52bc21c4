"""What staff read about an order: the side at fault, the figures, what to decide."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from orders.enums import HoldReason, OrderStatus
from orders.money import ZERO
from orders.statuses.graph import FINAL
from orders.statuses.readings import Reading

Money = Callable[[Decimal], str]

HOLDS: dict[str, str] = {
    HoldReason.PROVIDER_FUNDS: "provider account has no funds",
    HoldReason.PROVIDER_KEY: "provider refused our key",
    HoldReason.PROVIDER_DOWN: "provider not answering",
    HoldReason.PROVIDER_BUSY: "provider asked us to slow down",
    HoldReason.PROVIDER_STOPPED: "sending to this provider is stopped",
    HoldReason.PRICE: "cost changed",
    HoldReason.STALE_COST: "cost is not fresh",
    HoldReason.SERVICE_PAUSED: "service is paused",
    HoldReason.REQUEST: "provider did not understand our request",
    HoldReason.STAFF: "by staff",
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
        return _plain("Waiting to be sent")
    return Reading("Held", _hold(order), joint=": ")


def _hold(order: StaffFacts) -> str:
    if order.hold == HoldReason.PRICE and order.hold_detail:
        return order.hold_detail[0].lower() + order.hold_detail[1:]
    why = HOLDS.get(order.hold, str(order.hold))
    if order.hold_since:
        why = f"{why} since {order.hold_since}"
    return f"{why}: {order.hold_detail}" if order.hold_detail else why


def _sending(order: StaffFacts, money: Money) -> Reading:
    return _plain(f"Sending ({order.sending_for})" if order.sending_for else "Sending")


def _unconfirmed(order: StaffFacts, money: Money) -> Reading:
    sent = f"Sent {order.sent_at}, the" if order.sent_at else "The"
    lost = f"{sent} answer was lost. It may or may not exist at the provider."
    if order.repeat_at:
        then = f"It is asked for again with the same key at {order.repeat_at}"
        return Reading("Unconfirmed", f"{lost} {then}; do not place it again.")
    return Reading("Unconfirmed", f"{lost} Decide in the review queue; do not place it again.")


def _at_provider(order: StaffFacts, money: Money) -> Reading:
    title = f"{OrderStatus(order.status).label} at provider"
    return _followed(title, f"id {order.upstream_id}" if order.upstream_id else "")


def _in_progress(order: StaffFacts, money: Money) -> Reading:
    return _followed("In progress", f"last checked {order.checked}" if order.checked else "")


def _completed(order: StaffFacts, money: Money) -> Reading:
    return _plain("Completed")


def _partial(order: StaffFacts, money: Money) -> Reading:
    if order.refund_unknown:
        return _followed("Partial", "remains unknown: set it")
    remains = "" if order.remains is None else f"remains {max(order.remains, 0):,}, "
    return _followed("Partial", f"{remains}refund {money(order.refunded)}{_returned(order, money)}")


def _returned(order: StaffFacts, money: Money) -> str:
    if order.provider_returned is None:
        return ""
    returned = money(order.provider_returned) if order.provider_returned else "nothing yet"
    return f"; provider returned {returned}"


def _canceled(order: StaffFacts, money: Money) -> Reading:
    if order.loss_after_refund is not None:
        loss = f"loss {money(order.loss_after_refund)}, no money moved"
        return Reading("Completed after refund", loss, joint=": ")
    if order.given_up_by:
        reason = f'"{order.given_up_reason}"' if order.given_up_reason else ""
        return Reading(f"Given up by {order.given_up_by}", reason, joint=": " if reason else "")
    return Reading("Canceled", order.canceled_how, joint=" ")


def _subscribed(order: StaffFacts, money: Money) -> Reading:
    if order.status not in FINAL:
        return _followed(
            order.subscription, f"last checked {order.checked}" if order.checked else ""
        )
    if order.refund_unknown:
        return _followed(order.subscription, "remains unknown: set it")
    return _followed(order.subscription, f"refund {money(order.refunded)}")


def _refused(order: StaffFacts, money: Money) -> Reading:
    said = f'"{order.refusal_text}"' if order.refusal_text else ""
    family = f"({order.refusal})" if order.refusal else ""
    words = " ".join(part for part in (said, family) if part)
    return Reading("Refused", words, joint=": " if words else "")


def _failed(order: StaffFacts, money: Money) -> Reading:
    return Reading("Failed at provider", "Refund, wait or set partial")


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

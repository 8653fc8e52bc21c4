"""What a customer reads about an order: where it stands, what became of the money, what to do.

Never a provider's name, a cost or upstream's own words.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from orders.enums import OrderStatus, RefusalFamily
from orders.money import ZERO
from orders.statuses.graph import FINAL
from orders.statuses.readings import Reading
from orders.statuses.subscriptions import Standing

Money = Callable[[Decimal], str]

REFUSALS: dict[str, str] = {
    RefusalFamily.LINK: (
        "This link was not accepted. Check that the profile or post is public "
        "and of the kind shown above."
    ),
    RefusalFamily.QUANTITY: "This quantity was not accepted. Order a different one.",
    RefusalFamily.COMMENTS: "These comments were not accepted. Check them and order again.",
    RefusalFamily.SERVICE: "This service is not available right now.",
    RefusalFamily.DUPLICATE: (
        "Another order for this link is still running. Order again when it has ended."
    ),
}
"""The reason that a customer reads, by the family of the refusal."""


@dataclass(frozen=True)
class CustomerFacts:
    """The plain values that a customer's words are made of."""

    status: OrderStatus | str
    price: Decimal = ZERO
    refunded: Decimal = ZERO
    ordered: int | None = None
    """The delivery total; null where it cannot be known, as for a package."""
    remains: int | None = None
    held: bool = False
    """Whether the order waits for a reason (any hold)."""
    refund_unknown: bool = False
    """Whether a person must still decide what is owed."""
    refusal: str = ""
    """The family of the refusal."""
    subscription: str = ""
    """Where a subscription stands, in a word; empty for other orders."""
    given_up: bool = False
    """Whether a person gave up an unconfirmed order."""
    refill: bool = False
    refill_until: date | None = None
    refill_over: bool = False

    @property
    def delivered(self) -> int | None:
        """What has been delivered of what was ordered; null while that is unknown."""
        if self.ordered is None or self.remains is None or self.remains > self.ordered:
            return None
        return self.ordered - max(self.remains, 0)


def customer_reads(order: CustomerFacts, money: Money) -> Reading:
    """What the customer reads. `money` writes an amount in the panel's currency."""
    if order.subscription:
        return _subscribed(order, money)
    return _READERS[OrderStatus(order.status)](order, money)


def _waiting(order: CustomerFacts, money: Money) -> Reading:
    if order.held:
        return Reading(
            "Queued, with a delay",
            "Your order is safe. You can cancel it for a full refund.",
        )
    return Reading("Queued", "Starts soon. You can still cancel for a full refund.")


def _sending(order: CustomerFacts, money: Money) -> Reading:
    return Reading("Queued")


def _unconfirmed(order: CustomerFacts, money: Money) -> Reading:
    return Reading(
        "Being checked",
        "We are making sure that the supplier has your order. "
        f"Your {money(order.price)} is reserved; you are never charged twice. "
        "Please don't order it again; we update this page.",
    )


def _accepted(order: CustomerFacts, money: Money) -> Reading:
    return Reading("Accepted", "Not started yet.")


def _running(order: CustomerFacts, money: Money) -> Reading:
    counts = _counts(order)
    return Reading("Running", f"{counts} delivered." if counts else "Delivery has started.")


def _completed(order: CustomerFacts, money: Money) -> Reading:
    if not order.refill:
        return Reading("Completed", "No refill on this service.")
    if order.refill_over:
        return Reading("Completed", "The time for a refill is over.")
    if order.refill_until is None:
        return Reading("Completed", "You can ask for a refill.")
    return Reading("Completed", f"Refill until {order.refill_until.day} {order.refill_until:%b}.")


def _partial(order: CustomerFacts, money: Money) -> Reading:
    counts = _counts(order)
    return Reading(
        "Partly delivered", _sentences(f"{counts}." if counts else "", _back(order, money))
    )


def _canceled(order: CustomerFacts, money: Money) -> Reading:
    if order.given_up:
        returned = f"{money(order.refunded)} returned."
        return Reading("Canceled", _sentences("We could not confirm the order.", returned))
    return Reading("Canceled", _back(order, money))


def _refused(order: CustomerFacts, money: Money) -> Reading:
    reason = REFUSALS.get(order.refusal, "The supplier did not take this order.")
    return Reading("Not accepted", _sentences(reason, _back(order, money)), joint=": ")


def _failed(order: CustomerFacts, money: Money) -> Reading:
    return Reading("Stopped", "We are sorting it out with the supplier; your money is not lost.")


def _subscribed(order: CustomerFacts, money: Money) -> Reading:
    so_far = "" if order.delivered is None else f"{order.delivered:,} delivered"
    if order.status in FINAL:
        # What was held for more than the posts got comes back without anything having failed.
        return Reading(
            order.subscription, _sentences(f"{so_far}." if so_far else "", _back(order, money))
        )
    if order.subscription == Standing.PAUSED:
        return Reading("Paused", "New posts are not served until it goes on.")
    return Reading(order.subscription, f"{so_far} so far." if so_far else "It waits for posts.")


def _counts(order: CustomerFacts) -> str:
    if order.delivered is None:
        return ""
    return f"{order.delivered:,} of {order.ordered:,}"


def _back(order: CustomerFacts, money: Money) -> str:
    """What became of the money."""
    if order.refund_unknown:
        return "We are working out your refund."
    if order.refunded > 0:
        return f"{money(order.refunded)} returned to your balance."
    return ""


def _sentences(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


_READERS: dict[OrderStatus, Callable[[CustomerFacts, Money], Reading]] = {
    OrderStatus.WAITING: _waiting,
    OrderStatus.SENDING: _sending,
    OrderStatus.UNCONFIRMED: _unconfirmed,
    OrderStatus.PENDING: _accepted,
    OrderStatus.PROCESSING: _accepted,
    OrderStatus.IN_PROGRESS: _running,
    OrderStatus.COMPLETED: _completed,
    OrderStatus.PARTIAL: _partial,
    OrderStatus.CANCELED: _canceled,
    OrderStatus.REFUSED: _refused,
    OrderStatus.FAILED: _failed,
}

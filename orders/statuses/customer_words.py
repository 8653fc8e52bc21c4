"""What a customer reads about an order: where it stands, what became of the money, what to do.

Never a provider's name, a cost or upstream's own words.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orders.enums import OrderStatus, RefusalFamily
from orders.money import ZERO
from orders.spelling import count
from orders.statuses.graph import FINAL
from orders.statuses.readings import Reading
from orders.statuses.subscriptions import Standing

Money = Callable[[Decimal], str]

REFUSALS: dict[str, str] = {
    RefusalFamily.LINK: gettext_noop(
        "This link was not accepted. Check that the profile or post is public "
        "and of the kind shown above."
    ),
    RefusalFamily.QUANTITY: gettext_noop("This quantity was not accepted. Order a different one."),
    RefusalFamily.COMMENTS: gettext_noop(
        "These comments were not accepted. Check them and order again."
    ),
    RefusalFamily.SERVICE: gettext_noop("This service is not available right now."),
    RefusalFamily.DUPLICATE: gettext_noop(
        "Another order for this link is still running. Order again when it has ended."
    ),
}
"""The reason that a customer reads, by the family of the refusal."""

_NOT_TAKEN = gettext_noop("The supplier did not take this order.")


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
            _("Queued, with a delay"),
            _("Your order is safe. You can cancel it for a full refund."),
        )
    return Reading(_("Queued"), _("Starts soon. You can still cancel for a full refund."))


def _sending(order: CustomerFacts, money: Money) -> Reading:
    return Reading(_("Queued"))


def _unconfirmed(order: CustomerFacts, money: Money) -> Reading:
    return Reading(
        _("Being checked"),
        _(
            "We are making sure that the supplier has your order. "
            "Your %(price)s is reserved; you are never charged twice. "
            "Please don't order it again; we update this page."
        )
        % {"price": money(order.price)},
    )


def _accepted(order: CustomerFacts, money: Money) -> Reading:
    return Reading(_("Accepted"), _("Not started yet."))


def _running(order: CustomerFacts, money: Money) -> Reading:
    counts = _counts(order)
    so_far = _("%(delivered)s of %(ordered)s delivered.") % counts if counts else ""
    return Reading(_("Running"), so_far or _("Delivery has started."))


def _completed(order: CustomerFacts, money: Money) -> Reading:
    if not order.refill:
        return Reading(_("Completed"), _("No refill on this service."))
    if order.refill_over:
        return Reading(_("Completed"), _("The time for a refill is over."))
    if order.refill_until is None:
        return Reading(_("Completed"), _("You can ask for a refill."))
    day = date_format(order.refill_until, "j M")
    return Reading(_("Completed"), _("Refill until %(day)s.") % {"day": day})


def _partial(order: CustomerFacts, money: Money) -> Reading:
    counts = _counts(order)
    so_far = _("%(delivered)s of %(ordered)s.") % counts if counts else ""
    return Reading(_("Partly delivered"), _sentences(so_far, _back(order, money)))


def _canceled(order: CustomerFacts, money: Money) -> Reading:
    if order.given_up:
        returned = _("%(amount)s returned.") % {"amount": money(order.refunded)}
        return Reading(_("Canceled"), _sentences(_("We could not confirm the order."), returned))
    return Reading(_("Canceled"), _back(order, money))


def _refused(order: CustomerFacts, money: Money) -> Reading:
    reason = _(REFUSALS.get(order.refusal, _NOT_TAKEN))
    return Reading(_("Not accepted"), _sentences(reason, _back(order, money)), joint=": ")


def _failed(order: CustomerFacts, money: Money) -> Reading:
    return Reading(
        _("Stopped"), _("We are sorting it out with the supplier; your money is not lost.")
    )


def _subscribed(order: CustomerFacts, money: Money) -> Reading:
    standing = _(order.subscription)
    delivered = None if order.delivered is None else {"delivered": count(order.delivered)}
    if order.status in FINAL:
        so_far = _("%(delivered)s delivered.") % delivered if delivered else ""
        # What was held for more than the posts got comes back without anything having failed.
        return Reading(standing, _sentences(so_far, _back(order, money)))
    if order.subscription == Standing.PAUSED:
        return Reading(_("Paused"), _("New posts are not served until it goes on."))
    so_far = _("%(delivered)s delivered so far.") % delivered if delivered else ""
    return Reading(standing, so_far or _("It waits for posts."))


def _counts(order: CustomerFacts) -> dict[str, str]:
    if order.delivered is None or order.ordered is None:
        return {}
    return {"delivered": count(order.delivered), "ordered": count(order.ordered)}


def _back(order: CustomerFacts, money: Money) -> str:
    """What became of the money."""
    if order.refund_unknown:
        return _("We are working out your refund.")
    if order.refunded > 0:
        return _("%(amount)s returned to your balance.") % {"amount": money(order.refunded)}
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

"""What a customer may know of an order: the engine's facts, without cost, provider or reasons."""

from datetime import datetime

from orders import refills
from orders.enums import Decision, OrderStatus
from orders.models import Order, Panel
from orders.statuses import CustomerFacts, Reading, customer_reads
from orders.submission import why_held
from panel.delivery import subscription_of
from panel.display import money_text


def reading(order: Order, panel: Panel, now: datetime) -> Reading:
    """The status sentence. Reads provider, service and offer beside the order: join them."""
    return customer_reads(facts(order, panel, now), money_text)


def facts(order: Order, panel: Panel, now: datetime) -> CustomerFacts:
    """The plain values behind the sentence."""
    until = refills.refill_until(order)
    return CustomerFacts(
        status=order.status,
        price=order.price,
        refunded=order.refunded,
        ordered=order.delivery_total,
        remains=order.remains,
        held=why_held(order, panel, now) is not None,
        refund_unknown=order.refund_unknown,
        refusal=order.refusal,
        subscription=subscription_of(order),
        given_up=order.status == OrderStatus.CANCELED and _was_given_up(order),
        refill=order.offer.refill and order.provider.has_refill,
        refill_until=until.date() if until else None,
        refill_over=until is not None and until < now,
    )


def _was_given_up(order: Order) -> bool:
    return any(sent.decision == Decision.GIVE_UP for sent in order.submissions.all())

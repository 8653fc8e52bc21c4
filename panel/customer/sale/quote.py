"""The price of a new order as its customer reads it: rate, quantity, balance; nothing of a cost."""

from dataclasses import dataclass
from decimal import Decimal

from orders import service_types
from orders.drafts import Draft
from orders.money import ZERO, round_up
from panel.order_sent import Sent, sent

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Quote:
    """What stands in the box beside the form. `link` is exactly what is sent.

    `whole` is rate × quantity where a minimum charge made the price another one. `top_up` is what
    is missing, in whole cents.
    """

    link: str
    rate: Decimal
    quantity: int | None
    sent: list[Sent]
    price: Decimal
    whole: Decimal | None
    balance: Decimal
    after: Decimal
    missing: Decimal
    top_up: Decimal
    is_held: bool
    """Whether a part of it is sure to come back, as of a subscription's posts."""

    @property
    def exact_price(self) -> str:
        """With every digit, for the form."""
        return f"{self.price:f}"


def quote_of(draft: Draft, link: str) -> Quote:
    """The box of an order that could be placed."""
    quote, customer = draft.quote, draft.customer
    balance = customer.wallet.balance or ZERO
    missing = max(quote.price - balance - customer.credit_limit, ZERO)
    by_minimum = any(stage.code == "minimum" for stage in quote.stages)
    whole = next(stage.amount for stage in quote.stages if stage.code == "quantity")
    return Quote(
        link=link,
        rate=quote.rate,
        quantity=draft.details.delivery_total,
        sent=sent(service_types.by_slug(draft.service.offer.service_type), draft.details),
        price=quote.price,
        whole=whole if by_minimum else None,
        balance=balance,
        after=balance - quote.price,
        missing=missing,
        top_up=round_up(missing, CENT),
        is_held=draft.details.least_per_post is not None,
    )

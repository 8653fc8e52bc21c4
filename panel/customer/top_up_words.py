"""Where a top-up stands, in a customer's words."""

from dataclasses import dataclass

from orders.enums import TopUpStatus
from orders.models import TopUp
from panel.display import money_text


@dataclass(frozen=True)
class Words:
    """A coin, two words for a list, a sentence for the page."""

    coin: str
    label: str
    sentence: str


def words_of(one: TopUp) -> Words:
    """What the customer reads; money that moved is named."""
    paid, added = money_text(one.amount), money_text(one.credit)
    match one.status:
        case TopUpStatus.REQUESTED:
            return Words(
                "waiting",
                "Waiting",
                f"We received your request for {paid} (reference {one.reference}). "
                "It is added after we see the payment.",
            )
        case TopUpStatus.CHECKOUT:
            return Words(
                "pending",
                "Not paid yet",
                f"Pay {paid} on the payment page. It is added as soon as the payment is through.",
            )
        case TopUpStatus.HELD:
            return Words(
                "unconfirmed",
                "Being checked",
                "Your payment arrived, but not as it was asked for. We look at it and add it.",
            )
        case TopUpStatus.ADDED:
            return Words("completed", "Added", f"{added} was added to your balance.")
        case TopUpStatus.DECLINED:
            return Words("refused", "Not added", "Nothing was added to your balance.")
        case TopUpStatus.WITHDRAWN:
            return Words("canceled", "Withdrawn", "You withdrew this request. Nothing was added.")
        case _:
            return Words("canceled", "Not paid", "It was not paid in time. Nothing was added.")

"""Where a top-up stands, in a customer's words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

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
                _("Waiting"),
                _(
                    "We received your request for %(amount)s (reference %(reference)s). "
                    "It is added after we see the payment."
                )
                % {"amount": paid, "reference": one.reference},
            )
        case TopUpStatus.CHECKOUT:
            return Words(
                "pending",
                _("Not paid yet"),
                _(
                    "Pay %(amount)s on the payment page. "
                    "It is added as soon as the payment is through."
                )
                % {"amount": paid},
            )
        case TopUpStatus.HELD:
            return Words(
                "unconfirmed",
                _("Being checked"),
                _("Your payment arrived, but not as it was asked for. We look at it and add it."),
            )
        case TopUpStatus.ADDED:
            said = _("%(amount)s was added to your balance.") % {"amount": added}
            return Words("completed", _("Added"), said)
        case TopUpStatus.DECLINED:
            return Words("refused", _("Not added"), _("Nothing was added to your balance."))
        case TopUpStatus.WITHDRAWN:
            said = _("You withdrew this request. Nothing was added.")
            return Words("canceled", _("Withdrawn"), said)
        case _:
            said = _("It was not paid in time. Nothing was added.")
            return Words("canceled", _("Not paid"), said)

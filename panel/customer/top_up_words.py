"""Where a top-up stands, and the terms of a way to pay, in a customer's words."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from orders.enums import TopUpStatus
from orders.models import PaymentMethod, TopUp
from orders.money import plain
from panel.display import localised, money_text


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


def terms_of(method: PaymentMethod) -> str:
    """The least and the most, the fee, and whether a proof is asked for."""
    said = [_limits(method), _fee(method)]
    if method.asks_proof:
        said.append(_("with a proof"))
    return ", ".join(said)


def _limits(method: PaymentMethod) -> str:
    least = _figure(method.least)
    if not method.most:
        return _("%(least)s or more") % {"least": least}
    return _("%(least)s to %(most)s") % {"least": least, "most": _figure(method.most)}


def _fee(method: PaymentMethod) -> str:
    fee = []
    if method.fee_percent:
        fee.append(
            pgettext("a percentage", "%(number)s %%") % {"number": _figure(method.fee_percent)}
        )
    if method.fee_fixed:
        fee.append(_figure(method.fee_fixed))
    return _("fee %(fee)s") % {"fee": " + ".join(fee)} if fee else _("no fee")


def _figure(amount: Decimal) -> str:
    return localised(plain(amount))

"""Accounts, what moves between them, and how people pay."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AccountKind(TextChoices):
    """The kinds of ledger account. Only wallets store a balance."""

    WALLET = "wallet", _("Wallet")
    TILL = "till", _("Till")
    SALES = "sales", _("Sales")
    CASH = "cash", _("Cash")
    ADJUSTMENTS = "adjustments", _("Adjustments")
    OPENING = "opening", _("Opening")


class TransferKind(TextChoices):
    """What a movement of money was for. `orders.ledger` says which accounts each may join."""

    ORDER = "order", _("Order")
    REFUND = "refund", _("Refund")
    CASH_TAKEN = "cash_taken", _("Cash taken")
    PAID_OUT = "paid_out", _("Paid out")
    DROP = "drop", _("Drop")
    HANDOVER = "handover", _("Till to till")
    TOP_UP = "top_up", _("Top-up")
    CORRECTION = "correction", _("Correction")
    GIFT = "gift", _("Gift")
    TILL_DIFFERENCE = "till_difference", _("Difference at closing")
    IMPORT = "import", _("Import")


class MovementKind(TextChoices):
    """What moved a provider's balance, as far as we know."""

    CHARGE = "charge", _("Charge as quoted")
    CORRECTION = "correction", _("Charged otherwise than quoted")
    RETURN = "return", _("Given back")
    TOP_UP = "top_up", _("Top-up")


class PaymentKind(TextChoices):
    """How money of a top-up reaches us."""

    MANUAL = "manual", _("Instructions, and a person looks")
    CHECKOUT = "checkout", _("Hosted checkout (Stripe)")


class TopUpStatus(TextChoices):
    """Where a top-up stands. Only *added* has moved money."""

    REQUESTED = "requested", _("Waiting for us")
    CHECKOUT = "checkout", _("At the payment page")
    HELD = "held", _("Paid, a person looks")
    ADDED = "added", _("Added")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Not paid")

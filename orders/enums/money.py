"""Accounts, what moves between them, and how people pay."""

from django.db.models import TextChoices


class AccountKind(TextChoices):
    """The kinds of ledger account. Only wallets store a balance."""

    WALLET = "wallet", "Wallet"
    TILL = "till", "Till"
    SALES = "sales", "Sales"
    CASH = "cash", "Cash"
    ADJUSTMENTS = "adjustments", "Adjustments"
    OPENING = "opening", "Opening"


class TransferKind(TextChoices):
    """What a movement of money was for. `orders.ledger` says which accounts each may join."""

    ORDER = "order", "Order"
    REFUND = "refund", "Refund"
    CASH_TAKEN = "cash_taken", "Cash taken"
    PAID_OUT = "paid_out", "Paid out"
    DROP = "drop", "Drop"
    HANDOVER = "handover", "Till to till"
    TOP_UP = "top_up", "Top-up"
    CORRECTION = "correction", "Correction"
    GIFT = "gift", "Gift"
    TILL_DIFFERENCE = "till_difference", "Difference at closing"
    IMPORT = "import", "Import"


class MovementKind(TextChoices):
    """What moved a provider's balance, as far as we know."""

    CHARGE = "charge", "Charge as quoted"
    CORRECTION = "correction", "Charged otherwise than quoted"
    RETURN = "return", "Given back"
    TOP_UP = "top_up", "Top-up"


class PaymentKind(TextChoices):
    """How money of a top-up reaches us."""

    MANUAL = "manual", "Instructions, and a person looks"
    CHECKOUT = "checkout", "Hosted checkout (Stripe)"


class TopUpStatus(TextChoices):
    """Where a top-up stands. Only *added* has moved money."""

    REQUESTED = "requested", "Waiting for us"
    CHECKOUT = "checkout", "At the payment page"
    HELD = "held", "Paid, a person looks"
    ADDED = "added", "Added"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Not paid"

"""The words of the engine: every column that holds one of a few values takes it from here."""

from django.db.models import IntegerChoices, TextChoices


class OrderStatus(TextChoices):
    """Where an order stands. `orders.statuses` holds the graph between these."""

    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Sending"
    UNCONFIRMED = "unconfirmed", "Unconfirmed"
    PENDING = "pending", "Pending"
    PROCESSING = "processing", "Processing"
    IN_PROGRESS = "in_progress", "In progress"
    COMPLETED = "completed", "Completed"
    PARTIAL = "partial", "Partial"
    CANCELED = "canceled", "Canceled"
    REFUSED = "refused", "Refused"
    FAILED = "failed", "Failed"


class HoldReason(TextChoices):
    """Why a waiting order is not sent now."""

    NONE = "", "Not held"
    PROVIDER_FUNDS = "provider_funds", "Provider account has no funds"
    PROVIDER_KEY = "provider_key", "Provider refused our key"
    PROVIDER_DOWN = "provider_down", "Provider is not answering"
    PROVIDER_BUSY = "provider_busy", "Provider asked us to slow down"
    PROVIDER_STOPPED = "provider_stopped", "Sending to this provider is stopped"
    PRICE = "price", "Cost changed"
    STALE_COST = "stale_cost", "Cost is not fresh"
    SERVICE_PAUSED = "service_paused", "Service is paused"
    REQUEST = "request", "Provider did not understand our request"
    STAFF = "staff", "Held by staff"


class ProviderHold(TextChoices):
    """Why nothing is sent to a provider; the values are those of `HoldReason`."""

    NONE = "", "Not held"
    FUNDS = HoldReason.PROVIDER_FUNDS.value, "No funds"
    KEY = HoldReason.PROVIDER_KEY.value, "Key refused"
    DOWN = HoldReason.PROVIDER_DOWN.value, "Not answering"
    BUSY = HoldReason.PROVIDER_BUSY.value, "Rate limit"


class RefusalFamily(TextChoices):
    """What a refusal of `add` is about (PROTOCOL: "Was the order created?")."""

    KEY = "key", "Key"
    SUSPENDED = "suspended", "Account suspended or API disabled"
    FUNDS = "funds", "Funds"
    RATE_LIMIT = "rate_limit", "Rate limit"
    LINK = "link", "Link"
    QUANTITY = "quantity", "Quantity"
    COMMENTS = "comments", "Comments"
    SERVICE = "service", "Service unknown or disabled"
    DUPLICATE = "duplicate", "Another order on this link is open"
    REQUEST = "request", "Request malformed"


class SubmissionOutcome(TextChoices):
    """What became of one sending of an order. At most one is open, unknown or created."""

    OPEN = "open", "Open"
    NOT_SENT = "not_sent", "Not sent"
    REFUSED = "refused", "Refused"
    CREATED = "created", "Created"
    UNKNOWN = "unknown", "Unknown"
    DISMISSED = "dismissed", "Dismissed by a person"


class Decision(TextChoices):
    """What a person decided about an order that only a person can settle."""

    FOUND = "found", "It was bought"
    SEND_ANEW = "send_anew", "It is not there, send anew"
    GIVE_UP = "give_up", "Give up and refund"
    REFUND = "refund", "Refund"
    WAIT = "wait", "Wait"
    PARTIAL = "partial", "Partly delivered"
    NOTHING_OWED = "nothing_owed", "Nothing is owed"


class Tier(IntegerChoices):
    """How often an order is polled; null on the order means never again."""

    FAST = 1, "About a minute"
    QUIET = 2, "Ten minutes"
    OLD = 3, "An hour"
    AFTERCARE = 4, "A day"


class RefillStatus(TextChoices):
    """Where a refill stands; `unknown` means that the answer to our request was lost."""

    REQUESTED = "requested", "Requested"
    SENDING = "sending", "Sending"
    UNKNOWN = "unknown", "Answer lost"
    PENDING = "pending", "Pending"
    IN_PROGRESS = "in_progress", "In progress"
    COMPLETED = "completed", "Completed"
    REJECTED = "rejected", "Declined"
    CANCELED = "canceled", "Canceled"
    FAILED = "failed", "Failed"


class CancellationStatus(TextChoices):
    """A request to stop. Accepted is not canceled: only the order's later status says so."""

    REQUESTED = "requested", "Requested"
    SENDING = "sending", "Sending"
    UNKNOWN = "unknown", "Answer lost"
    ACCEPTED = "accepted", "Accepted by the provider"
    DECLINED = "declined", "Declined"
    DONE = "done", "The order stopped"


class EventKind(TextChoices):
    """What a line of an order's history tells."""

    PLACED = "placed", "Placed"
    SENT = "sent", "Sent"
    NOT_SENT = "not_sent", "Not sent"
    ACCEPTED = "accepted", "Accepted"
    REFUSED = "refused", "Refused"
    UNCONFIRMED = "unconfirmed", "Answer lost"
    LATE_ANSWER = "late_answer", "Late answer"
    HELD = "held", "Held"
    RELEASED = "released", "Released"
    STATUS = "status", "Status changed"
    REFUNDED = "refunded", "Refunded"
    FLAGGED = "flagged", "Flagged"
    DECIDED = "decided", "Decided"
    PROPOSED = "proposed", "Decision proposed"
    CANCELED = "canceled", "Canceled before sending"
    EXPIRED = "expired", "Waited too long"
    REFILL = "refill", "Refill"
    CANCELLATION = "cancellation", "Cancel request"
    NOTE = "note", "Note of the staff"
    TRACKING = "tracking", "Tracking address"
    ASKED = "asked", "Provider's support asked"


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
    TOP_UP = "top_up", "Top-up"
    CORRECTION = "correction", "Correction"
    GIFT = "gift", "Gift"
    TILL_DIFFERENCE = "till_difference", "Difference at closing"
    IMPORT = "import", "Import"


class MarkupKind(TextChoices):
    """How a markup is said: per cent on cost, an amount per 1000, or the selling rate itself."""

    PERCENT = "percent", "Percent"
    PER_1000 = "per_1000", "Amount per 1000"
    FIXED_RATE = "fixed_rate", "Fixed rate"


class PriceLevel(TextChoices):
    """Whose markup acts, the most specific first."""

    TYPED_TOTAL = "typed_total", "Typed total"
    TYPED = "typed", "Typed markup"
    CUSTOMER_SERVICE = "customer_service", "Customer and service"
    CUSTOMER_CATEGORY = "customer_category", "Customer and category"
    CUSTOMER = "customer", "Customer"
    STAFF = "staff", "Staff member's own"
    SERVICE = "service", "Service"
    CATEGORY = "category", "Category"
    PANEL = "panel", "Panel"


class NotSold(TextChoices):
    """Why a service cannot be ordered, in sentences for staff that name no provider."""

    UNKNOWN = "unknown", "There is no service with this number."
    HIDDEN = "hidden", "This service is hidden."
    PAUSED = "paused", "This service is paused."
    GONE = "gone", "The provider no longer offers it."
    PROVIDER = "provider", "Selling from its provider is stopped."
    PANEL = "panel", "Selling is stopped at the moment."
    TYPE = "type", "Services of this type cannot be ordered."
    NO_PRICE = "no_price", "This service has no price yet."


class PauseReason(TextChoices):
    """Why a service cannot be ordered at the moment."""

    NONE = "", "On sale"
    STAFF = "staff", "Paused by a person"
    COST_ROSE = "cost_rose", "Cost rose"
    CHARGED_MORE = "charged_more", "Provider charged more than its rate"
    GONE = "gone", "Provider no longer offers it"
    BELOW_FLOOR = "below_floor", "Fixed price below the floor"
    TYPE_CHANGED = "type_changed", "Provider changed its type"


class SyncOutcome(TextChoices):
    """How a reading of a provider's catalog ended."""

    RUNNING = "running", "Running"
    UNCHANGED = "unchanged", "Nothing changed"
    CHANGED = "changed", "Changed"
    HELD = "held", "Removals held"
    FAILED = "failed", "Failed"


class ChangeKind(TextChoices):
    """One difference that a sync run found."""

    NEW = "new", "New"
    CHANGED = "changed", "Changed"
    RATE = "rate", "Rate"
    RETIRED = "retired", "Gone"
    RETURNED = "returned", "Came back"
    BAD_ROW = "bad_row", "Unreadable row"


class SweepKind(TextChoices):
    """What a sweep walks."""

    ORDERS = "orders", "Orders"
    REFILLS = "refills", "Refills"
    TIERS = "tiers", "The pace of orders"


class DripLimit(TextChoices):
    """Whether a provider's min and max bind one run or all runs together."""

    PER_RUN = "per_run", "One run"
    TOTAL = "total", "All runs together"

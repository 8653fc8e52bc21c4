"""Where an order stands, why it waits, how it was sent and decided."""

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


class EventKind(TextChoices):
    """What a line of an order's history tells."""

    PLACED = "placed", "Placed"
    SENT = "sent", "Sent"
    NOT_SENT = "not_sent", "Not sent"
    FELL_BACK = "fell_back", "Moved to the fallback"
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


class DripLimit(TextChoices):
    """Whether a provider's min and max bind one run or all runs together."""

    PER_RUN = "per_run", "One run"
    TOTAL = "total", "All runs together"


class MassLineState(TextChoices):
    """How far a line of many orders placed at once has come."""

    WAITING = "waiting", "Waiting"
    PLACED = "placed", "Placed"
    NOT_PLACED = "not_placed", "Not placed"


class NotPlaced(TextChoices):
    """Why a line of many orders placed at once made no order; nothing was charged for it."""

    WRONG = "wrong", "To be mended"
    NOT_SOLD = "not_sold", "Not for sale"
    BLOCKED = "blocked", "Not allowed"
    FUNDS = "funds", "Not enough balance"
    PRICE = "price", "Price changed"
    OVERLAP = "overlap", "Another order on its link"
    STOPPED = "stopped", "Stopped"
    FAILED = "failed", "Could not be placed"

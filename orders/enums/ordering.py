"""Where an order stands, why it waits, how it was sent and decided."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class OrderStatus(TextChoices):
    """Where an order stands. `orders.statuses` holds the graph between these."""

    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Sending")
    UNCONFIRMED = "unconfirmed", _("Unconfirmed")
    PENDING = "pending", _("Pending")
    PROCESSING = "processing", _("Processing")
    IN_PROGRESS = "in_progress", _("In progress")
    COMPLETED = "completed", _("Completed")
    PARTIAL = "partial", _("Partial")
    CANCELED = "canceled", _("Canceled")
    REFUSED = "refused", _("Refused")
    FAILED = "failed", _("Failed")


class HoldReason(TextChoices):
    """Why a waiting order is not sent now."""

    NONE = "", _("Not held")
    PROVIDER_FUNDS = "provider_funds", _("Provider account has no funds")
    PROVIDER_KEY = "provider_key", _("Provider refused our key")
    PROVIDER_DOWN = "provider_down", _("Provider is not answering")
    PROVIDER_BUSY = "provider_busy", _("Provider asked us to slow down")
    PROVIDER_STOPPED = "provider_stopped", _("Sending to this provider is stopped")
    PRICE = "price", _("Cost changed")
    STALE_COST = "stale_cost", _("Cost is not fresh")
    SERVICE_PAUSED = "service_paused", _("Service is paused")
    REQUEST = "request", _("Provider did not understand our request")
    STAFF = "staff", _("Held by staff")


class RefusalFamily(TextChoices):
    """What a refusal of `add` is about (PROTOCOL: "Was the order created?")."""

    KEY = "key", _("Key")
    SUSPENDED = "suspended", _("Account suspended or API disabled")
    FUNDS = "funds", _("Funds")
    RATE_LIMIT = "rate_limit", _("Rate limit")
    LINK = "link", _("Link")
    QUANTITY = "quantity", _("Quantity")
    COMMENTS = "comments", _("Comments")
    SERVICE = "service", _("Service unknown or disabled")
    DUPLICATE = "duplicate", _("Another order on this link is open")
    REQUEST = "request", _("Request malformed")


class SubmissionOutcome(TextChoices):
    """What became of one sending of an order. At most one is open, unknown or created."""

    OPEN = "open", _("Open")
    NOT_SENT = "not_sent", _("Not sent")
    REFUSED = "refused", _("Refused")
    CREATED = "created", _("Created")
    UNKNOWN = "unknown", _("Unknown")
    DISMISSED = "dismissed", _("Dismissed by a person")


class Decision(TextChoices):
    """What a person decided about an order that only a person can settle."""

    FOUND = "found", _("It was bought")
    SEND_ANEW = "send_anew", _("It is not there, send anew")
    GIVE_UP = "give_up", _("Give up and refund")
    REFUND = "refund", _("Refund")
    WAIT = "wait", _("Wait")
    PARTIAL = "partial", _("Partly delivered")
    NOTHING_OWED = "nothing_owed", _("Nothing is owed")


class Tier(IntegerChoices):
    """How often an order is polled; null on the order means never again."""

    FAST = 1, _("About a minute")
    QUIET = 2, _("Ten minutes")
    OLD = 3, _("An hour")
    AFTERCARE = 4, _("A day")


class EventKind(TextChoices):
    """What a line of an order's history tells."""

    PLACED = "placed", _("Placed")
    SENT = "sent", _("Sent")
    NOT_SENT = "not_sent", _("Not sent")
    FELL_BACK = "fell_back", _("Moved to the fallback")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    UNCONFIRMED = "unconfirmed", _("Answer lost")
    LATE_ANSWER = "late_answer", _("Late answer")
    HELD = "held", _("Held")
    RELEASED = "released", _("Released")
    STATUS = "status", _("Status changed")
    REFUNDED = "refunded", _("Refunded")
    FLAGGED = "flagged", _("Flagged")
    DECIDED = "decided", _("Decided")
    PROPOSED = "proposed", _("Decision proposed")
    CANCELED = "canceled", _("Canceled before sending")
    EXPIRED = "expired", _("Waited too long")
    REFILL = "refill", _("Refill")
    CANCELLATION = "cancellation", _("Cancel request")
    NOTE = "note", _("Note of the staff")
    TRACKING = "tracking", _("Tracking address")
    ASKED = "asked", _("Provider's support asked")


class DripLimit(TextChoices):
    """Whether a provider's min and max bind one run or all runs together."""

    PER_RUN = "per_run", _("One run")
    TOTAL = "total", _("All runs together")


class MassLineState(TextChoices):
    """How far a line of many orders placed at once has come."""

    WAITING = "waiting", _("Waiting")
    PLACED = "placed", _("Placed")
    NOT_PLACED = "not_placed", _("Not placed")


class NotPlaced(TextChoices):
    """Why a line of many orders placed at once made no order; nothing was charged for it."""

    WRONG = "wrong", _("To be mended")
    NOT_SOLD = "not_sold", _("Not for sale")
    BLOCKED = "blocked", _("Not allowed")
    FUNDS = "funds", _("Not enough balance")
    PRICE = "price", _("Price changed")
    OVERLAP = "overlap", _("Another order on its link")
    STOPPED = "stopped", _("Stopped")
    FAILED = "failed", _("Could not be placed")

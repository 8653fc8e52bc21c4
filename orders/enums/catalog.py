"""What is offered and sold, and the readings that keep it."""

from django.db.models import TextChoices


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


class ImportKind(TextChoices):
    """What a file from another panel holds."""

    SERVICES = "services", "Services"
    CUSTOMERS = "customers", "Clients"

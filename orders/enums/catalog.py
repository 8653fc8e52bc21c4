"""What is offered and sold, and the readings that keep it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class NotSold(TextChoices):
    """Why a service cannot be ordered, in sentences for staff that name no provider."""

    UNKNOWN = "unknown", _("There is no service with this number.")
    HIDDEN = "hidden", _("This service is hidden.")
    PAUSED = "paused", _("This service is paused.")
    GONE = "gone", _("The provider no longer offers it.")
    PROVIDER = "provider", _("Selling from its provider is stopped.")
    PANEL = "panel", _("Selling is stopped at the moment.")
    TYPE = "type", _("Services of this type cannot be ordered.")
    NO_PRICE = "no_price", _("This service has no price yet.")


class PauseReason(TextChoices):
    """Why a service cannot be ordered at the moment."""

    NONE = "", _("On sale")
    STAFF = "staff", _("Paused by a person")
    COST_ROSE = "cost_rose", _("Cost rose")
    CHARGED_MORE = "charged_more", _("Provider charged more than its rate")
    GONE = "gone", _("Provider no longer offers it")
    BELOW_FLOOR = "below_floor", _("Fixed price below the floor")
    TYPE_CHANGED = "type_changed", _("Provider changed its type")


class SyncOutcome(TextChoices):
    """How a reading of a provider's catalog ended."""

    RUNNING = "running", _("Running")
    UNCHANGED = "unchanged", _("Nothing changed")
    CHANGED = "changed", _("Changed")
    HELD = "held", _("Removals held")
    FAILED = "failed", _("Failed")


class ChangeKind(TextChoices):
    """One difference that a sync run found."""

    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    RATE = "rate", _("Rate")
    RETIRED = "retired", _("Gone")
    RETURNED = "returned", _("Came back")
    BAD_ROW = "bad_row", _("Unreadable row")


class ImportKind(TextChoices):
    """What a file from another panel holds."""

    SERVICES = "services", _("Services")
    CUSTOMERS = "customers", _("Clients")

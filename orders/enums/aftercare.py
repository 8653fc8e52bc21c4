"""Refills and cancel requests."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RefillStatus(TextChoices):
    """Where a refill stands; `unknown` means that the answer to our request was lost."""

    REQUESTED = "requested", _("Requested")
    SENDING = "sending", _("Sending")
    UNKNOWN = "unknown", _("Answer lost")
    PENDING = "pending", _("Pending")
    IN_PROGRESS = "in_progress", _("In progress")
    COMPLETED = "completed", _("Completed")
    REJECTED = "rejected", _("Declined")
    CANCELED = "canceled", _("Canceled")
    FAILED = "failed", _("Failed")


class CancellationStatus(TextChoices):
    """A request to stop. Accepted is not canceled: only the order's later status says so."""

    REQUESTED = "requested", _("Requested")
    SENDING = "sending", _("Sending")
    UNKNOWN = "unknown", _("Answer lost")
    ACCEPTED = "accepted", _("Accepted by the provider")
    DECLINED = "declined", _("Declined")
    DONE = "done", _("The order stopped")


class NoRefill(TextChoices):
    """Why no refill can be asked for, in sentences for anybody."""

    SERVICE = "service", _("No refill on this service.")
    NOT_COMPLETED = "not_completed", _("A refill can be requested once the order is completed.")
    OVER = "over", _("The time for refills has ended.")
    RUNS = "runs", _("Delivered in runs: a refill of all of them together cannot be requested.")
    POSTS = "posts", _("A subscription has no refill: each of its posts is an order of its own.")
    ASKED = "asked", _("A refill was requested and is not finished yet.")


class NoCancel(TextChoices):
    """Why an order cannot be stopped, in sentences for anybody."""

    ENDED = "ended", _("This order has ended.")
    SENDING = "sending", _("This order is being sent right now; look again in a minute.")
    CHECKED = "checked", _("This order is being checked; it cannot be canceled meanwhile.")
    SERVICE = "service", _("Already running, and this service cannot be stopped.")
    ASKED = "asked", _("A cancel was requested. The supplier decides.")

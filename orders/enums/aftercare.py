"""Refills and cancel requests."""

from django.db.models import TextChoices


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


class NoRefill(TextChoices):
    """Why no refill can be asked for, in sentences for anybody."""

    SERVICE = "service", "No refill on this service."
    NOT_COMPLETED = "not_completed", "A refill can be requested once the order is completed."
    OVER = "over", "The time for refills has ended."
    RUNS = "runs", "Delivered in runs: a refill of all of them together cannot be requested."
    POSTS = "posts", "A subscription has no refill: each of its posts is an order of its own."
    ASKED = "asked", "A refill was requested and is not finished yet."


class NoCancel(TextChoices):
    """Why an order cannot be stopped, in sentences for anybody."""

    ENDED = "ended", "This order has ended."
    SENDING = "sending", "This order is being sent right now; look again in a minute."
    CHECKED = "checked", "This order is being checked; it cannot be canceled meanwhile."
    SERVICE = "service", "Already running, and this service cannot be stopped."
    ASKED = "asked", "A cancel was requested. The supplier decides."

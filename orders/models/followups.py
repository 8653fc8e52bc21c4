"""What is asked of a provider after an order stands: refills and cancel requests."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from orders.enums import CancellationStatus, RefillStatus
from orders.models.orders import Order
from orders.models.providers import Provider

REFILL_IN_FLIGHT = [
    RefillStatus.REQUESTED,
    RefillStatus.SENDING,
    RefillStatus.UNKNOWN,
    RefillStatus.PENDING,
    RefillStatus.IN_PROGRESS,
]
CANCEL_IN_FLIGHT = [
    CancellationStatus.REQUESTED,
    CancellationStatus.SENDING,
    CancellationStatus.UNKNOWN,
    CancellationStatus.ACCEPTED,
]


class FollowUp(models.Model):
    """What refills and cancel requests share: asked by a person, sent once in a batch."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="%(class)ss")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    upstream_id = models.CharField(max_length=64, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="empty: a program of the customer",
    )
    asked_at = models.DateTimeField()
    claim = models.UUIDField(null=True, blank=True, help_text="the batch that sends it")
    claim_expires_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=300, blank=True, help_text="provider's words")
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class Refill(FollowUp):
    """A request to fill up what dropped after completion, and its way to the end."""

    status = models.CharField(
        max_length=12, choices=RefillStatus.choices, default=RefillStatus.REQUESTED
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(status__in=REFILL_IN_FLIGHT),
                name="one_refill_in_flight_per_order",
            ),
            models.UniqueConstraint(
                fields=["provider", "upstream_id"],
                condition=~Q(upstream_id=""),
                name="refill_number_once_per_provider",
            ),
        ]
        indexes = [
            models.Index(
                fields=["provider", "id"],
                condition=Q(status__in=["pending", "in_progress"]),
                name="refill_to_poll",
            ),
            models.Index(
                fields=["provider", "id"], condition=Q(status="requested"), name="refill_to_send"
            ),
            models.Index("status", F("id").desc(), name="refill_by_status"),
        ]

    def __str__(self) -> str:
        return f"Refill {self.pk} of order {self.order_id}"


class Cancellation(FollowUp):
    """A request to stop an order that upstream has. Only a later status moves money."""

    status = models.CharField(
        max_length=10, choices=CancellationStatus.choices, default=CancellationStatus.REQUESTED
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(status__in=CANCEL_IN_FLIGHT),
                name="one_cancellation_in_flight_per_order",
            ),
        ]
        indexes = [
            models.Index(
                fields=["provider", "id"],
                condition=Q(status="requested"),
                name="cancellation_to_send",
            ),
            models.Index("status", F("id").desc(), name="cancellation_by_status"),
        ]

    def __str__(self) -> str:
        return f"Cancellation {self.pk} of order {self.order_id}"

"""What we know to have moved a provider's balance, and when somebody looked before deciding."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from orders.enums import MovementKind
from orders.models.orders import Order
from orders.models.providers import Provider
from orders.money import MoneyField


class Movement(models.Model):
    """A known movement of a provider's balance: `amount`, in its currency, below zero for a fall.

    It happened after `begun_at` and no later than `at`. Nobody sees a provider's books: between
    the two lie a sending's first byte and its answer, or one look at an order and the next.
    Never changed or deleted; what was wrong is set right by another movement.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="movements", db_index=False)
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, related_name="movements", db_index=False
    )
    kind = models.CharField(max_length=10, choices=MovementKind.choices)
    amount = MoneyField()
    begun_at = models.DateTimeField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    memo = models.CharField(max_length=300, blank=True)
    token = models.CharField(
        max_length=50, null=True, blank=True, unique=True, help_text="of the form that made it"
    )
    takes_back = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="taken_back"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="movement_moves"),
        ]
        indexes = [
            models.Index(fields=["provider", "at"], name="movement_by_provider"),
            models.Index(fields=["order", "id"], name="movement_by_order"),
            models.Index(
                fields=["provider", "at", "order"],
                condition=Q(kind=MovementKind.CORRECTION),
                name="movement_corrections",
            ),
            models.Index(
                fields=["provider", "id"],
                condition=Q(kind=MovementKind.TOP_UP),
                name="movement_top_ups",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount:f} at {self.at:%F %T}"


class Evidence(models.Model):
    """That somebody had the evidence about an unconfirmed order read, and what came of it.

    The balance that was read then is an ordinary reading. `probed` holds what the provider said
    of neighbouring ids, or is null when nobody asked; `failure` says why nothing could be read.
    """

    order = models.ForeignKey(Order, models.CASCADE, related_name="evidence", db_index=False)
    at = models.DateTimeField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    failure = models.CharField(max_length=300, blank=True)
    probed = models.JSONField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "evidence"
        indexes = [models.Index(fields=["order", "id"], name="evidence_by_order")]

    def __str__(self) -> str:
        return f"{self.order_id} at {self.at:%F %T}"

"""Addresses under which an order can be followed without a sign-in."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from orders.models.orders import Order


class TrackingAddress(models.Model):
    """One address of one order; a revoked one stays as a record and opens nothing.

    The key itself is in no column: `key_hash` finds it, `key_sealed` lets staff copy it again.
    """

    order = models.ForeignKey(
        Order, models.PROTECT, related_name="tracking_addresses", db_index=False
    )
    key_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256, in hexadecimals")
    key_sealed = models.CharField(max_length=300, blank=True, help_text="empty once revoked")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    made_at = models.DateTimeField()
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "tracking addresses"
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(revoked_at=None),
                name="one_tracking_address_per_order",
            )
        ]

    def __str__(self) -> str:
        return f"Order {self.order_id}, since {self.made_at:%Y-%m-%d}"

"""Keys with which customers' programs speak to us."""

from django.conf import settings
from django.db import models

from orders.models.people import Customer


class ApiKey(models.Model):
    """One key of one customer; a revoked one stays as a record and opens nothing.

    The key itself is in no column: `key_hash` finds it, `prefix` tells it from the others.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=6, help_text="how the key begins")
    key_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256, in hexadecimals")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="empty: the operator at the command line",
    )
    last_used_at = models.DateTimeField(
        null=True, blank=True, help_text="written at most once a minute"
    )
    last_used_from = models.GenericIPAddressField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    class Meta:
        verbose_name = "API key"
        verbose_name_plural = "API keys"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

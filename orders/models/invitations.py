"""Invitations: links with which somebody makes a customer's account of their own."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from orders.models.people import Customer


class Invitation(models.Model):
    """One link, for one account. Its key is shown once and stands in no column, only its hash.

    `user` is who signed up with it, `customer` what came of it once the address was proven.
    """

    key_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256, in hexadecimals")
    email = models.EmailField(blank=True, help_text="given: only this address may sign up with it")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="invitation",
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["made_by", "-id"],
                condition=Q(revoked_at=None, customer=None),
                name="invitation_open",
            )
        ]

    def __str__(self) -> str:
        return f"of {self.made_at:%Y-%m-%d}"

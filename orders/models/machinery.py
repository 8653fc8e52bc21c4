"""What the periodic jobs keep: sweeps and their leases, heartbeats, the audit trail."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from orders.enums import SweepKind
from orders.models.providers import Provider


class Sweep(models.Model):
    """The walk over one provider's open orders (or refills): its lease, cursors and last rounds.

    `token` and `expires_at` are the lease; whoever holds the token may hand reports to
    `progress.apply`, which checks it again under lock.
    """

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="sweeps")
    kind = models.CharField(max_length=8, choices=SweepKind.choices, default=SweepKind.ORDERS)
    shard = models.PositiveSmallIntegerField(default=0)
    token = models.UUIDField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    cursors = models.JSONField(default=dict, help_text="tier -> last id asked in this round")
    rounds = models.JSONField(default=dict, help_text="tier -> when its last round was finished")
    started = models.JSONField(default=dict, help_text="tier -> when its present round began")
    last_asked = models.PositiveIntegerField(default=0)
    last_changed = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "kind", "shard"], name="one_sweep_a_shard")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.provider_id}/{self.shard}"


class Heartbeat(models.Model):
    """When a periodic job last began and ended, so that silence can be seen."""

    job = models.CharField(max_length=40, primary_key=True)
    first_at = models.DateTimeField(db_default=Now(), editable=False)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    summary = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.job


class AuditEntry(models.Model):
    """Who changed what, when, from what to what. Appended only."""

    at = models.DateTimeField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=120)
    also = models.CharField(max_length=60, blank=True, default="", help_text="a second subject")
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["subject", "-id"], name="audit_by_subject"),
            models.Index(
                fields=["also", "-id"], condition=~models.Q(also=""), name="audit_by_second"
            ),
            models.Index(fields=["person", "-id"], name="audit_by_person"),
            models.Index(fields=["action", "-id"], name="audit_by_action"),
            models.Index(fields=["at"], name="audit_by_moment"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"

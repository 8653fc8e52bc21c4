"""What providers offer and what we sell, apart; and every reading of a catalog."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from orders.enums import ChangeKind, PauseReason, SyncOutcome
from orders.models.providers import Provider
from orders.money import MoneyField


class Offer(models.Model):
    """A provider's service as cached. Only a sync writes it."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="offers")
    upstream_id = models.CharField(max_length=64)
    name = models.CharField(max_length=500)
    category = models.CharField(max_length=300, blank=True)
    type_name = models.CharField(max_length=80, help_text="as the provider writes it")
    service_type = models.CharField(
        max_length=40, blank=True, help_text="slug in orders.service_types; empty: unknown type"
    )
    rate = MoneyField(help_text="provider's currency, per 1000 (or per package)")
    least = models.BigIntegerField()
    most = models.BigIntegerField()
    refill = models.BooleanField(default=False)
    cancel = models.BooleanField(default=False)
    dripfeed = models.BooleanField(default=False)
    description = models.TextField(blank=True)
    average_time = models.CharField(max_length=80, blank=True)
    refill_days = models.PositiveSmallIntegerField(null=True, blank=True)
    first_seen_at = models.DateTimeField()
    rate_changed_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["first_seen_at"], name="offer_by_first_seen")]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "upstream_id"], name="offer_once_per_provider"
            ),
            models.CheckConstraint(condition=Q(rate__gte=0), name="offer_rate_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.upstream_id} {self.name}"


class Category(models.Model):
    """A shelf of our shop."""

    name = models.CharField(max_length=300, unique=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class Service(models.Model):
    """What we sell. Its number (`id`) never changes and is never used again."""

    name = models.CharField(max_length=500)
    category = models.ForeignKey(Category, models.PROTECT, related_name="services")
    description = models.TextField(blank=True)
    position = models.PositiveIntegerField(default=0)
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="services")
    fallback = models.ForeignKey(
        Offer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="fallback_of",
        help_text="where an order goes that its own offer's provider cannot take",
    )
    fallback_cost = MoneyField(
        null=True, blank=True, help_text="the fallback's cost per 1000 when it was chosen"
    )
    is_visible = models.BooleanField(default=True, help_text="on sale, as a person decided")
    refill_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="days after completion; empty: unknown, no countdown"
    )

    accepted_cost = MoneyField(
        help_text="cost per 1000 in the panel's currency that a person last accepted"
    )
    pause = models.CharField(max_length=20, choices=PauseReason.choices, blank=True, default="")
    paused_at = models.DateTimeField(null=True, blank=True)
    pause_detail = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["category", "position", "id"], name="service_in_category"),
            models.Index(fields=["offer"], name="service_by_offer"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.name}"


class SyncRun(models.Model):
    """One reading of a provider's catalog, with what it found."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="sync_runs")
    started_at = models.DateTimeField()
    leased_until = models.DateTimeField(
        null=True, blank=True, help_text="when it is given up for dead if it still runs"
    )
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(
        max_length=12, choices=SyncOutcome.choices, default=SyncOutcome.RUNNING
    )
    detail = models.CharField(max_length=500, blank=True)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    rows_bad = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    retired = models.PositiveIntegerField(default=0)
    returned = models.PositiveIntegerField(default=0)
    paused = models.PositiveIntegerField(default=0)
    held_removals = models.PositiveIntegerField(default=0)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["provider", "-id"], name="sync_run_by_provider")]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.started_at:%F %T} {self.outcome}"


class SyncChange(models.Model):
    """One difference that a sync run found; `held` ones wait for a person."""

    run = models.ForeignKey(SyncRun, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=10, choices=ChangeKind.choices)
    offer = models.ForeignKey(Offer, models.CASCADE, null=True, blank=True, related_name="changes")
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    held = models.BooleanField(default=False)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(fields=["run", "id"], name="sync_change_by_run"),
            models.Index("kind", F("id").desc(), name="sync_change_by_kind"),
            models.Index(
                F("id").desc(), condition=Q(held=True, decided_at=None), name="sync_change_held"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.offer_id}"

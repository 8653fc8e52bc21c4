"""Upstream accounts. People write `Provider`; the machinery alone writes `ProviderState`."""

from datetime import datetime
from decimal import Decimal

from django.db import models
from django.db.models import Q

from orders.enums import DripLimit, ProviderHold
from orders.models.switches import StopSwitches
from orders.money import MoneyField


class Provider(StopSwitches):
    """An upstream account: address, key, money terms, profile and the three stop switches."""

    name = models.CharField(max_length=80, unique=True)
    url = models.URLField(max_length=300)
    key_sealed = models.TextField(editable=False, help_text="encrypted; see orders.sealing")
    key_last4 = models.CharField(max_length=4, blank=True, editable=False)
    account_version = models.PositiveIntegerField(
        default=1,
        editable=False,
        help_text="rises with address, key, extra parameters and idempotency field",
    )
    currency = models.CharField(max_length=3)
    exchange_rate = models.DecimalField(
        max_digits=18, decimal_places=8, default=Decimal(1), help_text="panel currency for one"
    )
    factor = models.DecimalField(
        "effective-cost factor",
        max_digits=9,
        decimal_places=6,
        default=Decimal(1),
        help_text="what one unit of upstream balance really costs: fees above 1, bonus below",
    )

    batch_size = models.PositiveSmallIntegerField(default=100)
    requests_per_second = models.DecimalField(
        max_digits=6, decimal_places=2, default=Decimal(5), help_text="all calls together"
    )
    requests_at_once = models.PositiveSmallIntegerField(default=4)
    connect_timeout = models.PositiveSmallIntegerField(default=5, help_text="seconds")
    read_timeout = models.PositiveSmallIntegerField(default=20, help_text="seconds")
    total_timeout = models.PositiveSmallIntegerField(default=30, help_text="seconds")
    drip_limit = models.CharField(
        max_length=10, choices=DripLimit.choices, default=DripLimit.PER_RUN
    )
    idempotency_field = models.CharField(max_length=40, blank=True)
    extra_parameters = models.JSONField(default=dict, blank=True)
    new_offers_hidden = models.BooleanField(default=False)
    rise_threshold = models.DecimalField(
        max_digits=6, decimal_places=2, null=True, blank=True, help_text="null: the panel's"
    )
    shrink_threshold = models.DecimalField(
        max_digits=6, decimal_places=2, null=True, blank=True, help_text="null: the panel's"
    )
    low_balance = MoneyField(
        null=True, blank=True, help_text="an alarm under it, in the provider's currency"
    )
    has_refill = models.BooleanField(default=True)
    has_cancel = models.BooleanField(default=True)

    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(exchange_rate__gt=0) & Q(factor__gt=0), name="provider_terms_positive"
            ),
            models.CheckConstraint(
                condition=Q(batch_size__gte=1, batch_size__lte=1000), name="provider_batch_size"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProviderState(models.Model):
    """What the machinery knows of a provider: hold, health, balance, freshness.

    A row of its own so that a person who saves the provider's form never writes over it.
    """

    provider = models.OneToOneField(
        Provider, models.CASCADE, primary_key=True, related_name="state"
    )
    hold = models.CharField(max_length=20, choices=ProviderHold.choices, blank=True, default="")
    held_since = models.DateTimeField(null=True, blank=True)
    hold_detail = models.CharField(max_length=500, blank=True, help_text="provider's own words")
    probe_after = models.DateTimeField(null=True, blank=True)
    unknown_streak = models.PositiveSmallIntegerField(
        default=0, help_text="unknown answers to add since the last known one"
    )

    failures = models.PositiveIntegerField(default=0, help_text="failed reads since the last good")
    rested_until = models.DateTimeField(null=True, blank=True)
    last_answer_at = models.DateTimeField(null=True, blank=True)
    last_failure_at = models.DateTimeField(null=True, blank=True)
    last_failure = models.CharField(max_length=300, blank=True)
    slowed_until = models.DateTimeField(null=True, blank=True)

    balance = MoneyField(null=True, blank=True, help_text="in the provider's currency")
    balance_at = models.DateTimeField(null=True, blank=True)
    catalog_read_at = models.DateTimeField(
        null=True, blank=True, help_text="when costs were last known to be true"
    )
    catalog_digest = models.CharField(max_length=64, blank=True)
    catalog_content = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="digest of what it says, in whatever order",
    )

    def __str__(self) -> str:
        return f"{self.provider_id}: {self.hold or 'running'}"


class BalanceReading(models.Model):
    """One answer to `balance`, kept to compare with known charges.

    Asked `at`, heard `answered_at`: the provider looked somewhere between.
    """

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="readings")
    at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    amount = MoneyField()
    currency = models.CharField(max_length=3, blank=True)

    class Meta:
        indexes = [models.Index(fields=["provider", "at"], name="reading_by_provider")]

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency} at {self.at:%F %T}"

    @property
    def until(self) -> datetime:
        """The latest moment of which it can tell."""
        return self.answered_at or self.at


class CallTimes(models.Model):
    """How one provider answered one kind of call in one hour: a histogram, no row per call.

    `times` counts calls by the number of their step in `orders.call_times.STEPS`, `errors` by
    `CallError`; both as JSON objects without zeros.
    """

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="call_times")
    action = models.CharField(max_length=20, help_text="of the protocol, such as add")
    hour = models.DateTimeField(help_text="its beginning, in UTC")
    calls = models.PositiveIntegerField(default=0)
    times = models.JSONField(default=dict, blank=True)
    errors = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "hour", "action"], name="one_row_an_hour"),
        ]
        indexes = [models.Index(fields=["hour"], name="call_times_by_hour")]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.action} {self.hour:%F %H}"

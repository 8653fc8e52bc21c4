"""What decides a price besides the cost: the panel's terms, markup rules, bounds."""

from decimal import Decimal
from functools import cached_property

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from orders import sql
from orders.enums import MarkupKind, PriceLevel, SignUp
from orders.models.catalog import Category, Service
from orders.models.people import Customer, Staff
from orders.models.switches import StopSwitches
from orders.money import ZERO, MoneyField


class Panel(StopSwitches):
    """The one row of settings that people change: `orders.panel.settings()` reads it."""

    name = models.CharField(max_length=60, default="Halfpenny")
    currency = models.CharField(max_length=3, default="USD")
    time_zone = models.CharField(max_length=60, default="UTC")
    language = models.CharField(
        max_length=8, default="en", db_default="en", help_text="of whoever has chosen none"
    )
    price_step = MoneyField(default=Decimal("0.0001"), help_text="selling rates are multiples")
    minimum_charge = MoneyField(default=ZERO)
    rise_threshold = models.DecimalField(
        max_digits=6, decimal_places=2, default=Decimal(25), help_text="per cent; pauses a service"
    )
    shrink_threshold = models.DecimalField(
        max_digits=6, decimal_places=2, default=Decimal(20), help_text="per cent; holds removals"
    )
    cost_fresh_minutes = models.PositiveIntegerField(
        default=60, help_text="older costs are read again before anything is sent"
    )
    waiting_hours = models.PositiveIntegerField(
        default=48, help_text="a waiting order is then canceled and refunded"
    )
    fallback_minutes = models.PositiveIntegerField(
        default=15, help_text="a provider that cannot be sent to for so long gives way"
    )
    sign_up = models.CharField(max_length=12, choices=SignUp.choices, default=SignUp.CLOSED)
    logo_digest = models.CharField(
        max_length=64, blank=True, default="", help_text="of the logo; empty: the mark"
    )
    staff_daily_limit = MoneyField(
        default=Decimal(200), help_text="of new members; those there are keep theirs"
    )
    staff_big_order = MoneyField(default=Decimal(500), help_text="likewise")
    readings_days = models.PositiveIntegerField(
        default=35, help_text="every balance reading and quiet run stays so long"
    )
    alerts_days = models.PositiveIntegerField(
        default=400, help_text="alerts that are over stay so long"
    )
    answers_days = models.PositiveIntegerField(
        default=400, help_text="providers' raw answers to orders stay so long"
    )
    proofs_days = models.PositiveIntegerField(
        default=400, help_text="proofs of decided top-ups stay so long"
    )
    settled = models.JSONField(
        default=list, blank=True, help_text="steps of the first run that a person has settled"
    )
    home = models.CharField(
        max_length=64,
        blank=True,
        default="",
        editable=False,
        help_text="sql.identity of the database that may send; another one was restored",
    )

    class Meta:
        verbose_name = "panel settings"
        verbose_name_plural = "panel settings"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_panel"),
            models.CheckConstraint(condition=Q(price_step__gt=0), name="price_step_positive"),
        ]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def is_elsewhere(self) -> bool:
        """Whether this database is not the one that may send: it was restored, or is a copy."""
        return bool(self.home) and self.home != sql.identity()


class Scope(models.Model):
    """What a rule or bound speaks about; the columns that `level` names are set, no others."""

    level = models.CharField(max_length=20, choices=PriceLevel.choices)
    service = models.ForeignKey(Service, models.CASCADE, null=True, blank=True, related_name="+")
    category = models.ForeignKey(Category, models.CASCADE, null=True, blank=True, related_name="+")
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, blank=True, related_name="+")
    staff = models.ForeignKey(Staff, models.CASCADE, null=True, blank=True, related_name="+")
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text="replaced or taken away")
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True


# Null is distinct from null in a unique index, so each empty column counts as 0.
SCOPE: tuple[str | Coalesce, ...] = (
    "level",
    *(Coalesce(name, 0) for name in ("service", "category", "customer", "staff")),
)


class MarkupRule(Scope):
    """A markup that acts where nothing more specific does. Never edited: ended and followed."""

    kind = models.CharField(max_length=12, choices=MarkupKind.choices)
    value = MoneyField(help_text="per cent, or panel currency per 1000")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                *SCOPE,
                condition=Q(ended_at=None),
                name="one_acting_markup",
            )
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.kind} {self.value:f}"


class Bound(Scope):
    """The least (`floor`) and most (`ceiling`) markup over cost, in per cent."""

    floor_percent = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    ceiling_percent = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                *SCOPE,
                condition=Q(ended_at=None),
                name="one_acting_bound",
            )
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.floor_percent} to {self.ceiling_percent}"

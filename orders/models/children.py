"""What a provider makes of one order that it carries out in several: its runs, or the posts of a
subscription, as orders there."""

from django.db import models
from django.db.models import Q

from orders.enums import OrderStatus, Tier
from orders.models.orders import Order
from orders.models.providers import Provider
from orders.money import MoneyField


class Family(models.Model):
    """What a provider last said of an order that has children, apart from what follows for it.

    The order's own columns hold what its children add up to.
    """

    order = models.OneToOneField(Order, models.PROTECT, primary_key=True, related_name="family")
    word = models.CharField(max_length=60, blank=True, help_text="for the whole, as received")
    charge_upstream = MoneyField(null=True, blank=True, help_text="said of the whole")
    currency = models.CharField(max_length=10, blank=True)
    odd = models.CharField(max_length=200, blank=True, help_text="what is wrong with its list")
    is_listed = models.BooleanField(
        db_default=False, default=False, help_text="a list was given, and all of it could be read"
    )
    digest = models.CharField(max_length=32, help_text="of all that was said")
    said_at = models.DateTimeField(help_text="when that was asked")

    class Meta:
        verbose_name_plural = "families"

    def __str__(self) -> str:
        return f"Order {self.order_id}: {self.word}"


class Child(models.Model):
    """One order that a provider made for a part of ours. It has no price: what it owes goes into
    what is owed for its order.

    Changed only under its order's lock.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="children", db_index=False)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField(help_text="the how-manieth of its order, from 1")
    upstream_id = models.CharField(max_length=64)
    quantity = models.BigIntegerField(
        null=True, blank=True, help_text="of a post, once it is known; of a run, as ordered"
    )
    status = models.CharField(
        max_length=12, choices=OrderStatus.choices, default=OrderStatus.PENDING
    )
    status_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    upstream_status = models.CharField(max_length=60, blank=True, help_text="as received")
    start_count = models.BigIntegerField(null=True, blank=True)
    remains = models.BigIntegerField(null=True, blank=True)
    charge_upstream = MoneyField(null=True, blank=True)
    refund_unknown = models.BooleanField(
        default=False, help_text="partial, but how much of it cannot be read"
    )
    flag = models.CharField(max_length=200, blank=True)
    tier = models.PositiveSmallIntegerField(choices=Tier.choices, null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "children"
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "upstream_id"], name="child_once_per_provider"
            ),
            models.UniqueConstraint(fields=["order", "number"], name="child_by_order"),
        ]
        indexes = [
            models.Index(
                fields=["provider", "tier", "id"],
                condition=Q(tier__isnull=False),
                name="child_to_poll",
            ),
        ]

    def __str__(self) -> str:
        return f"Order {self.order_id}, run {self.number}"

"""One purchase by one customer, with everything that decided its price."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from orders.enums import EventKind, HoldReason, MarkupKind, OrderStatus, PriceLevel, Tier
from orders.models.api_keys import ApiKey
from orders.models.catalog import Offer, Service
from orders.models.people import Customer, Staff
from orders.models.providers import Provider
from orders.money import ZERO, MoneyField


class Order(models.Model):
    """What a customer bought, where it stands, what it cost and what it brought.

    Amounts without a word are in the panel's currency; `*_upstream` ones in the provider's,
    converted by `exchange_rate` × `factor` as they stood at placement.
    """

    # What and for whom
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="orders", db_index=False)
    service = models.ForeignKey(Service, models.PROTECT, related_name="orders", db_index=False)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="orders", db_index=False)
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="orders", db_index=False)
    first_offer = models.ForeignKey(
        Offer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="what it was placed with, where it went to the fallback",
    )
    upstream_service_id = models.CharField(max_length=64)
    service_type = models.CharField(max_length=40)
    link = models.TextField(blank=True)
    link_key = models.CharField(max_length=200, blank=True, help_text="service_types.link_key")
    quantity = models.BigIntegerField(help_text="as the type counts: per run, lines, or 1")
    details = models.JSONField(default=dict, help_text="cleaned fields of the type")
    billable = models.BigIntegerField()
    delivery_total = models.BigIntegerField(
        null=True, blank=True, help_text="in the unit of remains; null where unknowable"
    )
    runs = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="of a drip-feed, two or more; of a subscription, its posts; else null",
    )
    least_per_post = models.BigIntegerField(
        null=True, blank=True, help_text="of a subscription, whose most is the quantity; else null"
    )
    ends_on = models.DateField(
        null=True, blank=True, help_text="the last day of a subscription, if it was given one"
    )
    client_key = models.CharField(max_length=80, null=True, blank=True)
    body_hash = models.CharField(max_length=64, blank=True)

    # The price, stage by stage
    cost_rate_upstream = MoneyField(help_text="per 1000 at placement")
    cost_currency = models.CharField(max_length=3)
    exchange_rate = models.DecimalField(max_digits=18, decimal_places=8)
    factor = models.DecimalField(max_digits=9, decimal_places=6)
    markup_level = models.CharField(max_length=20, choices=PriceLevel.choices)
    markup_kind = models.CharField(max_length=12, choices=MarkupKind.choices, blank=True)
    markup_value = MoneyField(help_text="per cent, amount per 1000, rate, or the typed total")
    markup_rule_id = models.BigIntegerField(null=True, blank=True)
    rate = MoneyField(help_text="selling rate per 1000, rounded")
    price = MoneyField()
    refunded = MoneyField(default=ZERO)
    expected_charge_upstream = MoneyField()
    expected_cost = MoneyField()
    stages = models.JSONField(default=list, help_text="every stage of the quote, for 'explain'")
    loss_allowed = MoneyField(
        null=True, blank=True, help_text="loss that a named person let this order be sent at"
    )
    loss_allowed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    # Three people
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="empty: the operator at the command line, or a program (api_key)",
    )
    api_key = models.ForeignKey(
        ApiKey,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="the key of the program that placed it",
    )
    managed_by = models.ForeignKey(
        Staff,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="managed_orders",
        db_index=False,
    )
    markup_of = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="markup_orders"
    )
    placed_at = models.DateTimeField()

    # Where it stands
    status = models.CharField(
        max_length=12, choices=OrderStatus.choices, default=OrderStatus.WAITING
    )
    status_at = models.DateTimeField(help_text="when the status last changed")
    waiting_since = models.DateTimeField(help_text="since it last became waiting")
    hold = models.CharField(max_length=20, choices=HoldReason.choices, blank=True, default="")
    hold_detail = models.CharField(max_length=300, blank=True)
    not_before = models.DateTimeField(null=True, blank=True, help_text="back-off after not sent")
    finished_at = models.DateTimeField(null=True, blank=True)

    # What upstream says
    upstream_id = models.CharField(max_length=64, null=True, blank=True)
    upstream_status = models.CharField(max_length=60, blank=True, help_text="as received")
    start_count = models.BigIntegerField(null=True, blank=True)
    remains = models.BigIntegerField(null=True, blank=True)
    charge_upstream = MoneyField(null=True, blank=True)
    cost = MoneyField(null=True, blank=True, help_text="charge_upstream × exchange × factor")
    flag = models.CharField(
        max_length=200, blank=True, help_text="something odd in upstream's answer, for staff"
    )
    refund_unknown = models.BooleanField(
        default=False, help_text="partial or canceled, but what is owed cannot be read: decide it"
    )
    refusal = models.CharField(max_length=20, blank=True, help_text="family of the refusal")
    changed_at = models.DateTimeField(help_text="when a report last changed this row")
    tier = models.PositiveSmallIntegerField(choices=Tier.choices, null=True, blank=True)
    support_asked_at = models.DateTimeField(
        null=True, blank=True, help_text="when staff asked the provider's support about it"
    )
    support_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "upstream_id"],
                condition=Q(upstream_id__isnull=False),
                name="upstream_id_once_per_provider",
            ),
            models.UniqueConstraint(
                fields=["customer", "client_key"],
                condition=Q(client_key__isnull=False),
                name="client_key_once_per_customer",
            ),
            models.CheckConstraint(
                condition=Q(price__gte=0, refunded__gte=0, refunded__lte=F("price")),
                name="refunds_within_price",
            ),
        ]
        # Foreign keys whose column leads an index below have none of their own (db_index=False);
        # managed_by, by which nobody looks for orders, has none at all.
        # What polling changes (remains, charge, start count, times) stands in no index, so that
        # PostgreSQL can update those rows in place.
        indexes = [
            models.Index(
                fields=["provider", "tier", "id"],
                condition=Q(tier__isnull=False),
                name="order_to_poll",
            ),
            models.Index(F("id").desc(), condition=Q(tier=Tier.OLD), name="order_late"),
            models.Index(
                fields=["provider", "id"], condition=Q(status="waiting"), name="order_to_send"
            ),
            models.Index("status", F("id").desc(), name="order_by_status"),
            models.Index(
                fields=["id"], condition=Q(refund_unknown=True), name="order_refund_unknown"
            ),
            models.Index("provider", F("id").desc(), name="order_by_provider"),
            models.Index("customer", F("id").desc(), name="order_by_customer"),
            models.Index("service", F("id").desc(), name="order_by_service"),
            models.Index(
                "placed_by",
                F("id").desc(),
                condition=Q(placed_by__isnull=False),
                name="order_placed_by",
            ),
            models.Index(
                fields=["link_key", "id"],
                opclasses=["varchar_pattern_ops", "int8_ops"],
                name="order_by_link",
            ),
            models.Index(fields=["placed_at"], name="order_by_day"),
        ]

    def __str__(self) -> str:
        return f"Order {self.pk}"

    @property
    def is_subscription(self) -> bool:
        return self.least_per_post is not None

    @property
    def charge_at_once(self) -> Decimal:
        """What the provider should take when it accepts the order, in its currency: for a
        subscription nothing, whose posts are charged as they come."""
        return ZERO if self.is_subscription else self.expected_charge_upstream


class Event(models.Model):
    """A line of an order's history, written in the transaction that made it true."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="events", db_index=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=EventKind.choices)
    status = models.CharField(max_length=12, choices=OrderStatus.choices, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    detail = models.CharField(max_length=500, blank=True, help_text="staff's words")
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["order", "id"], name="event_by_order"),
            models.Index(F("id").desc(), condition=Q(kind=EventKind.DECIDED), name="event_decided"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.kind} {self.status}"

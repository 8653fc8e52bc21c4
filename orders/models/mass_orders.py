"""Many orders placed at once: what was typed, and what became of each line."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from orders.enums import MassLineState, NotPlaced
from orders.models.orders import Order
from orders.models.people import Customer
from orders.money import MoneyField


class MassOrder(models.Model):
    """Lines that were typed or uploaded for one customer. Until somebody confirms them there is
    the text alone; from then on there are its lines."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="mass_orders", db_index=False
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    token = models.UUIDField(unique=True, help_text="begins the client_key of every line")
    name = models.CharField(max_length=120, blank=True, help_text="of the uploaded file")
    text = models.TextField(blank=True, help_text="as typed; empty once it is confirmed")
    head = models.TextField(blank=True, help_text="the line that names the columns, if any")
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index("customer", F("id").desc(), name="mass_order_by_customer"),
            models.Index("made_by", F("id").desc(), name="mass_order_by_maker"),
            models.Index(fields=["confirmed_at", "made_at"], name="mass_order_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.made_at:%F %T}"


class MassLine(models.Model):
    """One line, as it was confirmed, and its result: an order, or why there is none."""

    mass_order = models.ForeignKey(MassOrder, models.CASCADE, related_name="lines", db_index=False)
    number = models.PositiveIntegerField(help_text="of its first line in the text")
    raw = models.TextField(help_text="as typed")
    service_number = models.BigIntegerField(null=True, blank=True)
    name = models.CharField(max_length=500, blank=True, help_text="the service's, as previewed")
    fields = models.JSONField(default=dict, help_text="as typed, by the fields' names")
    link = models.TextField(blank=True)
    quantity = models.BigIntegerField(null=True, blank=True, help_text="as billed; empty: unknown")
    price = MoneyField(null=True, blank=True, help_text="as confirmed; empty: there was none")
    overlap_ok = models.BooleanField(default=False)
    state = models.CharField(
        max_length=12, choices=MassLineState.choices, default=MassLineState.WAITING
    )
    why = models.CharField(max_length=12, choices=NotPlaced.choices, blank=True, default="")
    detail = models.JSONField(default=dict, blank=True, help_text="the figures of `why`")
    order = models.OneToOneField(
        Order, models.PROTECT, null=True, blank=True, related_name="mass_line"
    )
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mass_order", "number"], name="mass_line_once"),
            models.CheckConstraint(
                condition=Q(state=MassLineState.PLACED, order__isnull=False)
                | (~Q(state=MassLineState.PLACED) & Q(order__isnull=True)),
                name="mass_line_placed_with_order",
            ),
        ]
        indexes = [
            models.Index(
                fields=["mass_order", "number"],
                condition=Q(state=MassLineState.WAITING),
                name="mass_line_to_place",
            )
        ]

    def __str__(self) -> str:
        return f"{self.mass_order_id}/{self.number} {self.state}"

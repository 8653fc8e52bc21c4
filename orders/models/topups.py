"""How customers put money on their wallets: ways to pay, and what was asked for and paid."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from orders.enums import PaymentKind, TopUpStatus
from orders.models.people import Customer
from orders.money import ZERO, MoneyField

OPEN_TOP_UPS = [TopUpStatus.REQUESTED, TopUpStatus.CHECKOUT, TopUpStatus.HELD]


class PaymentMethod(models.Model):
    """One way to pay. Secrets are sealed; what can be shown of them are their last four."""

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=12, choices=PaymentKind.choices, default=PaymentKind.MANUAL)
    instructions = models.TextField(
        blank=True, help_text="what the customer does; {reference} stands for theirs"
    )
    least = MoneyField(default=Decimal(1))
    most = MoneyField(null=True, blank=True)
    fee_percent = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(0))
    fee_fixed = MoneyField(default=ZERO)
    asks_proof = models.BooleanField(default=False)
    is_on = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)
    key_sealed = models.CharField(max_length=500, blank=True)
    key_last4 = models.CharField(max_length=4, blank=True)
    secret_sealed = models.CharField(max_length=500, blank=True, help_text="signs its news")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(least__gt=0, fee_fixed__gte=0, fee_percent__gte=0, fee_percent__lt=100),
                name="payment_method_sensible",
            ),
            models.CheckConstraint(
                condition=Q(most=None) | Q(most__gte=F("least")), name="payment_method_bounds"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TopUp(models.Model):
    """Money that a customer wants on their wallet. `amount` is paid, `amount - fee` is added."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="top_ups", db_index=False)
    method = models.ForeignKey(PaymentMethod, models.PROTECT, related_name="top_ups")
    amount = MoneyField()
    fee = MoneyField(default=ZERO)
    status = models.CharField(max_length=12, choices=TopUpStatus.choices)
    client_key = models.CharField(max_length=80, help_text="the form's: one request a press")
    note = models.CharField(max_length=300, blank=True, help_text="the customer's words")
    asked_at = models.DateTimeField()
    payment_id = models.CharField(max_length=120, null=True, blank=True, help_text="the gateway's")
    checkout_url = models.CharField(max_length=2000, blank=True)
    asked_gateway_at = models.DateTimeField(null=True, blank=True)
    flag = models.CharField(max_length=200, blank=True, help_text="why a person looks at it")
    received = MoneyField(null=True, blank=True, help_text="what arrived, where it is known")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="the customer reads it")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, fee__gte=0, fee__lt=F("amount")),
                name="top_up_leaves_something",
            ),
            models.UniqueConstraint(fields=["customer", "client_key"], name="top_up_once_per_form"),
            models.UniqueConstraint(
                fields=["method", "payment_id"],
                condition=Q(payment_id__isnull=False),
                name="payment_once_per_method",
            ),
        ]
        indexes = [
            models.Index("customer", F("id").desc(), name="top_up_by_customer"),
            models.Index("status", F("id").desc(), name="top_up_by_status"),
            models.Index(
                fields=["asked_gateway_at", "id"],
                condition=Q(status="checkout"),
                name="top_up_to_follow",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What the customer quotes with the payment."""
        return f"HP-{self.pk}"

    @property
    def credit(self) -> Decimal:
        """What is added to the wallet when `amount` arrives."""
        return self.amount - self.fee


class TopUpProof(models.Model):
    """A picture or PDF that a customer sent with a request; kept in the database with it."""

    top_up = models.OneToOneField(TopUp, models.CASCADE, primary_key=True, related_name="proof")
    content_type = models.CharField(max_length=40)
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"of {self.top_up_id}"

"""Double entry: accounts and the transfers between them. Only `orders.ledger` writes here."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from orders.enums import AccountKind, TransferKind
from orders.models.orders import Order
from orders.models.people import Customer, Staff
from orders.money import MoneyField


class Account(models.Model):
    """Somewhere money can be. A wallet keeps its balance (the row that debits lock); other
    accounts are the sum of their transfers."""

    kind = models.CharField(max_length=12, choices=AccountKind.choices)
    customer = models.OneToOneField(
        Customer, models.PROTECT, null=True, blank=True, related_name="wallet"
    )
    staff = models.OneToOneField(Staff, models.PROTECT, null=True, blank=True, related_name="till")
    balance = MoneyField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="wallet", customer__isnull=False, balance__isnull=False)
                | (~Q(kind="wallet") & Q(customer__isnull=True, balance__isnull=True)),
                name="wallet_has_customer_and_balance",
            ),
            models.CheckConstraint(
                condition=Q(kind="till", staff__isnull=False)
                | (~Q(kind="till") & Q(staff__isnull=True)),
                name="till_has_staff",
            ),
            models.UniqueConstraint(
                fields=["kind"], condition=~Q(kind__in=["wallet", "till"]), name="one_house_account"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.customer_id or self.staff_id or ''}".strip()


class Transfer(models.Model):
    """One movement of a positive amount from `source` to `target`. Never changed, never deleted;
    triggers on both databases hold that (`orders.sql`)."""

    kind = models.CharField(max_length=16, choices=TransferKind.choices)
    reference = models.CharField(max_length=120, unique=True)
    source = models.ForeignKey(Account, models.PROTECT, related_name="outgoing", db_index=False)
    target = models.ForeignKey(Account, models.PROTECT, related_name="incoming", db_index=False)
    amount = MoneyField()
    balance_after = MoneyField(
        null=True, blank=True, help_text="of the wallet that it touches, if it touches one"
    )
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, related_name="transfers"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    memo = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_amount_positive"),
            models.CheckConstraint(
                condition=~Q(source=F("target")), name="transfer_between_two_accounts"
            ),
        ]
        indexes = [
            models.Index("source", F("id").desc(), name="transfer_from"),
            models.Index("target", F("id").desc(), name="transfer_to"),
            models.Index(fields=["kind", "at"], name="transfer_by_kind"),
            models.Index(fields=["person", "at"], name="transfer_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.amount:f}"


class TillClosing(models.Model):
    """A till counted blind, compared with what it should hold, confirmed by an admin."""

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="closings")
    counted = MoneyField()
    expected = MoneyField()
    counted_at = models.DateTimeField()
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="the member, or an admin for somebody who is switched off",
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff"], condition=Q(confirmed_at=None), name="one_open_closing"
            )
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.counted_at:%F}"


class LedgerCheck(models.Model):
    """The one row that says how the check of the books stands, and what the last one found."""

    leased_until = models.DateTimeField(null=True, blank=True)
    question = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="place of the question that the check has come to"
    )
    after = models.BigIntegerField(default=-1, help_text="the last id that it was asked about")
    found = models.JSONField(default=list, blank=True, help_text="what the check has found so far")
    checked_at = models.DateTimeField(null=True, blank=True, help_text="when one last ended")
    findings = models.JSONField(default=list, blank=True, help_text="what the last whole one found")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_ledger_check")]

    def __str__(self) -> str:
        return f"checked {self.checked_at}"

    @property
    def is_under_way(self) -> bool:
        return self.question is not None

"""What customers and staff write to each other about an order, and what customers are told by
e-mail.
"""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from orders.enums import NoticeKind
from orders.models.orders import Order
from orders.models.people import Customer
from orders.money import MoneyField


class Conversation(models.Model):
    """All messages on one order, and whose turn it is. Its row is the lock for writing one."""

    order = models.OneToOneField(Order, models.PROTECT, related_name="conversation")
    waits_for_staff = models.BooleanField(default=False)
    waiting_since = models.DateTimeField(
        null=True, blank=True, help_text="of the customer's first message without an answer"
    )
    last_at = models.DateTimeField(null=True, blank=True)
    read_by_customer_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["waiting_since", "id"],
                condition=Q(waits_for_staff=True),
                name="conversation_to_answer",
            ),
            models.Index(F("last_at").desc(), F("id").desc(), name="conversation_by_last"),
        ]

    def __str__(self) -> str:
        return f"on order {self.order_id}"


class Message(models.Model):
    """One message. `key` is the form's: a second press finds the first one's message."""

    conversation = models.ForeignKey(
        Conversation, models.PROTECT, related_name="messages", db_index=False
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    from_customer = models.BooleanField()
    text = models.TextField()
    at = models.DateTimeField()
    key = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "key"], name="message_once_per_form")
        ]
        indexes = [
            models.Index(fields=["conversation", "id"], name="message_in_conversation"),
            models.Index(
                fields=["author", "at"], condition=Q(from_customer=True), name="message_by_author"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.at:%F %T}"


class NoticeChoices(models.Model):
    """Which e-mails a customer wants. Without a row: the defaults."""

    customer = models.OneToOneField(
        Customer, models.CASCADE, primary_key=True, related_name="notice_choices"
    )
    completed = models.BooleanField(default=True)
    returned = models.BooleanField(default=True)
    answered = models.BooleanField(default=True)
    low_balance = models.BooleanField(default=False)
    low_balance_under = MoneyField(default=Decimal(5))
    low_since = models.DateTimeField(
        null=True, blank=True, help_text="the balance is under the amount, and that was told"
    )

    class Meta:
        verbose_name_plural = "notice choices"
        constraints = [
            models.CheckConstraint(
                condition=Q(low_balance_under__gte=0), name="low_balance_not_negative"
            )
        ]

    def __str__(self) -> str:
        return f"of {self.customer_id}"


class Notice(models.Model):
    """Something to tell a customer by e-mail, written in the transaction that made it true.

    Those of one customer leave together in one e-mail. `reference` keeps one piece of news from
    being told twice.
    """

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="notices", db_index=False)
    kind = models.CharField(max_length=12, choices=NoticeKind.choices)
    order = models.ForeignKey(
        Order, models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    reference = models.CharField(max_length=80, unique=True)
    at = models.DateTimeField()
    claim = models.UUIDField(null=True, blank=True, help_text="the run that sends it")
    not_before = models.DateTimeField(help_text="when it may be sent, or sent anew")
    tries = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, blank=True, help_text="sent, dropped or given up")

    class Meta:
        indexes = [
            models.Index(
                fields=["not_before", "id"], condition=Q(settled_at=None), name="notice_to_send"
            ),
            models.Index(fields=["customer", "id"], name="notice_by_customer"),
            models.Index(
                fields=["settled_at"], condition=Q(settled_at__isnull=False), name="notice_settled"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

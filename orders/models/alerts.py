"""Alerts: when one sounds and who is told (a person's), what sounded and was told (ours)."""

from decimal import Decimal

from django.db import models
from django.db.models import Q

from orders.enums import AlarmKind, AlertChannel, AlertEvent, WebhookShape
from orders.money import MoneyField


class AlertSettings(models.Model):
    """The one row of thresholds and channels. An empty threshold switches its alarm off."""

    low_hours = models.PositiveIntegerField(null=True, blank=True, default=24)
    unconfirmed_minutes = models.PositiveIntegerField(null=True, blank=True, default=30)
    waiting_minutes = models.PositiveIntegerField(null=True, blank=True, default=30)
    silent_minutes = models.PositiveIntegerField(default=5)
    till_limit = MoneyField(
        null=True, blank=True, default=Decimal(1000), help_text="in the panel's currency"
    )
    unexplained_amount = MoneyField(
        null=True, blank=True, default=Decimal(1), help_text="in the panel's currency"
    )

    emails_on = models.BooleanField(default=True)
    addresses = models.TextField(
        blank=True, max_length=2000, help_text="one a line; empty: the owner and the admins"
    )
    webhook_sealed = models.TextField(
        blank=True, editable=False, help_text="the address, encrypted; see orders.sealing"
    )
    webhook_host = models.CharField(max_length=255, blank=True, editable=False)
    webhook_shape = models.CharField(
        max_length=10, choices=WebhookShape.choices, default=WebhookShape.SLACK
    )
    telegram_chat = models.CharField(max_length=64, blank=True)
    page_url = models.CharField(
        max_length=300, blank=True, help_text="where people read alerts; named in each message"
    )

    class Meta:
        verbose_name = "alert settings"
        verbose_name_plural = "alert settings"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_alert_settings")]

    def __str__(self) -> str:
        return "alert settings"


class Alert(models.Model):
    """One trouble from its beginning to its end.

    `seen_at`: first found; `started_at`: it had held long enough and is told; `gone_at`: not found
    since then, not for long enough yet; `ended_at`: over. A row that never started is deleted.
    """

    kind = models.CharField(max_length=20, choices=AlarmKind.choices)
    subject = models.CharField(max_length=60, blank=True, help_text="such as provider:3")
    title = models.CharField(max_length=200)
    text = models.CharField(max_length=1000, blank=True)
    since = models.DateTimeField(null=True, blank=True, help_text="when the trouble itself began")
    seen_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(ended_at=None), name="one_open_alert"
            )
        ]
        indexes = [models.Index(fields=["ended_at", "id"], name="alert_by_end")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()


class Telling(models.Model):
    """One message about one end of an alert on one channel, until it has been taken.

    `due_at` is also the claim: whoever moves it on sends, and until then nobody else does.
    """

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="tellings")
    event = models.CharField(max_length=8, choices=AlertEvent.choices)
    channel = models.CharField(max_length=8, choices=AlertChannel.choices)
    title = models.CharField(max_length=250)
    text = models.TextField()
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    told_at = models.DateTimeField(null=True, blank=True)
    told_to = models.CharField(max_length=1000, blank=True)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alert", "event", "channel"], name="told_once")
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(told_at=None), name="telling_untold")
        ]

    def __str__(self) -> str:
        return f"{self.event} of {self.alert_id} by {self.channel}"


class Watch(models.Model):
    """When the web processes last looked after the workers: one of them in a minute does."""

    name = models.CharField(max_length=20, primary_key=True)
    looked_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "watches"

    def __str__(self) -> str:
        return self.name

"""Alerts and the sums of days."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class AlarmKind(TextChoices):
    """What the panel watches for by itself, the worst first; `orders.alerts.alarms` says how."""

    MACHINERY = "machinery", _("Machinery silent")
    BEAT = "beat", _("Timetable silent")
    JOB = "job", _("A job silent")
    SENDING_STOPPED = "sending_stopped", _("Sending stopped")
    PROVIDER_HELD = "provider_held", _("A provider held")
    BOOKS = "books", _("Books that do not add up")
    UNCONFIRMED = "unconfirmed", _("Orders unconfirmed")
    IDLE = "idle", _("Orders wait and nothing is held")
    UNCHECKED = "unchecked", _("Orders not asked about")
    READING_RESTS = "reading_rests", _("Reading from a provider rests")
    BALANCE_LOW = "balance_low", _("A balance runs low")
    UNEXPLAINED = "unexplained", _("Unexplained money")
    PRICE_HOLD = "price_hold", _("Orders held, cost changed")
    CATALOG_HELD = "catalog_held", _("A catalog held")
    TILL_FULL = "till_full", _("A till over its limit")


class AlertEvent(TextChoices):
    """The two ends of an alert, each told once."""

    STARTED = "started", _("Started")
    ENDED = "ended", _("Ended")


class AlertChannel(TextChoices):
    """The ways to whoever is asleep."""

    EMAIL = "email", _("E-mail")
    WEBHOOK = "webhook", _("Webhook")


class WebhookShape(TextChoices):
    """What a webhook's receiver wants to read."""

    SLACK = "slack", _("Slack, Mattermost, Discord with /slack")
    TELEGRAM = "telegram", _("Telegram's sendMessage")
    JSON = "json", _("JSON with every field")


class ReportBy(IntegerChoices):
    """What the sums of a day are taken by."""

    DAY = 0, _("day")
    SERVICE = 1, _("service")
    CUSTOMER = 2, _("client")
    PROVIDER = 3, _("provider")
    PLACED_BY = 4, _("who placed it")
    MANAGED_BY = 5, _("who manages the client")
    MARKUP_OF = 6, _("whose markup")

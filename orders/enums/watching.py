"""Alerts and the sums of days."""

from django.db.models import IntegerChoices, TextChoices


class AlarmKind(TextChoices):
    """What the panel watches for by itself, the worst first; `orders.alerts.alarms` says how."""

    MACHINERY = "machinery", "Machinery silent"
    BEAT = "beat", "Timetable silent"
    JOB = "job", "A job silent"
    SENDING_STOPPED = "sending_stopped", "Sending stopped"
    PROVIDER_HELD = "provider_held", "A provider held"
    BOOKS = "books", "Books that do not add up"
    UNCONFIRMED = "unconfirmed", "Orders unconfirmed"
    IDLE = "idle", "Orders wait and nothing is held"
    UNCHECKED = "unchecked", "Orders not asked about"
    READING_RESTS = "reading_rests", "Reading from a provider rests"
    BALANCE_LOW = "balance_low", "A balance runs low"
    UNEXPLAINED = "unexplained", "Unexplained money"
    PRICE_HOLD = "price_hold", "Orders held, cost changed"
    CATALOG_HELD = "catalog_held", "A catalog held"
    TILL_FULL = "till_full", "A till over its limit"


class AlertEvent(TextChoices):
    """The two ends of an alert, each told once."""

    STARTED = "started", "Started"
    ENDED = "ended", "Ended"


class AlertChannel(TextChoices):
    """The ways to whoever is asleep."""

    EMAIL = "email", "E-mail"
    WEBHOOK = "webhook", "Webhook"


class WebhookShape(TextChoices):
    """What a webhook's receiver wants to read."""

    SLACK = "slack", "Slack, Mattermost, Discord with /slack"
    TELEGRAM = "telegram", "Telegram's sendMessage"
    JSON = "json", "JSON with every field"


class ReportBy(IntegerChoices):
    """What the sums of a day are taken by."""

    DAY = 0, "day"
    SERVICE = 1, "service"
    CUSTOMER = 2, "client"
    PROVIDER = 3, "provider"
    PLACED_BY = 4, "who placed it"
    MANAGED_BY = 5, "who manages the client"
    MARKUP_OF = 6, "whose markup"

"""Providers: why one is held, and how calls to it end."""

from django.db.models import TextChoices

from orders.enums.ordering import HoldReason


class ProviderHold(TextChoices):
    """Why nothing is sent to a provider; the values are those of `HoldReason`."""

    NONE = "", "Not held"
    FUNDS = HoldReason.PROVIDER_FUNDS.value, "No funds"
    KEY = HoldReason.PROVIDER_KEY.value, "Key refused"
    DOWN = HoldReason.PROVIDER_DOWN.value, "Not answering"
    BUSY = HoldReason.PROVIDER_BUSY.value, "Rate limit"


class SweepKind(TextChoices):
    """What a sweep walks."""

    ORDERS = "orders", "Orders"
    REFILLS = "refills", "Refills"
    TIERS = "tiers", "The pace of orders"


class CallError(TextChoices):
    """What kept a call to a provider from bringing what was asked for."""

    TIMEOUT = "timeout", "timed out"
    CONNECTION = "connection", "no connection"
    SERVER = "server", "errors of its own"
    UNUSABLE = "unusable", "not usable"
    SLOW_DOWN = "slow_down", "asked to slow down"
    SAID_NO = "said_no", "said no"

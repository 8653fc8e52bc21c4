"""Providers: why one is held, and how calls to it end."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from orders.enums.ordering import HoldReason


class ProviderHold(TextChoices):
    """Why nothing is sent to a provider; the values are those of `HoldReason`."""

    NONE = "", _("Not held")
    FUNDS = HoldReason.PROVIDER_FUNDS.value, _("No funds")
    KEY = HoldReason.PROVIDER_KEY.value, _("Key refused")
    DOWN = HoldReason.PROVIDER_DOWN.value, _("Not answering")
    BUSY = HoldReason.PROVIDER_BUSY.value, _("Rate limit")


class SweepKind(TextChoices):
    """What a sweep walks."""

    ORDERS = "orders", _("Orders")
    REFILLS = "refills", _("Refills")
    TIERS = "tiers", _("The pace of orders")


class CallError(TextChoices):
    """What kept a call to a provider from bringing what was asked for."""

    TIMEOUT = "timeout", _("timed out")
    CONNECTION = "connection", _("no connection")
    SERVER = "server", _("errors of its own")
    UNUSABLE = "unusable", _("not usable")
    SLOW_DOWN = "slow_down", _("asked to slow down")
    SAID_NO = "said_no", _("said no")

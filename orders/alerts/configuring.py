"""Thresholds and channels: one row that admins change; what changed is in the audit trail."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from orders import addresses, auditing, sealing, sql
from orders.editing import edit
from orders.enums import AlertChannel, WebhookShape
from orders.errors import FieldErrors
from orders.models import AlertSettings, User
from orders.persons import require_admin
from orders.spelling import count

EDITABLE = frozenset(
    {
        "low_hours",
        "unconfirmed_minutes",
        "waiting_minutes",
        "silent_minutes",
        "till_limit",
        "unexplained_amount",
        "emails_on",
        "addresses",
        "page_url",
    }
)
MOST_ADDRESSES = 20
LONGEST_MINUTES = 7 * 24 * 60
LEAST_SILENCE = 2
"""Minutes; less than that a deployment would sound the alarm."""

EXAMPLE = "https://hooks.slack.com/services/…"
_CHAT = re.compile(r"-?\d{1,20}|@\w{3,60}")


def current() -> AlertSettings:
    """The settings as they are now; good values until somebody has set them. One query."""
    return AlertSettings.objects.filter(pk=1).first() or AlertSettings(pk=1)


def channels(row: AlertSettings) -> list[AlertChannel]:
    """The ways in which these settings tell somebody."""
    ways = [(AlertChannel.EMAIL, row.emails_on), (AlertChannel.WEBHOOK, bool(row.webhook_sealed))]
    return [channel for channel, on in ways if on]


def recipients(row: AlertSettings, *, but: int | None = None) -> list[str]:
    """Who gets e-mail: the addresses that were typed, else the owner and the admins.

    `but` is a member who is left out while others are told.
    """
    if row.addresses:
        return row.addresses.split()
    admins = User.objects.filter(is_active=True, staff__is_admin=True).order_by("pk")
    others = [user.email for user in admins.exclude(staff=but)[:MOST_ADDRESSES]]
    return others or list(admins.values_list("email", flat=True)[:MOST_ADDRESSES])


def change(*, by: User | None, now: datetime, **values: Any) -> AlertSettings:
    """Change thresholds and e-mail. Raises `FieldErrors` or `NotAllowed`."""
    unknown = values.keys() - EDITABLE
    if unknown:
        raise TypeError(f"not settings of alerts: {sorted(unknown)}")
    if "addresses" in values:
        values["addresses"] = _addresses(values["addresses"])
    _check(values)
    return _write(values, "alerts.changed", by, now)


def set_webhook(
    url: str, shape: str, telegram_chat: str = "", *, by: User | None, now: datetime
) -> AlertSettings:
    """Post alerts to an address from now on; an empty one keeps the address that is there.

    The address is a secret: it is sealed, and only its host is ever shown. Raises `FieldErrors` or
    `NotAllowed`.
    """
    url, chat = url.strip(), telegram_chat.strip()
    errors = {}
    if shape not in WebhookShape.values:
        errors["shape"] = _("Choose one of these.")
    if url and (wrong := why_not_webhook(url)):
        errors["url"] = wrong
    elif not url and not current().webhook_sealed:
        errors["url"] = _("Paste the address to post to.")
    if shape == WebhookShape.TELEGRAM and not _CHAT.fullmatch(chat):
        errors["telegram_chat"] = _("A number such as -1001234567890, or @channel.")
    if errors:
        raise FieldErrors(errors)
    values: dict[str, Any] = {"webhook_shape": shape, "telegram_chat": chat}
    if url:
        values |= {"webhook_sealed": sealing.seal(url), "webhook_host": urlsplit(url).hostname}
    return _write(values, "alerts.webhook_set", by, now)


def forget_webhook(*, by: User | None, now: datetime) -> AlertSettings:
    """Post nowhere any more. Raises `NotAllowed`."""
    values = {"webhook_sealed": "", "webhook_host": "", "telegram_chat": ""}
    return _write(values, "alerts.webhook_forgotten", by, now)


def why_not_webhook(url: str) -> str:
    """Why alerts cannot be posted there; "" when they can, as far as the text tells.

    What the host's name stands for is looked at when it is called.
    """
    if len(url) > 1000:
        return _("This is too long for an address.")
    if wrong := addresses.why_not_address(url, EXAMPLE):
        return wrong
    if django_settings.PRIVATE_WEBHOOKS:
        return ""
    if urlsplit(url).scheme != "https":
        return _("Use https: over http everybody on the way reads the alerts.")
    if addresses.leads_inside(url):
        return _("This address is inside your own network. Use one that is reached from anywhere.")
    return ""


def _write(values: dict[str, Any], action: str, by: User | None, now: datetime) -> AlertSettings:
    """The sealed address stays out of the trail: of it there is only that it was replaced."""
    if by is not None:
        require_admin(by)
    with sql.short_transaction():
        AlertSettings.objects.get_or_create(pk=1)
        row = AlertSettings.objects.select_for_update().get(pk=1)
        sealed = values.pop("webhook_sealed", None)
        changed = edit(row, values, action=action, by=by, now=now)
        if sealed is not None and sealed != row.webhook_sealed:
            row.webhook_sealed = sealed
            row.save(update_fields=["webhook_sealed"])
            if not changed:
                auditing.record(by, action, row, {}, {"webhook_host": row.webhook_host}, at=now)
    return row


def _addresses(typed: str) -> str:
    found = list(dict.fromkeys(re.split(r"[\s,;]+", typed.strip()))) if typed.strip() else []
    if len(found) > MOST_ADDRESSES:
        raise FieldErrors(
            {
                "addresses": _("At most %(most_addresses)s addresses.")
                % {"most_addresses": MOST_ADDRESSES}
            }
        )
    for address in found:
        try:
            validate_email(address)
        except ValidationError:
            raise FieldErrors(
                {"addresses": _("%(address)s is no e-mail address.") % {"address": address[:100]}}
            ) from None
    return "\n".join(found)


def _check(values: dict[str, Any]) -> None:
    errors = {}
    for name in ("low_hours", "unconfirmed_minutes", "waiting_minutes", "silent_minutes"):
        least = LEAST_SILENCE if name == "silent_minutes" else 1
        value = values.get(name, least)
        if value is None and name != "silent_minutes":
            continue
        if not isinstance(value, int) or not least <= value <= LONGEST_MINUTES:
            errors[name] = _("A whole number from %(least)s to %(longest_minutes)s.") % {
                "least": least,
                "longest_minutes": count(LONGEST_MINUTES),
            }
    for name in ("till_limit", "unexplained_amount"):
        limit = values.get(name)
        if limit is not None and (not isinstance(limit, Decimal) or limit <= 0):
            errors[name] = _("An amount above zero, or nothing.")
    if errors:
        raise FieldErrors(errors)

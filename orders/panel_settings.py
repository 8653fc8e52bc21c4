"""The one row of settings that people change."""

from datetime import datetime
from email.utils import formataddr, parseaddr
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from orders import sql
from orders.editing import edit
from orders.errors import FieldErrors
from orders.models import Panel, Transfer, User
from orders.spelling import count

EDITABLE = frozenset(
    {
        "name",
        "currency",
        "time_zone",
        "language",
        "price_step",
        "minimum_charge",
        "rise_threshold",
        "shrink_threshold",
        "cost_fresh_minutes",
        "waiting_hours",
        "fallback_minutes",
        "sign_up",
        "staff_daily_limit",
        "staff_big_order",
        "readings_days",
        "alerts_days",
        "answers_days",
        "proofs_days",
    }
)

SPANS = {
    "cost_fresh_minutes": (5, 1440),
    "waiting_hours": (1, 720),
    "fallback_minutes": (1, 1440),
    "readings_days": (35, 400),
    "alerts_days": (30, 3650),
    "answers_days": (30, 3650),
    "proofs_days": (30, 3650),
}
"""The least and the most of what is counted in minutes, hours or days."""


_PANEL = sql.Query("SELECT {panel} FROM orders_panel AS panel WHERE panel.id = 1", panel=Panel)


def current() -> Panel:
    """The settings as they are now: one query, never cached. Every page begins with it."""
    panel: Panel
    ((panel,),) = _PANEL.rows()
    return panel


def sender() -> str:
    """Whom e-mails come from: the address of the environment, under the panel's name unless the
    environment gives one."""
    named, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((named or current().name, address))


def locked() -> Panel:
    """The settings, held until the caller's transaction ends. Whoever changes prices takes them so,
    and thereby waits for others who do."""
    return Panel.objects.select_for_update().get(pk=1)


def change(*, by: User | None, now: datetime, reason: str = "", **values: Any) -> Panel:
    """Change settings, with an audit entry. Raises `FieldErrors`.

    A new threshold for rises acts from the next reading of a catalog on. The currency is fixed
    once money has moved.
    """
    unknown = values.keys() - EDITABLE
    if unknown:
        raise TypeError(f"not settings of the panel: {sorted(unknown)}")
    with sql.short_transaction():
        panel = locked()
        _check(panel, values)
        edit(panel, values, action="panel.changed", by=by, now=now, reason=reason)
    return panel


SETTLED_BY_PEOPLE = ("panel", "prices", "staff")
"""Steps of the first run that begin with good values, so that only a person can say "done"."""


def settle(step: str, *, by: User, now: datetime) -> None:
    """Note that a person has been through one of these steps."""
    if step not in SETTLED_BY_PEOPLE:
        raise TypeError(f"settles itself: {step}")
    with sql.short_transaction():
        panel = locked()
        if step not in panel.settled:
            values = {"settled": [*panel.settled, step]}
            edit(panel, values, action="panel.step_settled", by=by, now=now)


def currency_is_fixed() -> bool:
    """Whether money has moved, so that the currency stays."""
    return Transfer.objects.exists()


def _check(panel: Panel, values: dict[str, Any]) -> None:
    errors = {}
    currency = values.get("currency", panel.currency)
    if currency != panel.currency:
        _keep_money_still()
    if currency != panel.currency and currency_is_fixed():
        errors["currency"] = _("Money has moved in this currency; it cannot be changed any more.")
    elif not is_currency(currency):
        errors["currency"] = _("Three capital letters, such as USD.")
    if not _is_time_zone(values.get("time_zone", panel.time_zone)):
        errors["time_zone"] = _("Not a time zone; write it like Europe/Lisbon.")
    if values.get("language", panel.language) not in dict(settings.LANGUAGES):
        errors["language"] = _("Not a language of this panel.")
    errors |= {
        name: _("Zero or more.")
        for name in (
            *("minimum_charge", "rise_threshold", "shrink_threshold"),
            *("staff_daily_limit", "staff_big_order"),
        )
        if values.get(name, 0) < 0
    }
    errors |= {
        name: _("From %(least)s to %(most)s.") % {"least": least, "most": count(most)}
        for name, (least, most) in SPANS.items()
        if not least <= values.get(name, least) <= most
    }
    if values.get("price_step", 1) <= 0:
        errors["price_step"] = _("More than zero; 0.0001 is usual.")
    if errors:
        raise FieldErrors(errors)


def _keep_money_still() -> None:
    """What moves at this moment is seen as moved, and what follows finds the new currency."""
    sql.keep_from_growing(Transfer._meta.db_table)


def is_currency(code: str) -> bool:
    """Whether a code is three capital letters, as currencies are written."""
    return len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # KeyError: no such zone
        return False
    return True

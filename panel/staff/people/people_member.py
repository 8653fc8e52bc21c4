"""What the page of one member of the house shows."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from orders import auditing, tills, wallets
from orders.kept_words import told
from orders.models import AuditEntry, Customer, Staff
from orders.money import ZERO
from orders.people import Person
from panel.display import capped, localised, money_text
from panel.paginator import count_up_to
from panel.staff.audit.audit_actions import FIELDS, MONEY
from panel.staff.audit.audit_words import action_words
from panel.staff.orders.order_markup import markup_text
from panel.staff.people.people_rows import (
    bounds_text,
    own_bounds,
    own_markups,
    role_of,
)

LATEST = 10

ACTIONS = {
    "staff.added": gettext_lazy("Added"),
    "staff.changed": gettext_lazy("Changed"),
    "staff.clients_given": gettext_lazy("Clients handed over"),
    "sign_in.switched_off": gettext_lazy("Switched off"),
    "sign_in.switched_on": gettext_lazy("Switched on"),
    "sign_in.link_made": gettext_lazy("Link for a new password"),
    "till.closing_confirmed": gettext_lazy("Count of the till confirmed"),
    tills.REFUSED: gettext_lazy("Wanted more than the till held"),
    tills.FULL: gettext_lazy("Wanted to take more than the till may hold"),
    "markup.set": gettext_lazy("Own markup set"),
    "markup.ended": gettext_lazy("Own markup taken away"),
    "bound.set": gettext_lazy("Own least and most set"),
    "bound.ended": gettext_lazy("Own least and most taken away"),
}


@dataclass(frozen=True)
class Change:
    """A line of the audit trail about the member."""

    at: datetime
    what: str
    person: str
    detail: str
    reason: str


class MemberPage:
    """One member, for an admin; each part asks the database when it is shown."""

    def __init__(self, staff: Staff, who: Person, now: datetime):
        self.staff, self.who, self.now = staff, who, now
        self.number, self.name, self.email = staff.pk, staff.name, staff.user.email
        self.role = role_of(staff)
        self.is_active = staff.user.is_active
        self.is_invited = not staff.user.has_usable_password()
        self.is_me = who.staff is not None and who.staff.pk == staff.pk

    @property
    def may_change(self) -> bool:
        """Admins change staff, the owner everybody."""
        return may_change(self.who, self.staff)

    @property
    def may_switch_off(self) -> bool:
        """Nobody for themselves, and the owner stays."""
        return may_switch_off(self.who, self.staff)

    @cached_property
    def clients(self) -> int:
        """How many clients they manage; counted to a thousand and one."""
        return count_up_to(Customer.objects.filter(manager=self.staff))

    @cached_property
    def held(self) -> Decimal:
        """What their till should hold; nobody sees it of their own."""
        return ZERO if self.is_me else tills.held(self.staff)

    @cached_property
    def markup(self) -> str:
        """Their own markup in words, or nothing."""
        return own_markups([self.staff]).get(self.staff.pk, "")

    @cached_property
    def bounds(self) -> str:
        """Their own least and most in words, or nothing."""
        return own_bounds([self.staff]).get(self.staff.pk, "")

    @property
    def figures(self) -> list[dict[str, Any]]:
        """Clients, what of the limit is used today, and the till."""
        used = wallets.used_today(self.staff, self.now)
        limit = (
            _("admins have no limit")
            if self.staff.is_admin
            else _("of %(daily_limit)s a day") % {"daily_limit": money_text(self.staff.daily_limit)}
        )
        may_hold = self.staff.till_limit
        till: dict[str, Any] = {
            "label": _("Till should hold"),
            "amount": self.held,
            "note": _("no limit")
            if may_hold is None
            else _("of %(may_hold)s at most") % {"may_hold": money_text(may_hold)},
        }
        if self.is_me:
            till = {"label": _("Till"), "value": "–", "note": _("counted blind: not told to you")}
        return [
            {
                "label": _("Clients"),
                "value": capped(self.clients),
                "note": _("own markup %(markup)s") % {"markup": self.markup}
                if self.markup
                else _("no markup of their own"),
            },
            {"label": _("Given out today"), "amount": used, "note": limit},
            till,
        ]

    @cached_property
    def changes(self) -> list[Change]:
        """The latest lines of the audit trail."""
        about = [auditing.subject_of(self.staff), auditing.subject_of(self.staff.user)]
        found = AuditEntry.objects.filter(subject__in=about).select_related("person")
        if self.is_me:
            found = found.exclude(action__in=tills.TRIES)
        return [_change(entry) for entry in found.order_by("-pk")[:LATEST]]


def may_change(who: Person, staff: Staff) -> bool:
    """Whether the person is over this member."""
    return who.is_owner or not staff.is_admin


def may_switch_off(who: Person, staff: Staff) -> bool:
    """Whether the person may end this member's sign-in."""
    is_me = who.staff is not None and who.staff.pk == staff.pk
    return may_change(who, staff) and not staff.is_owner and not is_me


def _change(entry: AuditEntry) -> Change:
    return Change(
        at=entry.at,
        what=str(ACTIONS.get(entry.action) or "") or action_words(entry.action),
        person=str(entry.person) if entry.person else _("at the command line"),
        detail=_detail(entry),
        reason=told(entry.reason),
    )


def _detail(entry: AuditEntry) -> str:
    """What the line says beside its name: a markup in words, of a new member what is on."""
    said = entry.after
    if entry.action == "markup.set" and {"kind", "value"} <= said.keys():
        return markup_text(said["kind"], Decimal(said["value"]))
    if entry.action == "bound.set" and {"floor_percent", "ceiling_percent"} <= said.keys():
        floor, ceiling = (
            Decimal(said[name]) if said[name] is not None else None
            for name in ("floor_percent", "ceiling_percent")
        )
        return bounds_text(floor, ceiling) or _("none")
    if entry.action == "staff.added":
        return ", ".join(_field(name) for name in said if said[name])
    return ", ".join(_differences(entry))


def _differences(entry: AuditEntry) -> list[str]:
    """ "sees cost: off → on" for each field that changed."""
    names = [name for name in entry.after if name != "is_active"]
    return [
        f"{_field(name)}: "
        + " → ".join(
            _said(side[name], name) for side in (entry.before, entry.after) if name in side
        )
        for name in names
    ]


def _field(name: str) -> str:
    return str(FIELDS.get(name, name.removeprefix("is_").replace("_", " ")))


def _said(value: Any, name: str) -> str:
    if isinstance(value, bool):
        return pgettext("a right", "on") if value else pgettext("a right", "off")
    if value is None:
        return _("nobody") if name == "manager" else _("none")
    text = str(value)
    if name in MONEY and text.replace(".", "", 1).isdigit():
        return money_text(Decimal(text))
    if "." in text and text.replace(".", "", 1).isdigit():
        return localised(text.rstrip("0").rstrip("."))
    return text

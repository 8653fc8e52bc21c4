"""What the page of one member of the house shows."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from orders import auditing, tills, wallets
from orders.models import AuditEntry, Customer, Staff
from orders.money import ZERO
from orders.people import Person
from panel.display import capped, money_text
from panel.paginator import count_up_to
from panel.staff.audit.audit_actions import MONEY
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
    "staff.added": "Added",
    "staff.changed": "Changed",
    "staff.clients_given": "Clients handed over",
    "sign_in.switched_off": "Switched off",
    "sign_in.switched_on": "Switched on",
    "sign_in.link_made": "Link for a new password",
    "till.closing_confirmed": "Count of the till confirmed",
    tills.REFUSED: "Wanted more than the till held",
    tills.FULL: "Wanted to take more than the till may hold",
    "markup.set": "Own markup set",
    "markup.ended": "Own markup taken away",
    "bound.set": "Own least and most set",
    "bound.ended": "Own least and most taken away",
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
            "admins have no limit"
            if self.staff.is_admin
            else f"of {money_text(self.staff.daily_limit)} a day"
        )
        may_hold = self.staff.till_limit
        till: dict[str, Any] = {
            "label": "Till should hold",
            "amount": self.held,
            "note": "no limit" if may_hold is None else f"of {money_text(may_hold)} at most",
        }
        if self.is_me:
            till = {"label": "Till", "value": "–", "note": "counted blind: not told to you"}
        return [
            {
                "label": "Clients",
                "value": capped(self.clients),
                "note": f"own markup {self.markup}" if self.markup else "no markup of their own",
            },
            {"label": "Given out today", "amount": used, "note": limit},
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
        what=ACTIONS.get(entry.action) or action_words(entry.action),
        person=str(entry.person) if entry.person else "at the command line",
        detail=_detail(entry),
        reason=entry.reason,
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
        return bounds_text(floor, ceiling) or "none"
    if entry.action == "staff.added":
        return ", ".join(name.removeprefix("is_").replace("_", " ") for name in said if said[name])
    return ", ".join(_differences(entry))


def _differences(entry: AuditEntry) -> list[str]:
    """ "sees cost: off → on" for each field that changed."""
    names = [name for name in entry.after if name != "is_active"]
    return [
        f"{name.removeprefix('is_').replace('_', ' ')}: "
        + " → ".join(
            _said(side[name], name) for side in (entry.before, entry.after) if name in side
        )
        for name in names
    ]


def _said(value: Any, name: str) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None:
        return "nobody" if name == "manager" else "none"
    text = str(value)
    if name in MONEY and text.replace(".", "", 1).isdigit():
        return money_text(Decimal(text))
    return (
        text.rstrip("0").rstrip(".") if text.replace(".", "", 1).isdigit() and "." in text else text
    )

"""What the keys of a table are called, where they lead, and members' own markups."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.enums import ReportBy
from orders.models import Category, Customer, Provider, Service, Staff
from orders.people import Person
from orders.reports.sums import COMMAND_LINE, NOBODY
from panel.staff.people.people_rows import own_markups

AT_ONCE = 500
STAFF = (ReportBy.PLACED_BY, ReportBy.MANAGED_BY, ReportBy.MARKUP_OF)

_WITHOUT = {
    ReportBy.PLACED_BY: gettext_lazy("Clients themselves"),
    ReportBy.MANAGED_BY: gettext_lazy("Nobody"),
    ReportBy.MARKUP_OF: gettext_lazy("The panel's rules"),
}


@dataclass(frozen=True)
class Name:
    """How a key is called; `markup` is a member's own."""

    text: str
    url: str = ""
    markup: str = ""


def names_of(by: ReportBy | None, keys: Sequence[int], who: Person) -> dict[int, Name]:
    """The names of keys, in one query for each 500; `by` None: categories."""
    found: dict[int, Name] = {}
    for start in range(0, len(keys), AT_ONCE):
        found |= _names(by, keys[start : start + AT_ONCE], who)
    return {key: found.get(key) or _unnamed(by, key) for key in keys}


def _names(by: ReportBy | None, keys: Sequence[int], who: Person) -> dict[int, Name]:
    if by in STAFF:
        return _members(keys, who)
    if by is None:
        shelves = Category.objects.filter(pk__in=keys).values_list("pk", "name")
        return {pk: Name(name) for pk, name in shelves}
    model = {
        ReportBy.SERVICE: Service,
        ReportBy.CUSTOMER: Customer,
        ReportBy.PROVIDER: Provider,
    }[by]
    rows = model._default_manager.filter(pk__in=keys).values_list("pk", "name")
    return {pk: Name(name, _url(by, pk, who)) for pk, name in rows}


def _members(keys: Sequence[int], who: Person) -> dict[int, Name]:
    members = list(Staff.objects.filter(pk__in=keys).select_related("user"))
    markups = own_markups(members)
    return {
        staff.pk: Name(
            staff.name,
            reverse("staff:member", args=[staff.pk]) if who.is_admin else "",
            markups.get(staff.pk, ""),
        )
        for staff in members
    }


def _url(by: ReportBy, key: int, who: Person) -> str:
    if by == ReportBy.PROVIDER:
        return reverse("staff:provider", args=[key]) if who.is_admin else ""
    page = "staff:service" if by == ReportBy.SERVICE else "staff:client"
    return reverse(page, args=[key])


def _unnamed(by: ReportBy | None, key: int) -> Name:
    if key == COMMAND_LINE:
        return Name(_("Command line"))
    if key == NOBODY:
        return Name(str(_WITHOUT.get(by, "–")) if by is not None else "–", markup=_("rules"))
    return Name(str(key))

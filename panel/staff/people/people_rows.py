"""The members of the house as rows of a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.enums import PriceLevel
from orders.models import Bound, Customer, MarkupRule, Staff
from panel import paginator
from panel.display import percent
from panel.staff.orders.order_markup import markup_text

SWITCHES = (
    ("sees_all_customers", gettext_lazy("All clients")),
    ("sees_cost", gettext_lazy("Sees cost")),
    ("decides_reviews", gettext_lazy("Decides reviews")),
)


@dataclass(frozen=True)
class Row:
    """One member. An admin has every switch and no daily limit (None)."""

    number: int
    name: str
    email: str
    role: str
    is_admin: bool
    switches: Sequence[str | Promise]
    markup: str
    daily_limit: Decimal | None
    till_limit: Decimal | None
    clients: int
    last_login: datetime | None
    is_active: bool
    is_invited: bool


@dataclass(frozen=True)
class Found:
    """Rows of one page and the links to its neighbours."""

    rows: list[Row]
    newer: str
    older: str


def found(query: QueryDict) -> Found:
    """One page of the house. Three queries, however many there are."""
    page = paginator.page(Staff.objects.select_related("user"), query)
    markups, clients = own_markups(page.rows), _clients(page.rows)
    rows = [_row(staff, markups.get(staff.pk, ""), clients.get(staff.pk, 0)) for staff in page.rows]
    return Found(rows, page.newer, page.older)


def role_of(staff: Staff) -> str:
    """What the member is in the house."""
    if staff.is_owner:
        return _("Owner")
    return _("Admin") if staff.is_admin else _("Staff")


def own_markups(members: Sequence[Staff]) -> dict[int, str]:
    """The own markup of those who have one, in words. One query."""
    rules = MarkupRule.objects.filter(level=PriceLevel.STAFF, ended_at=None, staff__in=members)
    return {
        rule.staff_id: markup_text(rule.kind, rule.value)
        for rule in rules
        if rule.staff_id is not None
    }


def own_bounds(members: Sequence[Staff]) -> dict[int, str]:
    """The least and the most of those who have some, in words. One query."""
    bounds = Bound.objects.filter(level=PriceLevel.STAFF, ended_at=None, staff__in=members)
    told = {
        bound.staff_id: bounds_text(bound.floor_percent, bound.ceiling_percent)
        for bound in bounds
        if bound.staff_id is not None
    }
    return {number: words for number, words in told.items() if words}


def bounds_text(floor: Decimal | None, ceiling: Decimal | None) -> str:
    """ "at least 10 %, at most 60 %"."""
    told = []
    if floor is not None:
        told.append(_("at least %(percent)s") % {"percent": percent(floor, None)})
    if ceiling is not None:
        told.append(_("at most %(percent)s") % {"percent": percent(ceiling, None)})
    return ", ".join(told)


def member_of(number: int) -> Staff:
    """The member with this number, or a page that is not there."""
    return get_object_or_404(Staff.objects.select_related("user"), pk=number)


def _clients(members: Sequence[Staff]) -> dict[int, int]:
    managed = Customer.objects.filter(manager__in=members).order_by()
    return dict(managed.values_list("manager").annotate(Count("pk")))


def _row(staff: Staff, markup: str, clients: int) -> Row:
    given = [label for name, label in SWITCHES if getattr(staff, name)]
    return Row(
        number=staff.pk,
        name=staff.name,
        email=staff.user.email,
        role=role_of(staff),
        is_admin=staff.is_admin or staff.is_owner,
        switches=[] if staff.is_admin else given,
        markup=markup,
        daily_limit=None if staff.is_admin else staff.daily_limit,
        till_limit=staff.till_limit,
        clients=clients,
        last_login=staff.user.last_login,
        is_active=staff.user.is_active,
        is_invited=not staff.user.has_usable_password(),
    )

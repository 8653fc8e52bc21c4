"""The members of the house as rows of a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count
from django.http import QueryDict

from orders.enums import MarkupKind, PriceLevel
from orders.models import Customer, MarkupRule, Staff
from panel import paginator
from panel.display import money_text, percent

SWITCHES = (
    ("sees_all_customers", "All clients"),
    ("sees_cost", "Sees cost"),
    ("decides_reviews", "Decides reviews"),
)


@dataclass(frozen=True)
class Row:
    """One member. An admin has every switch and no daily limit (None)."""

    number: int
    name: str
    email: str
    role: str
    switches: list[str]
    markup: str
    daily_limit: Decimal | None
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
        return "Owner"
    return "Admin" if staff.is_admin else "Staff"


def own_markups(members: Sequence[Staff]) -> dict[int, str]:
    """The own markup of those who have one, in words. One query."""
    rules = MarkupRule.objects.filter(level=PriceLevel.STAFF, ended_at=None, staff__in=members)
    return {
        rule.staff_id: markup_text(rule.kind, rule.value)
        for rule in rules
        if rule.staff_id is not None
    }


def markup_text(kind: str, value: Decimal) -> str:
    """ "35 %", "$0.3000 per 1000" or "at $9.4000"."""
    if kind == MarkupKind.PERCENT:
        return percent(value, None)
    amount = money_text(value)
    return f"{amount} per 1000" if kind == MarkupKind.PER_1000 else f"at {amount}"


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
        switches=[] if staff.is_admin else given,
        markup=markup,
        daily_limit=None if staff.is_admin else staff.daily_limit,
        clients=clients,
        last_login=staff.user.last_login,
        is_active=staff.user.is_active,
        is_invited=not staff.user.has_usable_password(),
    )

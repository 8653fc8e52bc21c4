"""Who may set which rule: admins any but those below the floor, and these the owner alone.

`by` is who does it; None is the operator at the command line, who may do everything.
"""

from collections.abc import Mapping
from decimal import Decimal, localcontext
from typing import Any

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from orders.enums import MarkupKind, PriceLevel
from orders.errors import NotAllowed
from orders.models import Bound, Service, User
from orders.persons import require_admin, require_over
from orders.rules.reading import cost_of
from orders.spelling import figure

HUNDRED = Decimal(100)
PRECISION = 100


def require_rule(
    by: User | None, kind: MarkupKind, value: Decimal, columns: Mapping[str, Any]
) -> None:
    """Raises `NotAllowed` unless the person may let this markup act on this scope.

    An amount per 1000 or a fixed rate is compared where it speaks about one service; elsewhere
    nothing says what it comes to, and the floor lifts each price by itself.
    """
    if by is None or require_admin(by).is_owner:
        return
    floor = _floor_over(columns)
    percent = _percent_of(kind, value, columns.get("service"))
    if floor is not None and percent is not None and percent < floor:
        raise NotAllowed(below_floor(floor))


def require_scope(by: User | None, columns: Mapping[str, Any]) -> None:
    """Raises `NotAllowed` unless the person may set rules about this scope at all: a member's own
    only by whoever is over the member, so that nobody sets their own.
    """
    if by is None:
        return
    require_admin(by)
    if (staff := columns.get("staff")) is not None:
        require_over(by, staff)


def require_bound(by: User | None, acting: Bound | None, floor: Decimal | None) -> None:
    """Raises `NotAllowed` unless the person may put this floor in the place of the acting one."""
    if by is None or require_admin(by).is_owner:
        return
    stands = acting.floor_percent if acting is not None else None
    if stands is not None and (floor is None or floor < stands):
        raise NotAllowed(lowers_floor(stands))


def _floor_over(columns: Mapping[str, Any]) -> Decimal | None:
    """The highest floor that holds for every sale of the scope, in per cent. One query."""
    over = Q(level=PriceLevel.PANEL)
    service, customer = columns.get("service"), columns.get("customer")
    category = service.category_id if service is not None else _key(columns.get("category"))
    staff = customer.manager_id if customer is not None else _key(columns.get("staff"))
    if service is not None:
        over |= Q(level=PriceLevel.SERVICE, service=service)
    if category is not None:
        over |= Q(level=PriceLevel.CATEGORY, category=category)
    if staff is not None:
        over |= Q(level=PriceLevel.STAFF, staff=staff)
    standing = Bound.objects.filter(over, ended_at=None)
    return standing.aggregate(highest=Max("floor_percent"))["highest"]


def _percent_of(kind: MarkupKind, value: Decimal, service: Service | None) -> Decimal | None:
    """What the markup comes to over the cost of one service; None where it cannot be said."""
    if kind == MarkupKind.PERCENT:
        return value
    if service is None:
        return None
    terms = cost_of(service.offer, service.offer.provider)
    with localcontext(prec=PRECISION):
        return percent_over(kind, value, terms.rate * terms.exchange_rate * terms.factor)


def percent_over(kind: MarkupKind, value: Decimal, cost: Decimal) -> Decimal | None:
    """What a markup comes to over a cost, in per cent; None over nothing."""
    if kind == MarkupKind.PERCENT:
        return value
    if not cost:
        return None
    earned = value if kind == MarkupKind.PER_1000 else value - cost
    return earned / cost * HUNDRED


def below_floor(floor: Decimal) -> str:
    """Why a rule is the owner's alone to set."""
    return _("The floor here is %(percent)s %%; only the owner allows a rule below it.") % {
        "percent": figure(floor.normalize())
    }


def lowers_floor(stands: Decimal) -> str:
    """Why a floor is the owner's alone to set."""
    return _("The floor here is %(percent)s %%; only the owner lowers it.") % {
        "percent": figure(stands.normalize())
    }


def _key(row: Any) -> int | None:
    return None if row is None else int(row.pk)

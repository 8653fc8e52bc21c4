"""Which changes are the owner's alone, told before anybody tries to save them."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, localcontext

from orders.pricing.units import UnitCost
from orders.rules.allowing import PRECISION, below_floor, lowers_floor, percent_over
from orders.rules.book import Book, Said, Within
from orders.rules.changes import BoundChange, Change, Key, MarkupChange
from orders.rules.concerned import Facts

Stood = Said | Within | None


def owner_only(
    pairs: Iterable[tuple[Change, Stood]],
    book: Book,
    sales: Mapping[int, tuple[Facts, UnitCost]],
    manager: int | None,
) -> str:
    """Why these changes, in the place of what stands, are the owner's alone; "" when they are not.

    `manager` is the client's, whose floor holds for a client's rules.
    """
    for change, stood in pairs:
        if isinstance(change, BoundChange) and isinstance(stood, Within):
            stands = stood.floor
            if stands is not None and (change.floor is None or change.floor < stands):
                return lowers_floor(stands)
        elif isinstance(change, MarkupChange) and (why := _below(change, book, sales, manager)):
            return why
    return ""


def _below(
    change: MarkupChange,
    book: Book,
    sales: Mapping[int, tuple[Facts, UnitCost]],
    manager: int | None,
) -> str:
    if change.kind is None or change.value is None:
        return ""
    scope = change.scope
    sale = sales.get(scope.service) if scope.service is not None else None
    category = sale[0].category if sale else scope.category
    staff = manager if scope.customer is not None else scope.staff
    keys = (Key(), Key(scope.service), Key(None, category), Key(staff=staff))
    floors = [book.bounds[key].floor for key in keys if key in book.bounds]
    floor = max((each for each in floors if each is not None), default=None)
    with localcontext(prec=PRECISION):
        percent = percent_over(change.kind, change.value, sale[1].exact if sale else Decimal(0))
    if floor is None or percent is None or percent >= floor:
        return ""
    return below_floor(floor)

"""Order numbers that go on where those of the other panel ended."""

from datetime import datetime

from django.utils.translation import gettext as _

from orders import auditing, sql
from orders.errors import FieldErrors
from orders.models import Order, User
from orders.persons import require_admin

MOST = 10**12
TABLE = Order._meta.db_table


def next_order_number() -> int:
    """The number of the next order, unless others are faster."""
    return sql.next_number(TABLE)


def check_next_order_number(number: int) -> int:
    """The next number as it is; a lower one is refused. Raises `FieldErrors`."""
    now_next = next_order_number()
    if number < now_next:
        raise FieldErrors(
            {
                "number": _(
                    "Order numbers only rise; the next one is %(number)s. Type that or more."
                )
                % {"number": now_next}
            }
        )
    if number > MOST:
        raise FieldErrors({"number": _("At most %(most)s.") % {"most": MOST}})
    return now_next


def set_next_order_number(number: int, *, by: User | None, now: datetime) -> int:
    """Let the next order have this number; returns the one that it would have had.

    The same twice changes nothing. Raises `FieldErrors`, `NotAllowed` or `Busy`.
    """
    if by is not None:
        require_admin(by)
    with sql.short_transaction():
        sql.keep_from_growing(TABLE)
        before = check_next_order_number(number)
        if before != number:
            sql.raise_next_number(TABLE, number)
            told = {"next_order": before}, {"next_order": number}
            auditing.record(by, "orders.next_number", "panel", *told, at=now)
    return before

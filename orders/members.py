"""Members of the house: adding staff and changing what they may do.

`by` is who does it; None is the operator at the command line, who may do everything.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from orders import auditing, sql
from orders.contacts import normalise_email
from orders.editing import check, edit
from orders.errors import NotAllowed
from orders.models import Staff, User
from orders.panel_settings import current
from orders.persons import require_admin, require_over, require_owner
from orders.sign_ins import add_sign_in

STAFF_FIELDS = frozenset(
    {
        "is_admin",
        "sees_all_customers",
        "sees_cost",
        "decides_reviews",
        "daily_limit",
        "big_order_limit",
        "till_limit",
    }
)


def add_staff(
    *,
    email: str,
    password: str | None,
    name: str = "",
    by: User | None = None,
    now: datetime,
    **switches: Any,
) -> Staff:
    """A member of the house with a sign-in; `switches` are fields of `Staff`.

    Without a password a link sets one (`sign_ins.allow_password_link`). The first admin becomes
    the owner; afterwards only the owner makes admins. Raises `FieldErrors` or `NotAllowed`.
    """
    known_fields(switches, STAFF_FIELDS)
    is_admin = bool(switches.get("is_admin"))
    if by is not None:
        require_owner(by) if is_admin else require_admin(by)
    email = normalise_email(email)
    switches = _usual_limits() | switches
    with sql.short_transaction():
        is_owner = is_admin and not Staff.objects.filter(is_owner=True).exists()
        user = add_sign_in(email, password, name=name.strip(), now=now)
        staff = Staff(user=user, is_owner=is_owner, created_at=now, **switches)
        check(staff)
        staff.save(force_insert=True)
        auditing.record(by, "staff.added", staff, {}, {"is_owner": is_owner, **switches}, at=now)
    return staff


def _usual_limits() -> dict[str, Any]:
    """What a new member may spend, where nobody says otherwise."""
    panel = current()
    return {"daily_limit": panel.staff_daily_limit, "big_order_limit": panel.staff_big_order}


def change_staff(
    staff: Staff, *, by: User | None, now: datetime, reason: str = "", **switches: Any
) -> Staff:
    """Change what a member may do. Raises `FieldErrors` or `NotAllowed`.

    Admins change others who are no admins; the owner changes everybody.
    """
    known_fields(switches, STAFF_FIELDS)
    if by is not None:
        require_over(by, staff)
        if switches.get("is_admin"):
            require_owner(by)
    if staff.is_owner and switches.get("is_admin") is False:
        raise NotAllowed(_("The owner stays an admin."))
    with sql.short_transaction():
        row = Staff.objects.select_for_update().get(pk=staff.pk)
        edit(row, switches, action="staff.changed", by=by, now=now, reason=reason)
    return row


def known_fields(values: dict[str, Any], fields: frozenset[str]) -> None:
    """Raises `TypeError` for a name that no form may set."""
    if unknown := values.keys() - fields:
        raise TypeError(f"cannot be set here: {sorted(unknown)}")

"""Customers: adding, finding and changing them; and the front door to `members`,
`persons` and `customer_search`.

`by` is who does it; None is the operator at the command line, who may do everything.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db import IntegrityError
from django.db.models import Q
from django.utils.translation import gettext as _

from orders import auditing, ledger, sql
from orders.contacts import normalise_email, normalise_phone
from orders.customer_search import is_link, search_customers
from orders.editing import check, edit
from orders.errors import FieldErrors, NotAllowed
from orders.managing import assign, hand_over, lock_working
from orders.members import add_staff, change_staff, known_fields
from orders.models import Customer, Staff, User
from orders.persons import (
    Person,
    PersonKind,
    has_other_admin,
    person_of,
    require_admin,
    require_decider,
    require_owner,
    require_sight,
    require_staff,
    staff_of,
    visible_customers,
    visible_orders,
)
from orders.sign_ins import (
    add_sign_in,
    allow_password_link,
    end_sessions,
    switch_off,
    switch_on,
)

__all__ = [
    "Person",
    "PersonKind",
    "add_customer",
    "add_staff",
    "allow_password_link",
    "assign",
    "change_customer",
    "change_staff",
    "end_sessions",
    "find_or_create",
    "give_sign_in",
    "hand_over",
    "has_other_admin",
    "is_link",
    "normalise_email",
    "normalise_phone",
    "person_of",
    "require_admin",
    "require_decider",
    "require_owner",
    "require_sight",
    "require_staff",
    "search_customers",
    "staff_of",
    "switch_off",
    "switch_on",
    "visible_customers",
    "visible_orders",
]

CUSTOMER_FIELDS = frozenset({"name", "email", "phone", "manager", "credit_limit", "is_blocked"})
FOR_ADMINS = frozenset({"manager", "credit_limit", "is_blocked"})


def add_customer(
    *,
    name: str = "",
    email: str = "",
    phone: str = "",
    password: str | None = None,
    manager: Staff | None = None,
    by: User | None = None,
    now: datetime,
) -> Customer:
    """A customer with an empty wallet, and with a sign-in when a password is given.

    A staff member who adds a client manages it. Raises `FieldErrors`, which names the client who
    has the phone number or address already, or `NotAllowed`.
    """
    email, phone = _contacts(email, phone)
    name = _name(name, email, phone)
    manager = _manager(manager, by)
    with _once(email, phone, by), sql.short_transaction():
        if manager is not None:
            lock_working([manager], field="manager")
        user = add_sign_in(email, password, name=name, now=now) if password else None
        customer = Customer(
            name=name, email=email, phone=phone, user=user, manager=manager, created_at=now
        )
        check(customer)
        customer.save(force_insert=True)
        ledger.open_wallet(customer.pk)
        auditing.record(by, "customer.added", customer, {}, {"manager": manager}, at=now)
    return customer


def find_or_create(phone: str, *, name: str = "", by: User, now: datetime) -> tuple[Customer, bool]:
    """The client with this phone number, and whether this call added it.

    Raises `FieldErrors`, also when the number is that of a client whom the person may not see.
    """
    number = normalise_phone(phone)
    if not number:
        raise FieldErrors({"phone": _("Type the client's phone number.")})
    if found := visible_customers(by).filter(phone=number).first():
        return found, False
    return add_customer(name=name, phone=number, by=by, now=now), True


def give_sign_in(
    customer: Customer, password: str | None, *, by: User | None, now: datetime
) -> User:
    """Let a customer sign in with the e-mail address on their row; without a password, by a link.

    Raises `FieldErrors` or `NotAllowed`.
    """
    if by is not None:
        require_staff(by)
        require_sight(by, customer)
    if customer.user_id is not None:
        raise FieldErrors({"email": _("This client has a sign-in already.")})
    with sql.short_transaction():
        user = add_sign_in(customer.email, password, name=customer.name, now=now)
        row = Customer.objects.select_for_update().get(pk=customer.pk)
        edit(row, {"user": user}, action="customer.sign_in_given", by=by, now=now)
    customer.user = user
    return user


def change_customer(
    customer: Customer, *, by: User | None, now: datetime, reason: str = "", **values: Any
) -> Customer:
    """Change fields of a client; some are an admin's. Raises `FieldErrors` or `NotAllowed`.

    A customer who signs in does so with the new address from then on.
    """
    known_fields(values, CUSTOMER_FIELDS)
    if by is not None:
        require_admin(by) if values.keys() & FOR_ADMINS else require_staff(by)
        require_sight(by, customer)
        if customer.user_id == by.pk and "credit_limit" in values:
            raise NotAllowed(_("This is your own account; ask somebody else."))
    email, phone = _contacts(values.get("email", ""), values.get("phone", ""))
    values |= {n: v for n, v in (("email", email), ("phone", phone)) if n in values}
    with _once(email, phone, by, but=customer.pk), sql.short_transaction():
        if values.get("manager") is not None:
            lock_working([values["manager"]], field="manager")
        row = Customer.objects.select_for_update().get(pk=customer.pk)
        if "email" in values and row.user is not None:
            _move_sign_in(row.user, email)
        edit(row, values, action="customer.changed", by=by, now=now, reason=reason)
    return row


def _move_sign_in(user: User, email: str) -> None:
    if not email:
        raise FieldErrors({"email": _("This client signs in with it; type another one.")})
    if User.objects.filter(email=email).exclude(pk=user.pk).exists():
        raise FieldErrors({"email": _("Somebody signs in with this e-mail address already.")})
    user.email = email
    user.save(update_fields=["email"])
    EmailAddress.objects.filter(user=user).delete()  # else the old address went on signing in


def _contacts(email: str, phone: str) -> tuple[str, str]:
    """Both normalised, or `FieldErrors` for all that is wrong with them at once."""
    errors: dict[str, str] = {}
    contacts = []
    for normalise, text in ((normalise_email, email), (normalise_phone, phone)):
        try:
            contacts.append(normalise(text))
        except FieldErrors as wrong:
            errors |= wrong.errors
    if errors:
        raise FieldErrors(errors)
    return contacts[0], contacts[1]


def _name(name: str, email: str, phone: str) -> str:
    name = name.strip() or email.partition("@")[0] or (f"+{phone}" if phone else "")
    if not name:
        raise FieldErrors({"name": _("Type a name, a phone number or an e-mail address.")})
    return name


def _manager(manager: Staff | None, by: User | None) -> Staff | None:
    if by is None:
        return manager
    staff = require_staff(by)
    if staff.is_admin:
        return manager
    if manager not in (None, staff):
        raise NotAllowed(_("Only an admin may give a client to somebody else."))
    return staff


@contextmanager
def _once(email: str, phone: str, by: User | None, but: int | None = None) -> Iterator[None]:
    """Decline a taken address or number, before, and after another process came first."""
    _decline_taken(email, phone, by, but)
    try:
        yield
    except IntegrityError:
        _decline_taken(email, phone, by, but)
        raise


def _decline_taken(email: str, phone: str, by: User | None, but: int | None) -> None:
    errors = {}
    for field, lookup, value in (("email", "email__iexact", email), ("phone", "phone", phone)):
        others = Customer.objects.filter(~Q(pk=but), **{lookup: value})
        if value and (holder := others.first()):
            errors[field] = _taken(holder, by)
    if errors:
        raise FieldErrors(errors)


def _taken(holder: Customer, by: User | None) -> str:
    if by is None or visible_customers(by).filter(pk=holder.pk).exists():
        return _("This is %(holder)s already, client %(number)s.") % {
            "holder": holder.name,
            "number": holder.pk,
        }
    return _("A client of somebody else has this already; ask an admin.")

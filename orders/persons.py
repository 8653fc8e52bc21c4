"""What a signed-in person may do and see. Every list of a page starts here."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from orders.errors import NotAllowed
from orders.models import Customer, Order, Staff, User


class PersonKind(StrEnum):
    """The kinds of people that the panel serves; nobody: a sign-in that leads nowhere."""

    OWNER = "owner"
    ADMIN = "admin"
    STAFF = "staff"
    CUSTOMER = "customer"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Person:
    """A user with the row behind the sign-in and what follows from it."""

    user: Any
    kind: PersonKind
    staff: Staff | None = None
    customer: Customer | None = None
    sees_all: bool = False
    sees_cost: bool = False
    decides: bool = False

    @property
    def is_staff(self) -> bool:
        """Whether this is somebody of the house: staff, admin or owner."""
        return self.staff is not None

    @property
    def is_admin(self) -> bool:
        """Whether this is an admin; the owner is one."""
        return self.kind in (PersonKind.ADMIN, PersonKind.OWNER)

    @property
    def is_owner(self) -> bool:
        return self.kind is PersonKind.OWNER


def person_of(user: Any) -> Person:
    """Who a user (signed in or anonymous) is. A switched-off sign-in is nobody."""
    if not getattr(user, "is_active", False):
        return Person(user, PersonKind.NOBODY)
    if staff := getattr(user, "staff", None):
        return _staff_person(user, staff)
    if customer := getattr(user, "customer", None):
        return Person(user, PersonKind.CUSTOMER, customer=customer)
    return Person(user, PersonKind.NOBODY)


def _staff_person(user: User, staff: Staff) -> Person:
    kind = PersonKind.STAFF
    if staff.is_admin:
        kind = PersonKind.OWNER if staff.is_owner else PersonKind.ADMIN
    return Person(
        user,
        kind,
        staff=staff,
        sees_all=staff.is_admin or staff.sees_all_customers,
        sees_cost=staff.is_admin or staff.sees_cost,
        decides=staff.is_admin or staff.decides_reviews,
    )


def staff_of(user: Any) -> Staff | None:
    """The Staff row of an active member of the house, or None."""
    return person_of(user).staff


def require_staff(user: Any) -> Staff:
    """The Staff row of the person, or `NotAllowed`."""
    staff = staff_of(user)
    if staff is None:
        raise NotAllowed(_("Only staff may do this."))
    return staff


def require_admin(user: Any) -> Staff:
    """The Staff row of an admin, or `NotAllowed`."""
    staff = require_staff(user)
    if not staff.is_admin:
        raise NotAllowed(_("Only an admin may do this."))
    return staff


def require_owner(user: Any) -> Staff:
    """The owner's Staff row, or `NotAllowed`."""
    staff = require_staff(user)
    if not staff.is_owner:
        raise NotAllowed(_("Only the owner may do this."))
    return staff


def require_over(user: Any, staff: Staff) -> None:
    """Raises `NotAllowed` unless the person may change what this member may do: admins those who
    are no admins, so never themselves, and the owner everybody.
    """
    require_owner(user) if staff.is_admin else require_admin(user)


def has_other_admin(staff: Staff) -> bool:
    """Whether somebody else of the house is an admin whose sign-in is on."""
    admins = Staff.objects.filter(is_admin=True, user__is_active=True)
    return admins.exclude(pk=staff.pk).exists()


# ── What they see ────────────────────────────────────────────────────────────────────────────


def visible_customers(who: Person | Staff | User) -> QuerySet[Customer]:
    """The customers whom this person may see.

    Staff without *all customers* see those they manage; whoever adds a client manages it, so
    there are no others of theirs. A customer sees itself.
    """
    person = _person(who)
    if person.sees_all:
        return Customer.objects.all()
    if person.staff:
        return Customer.objects.filter(manager=person.staff)
    if person.customer:
        return Customer.objects.filter(pk=person.customer.pk)
    return Customer.objects.none()


def visible_orders(who: Person | Staff | User) -> QuerySet[Order]:
    """The orders of the customers whom this person may see: sight follows the client.

    A new manager sees a client's old orders too, and the former one sees none of them any more.
    """
    person = _person(who)
    if person.sees_all:
        return Order.objects.all()
    if person.staff:
        return Order.objects.filter(customer__manager=person.staff)
    if person.customer:
        return Order.objects.filter(customer=person.customer)
    return Order.objects.none()


def require_sight(who: Person | Staff | User, customer: Customer) -> None:
    """Raises `NotAllowed` when the person may not see this customer."""
    person = _person(who)
    managed = person.staff is not None and customer.manager_id == person.staff.pk
    itself = person.customer is not None and customer.pk == person.customer.pk
    if not (person.sees_all or managed or itself):
        raise NotAllowed(_("This is not a client of yours."))


def require_decider(user: User, customer: Customer) -> None:
    """Raises `NotAllowed` when the person may not decide reviews of this customer's orders."""
    require_sight(user, customer)
    person = person_of(user)
    if not (person.is_admin or person.decides):
        raise NotAllowed(_("You may not decide reviews; ask an admin."))


def _person(who: Person | Staff | User) -> Person:
    if isinstance(who, Person):
        return who
    return person_of(who.user if isinstance(who, Staff) else who)

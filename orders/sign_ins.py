"""Sign-ins: making them, switching them off and on."""

from datetime import datetime

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import auditing, persons, sql
from orders.errors import FieldErrors, NotAllowed
from orders.models import Staff, User

TAKEN = gettext_lazy("Somebody signs in with this e-mail address already.")


def add_sign_in(email: str, password: str | None, *, name: str, now: datetime) -> User:
    """A user for an address that has been normalised. Raises `FieldErrors`.

    Without a password nobody gets in until a link has set one (`allow_password_link`).
    """
    if not email:
        raise FieldErrors({"email": _("A sign-in needs an e-mail address.")})
    if User.objects.filter(email=email).exists():
        raise FieldErrors({"email": str(TAKEN)})
    if password is not None:
        _check_password(password, User(email=email, name=name))
    try:
        with sql.short_transaction():
            return User.objects.create_user(email, password, name=name, created_at=now)
    except IntegrityError as clash:  # somebody took it a moment ago
        raise FieldErrors({"email": str(TAKEN)}) from clash


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise FieldErrors({"password": " ".join(error.messages)}) from error


def allow_password_link(user: User, *, by: User | None, now: datetime) -> None:
    """Let a person be handed a link that sets their password; put on record. Raises `NotAllowed`.

    Members: by whoever may switch them off, so nobody for the owner. Customers: by staff who see
    them as long as they never signed in, and by admins.
    """
    if not user.is_active:
        raise NotAllowed(_("This sign-in is switched off."))
    if (customer := getattr(user, "customer", None)) is None or hasattr(user, "staff"):
        _check(user, by)
    elif by is not None:
        persons.require_sight(by, customer)
        persons.require_staff(by) if user.last_login is None else persons.require_admin(by)
    auditing.record(by, "sign_in.link_made", user, {}, {}, at=now)


def switch_off(user: User, *, by: User | None, now: datetime, reason: str = "") -> None:
    """End a person's sign-in and every session of theirs. Raises `NotAllowed`.

    Admins do it, the owner alone for admins; nobody for themselves, and the owner stays.
    """
    _turn(user, False, by=by, now=now, reason=reason)
    end_sessions(user)


def switch_on(user: User, *, by: User | None, now: datetime, reason: str = "") -> None:
    """Let a person sign in again. Raises `NotAllowed`."""
    _turn(user, True, by=by, now=now, reason=reason)


def end_sessions(user: User) -> int:
    """Delete the person's sessions, so that switching on again revives none; says how many.

    The person cannot do anything with them from the moment that `is_active` is off.
    """
    running = Session.objects.filter(expire_date__gt=timezone.now()).iterator(chunk_size=500)
    theirs = [s.pk for s in running if s.get_decoded().get(SESSION_KEY) == str(user.pk)]
    Session.objects.filter(pk__in=theirs).delete()
    return len(theirs)


def _turn(user: User, active: bool, *, by: User | None, now: datetime, reason: str) -> None:
    _check(user, by)
    with sql.short_transaction():
        _lock_member(user)
        if User.objects.filter(pk=user.pk, is_active=not active).update(is_active=active):
            action = "sign_in.switched_on" if active else "sign_in.switched_off"
            before, after = {"is_active": not active}, {"is_active": active}
            auditing.record(by, action, user, before, after, reason, at=now)
    user.is_active = active


def _lock_member(user: User) -> None:
    """Whoever gives clients or cash to a member holds their row, and looks at the sign-in then."""
    list(Staff.objects.filter(user=user).select_for_update(no_key=True).values_list("pk"))


def _check(user: User, by: User | None) -> None:
    staff = getattr(user, "staff", None)
    if staff is not None and staff.is_owner:
        raise NotAllowed(_("The owner's sign-in stays on."))
    if by is None:
        return
    if staff is not None and staff.is_admin:
        persons.require_owner(by)
    else:
        persons.require_admin(by)

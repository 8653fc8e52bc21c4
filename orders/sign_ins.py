"""Sign-ins: making them, switching them off and on."""

from datetime import datetime

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.utils import timezone

from orders import auditing, persons, sql
from orders.errors import FieldErrors, NotAllowed
from orders.models import User


def add_sign_in(email: str, password: str, *, name: str, now: datetime) -> User:
    """A user for an address that has been normalised. Raises `FieldErrors`."""
    if not email:
        raise FieldErrors({"email": "A sign-in needs an e-mail address."})
    if User.objects.filter(email=email).exists():
        raise FieldErrors({"email": "Somebody signs in with this e-mail address already."})
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        raise FieldErrors({"password": " ".join(error.messages)}) from error
    return User.objects.create_user(email, password, name=name, created_at=now)


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
        if User.objects.filter(pk=user.pk, is_active=not active).update(is_active=active):
            action = "sign_in.switched_on" if active else "sign_in.switched_off"
            before, after = {"is_active": not active}, {"is_active": active}
            auditing.record(by, action, user, before, after, reason, at=now)
    user.is_active = active


def _check(user: User, by: User | None) -> None:
    staff = getattr(user, "staff", None)
    if staff is not None and staff.is_owner:
        raise NotAllowed("The owner's sign-in stays on.")
    if by is None:
        return
    if staff is not None and staff.is_admin:
        persons.require_owner(by)
    else:
        persons.require_admin(by)

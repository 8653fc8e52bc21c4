"""Inviting somebody to make a customer's account. The key has 192 random bits and is shown once."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from orders import auditing, persons, sql
from orders.contacts import normalise_email
from orders.errors import FieldErrors, StateChanged
from orders.models import Invitation, User
from orders.persons import Person

KEY_BYTES = 24
OPEN_FOR = timedelta(days=14)
MOST_OPEN = 200
"""Open invitations of one member; beyond it some have to be revoked first."""


def make(*, email: str = "", by: User, now: datetime) -> tuple[Invitation, str]:
    """An invitation, and the key that is never shown again.

    Whoever signs up with it becomes a client of the member who made it. With `email`, only that
    address may. Raises `FieldErrors`, `NotAllowed`.
    """
    persons.require_staff(by)
    email = normalise_email(email)
    if email and User.objects.filter(email=email).exists():
        raise FieldErrors({"email": _("Somebody signs in with this e-mail address already.")})
    if still_open(persons.person_of(by), now).filter(made_by=by).count() >= MOST_OPEN:
        raise FieldErrors(
            {
                "email": _("%(most_open)s invitations of yours are open; revoke some.")
                % {"most_open": MOST_OPEN}
            }
        )
    key = secrets.token_urlsafe(KEY_BYTES)
    with sql.short_transaction():
        made = Invitation.objects.create(
            key_hash=_hash(key), email=email, made_by=by, made_at=now, expires_at=now + OPEN_FOR
        )
        auditing.record(by, "invitation.made", made, {}, {"email": email}, at=now)
    return made, key


def revoke(invitation: Invitation, *, by: User, now: datetime) -> None:
    """End an invitation. Raises `StateChanged` when it has ended already, `NotAllowed`."""
    staff = persons.require_staff(by)
    if invitation.made_by_id != by.pk and not staff.is_admin:
        persons.require_admin(by)
    with sql.short_transaction():
        ours = Invitation.objects.filter(pk=invitation.pk, revoked_at=None, customer=None)
        if not ours.update(revoked_at=now):
            raise StateChanged(_("This invitation was used or revoked already."))
        auditing.record(by, "invitation.revoked", invitation, {}, {}, at=now)


def with_key(key: str, now: datetime) -> Invitation | None:
    """The invitation that this key opens, as long as nobody has signed up with it."""
    unused = Invitation.objects.filter(user=None, customer=None, revoked_at=None)
    return unused.filter(key_hash=_hash(key), expires_at__gt=now).first()


def take(invitation: Invitation, user: User, now: datetime) -> None:
    """Give an invitation to who signs up with it. Raises `StateChanged`: somebody else did."""
    unused = Invitation.objects.filter(user=None, customer=None, revoked_at=None)
    if not unused.filter(pk=invitation.pk, expires_at__gt=now).update(user=user):
        raise StateChanged(_("This invitation was used already; ask for another one."))


def still_open(who: Person, now: datetime) -> QuerySet[Invitation]:
    """Invitations that somebody may still use: one's own, to admins everybody's."""
    found = Invitation.objects.filter(customer=None, revoked_at=None, expires_at__gt=now)
    return found if who.is_admin else found.filter(made_by=who.user)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()

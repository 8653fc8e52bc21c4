"""Tracking addresses: an order followed without a sign-in, by whoever holds its key.

The key has 192 random bits. The database keeps its hash, which finds the order, and the key sealed
under `FIELD_KEYS`, so that staff can copy it again; a copy of the database alone opens nothing.
"""

import hashlib
import secrets
from datetime import datetime

from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from orders import history, persons, sealing, sql
from orders.enums import EventKind
from orders.errors import StateChanged
from orders.models import Order, TrackingAddress, User

KEY_BYTES = 24
MADE, REVOKED = "made", "revoked"


def address_of(order: Order) -> TrackingAddress | None:
    """The address under which this order can be followed now."""
    return _acting(order.pk).select_related("made_by").first()


def key_of(address: TrackingAddress) -> str:
    """The key of an acting address. Raises `sealing.Unsealable` when `FIELD_KEYS` has moved on;
    the address works all the same."""
    return sealing.unseal(address.key_sealed)


def order_with(key: str) -> int | None:
    """The number of the order that this key opens; None for an unknown key and a revoked one."""
    acting = TrackingAddress.objects.filter(key_hash=_hash(key), revoked_at=None)
    return acting.values_list("order_id", flat=True).first()


def make(order: Order, *, by: User, now: datetime) -> TrackingAddress:
    """The order's address, made unless there is one. Raises `NotAllowed` or `Busy`."""
    _check(order, by)
    if address := address_of(order):
        return address
    try:
        with sql.short_transaction():
            return _made(order, by, now)
    except IntegrityError:
        # Two at once: the other one came first.
        if address := address_of(order):
            return address
        raise


def revoke(order: Order, *, by: User, now: datetime) -> None:
    """Close the address for good. Raises `StateChanged` when there is none, `NotAllowed`."""
    _check(order, by)
    with sql.short_transaction():
        _revoke(order, by, now)


def replace(order: Order, *, by: User, now: datetime) -> TrackingAddress:
    """Close the address and make another. Raises `StateChanged` if there is none, `NotAllowed`."""
    _check(order, by)
    with sql.short_transaction():
        _revoke(order, by, now)
        return _made(order, by, now)


def _check(order: Order, by: User) -> None:
    persons.require_staff(by)
    persons.require_sight(by, order.customer)


def _made(order: Order, by: User, now: datetime) -> TrackingAddress:
    key = secrets.token_urlsafe(KEY_BYTES)
    address = TrackingAddress.objects.create(
        order=order, key_hash=_hash(key), key_sealed=sealing.seal(key), made_by=by, made_at=now
    )
    _tell(order, MADE, by, now)
    return address


def _revoke(order: Order, by: User, now: datetime) -> None:
    if not _acting(order.pk).update(revoked_at=now, revoked_by=by, key_sealed=""):
        raise StateChanged(_("This order has no tracking address any more."))
    _tell(order, REVOKED, by, now)


def _tell(order: Order, act: str, by: User, now: datetime) -> None:
    history.note(order.pk, EventKind.TRACKING, now, person_id=by.pk, act=act)


def _acting(order_id: int) -> QuerySet[TrackingAddress]:
    return TrackingAddress.objects.filter(order_id=order_id, revoked_at=None)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()

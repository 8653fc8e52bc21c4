"""Sealing everything anew when `FIELD_KEYS` got a new key: every column and what allauth keeps."""

from collections.abc import Callable, Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Model

from orders import sealing, sql
from orders.models import AlertSettings, PaymentMethod, Provider, TrackingAddress
from orders.sealing import Resealed

AT_ONCE = 500
"""Rows of one transaction."""

COLUMNS: dict[str, tuple[type[Model], str]] = {
    "provider keys": (Provider, "key_sealed"),
    "tracking addresses": (TrackingAddress, "key_sealed"),
    "webhooks": (AlertSettings, "webhook_sealed"),
    "payment keys": (PaymentMethod, "key_sealed"),
    "payment signing secrets": (PaymentMethod, "secret_sealed"),
    "second factors": (Authenticator, "data"),
}
"""Everything that is sealed; a test holds that no column of that name is missing."""

CAN_DO_WITHOUT = frozenset({"tracking addresses"})
"""What goes on working unread: an address opens by its hash, it only cannot be copied."""


def reseal_all() -> dict[str, Resealed]:
    """Seal everything under the newest key; says how much of each kind, and what no key opens.

    A page of rows at a time, and a row only as long as nobody changed it: an address that is
    revoked meanwhile stays revoked. May be ended at any moment and run again.
    """
    return {name: reseal(model, column) for name, (model, column) in COLUMNS.items()}


def reseal(model: type[Model], column: str) -> Resealed:
    """Seal one column under the newest of `FIELD_KEYS`; empty ones are left out."""
    done = Resealed()
    for page in _pages(model, column):
        with sql.short_transaction():
            for number, sealed in page:
                done += _reseal(model, column, number, sealed)
    return done


def _pages(model: type[Model], column: str) -> Iterator[list[tuple[int, Any]]]:
    last, rows = 0, model._default_manager.order_by("pk")
    while page := list(rows.filter(pk__gt=last).values_list("pk", column)[:AT_ONCE]):
        last = page[-1][0]
        yield [(number, sealed) for number, sealed in page if sealed]


def _reseal(model: type[Model], column: str, number: int, sealed: Any) -> Resealed:
    try:
        anew = _anew(sealed, sealing.reseal)
    except sealing.Unsealable:
        return Resealed(unreadable=1)
    unchanged = model._default_manager.filter(pk=number, **{column: sealed})
    return Resealed(count=unchanged.update(**{column: anew}))


def _anew(sealed: Any, seal: Callable[[str], str]) -> Any:
    """The same in its shape: a text, or allauth's mapping, in which only texts of ours are."""
    if isinstance(sealed, dict):
        return {name: _anew(inner, seal) for name, inner in sealed.items()}
    if isinstance(sealed, list):
        return [_anew(inner, seal) for inner in sealed]
    return seal(sealed) if isinstance(sealed, str) else sealed

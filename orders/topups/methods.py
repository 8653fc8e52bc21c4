"""Ways to pay: adding and changing them, their secrets, and the gateway behind one."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import auditing, persons, sealing, sql
from orders.editing import check, edit
from orders.enums import PaymentKind
from orders.errors import FieldErrors
from orders.gateways import GATEWAYS, Gateway
from orders.models import PaymentMethod, User
from orders.money import ZERO

EDITABLE = frozenset(
    {
        "name",
        "instructions",
        "least",
        "most",
        "fee_percent",
        "fee_fixed",
        "asks_proof",
        "is_on",
        "position",
    }
)
TAKEN = gettext_lazy("There is a way to pay of this name already.")


def add_method(
    *,
    kind: PaymentKind,
    by: User | None,
    now: datetime,
    key: str = "",
    secret: str = "",
    **values: Any,
) -> PaymentMethod:
    """Add a way to pay; a checkout one with its key and the secret that signs its news.

    Raises `FieldErrors`, `NotAllowed`.
    """
    if by is not None:
        persons.require_admin(by)
    _known(values)
    method = PaymentMethod(kind=kind, created_at=now, **values)
    _check(method)
    if kind != PaymentKind.MANUAL:
        _set_secrets(method, key, secret)
    try:
        with sql.short_transaction():
            check(method)
            method.save(force_insert=True)
            auditing.record(by, "payment_method.added", method, {}, values, at=now)
    except IntegrityError as error:
        raise FieldErrors({"name": str(TAKEN)}) from error
    return method


def change_method(
    method: PaymentMethod, *, by: User | None, now: datetime, **values: Any
) -> PaymentMethod:
    """Change a way to pay. What was asked for already keeps its fee. Raises `FieldErrors`,
    `NotAllowed`."""
    if by is not None:
        persons.require_admin(by)
    _known(values)
    try:
        with sql.short_transaction():
            row = PaymentMethod.objects.select_for_update().get(pk=method.pk)
            wanted = PaymentMethod(**{name: getattr(row, name) for name in EDITABLE} | values)
            wanted.kind = row.kind
            _check(wanted)
            edit(row, values, action="payment_method.changed", by=by, now=now)
    except IntegrityError as error:
        raise FieldErrors({"name": str(TAKEN)}) from error
    return row


def change_secrets(
    method: PaymentMethod, *, key: str, secret: str, by: User | None, now: datetime
) -> None:
    """Replace key and secret; they are shown to nobody afterwards. For the owner.

    Raises `FieldErrors`, `NotAllowed`.
    """
    if by is not None:
        persons.require_owner(by)
    with sql.short_transaction():
        row = PaymentMethod.objects.select_for_update().get(pk=method.pk)
        before = {"key_last4": row.key_last4}
        _set_secrets(row, key, secret)
        row.save(update_fields=["key_sealed", "key_last4", "secret_sealed"])
        after = {"key_last4": row.key_last4}
        auditing.record(by, "payment_method.key_changed", row, before, after, at=now)


def gateway_of(method: PaymentMethod) -> Gateway:
    """The gateway of a checkout method. Raises `sealing.Unsealable` where `FIELD_KEYS` does not
    open its secrets."""
    key, secret = sealing.unseal(method.key_sealed), sealing.unseal(method.secret_sealed)
    return GATEWAYS[method.kind](key, secret)


def _known(values: dict[str, Any]) -> None:
    if unknown := values.keys() - EDITABLE:
        raise TypeError(f"not to be set so: {sorted(unknown)}")


def _check(method: PaymentMethod) -> None:
    errors = {}
    if not method.name.strip():
        errors["name"] = _("What shall it be called?")
    if not method.least > ZERO:
        errors["least"] = _("More than zero.")
    if method.most is not None and method.most < method.least:
        errors["most"] = _("Not less than the least.")
    if not ZERO <= method.fee_percent < 100:
        errors["fee_percent"] = _("From 0 to under 100.")
    if method.fee_fixed < ZERO:
        errors["fee_fixed"] = _("Zero or more.")
    if method.kind == PaymentKind.MANUAL and not method.instructions.strip():
        errors["instructions"] = _("Say what the customer has to do, and where to pay.")
    if not errors and _eats_all(method):
        errors["fee_fixed"] = _("With this fee nothing is left of the least amount.")
    if errors:
        raise FieldErrors(errors)


def _eats_all(method: PaymentMethod) -> bool:
    fee = method.least * method.fee_percent / Decimal(100) + method.fee_fixed
    return fee >= method.least


def _set_secrets(method: PaymentMethod, key: str, secret: str) -> None:
    errors = {
        name: _("It stands in the gateway's dashboard; no blanks in it.")
        for name, text in (("key", key.strip()), ("secret", secret.strip()))
        if not text or not text.isprintable() or not text.isascii() or " " in text
    }
    if errors:
        raise FieldErrors(errors)
    key, secret = key.strip(), secret.strip()
    method.key_sealed, method.secret_sealed = sealing.seal(key), sealing.seal(secret)
    method.key_last4 = key[-4:] if len(key) >= 12 else ""

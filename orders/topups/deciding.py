"""A person of the house says what arrived, or that nothing did. Once."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from orders import auditing, ledger, persons, sql
from orders.enums import AccountKind, TopUpStatus, TransferKind
from orders.errors import FieldErrors, NotAllowed, StateChanged
from orders.limits import spend_limit
from orders.models import Staff, TopUp, User
from orders.money import ZERO
from orders.topups.asking import fee_of

DECIDABLE = (TopUpStatus.REQUESTED, TopUpStatus.HELD)


def approve(top_up: TopUp, *, by: User, now: datetime, received: Decimal | None = None) -> TopUp:
    """Add the money to the wallet. `received` is what arrived, where that is not what was asked;
    the way's fee is then worked out anew.

    What is added takes from the member's daily limit; above it an admin approves. Nobody approves
    for themselves. Raises `FieldErrors`, `NotAllowed`, `LimitReached` or `StateChanged`.
    """
    staff = _decider(top_up, by)
    if received is not None and (not received.is_finite() or received <= ZERO):
        raise FieldErrors({"received": _("What arrived, above zero.")})
    with sql.short_transaction():
        row = _locked(top_up)
        if received is not None and received != row.amount:
            row.fee = fee_of(row.method, received)
            row.amount = received
            if row.fee >= row.amount:
                raise FieldErrors({"received": _("The fee of this way would leave nothing.")})
        spend_limit(staff, row.credit, now)
        row.received, row.decided_by = row.amount, by
        credit(row, f"topup:{row.pk}", by=by, now=now)
        told = {"amount": row.amount, "fee": row.fee, "added": row.credit}
        _record("top_up.approved", row, told, by, now)
    return row


def decline(top_up: TopUp, *, by: User, now: datetime, reason: str) -> TopUp:
    """Add nothing, and tell the customer why. Raises `FieldErrors`, `NotAllowed`,
    `StateChanged`."""
    _decider(top_up, by)
    if not reason.strip():
        raise FieldErrors({"reason": _("Say why; the customer reads it.")})
    with sql.short_transaction():
        row = _locked(top_up)
        row.status, row.ended_at = TopUpStatus.DECLINED, now
        row.decided_by, row.reason = by, reason.strip()[:300]
        row.save()
        _record("top_up.declined", row, {"amount": row.amount}, by, now)
    return row


def _record(action: str, row: TopUp, told: dict[str, Decimal], by: User, now: datetime) -> None:
    auditing.record(by, action, row, {}, told, row.reason, at=now, also=row.customer)


def credit(row: TopUp, reference: str, *, by: User | None, now: datetime) -> None:
    """Post what is added, and end the locked request. The reference keeps it from being added a
    second time, whatever else goes wrong."""
    entry = ledger.Entry(
        TransferKind.TOP_UP,
        reference,
        AccountKind.CASH,
        ledger.wallet_id(row.customer_id),
        row.credit,
        person_id=by.pk if by else None,
        memo=f"{row.reference}, {row.method.name}",
    )
    ledger.post([entry], at=now)
    row.status, row.ended_at, row.flag = TopUpStatus.ADDED, now, ""
    row.save()


def _decider(top_up: TopUp, by: User) -> Staff:
    staff = persons.require_staff(by)
    persons.require_sight(by, top_up.customer)
    if top_up.customer.user_id == by.pk:
        raise NotAllowed(_("You cannot approve your own request."))
    return staff


def _locked(top_up: TopUp) -> TopUp:
    row = TopUp.objects.select_for_update(of=("self",)).select_related("method").get(pk=top_up.pk)
    if row.status not in DECIDABLE:
        raise StateChanged(_("Somebody has decided in the meantime; look at it again."))
    return row

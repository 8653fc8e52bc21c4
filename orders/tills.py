"""Tills: the cash that staff hold for the house, counted blind.

A till's account stands below zero by what the till holds; `held` says it the way people do.
"""

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError

from orders import auditing, ledger, sql
from orders.enums import AccountKind, TransferKind
from orders.errors import FieldErrors, NotAllowed, StateChanged
from orders.models import Staff, TillClosing, Transfer, User
from orders.money import Unrepresentable, plain, to_units
from orders.persons import require_admin, require_staff
from orders.statements import Line, account_lines, positive


def held(staff: Staff) -> Decimal:
    """What the member's till should hold by the books. Not for the one who is about to count."""
    return -ledger.account_sum(ledger.till_id(staff.pk))


def till_statement(staff: Staff, before_id: int | None = None, limit: int = 50) -> list[Line]:
    """Movements of a till, the newest first, as the till sees them: cash taken is above zero."""
    lines = account_lines(ledger.till_id(staff.pk), before_id, limit)
    return [Line(line.transfer, -line.amount) for line in lines]


def drop(
    staff: Staff, amount: Decimal, *, by: User, now: datetime, reference: str, memo: str = ""
) -> Transfer:
    """Cash from a till to the house's safe. The member does it, or an admin.

    Raises `FieldErrors` or `NotAllowed`.
    """
    amount = positive(amount)
    if require_staff(by).pk != staff.pk:
        require_admin(by)
    full = f"till:{staff.pk}:drop:{reference}"
    with sql.short_transaction():
        till = ledger.till_id(staff.pk)
        ledger.lock_till(till)
        if earlier := Transfer.objects.filter(reference=full).first():
            return earlier
        if amount > (holds := held(staff)):
            raise FieldErrors({"amount": f"This till holds {plain(holds)} by the books."})
        entry = ledger.Entry(
            TransferKind.DROP, full, AccountKind.CASH, till, amount, person_id=by.pk, memo=memo
        )
        return ledger.post([entry], at=now)[0]


def count_till(
    staff: Staff, counted: Decimal, *, by: User, now: datetime, note: str = ""
) -> TillClosing:
    """What the member counted, kept beside what the till should hold, until an admin confirms.

    The page asks before it shows anything. Raises `FieldErrors`, `NotAllowed` or `StateChanged`.
    """
    if require_staff(by).pk != staff.pk:
        raise NotAllowed("Everybody counts their own till.")
    _countable(counted)
    try:
        with sql.short_transaction():
            ledger.lock_till(ledger.till_id(staff.pk))
            return TillClosing.objects.create(
                staff=staff, counted=counted, expected=held(staff), counted_at=now, note=note[:300]
            )
    except IntegrityError as error:
        raise StateChanged("A count of this till is waiting for an admin already.") from error


def confirm_closing(
    closing: TillClosing, *, by: User, now: datetime, note: str = ""
) -> Transfer | None:
    """An admin takes the count as true; a difference becomes a transfer, on record for good.

    Raises `NotAllowed` for one's own till, `StateChanged` when it is confirmed already.
    """
    if require_admin(by).pk == closing.staff_id:
        raise NotAllowed("You cannot approve your own till; ask another admin.")
    with sql.short_transaction():
        row = TillClosing.objects.select_for_update().get(pk=closing.pk)
        if row.confirmed_at is not None:
            raise StateChanged("This count is confirmed already.")
        row.confirmed_by, row.confirmed_at = by, now
        row.note = (note or row.note)[:300]
        row.save(update_fields=["confirmed_by", "confirmed_at", "note"])
        auditing.record(
            by,
            "till.closing_confirmed",
            row.staff,
            {"expected": row.expected},
            {"counted": row.counted},
            note,
            at=now,
        )
        return _post_difference(row, by, now)


def _post_difference(closing: TillClosing, by: User, now: datetime) -> Transfer | None:
    missing = closing.expected - closing.counted
    if not missing:
        return None
    till = ledger.till_id(closing.staff_id)
    # A till holds what its account lacks: cash that is missing comes in from adjustments.
    source: int | AccountKind = AccountKind.ADJUSTMENTS if missing > 0 else till
    target: int | AccountKind = till if missing > 0 else AccountKind.ADJUSTMENTS
    entry = ledger.Entry(
        TransferKind.TILL_DIFFERENCE,
        f"till:{closing.staff_id}:closing:{closing.pk}",
        source,
        target,
        abs(missing),
        person_id=by.pk,
        memo=closing.note,
    )
    return ledger.post([entry], at=now)[0]


def _countable(counted: Decimal) -> None:
    try:
        fits = to_units(counted) >= 0
    except Unrepresentable:
        fits = False
    if not fits:
        raise FieldErrors({"counted": "Type what you counted: zero or more."})

"""Tills: the cash that staff hold for the house, counted blind.

A till's account stands below zero by what the till holds; `held` says it the way people do. Whoever
counts is told nothing of that figure, not by a refusal either: see docs/people.md, "Tills".
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError

from orders import auditing, ledger, sql
from orders.enums import AccountKind, TransferKind
from orders.errors import FieldErrors, KeyReused, NotAllowed, StateChanged
from orders.models import Staff, TillClosing, Transfer, User
from orders.money import ZERO, Unrepresentable, plain, to_units
from orders.persons import require_admin, require_staff
from orders.statements import Line, account_lines, positive

REFUSED = "till.refused"
"""The audit trail's word for cash that a till could not hold: trying is no way to learn its sum."""


class TillShort(FieldErrors):
    """The till does not hold that much by the books."""


def held(staff: Staff) -> Decimal:
    """What the member's till should hold by the books. Not for the one who is about to count."""
    till = ledger.find_till(staff.pk)
    return ZERO if till is None else -ledger.account_sum(till)


def till_statement(staff: Staff, before_id: int | None = None, limit: int = 50) -> list[Line]:
    """Movements of a till, the newest first, as the till sees them: cash taken is above zero."""
    till = ledger.find_till(staff.pk)
    lines = [] if till is None else account_lines(till, before_id, limit)
    return [Line(line.transfer, -line.amount) for line in lines]


def drop(
    staff: Staff, amount: Decimal, *, by: User, now: datetime, reference: str, memo: str = ""
) -> Transfer:
    """Cash from a till to the house's safe. The member does it, or an admin.

    Raises `FieldErrors`, `NotAllowed`, or `KeyReused` for a form that moved another amount.
    """
    amount = positive(amount)
    if require_staff(by).pk != staff.pk:
        require_admin(by)
    full = f"till:{staff.pk}:drop:{reference}"
    with refusals_kept(staff, amount, by=by, now=now), sql.short_transaction():
        till = ledger.till_id(staff.pk)
        ledger.lock_till(till)
        if earlier := Transfer.objects.filter(reference=full).first():
            if earlier.amount != amount:
                raise KeyReused
            return earlier
        require_held(staff, amount, by)
        entry = ledger.Entry(
            TransferKind.DROP, full, AccountKind.CASH, till, amount, person_id=by.pk, memo=memo
        )
        return ledger.post([entry], at=now)[0]


def require_held(staff: Staff, amount: Decimal, by: User) -> None:
    """Raises `TillShort` for more than the till, which the caller holds locked, has by the books.

    To its own member without the figure, which would be what the count must not know.
    """
    holds = held(staff)
    if amount <= holds:
        return
    if staff.user_id == by.pk:
        raise TillShort({"amount": "By the books your till does not hold that much; count it."})
    raise TillShort({"amount": f"This till holds {plain(holds)} by the books."})


@contextmanager
def refusals_kept(staff: Staff, amount: Decimal, *, by: User, now: datetime) -> Iterator[None]:
    """Write a `TillShort` into the audit trail, around the transaction that it ends."""
    try:
        yield
    except TillShort:
        auditing.record(by, REFUSED, staff, {}, {"amount": amount}, at=now)
        raise


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
    closing: TillClosing, *, by: User | None, now: datetime, note: str = ""
) -> Transfer | None:
    """An admin takes the count as true; a difference becomes a transfer, on record for good.

    `by` is None for the operator, who is the way out of a house with one admin. The counter's note
    stays; the admin's goes into the audit trail, and to the difference. Raises `NotAllowed` for
    one's own till, `StateChanged` when it is confirmed already.
    """
    if by is not None and require_admin(by).pk == closing.staff_id:
        raise NotAllowed("You cannot approve your own till; ask another admin.")
    with sql.short_transaction():
        row = TillClosing.objects.select_for_update().get(pk=closing.pk)
        if row.confirmed_at is not None:
            raise StateChanged("This count is confirmed already.")
        row.confirmed_by, row.confirmed_at = by, now
        row.save(update_fields=["confirmed_by", "confirmed_at"])
        auditing.record(
            by,
            "till.closing_confirmed",
            row.staff,
            {"expected": row.expected},
            {"counted": row.counted},
            note,
            at=now,
        )
        return _post_difference(row, by, now, note or row.note)


def _post_difference(
    closing: TillClosing, by: User | None, now: datetime, memo: str
) -> Transfer | None:
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
        person_id=by.pk if by else None,
        memo=memo,
    )
    return ledger.post([entry], at=now)[0]


def _countable(counted: Decimal) -> None:
    try:
        fits = to_units(counted) >= 0
    except Unrepresentable:
        fits = False
    if not fits:
        raise FieldErrors({"counted": "Type what you counted: zero or more."})

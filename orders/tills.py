"""Tills: the cash that staff hold for the house, counted blind.

A till's account stands below zero by what the till holds; `held` says it the way people do. Whoever
counts is told nothing of that figure, not by a refusal either: see docs/people.md, "Tills".
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from orders import auditing, ledger, sql
from orders.enums import AccountKind, TransferKind
from orders.errors import FieldErrors, KeyReused, NotAllowed, StateChanged
from orders.models import Staff, TillClosing, Transfer, User
from orders.money import ZERO, Unrepresentable, to_units
from orders.persons import require_admin, require_staff
from orders.spelling import spelled
from orders.statements import Line, account_lines, positive

REFUSED = "till.refused"
"""The audit trail's word for cash that a till could not hold: trying is no way to learn its sum."""


FULL = "till.full"
"""Likewise for cash that would have passed the till's limit."""


TRIES = (REFUSED, FULL)


class TillRefusal(FieldErrors):
    """A till neither gives nor takes that much. Each try is kept: it says something of the sum."""

    action: str

    def __init__(self, staff: Staff, amount: Decimal, words: str):
        self.staff, self.amount = staff, amount
        super().__init__({"amount": words})


class TillShort(TillRefusal):
    """The till does not hold that much by the books."""

    action = REFUSED


class TillFull(TillRefusal):
    """With that much more the till would hold more than its limit."""

    action = FULL


def held(staff: Staff) -> Decimal:
    """What the member's till should hold by the books. Not for the one who is about to count."""
    till = ledger.find_till(staff.pk)
    return ZERO if till is None else -ledger.account_sum(till)


def sums(accounts: list[int]) -> dict[int, Decimal]:
    """What each of these till accounts holds by the books: what went out minus what came in."""
    found: dict[int, Decimal] = {}
    for side, sign in (("source", 1), ("target", -1)):
        moved = Transfer.objects.filter(Q(**{f"{side}__in": accounts})).order_by()
        for account, amount in moved.values_list(side).annotate(Sum("amount")):
            found[account] = found.get(account, ZERO) + sign * amount
    return found


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
    with refusals_kept(by=by, now=now), sql.short_transaction():
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
        auditing.record(by, "money.drop", staff, {}, {"amount": amount}, memo, at=now)
        return ledger.post_one(entry, at=now)


def require_held(staff: Staff, amount: Decimal, by: User) -> None:
    """Raises `TillShort` for more than the till, which the caller holds locked, has by the books.

    To its own member without the figure, which would be what the count must not know.
    """
    holds = held(staff)
    if amount <= holds:
        return
    words = _("This till holds %(holds)s by the books.") % {"holds": spelled(holds)}
    if staff.user_id == by.pk:
        words = _("By the books your till does not hold that much; count it.")
    raise TillShort(staff, amount, words)


def make_room(staff: Staff, till: int, amount: Decimal, by: User) -> None:
    """Lock a till that is to take cash in, and see that it may hold `amount` more.

    Under the lock the limit and the sign-in are read anew: whoever was switched off meanwhile has
    handed the till over. Raises `NotAllowed` or `TillFull`, without a figure to its own member.
    """
    ledger.lock_till(till)
    fresh = Staff.objects.select_related("user").get(pk=staff.pk)
    if not fresh.user.is_active:
        raise NotAllowed(_("This till is closed: its member was switched off."))
    limit = fresh.till_limit
    if limit is None or held(fresh) + amount <= limit:
        return
    words = _("This till may hold %(limit)s: %(left)s more.") % {
        "limit": spelled(limit),
        "left": spelled(max(ZERO, limit - held(fresh))),
    }
    if fresh.user_id == by.pk:
        words = _(
            "Your till may not hold that much more. Put cash into the safe, or let "
            "an admin take it; then take this."
        )
    raise TillFull(fresh, amount, words)


@contextmanager
def refusals_kept(*, by: User | None, now: datetime) -> Iterator[None]:
    """Write a `TillRefusal` into the audit trail, around the transaction that it ends."""
    try:
        yield
    except TillRefusal as refusal:
        tried = {"amount": refusal.amount}
        auditing.record(by, refusal.action, refusal.staff, {}, tried, at=now)
        raise


def count_till(
    staff: Staff, counted: Decimal, *, by: User, now: datetime, note: str = ""
) -> TillClosing:
    """What the member counted, kept beside what the till should hold, until an admin confirms.

    The page asks before it shows anything. The till of somebody who is switched off is counted by
    an admin, and another one confirms. Raises `FieldErrors`, `NotAllowed` or `StateChanged`.
    """
    if require_staff(by).pk != staff.pk:
        if staff.user.is_active:
            raise NotAllowed(_("Everybody counts their own till."))
        require_admin(by)
    _countable(counted)
    try:
        with sql.short_transaction():
            ledger.lock_till(ledger.till_id(staff.pk))
            closing = TillClosing.objects.create(
                staff=staff,
                counted=counted,
                expected=held(staff),
                counted_at=now,
                counted_by=by,
                note=note[:300],
            )
            auditing.record(by, "till.counted", staff, {}, {"counted": counted}, note, at=now)
            return closing
    except IntegrityError as error:
        raise StateChanged(_("A count of this till is waiting for an admin already.")) from error


def confirm_closing(
    closing: TillClosing, *, by: User | None, now: datetime, note: str = ""
) -> Transfer | None:
    """An admin takes the count as true; a difference becomes a transfer, on record for good.

    `by` is None for the operator, who is the way out of a house with one admin. The counter's note
    stays; the admin's goes into the audit trail, and to the difference. Raises `NotAllowed` for
    one's own till or count, `StateChanged` when it is confirmed already.
    """
    if by is not None and require_admin(by).pk == closing.staff_id:
        raise NotAllowed(_("You cannot approve your own till; ask another admin."))
    if by is not None and by.pk == closing.counted_by_id:
        raise NotAllowed(_("You cannot approve your own count; ask another admin."))
    with sql.short_transaction():
        row = TillClosing.objects.select_for_update().get(pk=closing.pk)
        if row.confirmed_at is not None:
            raise StateChanged(_("This count is confirmed already."))
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
    return ledger.post_one(entry, at=now)


def _countable(counted: Decimal) -> None:
    try:
        fits = to_units(counted) >= 0
    except Unrepresentable:
        fits = False
    if not fits:
        raise FieldErrors({"counted": _("Type what you counted: zero or more.")})

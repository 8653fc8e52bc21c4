"""Cash from one till into another, and a whole till when its member leaves."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from orders import auditing, ledger, sql, tills
from orders.enums import AccountKind, TransferKind
from orders.errors import FieldErrors, KeyReused
from orders.models import Staff, TillClosing, Transfer, User
from orders.money import ZERO
from orders.persons import require_admin
from orders.statements import positive


@dataclass(frozen=True)
class Emptied:
    """The cash that left a till, and by how much it was another sum than the books say."""

    cash: Decimal = ZERO
    difference: Decimal = ZERO


def hand_to(
    giver: Staff,
    receiver: Staff,
    amount: Decimal,
    *,
    by: User,
    now: datetime,
    reference: str,
    memo: str = "",
) -> Transfer:
    """Cash from one till into another, which may hold that much more; an admin sees to it.

    Raises `FieldErrors`, `NotAllowed`, or `KeyReused` for a form that moved another amount.
    """
    amount = positive(amount)
    require_admin(by)
    if giver.pk == receiver.pk:
        raise FieldErrors({"into": _("Choose another till, or the safe.")})
    full = f"till:{receiver.pk}:handed:{giver.pk}:{reference}"
    with tills.refusals_kept(by=by, now=now), sql.short_transaction():
        lock(giver, receiver)
        if earlier := Transfer.objects.filter(reference=full).first():
            if earlier.amount != amount:
                raise KeyReused
            return earlier
        tills.require_held(giver, amount, by)
        entry = _between(giver, receiver, amount, full, by, memo)
        return ledger.post_one(entry, at=now)


def empty(
    staff: Staff,
    counted: Decimal | None,
    receiver: Staff | None,
    *,
    by: User | None,
    now: datetime,
    note: str = "",
) -> Emptied:
    """Move what was counted in the till of somebody who is switched off, in the caller's
    transaction: into the till of `receiver`, or (None) into the safe.

    The count is kept. Where it agrees with the books there is nothing to confirm; a difference
    stays on the till until another admin confirms it. The operator moves no cash. Raises
    `FieldErrors`, or `StateChanged` while another count waits.
    """
    if by is None:
        return Emptied()
    lock(staff, receiver)
    expected = tills.held(staff)
    if counted is None:
        if expected:
            raise FieldErrors({"counted": _("Count what is in the till, and type it.")})
        return Emptied()
    closing = tills.count_till(staff, counted, by=by, now=now, note=note)
    if counted == expected:
        _agreed(closing, by, now)
    if counted:
        token = f"closing-{closing.pk}"
        if receiver is None:
            full = f"till:{staff.pk}:drop:{token}"
            entry = _into_the_safe(staff, counted, full, by, note)
        else:
            full = f"till:{receiver.pk}:handed:{staff.pk}:{token}"
            entry = _between(staff, receiver, counted, full, by, note)
        ledger.post([entry], at=now)
    return Emptied(counted, counted - expected)


def lock(staff: Staff, receiver: Staff | None) -> None:
    """Let no cash move in or out of these tills by what they hold until the transaction ends."""
    members = [staff] if receiver is None else [staff, receiver]
    ledger.lock_tills([ledger.till_id(member.pk) for member in members])


def _between(
    giver: Staff, receiver: Staff, amount: Decimal, full: str, by: User, memo: str
) -> ledger.Entry:
    """A till holds what its account lacks, so the receiver's is the source."""
    target, source = ledger.till_id(giver.pk), ledger.till_id(receiver.pk)
    tills.make_room(receiver, source, amount, by)
    words = f"{giver.name} to {receiver.name}" + (f": {memo}" if memo else "")
    return ledger.Entry(
        TransferKind.HANDOVER, full, source, target, amount, person_id=by.pk, memo=words
    )


def _into_the_safe(giver: Staff, amount: Decimal, full: str, by: User, memo: str) -> ledger.Entry:
    till = ledger.till_id(giver.pk)
    return ledger.Entry(
        TransferKind.DROP, full, AccountKind.CASH, till, amount, person_id=by.pk, memo=memo
    )


def _agreed(closing: TillClosing, by: User, now: datetime) -> None:
    """Nobody approves their own count; here is nothing to approve."""
    closing.confirmed_by, closing.confirmed_at = by, now
    closing.save(update_fields=["confirmed_by", "confirmed_at"])
    agreed = {"expected": closing.expected}, {"counted": closing.counted}
    auditing.record(by, "till.closing_confirmed", closing.staff, *agreed, closing.note, at=now)

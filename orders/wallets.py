"""Money into and out of a customer's wallet by a person's hand.

A `reference` makes a form's second press harmless: it returns the transfer that the first press
made. `by` is who does it; None is the operator at the command line.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from uuid import uuid4

from django.utils.translation import gettext as _

from orders import auditing, ledger, sql, tills
from orders.enums import AccountKind, TransferKind
from orders.errors import FieldErrors, InsufficientFunds, KeyReused, NotAllowed
from orders.limits import lock_member, spend_limit, used_today
from orders.models import Account, Customer, Transfer, User
from orders.money import ZERO
from orders.persons import require_sight, require_staff
from orders.statements import Line, Span, Turnover, balance_at, positive, statement, turnover

__all__ = [
    "Line",
    "Span",
    "Turnover",
    "adjust",
    "balance_at",
    "gift",
    "pay_out",
    "positive",
    "spend_limit",
    "statement",
    "take_cash",
    "turnover",
    "used_today",
]

Check = Callable[[Account], None]


# ── Cash through a till ──────────────────────────────────────────────────────────────────────


def take_cash(
    customer: Customer,
    amount: Decimal,
    *,
    by: User,
    now: datetime,
    reference: str | None = None,
    order_id: int | None = None,
    memo: str = "",
) -> Transfer:
    """Cash from a client into the person's till, and the same into the client's wallet.

    Not beyond what the till may hold. Raises `FieldErrors` or `NotAllowed`.
    """
    amount = positive(amount)
    staff = require_staff(by)
    require_sight(by, customer)
    with tills.refusals_kept(by=by, now=now), sql.short_transaction():
        wallet, till = ledger.wallet_id(customer.pk), ledger.till_id(staff.pk)
        owner = f"order:{order_id}:" if order_id else ""
        entry = ledger.Entry(
            TransferKind.CASH_TAKEN,
            f"{owner}till:{staff.pk}:taken:{wallet}:{_token(reference)}",
            till,
            wallet,
            amount,
            order_id,
            by.pk,
            memo,
        )
        return _move(entry, wallet, now, lambda _: tills.make_room(staff, till, amount, by))


def pay_out(
    customer: Customer,
    amount: Decimal,
    *,
    by: User,
    now: datetime,
    reference: str | None = None,
    memo: str = "",
) -> Transfer:
    """Cash from the person's till to a client, out of what the wallet holds (credit is no cash).

    Raises `FieldErrors`, `NotAllowed` or `InsufficientFunds`.
    """
    amount = positive(amount)
    staff = require_staff(by)
    require_sight(by, customer)
    _not_for_oneself(customer, by)

    def covered(wallet: Account) -> None:
        _covers(wallet, amount)
        ledger.lock_till(till)
        tills.require_held(staff, amount, by)

    with tills.refusals_kept(by=by, now=now), sql.short_transaction():
        wallet, till = ledger.wallet_id(customer.pk), ledger.till_id(staff.pk)
        entry = ledger.Entry(
            TransferKind.PAID_OUT,
            f"till:{staff.pk}:paid:{wallet}:{_token(reference)}",
            wallet,
            till,
            amount,
            person_id=by.pk,
            memo=memo,
        )
        return _move(entry, wallet, now, covered)


# ── Credit that is no cash ───────────────────────────────────────────────────────────────────


def adjust(
    customer: Customer,
    amount: Decimal,
    *,
    by: User | None,
    now: datetime,
    reason: str,
    reference: str | None = None,
) -> Transfer:
    """A correction: above zero in the client's favour, below zero the other way.

    Takes from the member's daily limit when in the client's favour. Only an admin may correct a
    wallet to below its credit limit. Raises `FieldErrors`, `NotAllowed`, `LimitReached` or
    `InsufficientFunds`.
    """
    if positive(abs(amount)) == amount:
        return _credit(TransferKind.CORRECTION, customer, amount, by, now, reason, reference)
    _may_correct(customer, by)
    may_overdraw = by is None or require_staff(by).is_admin

    def covered(wallet: Account) -> None:
        if not may_overdraw:
            _covers(wallet, -amount, customer.credit_limit)

    with sql.short_transaction():
        wallet = ledger.wallet_id(customer.pk)
        entry = ledger.Entry(
            TransferKind.CORRECTION,
            f"wallet:{wallet}:correction:{_token(reference)}",
            wallet,
            AccountKind.ADJUSTMENTS,
            -amount,
            person_id=by.pk if by else None,
            memo=_reason(reason),
        )
        return _move(entry, wallet, now, covered)


def gift(
    customer: Customer,
    amount: Decimal,
    *,
    by: User | None,
    now: datetime,
    reason: str,
    reference: str | None = None,
) -> Transfer:
    """Credit given away; it takes from the member's daily limit.

    Raises `FieldErrors`, `NotAllowed` or `LimitReached`.
    """
    return _credit(TransferKind.GIFT, customer, positive(amount), by, now, reason, reference)


def _credit(
    kind: TransferKind,
    customer: Customer,
    amount: Decimal,
    by: User | None,
    now: datetime,
    reason: str,
    reference: str | None,
) -> Transfer:
    _may_correct(customer, by)
    with sql.short_transaction():
        wallet = ledger.wallet_id(customer.pk)
        entry = ledger.Entry(
            kind,
            f"wallet:{wallet}:{kind}:{_token(reference)}",
            AccountKind.ADJUSTMENTS,
            wallet,
            amount,
            person_id=by.pk if by else None,
            memo=_reason(reason),
        )
        if by is not None:
            staff = lock_member(require_staff(by))
            if not _earlier(entry):  # a second press must not meet a limit that the first used up
                spend_limit(staff, amount, now)
        return _move(entry, wallet, now)


# ── What they share ──────────────────────────────────────────────────────────────────────────


def _move(
    entry: ledger.Entry, wallet_id: int, now: datetime, check: Check = lambda wallet: None
) -> Transfer:
    """Post one entry under the wallet's lock, or find that an earlier press did."""
    wallet = ledger.lock_wallets([wallet_id])[wallet_id]
    if earlier := _earlier(entry):
        if earlier.amount != entry.amount:
            raise KeyReused
        return earlier
    check(wallet)
    before = wallet.balance
    moved = ledger.post_one(entry, at=now)
    _record(moved, wallet, before)
    return moved


def _record(moved: Transfer, wallet: Account, before: Decimal | None) -> None:
    """The movement as the trail tells it, beside the ledger's own line."""
    assert wallet.customer is not None  # a wallet has one
    auditing.record(
        moved.person,
        f"money.{moved.kind}",
        wallet.customer,
        {"balance": before},
        {"balance": moved.balance_after, "amount": moved.amount},
        moved.memo,
        at=moved.at,
        also=moved.order,
    )


def _earlier(entry: ledger.Entry) -> Transfer | None:
    return Transfer.objects.filter(reference=entry.reference).first()


def _token(reference: str | None) -> str:
    if reference and len(reference) > 50:
        raise ValueError("a reference has at most 50 characters")
    return reference or uuid4().hex


def _covers(wallet: Account, amount: Decimal, credit: Decimal = ZERO) -> None:
    missing = amount - (wallet.balance or ZERO) - credit
    if missing > 0:
        raise InsufficientFunds(missing)


def _reason(reason: str) -> str:
    if not reason.strip():
        raise FieldErrors({"reason": _("Say why; it stays on the client's statement.")})
    return reason.strip()


def _may_correct(customer: Customer, by: User | None) -> None:
    if by is not None:
        require_staff(by)
        require_sight(by, customer)
        _not_for_oneself(customer, by)


def _not_for_oneself(customer: Customer, by: User) -> None:
    if customer.user_id == by.pk:
        raise NotAllowed(_("This is your own account; ask somebody else."))

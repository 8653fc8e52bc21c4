"""The ledger: double entry, append-only. The only writer of transfers and of wallet balances.

Locks are taken in one order everywhere: the turn at a link, then orders, then the staff member
whose limit is spent, then wallets, then tills; within each by id; late and briefly.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet, Sum

from orders import sql
from orders.enums import AccountKind, TransferKind
from orders.models import Account, Customer, Order, Transfer, User
from orders.money import ZERO, to_units

_W, _T = AccountKind.WALLET, AccountKind.TILL
_ADJUSTMENTS = AccountKind.ADJUSTMENTS

ROUTES: dict[TransferKind, frozenset[tuple[AccountKind, AccountKind]]] = {
    TransferKind.ORDER: frozenset({(_W, AccountKind.SALES)}),
    TransferKind.REFUND: frozenset({(AccountKind.SALES, _W)}),
    TransferKind.CASH_TAKEN: frozenset({(_T, _W)}),
    TransferKind.PAID_OUT: frozenset({(_W, _T)}),
    TransferKind.DROP: frozenset({(AccountKind.CASH, _T)}),
    TransferKind.HANDOVER: frozenset({(_T, _T)}),
    TransferKind.TOP_UP: frozenset({(AccountKind.CASH, _W)}),
    TransferKind.CORRECTION: frozenset({(_ADJUSTMENTS, _W), (_W, _ADJUSTMENTS)}),
    TransferKind.GIFT: frozenset({(_ADJUSTMENTS, _W)}),
    TransferKind.TILL_DIFFERENCE: frozenset({(_ADJUSTMENTS, _T), (_T, _ADJUSTMENTS)}),
    TransferKind.IMPORT: frozenset({(AccountKind.OPENING, _W), (_W, AccountKind.OPENING)}),
}
"""From which kind of account to which other each kind of transfer may move money."""


HOUSE = frozenset(AccountKind) - {_W, _T}
"""The kinds of which there is one account each."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A transfer that is to be posted: `amount` moves from `source` to `target`.

    Each is an account's id, or the kind of a house account. `reference` is unique in the whole
    ledger; one that belongs to an order begins with `order:<id>:`, and no other one does.
    """

    kind: TransferKind
    reference: str
    source: int | AccountKind
    target: int | AccountKind
    amount: Decimal
    order_id: int | None = None
    person_id: int | None = None
    memo: str = ""


# ── Accounts ─────────────────────────────────────────────────────────────────────────────────


def house(kind: AccountKind) -> int:
    """The id of the single sales, cash, adjustments or opening account."""
    return Account.objects.values_list("pk", flat=True).get(kind=kind)


def open_wallet(customer_id: int) -> Account:
    """A new customer's wallet, empty."""
    return Account.objects.create(kind=_W, customer_id=customer_id, balance=ZERO)


def open_wallets(customer_ids: Iterable[int]) -> dict[int, int]:
    """Empty wallets for many new customers at once; account ids by customer id."""
    wallets = [Account(kind=_W, customer_id=pk, balance=ZERO) for pk in customer_ids]
    made = Account.objects.bulk_create(wallets)
    return {wallet.customer_id: wallet.pk for wallet in made if wallet.customer_id is not None}


def wallet_id(customer_id: int) -> int:
    """The id of a customer's wallet account."""
    return Account.objects.values_list("pk", flat=True).get(customer_id=customer_id)


def wallet_ids(customer_ids: Iterable[int]) -> dict[int, int]:
    """Wallet account ids by customer id, in one query."""
    found = Account.objects.filter(customer_id__in=set(customer_ids))
    return dict(found.values_list("customer_id", "pk"))


def till_id(staff_id: int) -> int:
    """The id of a staff member's till account, made when it is first needed."""
    till, _ = Account.objects.get_or_create(kind=_T, staff_id=staff_id)
    return till.pk


def find_till(staff_id: int) -> int | None:
    """The id of a staff member's till account, if there is one: for reading."""
    tills = Account.objects.filter(kind=_T, staff_id=staff_id)
    return tills.values_list("pk", flat=True).first()


def account_sum(account_id: int) -> Decimal:
    """What came in minus what went out. Tills and cash stand below zero by what they hold."""
    incoming = Transfer.objects.filter(target_id=account_id).aggregate(sum=Sum("amount"))["sum"]
    outgoing = Transfer.objects.filter(source_id=account_id).aggregate(sum=Sum("amount"))["sum"]
    return (incoming or ZERO) - (outgoing or ZERO)


def lock_wallets(account_ids: Iterable[int]) -> dict[int, Account]:
    """Wallets as they stand now, held until the caller's transaction ends, locked in id order."""
    return _locked(account_ids, _W)


_WALLET = sql.Query(
    "SELECT {wallet}, {customer} FROM orders_account AS wallet"
    " JOIN orders_customer AS customer ON customer.id = wallet.customer_id"
    " WHERE wallet.customer_id = %s",
    locks="wallet",
    wallet=Account,
    customer=Customer,
)


def lock_wallet_of(customer_id: int) -> tuple[Account, Customer]:
    """A customer's wallet, locked likewise, and the customer, read anew with it."""
    wallet: Account
    customer: Customer
    ((wallet, customer),) = _WALLET.rows(customer_id)
    return wallet, customer


def lock_wallets_of(customer_ids: Iterable[int]) -> dict[int, Account]:
    """The wallets of many customers, by customer id, locked likewise in one query."""
    wallets = sql.among(Account.objects.all(), set(customer_ids), "customer_id")
    return {wallet.customer_id: wallet for wallet in _lock(wallets) if wallet.customer_id}


def lock_till(account_id: int) -> None:
    """Let nobody else move cash by what this till holds until the caller's transaction ends."""
    lock_tills([account_id])


def lock_tills(account_ids: Iterable[int]) -> None:
    """The same for several, locked in id order."""
    _locked(account_ids, _T)


def _locked(account_ids: Iterable[int], kind: AccountKind) -> dict[int, Account]:
    accounts = sql.among(Account.objects.filter(kind=kind), set(account_ids))
    return {account.pk: account for account in _lock(accounts)}


def _lock(accounts: QuerySet[Account]) -> QuerySet[Account]:
    # NO KEY: inserting a transfer that refers to the account must not wait for this lock.
    return accounts.order_by("pk").select_for_update(no_key=True)


# ── Posting ──────────────────────────────────────────────────────────────────────────────────


def post(entries: Sequence[Entry], *, at: datetime, held: Iterable[Account] = ()) -> list[int]:
    """Move money, inside the caller's transaction: all of it or, with the transaction, nothing.
    Returns the transfers' numbers.

    An entry of nothing is left out. There is no balance check here: a verb that makes a wallet
    poorer checks after `lock_wallets`. Wallets that it `held` since are not read again; their
    balances move along. Raises `IntegrityError` for a reference that was used before and
    `ValueError` for accounts that the kind may not join.
    """
    return list(_post(entries, at, held))


def post_one(entry: Entry, *, at: datetime) -> Transfer:
    """The same for a single entry, which moves something; returns the transfer."""
    ((number, row),) = _post([entry], at, ()).items()
    return Transfer.from_db(connection.alias, ("id", *_COLUMNS), (number, *row))


_COLUMNS = (
    *("kind", "reference", "source_id", "target_id", "amount", "balance_after"),
    *("order_id", "person_id", "memo", "at"),
)


def _post(
    entries: Sequence[Entry], at: datetime, held: Iterable[Account]
) -> dict[int, tuple[Any, ...]]:
    """The rows that were inserted, by number."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("ledger.post belongs inside a transaction")
    moving = [entry for entry in entries if entry.amount]
    if not moving:
        return {}
    touched = {account for entry in moving for account in (entry.source, entry.target)}
    accounts = _accounts(touched, held)
    rows = [_carry_out(entry, accounts, at) for entry in moving]
    numbers = sql.insert_rows(Transfer, _COLUMNS, rows)
    _write_balances(account for account in accounts.values() if account.balance is not None)
    return dict(zip(numbers, rows, strict=True))


_HOUSE = sql.Query(
    "SELECT {account} FROM orders_account AS account WHERE account.kind = %s", account=Account
)


def _accounts(
    touched: set[int | AccountKind], held: Iterable[Account]
) -> dict[int | AccountKind, Account]:
    """The accounts by what names them; wallets locked, others not: they keep no balance."""
    ids = {account for account in touched if not isinstance(account, AccountKind)}
    found: dict[int | AccountKind, Account] = {
        wallet.pk: wallet for wallet in held if wallet.pk in ids
    }
    for kind in HOUSE & touched:
        ((found[kind],),) = _HOUSE.rows(kind)
    for find in (lock_wallets, Account.objects.in_bulk):
        if missing := ids - found.keys():
            found.update(find(missing).items())
    return found


def _carry_out(
    entry: Entry, accounts: dict[int | AccountKind, Account], at: datetime
) -> tuple[Any, ...]:
    source, target = accounts[entry.source], accounts[entry.target]
    if entry.amount < 0 or (source.kind, target.kind) not in ROUTES[entry.kind]:
        raise ValueError(
            f"{entry.kind} cannot move {entry.amount} from {source.kind} to {target.kind}"
        )
    return (
        entry.kind,
        entry.reference,
        source.pk,
        target.pk,
        entry.amount,
        _balance_after(source, target, entry.amount),
        entry.order_id,
        entry.person_id,
        entry.memo[:300],
        at,
    )


def _balance_after(source: Account, target: Account, amount: Decimal) -> Decimal | None:
    """Move the balance of the wallet between the two, if one is a wallet; no route joins two."""
    if source.balance is not None:
        source.balance -= amount
        return source.balance
    if target.balance is not None:
        target.balance += amount
    return target.balance


def _write_balances(wallets: Iterable[Account]) -> None:
    rows = [(wallet.pk, to_units(wallet.balance or ZERO)) for wallet in wallets]
    sql.update_rows("orders_account", ["balance"], rows, casts=["bigint"])


# ── Orders ───────────────────────────────────────────────────────────────────────────────────


def order_entry(order: Order, wallet_account_id: int, person_id: int | None) -> Entry:
    """The charge of an order that was placed. There is one in an order's life."""
    return Entry(
        TransferKind.ORDER,
        f"order:{order.pk}:charge",
        wallet_account_id,
        AccountKind.SALES,
        order.price,
        order.pk,
        person_id,
    )


def refund_entry(
    order_id: int,
    wallet_account_id: int,
    refunded: Decimal,
    owed: Decimal,
    person_id: int | None,
    memo: str = "",
) -> Entry | None:
    """The rest of what an order's customer is owed, or None when that much was refunded before.

    The reference names the sum refunded so far, so two workers cannot refund the same thing.
    """
    if owed <= refunded:
        return None
    return Entry(
        TransferKind.REFUND,
        f"order:{order_id}:refunded-to:{owed:.8f}",
        AccountKind.SALES,
        wallet_account_id,
        owed - refunded,
        order_id,
        person_id,
        memo,
    )


def refund(order: Order, owed: Decimal, *, by: User | None, memo: str, at: datetime) -> Decimal:
    """Bring an order, which the caller holds locked, to `owed` refunded; returns what moved.

    Owed less than was refunded moves nothing: a refund is never taken back. Raises `ValueError`
    for more than the price.
    """
    if owed > order.price:
        raise ValueError(f"order {order.pk}: a refund of {owed} passes the price {order.price}")
    entry = refund_entry(
        order.pk,
        wallet_id(order.customer_id),
        order.refunded,
        owed,
        by.pk if by else None,
        memo,
    )
    if entry is None:
        return ZERO
    post([entry], at=at)
    order.refunded = owed
    order.save(update_fields=["refunded"])
    return entry.amount

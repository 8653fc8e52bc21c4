"""Transfers, balances and references: what the ledger promises whoever posts."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Sum
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext

from orders import ledger, sql, wallets
from orders.enums import AccountKind, TransferKind
from orders.errors import InsufficientFunds
from orders.models import Account, Customer, Order, Transfer
from orders.sql import short_transaction
from tests.support import factories
from tests.support.factories import NOW
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db


def balance(customer: Customer) -> Decimal:
    return Account.objects.get(customer=customer).balance


def credit(customer: Customer, amount: str, reference: str = "") -> ledger.Entry:
    wallet = ledger.wallet_id(customer.pk)
    reference = reference or f"test:{wallet}:{amount}"
    return ledger.Entry(
        TransferKind.GIFT, reference, AccountKind.ADJUSTMENTS, wallet, Decimal(amount)
    )


def test_a_transfer_moves_the_wallet_and_says_what_it_left() -> None:
    customer = factories.customer()

    numbers = ledger.post([credit(customer, "5"), credit(customer, "0.00000001")], at=NOW)

    first, second = (Transfer.objects.get(pk=number) for number in numbers)
    assert (first.balance_after, second.balance_after) == (Decimal(5), Decimal("5.00000001"))
    assert balance(customer) == Decimal("5.00000001")
    assert ledger.account_sum(ledger.wallet_id(customer.pk)) == Decimal("5.00000001")
    assert ledger.account_sum(ledger.house(AccountKind.ADJUSTMENTS)) == Decimal("-5.00000001")
    assert second.at == NOW


def test_many_wallets_are_moved_in_the_same_few_statements() -> None:
    customers = [factories.customer(f"C{n}") for n in range(30)]
    entries = [credit(customer, "1") for customer in customers]
    entries += [credit(customer, "2") for customer in customers]

    with CaptureQueriesContext(connection) as queries:
        ledger.post(entries, at=NOW)

    written = [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE"))]
    reads = [q["sql"] for q in queries if q["sql"].startswith("SELECT")]
    assert len(reads) == 2
    assert len([s for s in written if s.startswith("INSERT")]) == 1
    assert {balance(customer) for customer in customers} == {Decimal(3)}


def test_a_reference_is_used_once() -> None:
    customer = factories.customer()
    ledger.post([credit(customer, "5", "test:once")], at=NOW)

    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.post([credit(customer, "5", "test:once")], at=NOW)

    assert balance(customer) == Decimal(5)


def test_nothing_moved_is_nothing_written() -> None:
    customer = factories.customer()

    assert ledger.post([credit(customer, "0")], at=NOW) == []
    assert not Transfer.objects.exists()


def test_money_moves_only_between_accounts_that_its_kind_may_join() -> None:
    customer, other = factories.customer("A"), factories.customer("B")
    wallet = ledger.wallet_id(customer.pk)
    wrong = [
        (TransferKind.GIFT, AccountKind.SALES, wallet),
        (TransferKind.ORDER, wallet, AccountKind.CASH),
        (TransferKind.REFUND, wallet, AccountKind.SALES),
        (TransferKind.CORRECTION, wallet, ledger.wallet_id(other.pk)),
    ]
    for kind, source, target in wrong:
        with pytest.raises(ValueError, match="cannot move"):
            ledger.post([ledger.Entry(kind, "test:w", source, target, Decimal(1))], at=NOW)
    with pytest.raises(ValueError, match="cannot move"):
        ledger.post([credit(customer, "-1")], at=NOW)
    assert not Transfer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_posting_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"):
        ledger.post([credit(factories.customer(), "1")], at=NOW)


def test_transfers_can_be_neither_changed_nor_deleted() -> None:
    transfer = ledger.post_one(credit(factories.customer(), "1"), at=NOW)

    for verb in (
        lambda: Transfer.objects.filter(pk=transfer.pk).update(memo="x"),
        lambda: Transfer.objects.filter(pk=transfer.pk).delete(),
        transfer.delete,
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            verb()


def test_one_transfer_is_given_back_as_it_was_written() -> None:
    transfer = ledger.post_one(credit(factories.customer(), "1"), at=NOW)

    assert model_to_dict(transfer) == model_to_dict(Transfer.objects.get(pk=transfer.pk))
    with pytest.raises(IntegrityError), transaction.atomic():
        transfer.save(force_insert=True)


def test_wallets_of_many_are_held_in_their_order_by_one_query() -> None:
    customers = [factories.customer(f"C{n}", balance=str(n)) for n in range(4)]

    with CaptureQueriesContext(connection) as queries:
        found = ledger.lock_wallets_of(customer.pk for customer in reversed(customers[1:]))

    assert {pk: wallet.balance for pk, wallet in found.items()} == {
        customer.pk: Decimal(n) for n, customer in enumerate(customers) if n
    }
    assert list(found) == [customer.pk for customer in customers[1:]]
    (asked,) = [query["sql"] for query in queries]
    assert ("FOR NO KEY UPDATE" in asked) == sql.is_postgresql()


def test_there_is_one_wallet_a_customer_one_till_a_member_and_one_account_a_house_kind() -> None:
    customer, staff = factories.customer(), factories.staff()

    assert ledger.wallet_ids([customer.pk]) == {customer.pk: ledger.wallet_id(customer.pk)}
    assert ledger.till_id(staff.pk) == ledger.till_id(staff.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.open_wallet(customer.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.create(kind=AccountKind.SALES)


# ── Orders ───────────────────────────────────────────────────────────────────────────────────


def test_an_order_is_charged_once_and_refunded_up_to_what_is_owed() -> None:
    customer = factories.customer(balance="10")
    order = factories.order(customer, price=Decimal("1.30"))
    assert balance(customer) == Decimal("8.70")

    assert ledger.refund(order, Decimal("0.0425"), by=None, memo="", at=NOW) == Decimal("0.0425")
    assert ledger.refund(order, Decimal("0.0425"), by=None, memo="", at=NOW) == 0
    assert ledger.refund(order, Decimal("1.30"), by=None, memo="", at=NOW) == Decimal("1.2575")
    assert ledger.refund(order, Decimal("0.5"), by=None, memo="", at=NOW) == 0

    assert balance(customer) == Decimal("10")
    assert Order.objects.get(pk=order.pk).refunded == Decimal("1.30")
    references = order.transfers.order_by("id").values_list("reference", flat=True)
    assert list(references) == [
        f"order:{order.pk}:charge",
        f"order:{order.pk}:refunded-to:0.04250000",
        f"order:{order.pk}:refunded-to:1.30000000",
    ]


def test_a_refund_never_passes_the_price() -> None:
    order = factories.order(price=Decimal("1.30"))

    with pytest.raises(ValueError, match="passes the price"):
        ledger.refund(order, Decimal("1.30000001"), by=None, memo="", at=NOW)


# ── At once (PostgreSQL) ─────────────────────────────────────────────────────────────────────


def debit(customer: Customer, amount: str, reference: str) -> str:
    """What placement does: lock, check, post."""
    with short_transaction():
        wallet = ledger.wallet_id(customer.pk)
        held = ledger.lock_wallets([wallet])[wallet].balance
        if held < Decimal(amount):
            raise InsufficientFunds(Decimal(amount) - held)
        entry = ledger.Entry(
            TransferKind.CORRECTION, reference, wallet, AccountKind.ADJUSTMENTS, Decimal(amount)
        )
        ledger.post([entry], at=NOW)
    return "moved"


def names(results: list[object]) -> list[str]:
    return sorted(r if isinstance(r, str) else type(r).__name__ for r in results)


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_of_two_debits_at_a_wallets_limit_exactly_one_succeeds() -> None:
    customer = factories.customer(balance="10")

    for round_ in range(10):
        results = at_once(
            lambda n=round_: debit(customer, "10", f"test:a{n}"),
            lambda n=round_: debit(customer, "10", f"test:b{n}"),
        )
        assert names(results) == ["InsufficientFunds", "moved"]
        assert balance(customer) == 0
        with transaction.atomic():
            ledger.post([credit(customer, "10", f"test:again{round_}")], at=NOW)


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_of_two_refunds_with_one_reference_exactly_one_is_posted() -> None:
    customer = factories.customer(balance="10")
    order = factories.order(customer, price=Decimal("1.30"))

    # Each has read the order before the other wrote: only the reference stands between them.
    stale = [Order.objects.get(pk=order.pk) for _ in range(2)]

    def refund_stale(mine: Order) -> str:
        with short_transaction():
            ledger.refund(mine, Decimal("1.30"), by=None, memo="", at=NOW)
        return "moved"

    results = at_once(*(lambda mine=row: refund_stale(mine) for row in stale))

    assert names(results) == ["IntegrityError", "moved"]
    assert balance(customer) == Decimal("10")
    assert order.transfers.filter(kind=TransferKind.REFUND).count() == 1


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_cash_taken_against_debits_leaves_an_exact_balance() -> None:
    staff = factories.staff(sees_all_customers=True)
    customer = factories.customer(balance="100")

    def take(n: int) -> str:
        wallets.take_cash(customer, Decimal("0.00000003"), by=staff.user, now=NOW)
        return "taken"

    calls = [lambda n=n: take(n) for n in range(6)]
    calls += [lambda n=n: debit(customer, "0.00000001", f"test:d{n}") for n in range(6)]
    results = at_once(*calls)

    assert names(results) == ["moved"] * 6 + ["taken"] * 6
    assert balance(customer) == Decimal("100.00000012")
    wallet = ledger.wallet_id(customer.pk)
    last = Transfer.objects.order_by("-id").first()
    assert last is not None
    assert last.balance_after == balance(customer)
    assert ledger.account_sum(wallet) == balance(customer)
    till = Transfer.objects.filter(source=ledger.till_id(staff.pk)).aggregate(s=Sum("amount"))["s"]
    assert till == Decimal("0.00000018")

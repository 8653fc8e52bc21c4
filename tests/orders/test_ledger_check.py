"""check_ledger: clean on honest books, and a finding for every way of cooking them."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from orders import ledger, ledger_check, sql, tills, wallets
from orders.enums import AccountKind, TransferKind
from orders.ledger_check import asking
from orders.models import Account, Customer, Order, Staff, Transfer
from orders.money import UNITS
from tests.support import factories, tamper
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db


class Books:
    """Two clients with cash, corrections, orders and refunds, and two tills; all by verbs."""

    def __init__(self) -> None:
        self.staff: Staff = factories.staff(sees_all_customers=True, daily_limit=Decimal(1000))
        self.other_staff: Staff = factories.staff("Jon", sees_all_customers=True)
        self.customer: Customer = factories.customer("Nord")
        self.other: Customer = factories.customer("Süd")
        ledger.till_id(self.other_staff.pk)
        by = self.staff.user
        self.cash = wallets.take_cash(self.customer, Decimal(20), by=by, now=NOW)
        wallets.take_cash(self.other, Decimal(5), by=by, now=NOW)
        wallets.gift(self.other, Decimal("0.5"), by=by, now=NOW, reason="late")
        self.order: Order = factories.order(self.customer, price=Decimal("1.3"))
        self.second: Order = factories.order(self.customer, price=Decimal("1.3"))
        self.charge = self.order.transfers.get()
        ledger.refund(self.order, Decimal("0.3"), by=None, memo="Partial", at=NOW)
        ledger.refund(self.order, Decimal("0.4"), by=None, memo="Partial", at=NOW)
        self.refund = self.order.transfers.order_by("id")[1]
        self.with_order = wallets.take_cash(
            self.customer, Decimal(2), by=by, now=NOW, order_id=self.second.pk
        )
        self.correction = wallets.adjust(self.customer, Decimal(-1), by=by, now=NOW, reason="slip")
        wallets.pay_out(self.customer, Decimal(3), by=by, now=NOW)
        self.drop = tills.drop(self.staff, Decimal(10), by=by, now=NOW, reference="a")
        count = tills.count_till(self.staff, Decimal(13), by=by, now=NOW)
        self.difference = tills.confirm_closing(count, by=factories.admin().user, now=NOW)
        self.wallet = Account.objects.get(customer=self.customer)
        self.other_wallet = Account.objects.get(customer=self.other)


@pytest.fixture
def books() -> Books:
    return Books()


def found() -> set[str]:
    return {finding.check for finding in ledger_check.check()}


def test_honest_books_are_clean(books: Books) -> None:
    assert ledger_check.check() == []


def test_empty_books_are_clean() -> None:
    assert ledger_check.check() == []


def house(kind: AccountKind) -> int:
    return ledger.house(kind)


TAMPERED: dict[str, tuple[set[str], Callable[[Books], None]]] = {
    "a wallet's balance": (
        {"balances"},
        lambda b: tamper.wallet(b.wallet, balance=b.wallet.balance + Decimal("0.00000001")),
    ),
    "the amount of a charge": (
        {"balances", "balances after", "orders"},
        lambda b: tamper.transfer(b.charge, amount=Decimal("1.2")),
    ),
    "the amount of cash taken": (
        {"balances", "balances after"},
        lambda b: tamper.transfer(b.cash, amount=Decimal("20.00000001")),
    ),
    "the amount of cash taken, its balance after and the wallet": (
        {"balances after"},
        lambda b: (
            tamper.transfer(b.cash, amount=Decimal(21), balance_after=Decimal(21)),
            tamper.wallet(b.wallet, balance=b.wallet.balance + 1),
        ),
    ),
    "the source of a charge: another wallet": (
        {"balances", "balances after", "references"},
        lambda b: tamper.transfer(b.charge, source=b.other_wallet),
    ),
    "the target of a charge: another house account": (
        {"accounts"},
        lambda b: tamper.transfer(b.charge, target_id=house(AccountKind.ADJUSTMENTS)),
    ),
    "the target of a refund: another wallet": (
        {"balances", "balances after", "references"},
        lambda b: tamper.transfer(b.refund, target=b.other_wallet),
    ),
    "source and target of a correction, swapped": (
        {"balances", "balances after"},
        lambda b: tamper.transfer(
            b.correction, source=b.correction.target, target=b.correction.source
        ),
    ),
    "the source of cash taken: another till": (
        {"references"},
        lambda b: tamper.transfer(b.cash, source_id=ledger.till_id(b.other_staff.pk)),
    ),
    "the source of cash taken with an order: another till": (
        {"references"},
        lambda b: tamper.transfer(b.with_order, source_id=ledger.till_id(b.other_staff.pk)),
    ),
    "the target of cash taken: another wallet": (
        {"balances", "balances after"},
        lambda b: tamper.transfer(b.cash, target=b.other_wallet),
    ),
    "the target of a drop: another till": (
        {"references"},
        lambda b: tamper.transfer(b.drop, target_id=ledger.till_id(b.other_staff.pk)),
    ),
    "the order of a charge: another order of the same client": (
        {"references", "orders"},
        lambda b: tamper.transfer(b.charge, order=b.second),
    ),
    "the order of a charge and its reference, gone": (
        {"references", "orders"},
        lambda b: tamper.transfer(b.charge, order=None, reference="x"),
    ),
    "the order of a refund, gone": (
        {"references", "orders"},
        lambda b: tamper.transfer(b.refund, order=None),
    ),
    "the order of cash taken with an order": (
        {"references"},
        lambda b: tamper.transfer(b.with_order, order=b.order),
    ),
    "the order of cash taken with an order, gone": (
        {"references"},
        lambda b: tamper.transfer(b.with_order, order=None),
    ),
    "an order given to cash taken without one": (
        {"references"},
        lambda b: tamper.transfer(b.cash, order=b.order),
    ),
    "the kind of a refund": (
        {"accounts", "orders"},
        lambda b: tamper.transfer(b.refund, kind=TransferKind.GIFT),
    ),
    "a charge deleted": (
        {"balances", "balances after", "orders"},
        lambda b: tamper.delete_transfer(b.charge),
    ),
    "a balance after": (
        {"balances after"},
        lambda b: tamper.transfer(b.charge, balance_after=Decimal(1)),
    ),
    "a balance after, gone": (
        {"balances after"},
        lambda b: tamper.transfer(b.charge, balance_after=None),
    ),
    "what an order says is refunded": (
        {"orders"},
        lambda b: Order.objects.filter(pk=b.order.pk).update(refunded=Decimal("0.3")),
    ),
    "the price of an order": (
        {"orders"},
        lambda b: Order.objects.filter(pk=b.second.pk).update(price=Decimal("1.30000001")),
    ),
    "a client without a wallet": (
        {"wallets"},
        lambda b: Customer.objects.create(name="x", created_at=NOW),
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_is_found(books: Books, what: str) -> None:
    expected, tampering = TAMPERED[what]

    tampering(books)

    assert found() == expected


@pytest.mark.parametrize("table", sql.APPEND_ONLY)
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_a_dropped_trigger_is_found(table: str, verb: str) -> None:
    on_table = f" ON {table}" if sql.is_postgresql() else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {table}_no_{verb}{on_table}")

    [finding] = ledger_check.check()

    assert (finding.check, f"{table}_no_{verb}" in finding.text) == ("triggers", True)
    sql.after_migrate()
    assert ledger_check.check() == []


def test_a_dropped_trigger_is_told_before_every_start() -> None:
    def warnings() -> list[str]:
        messages = run_checks(tags=[Tags.database], databases=["default"])
        return [m.msg for m in messages if m.id == "orders.W002"]

    assert warnings() == []
    tamper.lift_append_only()

    assert len(warnings()) == sum(len(sql.trigger_names(table)) for table in sql.APPEND_ONLY)
    assert any("orders_transfer_no_update" in warning for warning in warnings())


HOLLOW = {
    "sqlite": [
        "DROP TRIGGER orders_transfer_no_update",
        "CREATE TRIGGER orders_transfer_no_update BEFORE UPDATE ON orders_transfer"
        " BEGIN SELECT 1; END",
    ],
    "postgresql": ["ALTER TABLE orders_transfer DISABLE TRIGGER orders_transfer_no_update"],
    "postgresql, replicas only": [
        "ALTER TABLE orders_transfer ENABLE REPLICA TRIGGER orders_transfer_no_update"
    ],
    "postgresql, another function": [
        "CREATE OR REPLACE FUNCTION orders_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN NEW; END $$"
    ],
}


@pytest.mark.parametrize("how", HOLLOW)
def test_a_trigger_that_does_not_act_is_found(how: str) -> None:
    if not how.startswith(connection.vendor):
        pytest.skip("the other database's way")
    with connection.cursor() as cursor:
        for statement in HOLLOW[how]:
            cursor.execute(statement)

    assert found() == {"triggers"}
    sql.after_migrate()
    assert found() == set()


def test_the_check_asks_slice_by_slice(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    small = [replace(question, step=1) for question in asking.QUESTIONS]
    tamper.transfer(books.refund, amount=Decimal("0.31"))
    at_once = found()
    monkeypatch.setattr(asking, "QUESTIONS", small)

    with CaptureQueriesContext(connection) as queries:
        assert found() == at_once == {"balances", "balances after", "orders"}
    assert len(queries) > Transfer.objects.count()


def test_a_thousand_wrong_wallets_are_listed_as_a_hundred() -> None:
    staff = factories.staff(sees_all_customers=True, daily_limit=Decimal(1000))
    for n in range(105):
        customer = factories.customer(f"C{n}")
        wallets.gift(customer, Decimal(1), by=staff.user, now=NOW, reason="x")
    Account.objects.filter(kind=AccountKind.WALLET).update(balance=Decimal(2))

    findings = ledger_check.check()

    assert len(findings) == 101
    assert "there may be more" in str(findings[-1])


def test_sums_beyond_what_a_float_holds_are_exact() -> None:
    customer = factories.customer()
    wallet = Account.objects.get(customer=customer)
    big = Decimal("90000000.12345678")
    with transaction.atomic():
        for n in range(3):
            entry = ledger.Entry(
                TransferKind.GIFT, f"test:{n}", AccountKind.ADJUSTMENTS, wallet.pk, big
            )
            ledger.post([entry], at=NOW)
    assert ledger_check.check() == []

    tamper.wallet(wallet, balance=big * 3 + Decimal(1) / UNITS)

    assert found() == {"balances"}


def test_the_command_prints_one_line_when_clean(books: Books) -> None:
    out = StringIO()

    call_command("check_ledger", stdout=out)

    assert re.fullmatch(r"The ledger is clean: 2 wallets, \d+ transfers\n", out.getvalue())


def test_the_command_fails_and_says_what_it_found(books: Books) -> None:
    tamper.wallet(books.wallet, balance=Decimal(1))
    out, err = StringIO(), StringIO()

    with pytest.raises(CommandError, match="does not hold together: 1 finding"):
        call_command("check_ledger", stdout=out, stderr=err)

    assert "the wallet of client" in err.getvalue()
    with pytest.raises(CommandError):
        call_command("check_ledger", "--json", stdout=out, stderr=err)
    assert json.loads(out.getvalue())["clean"] is False


LIFTING = re.compile(
    r"(DISABLE|DROP)\s+TRIGGER|session_replication_role|TRUNCATE\s+(TABLE|orders)", re.IGNORECASE
)


def test_no_product_code_lifts_the_append_only_triggers() -> None:
    root = Path(settings.BASE_DIR)
    lines = [
        f"{path.relative_to(root)}: {line.strip()}"
        for folder in ("orders", "panel", "config")
        for path in sorted((root / folder).rglob("*.py"))
        for line in path.read_text().splitlines()
        if LIFTING.search(line)
    ]

    # SQLite has no CREATE OR REPLACE TRIGGER: the one that goes is made anew in the same breath.
    # What marks a day for the reports is no guard of the ledger.
    assert lines == [
        'orders/reports/marks.py: cursor.execute(f"DROP TRIGGER IF EXISTS {mark.name} ON'
        ' {mark.table}")',
        'orders/reports/marks.py: cursor.execute(f"DROP TRIGGER IF EXISTS {mark.name}")',
        'orders/reports/marks.py: yield f"DROP TRIGGER IF EXISTS {mark.name}"',
        'orders/sql/triggers.py: yield f"DROP TRIGGER IF EXISTS {name}"',
    ]

"""Queries that are written out: what they read is what the ORM reads, on both databases."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from orders import ledger, placement, rules, sql
from orders.enums import MarkupKind, OrderStatus, PriceLevel
from orders.models import (
    Account,
    Bound,
    Category,
    Customer,
    MarkupRule,
    Offer,
    Order,
    Panel,
    Provider,
    Service,
    Staff,
    User,
)
from orders.overlaps import open_orders_on
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db

READ = (
    *(Account, Bound, Category, Customer, MarkupRule, Offer, Order),
    *(Panel, Provider, Service, Staff, User),
)


def values(row: Model) -> dict[str, tuple[type, str, Any]]:
    """Every column's value with its type: 1 is not True, and 1.10 not 1.1 by its digits."""
    found = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {name: (type(value), str(value), value) for name, value in found.items()}


@pytest.fixture
def world() -> None:
    """A row of each, with fractions, moments, JSON and columns that are empty."""
    mira = factories.staff(markup="35.5")
    client = factories.customer(manager=mira, balance="10.00000001", credit_limit=Decimal("0.5"))
    dear = factories.provider(exchange_rate=Decimal("1.1"), factor=Decimal("1.035"))
    offer = factories.offer(dear, rate=Decimal("0.12345678"), retired_at=NOW)
    service = factories.service(offer, accepted_cost=Decimal("0.14055555"))
    factories.order(client, service, client_key="form-1")
    bind(PriceLevel.STAFF, staff=mira)


@pytest.mark.parametrize("model", READ)
def test_a_row_is_the_one_that_the_orm_reads(model: type[Model], world: None) -> None:
    table = model._meta.db_table
    query = sql.Query(f"SELECT {{it}} FROM {table} AS it ORDER BY it.{key(model)}", it=model)
    read, expected = query.rows(), list(model._default_manager.order_by("pk"))
    assert read
    assert [values(row) for (row,) in read] == [values(row) for row in expected]
    assert not any(row._state.adding for (row,) in read)


def key(model: type[Model]) -> str:
    return str(model._meta.pk.column)


def test_rows_are_read_together_and_what_is_not_there_is_none(world: None) -> None:
    query = sql.Query(
        "SELECT {client}, {manager} FROM orders_customer AS client"
        " LEFT JOIN orders_staff AS manager ON manager.id = client.manager_id"
        " WHERE client.id = %s",
        client=Customer,
        manager=Staff,
    )
    managed, alone = Customer.objects.get(), factories.customer()
    assert query.first(managed.pk) == (managed, managed.manager)
    assert query.first(alone.pk) == (alone, None)
    assert query.first(0) is None


@pytest.mark.parametrize("model", READ)
def test_columns_are_those_that_the_orm_reads(model: type[Model], world: None) -> None:
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields]
    reading = sql.Reading(model, [one.name for one in fields], gathered, f"ORDER BY {key(model)}")
    expected = list(model._default_manager.order_by("pk").values_list(*names))
    assert [typed(row) for row in reading.rows()] == [typed(row) for row in expected]


def gathered(*values: Any) -> tuple[Any, ...]:
    return values


def typed(row: Sequence[Any]) -> list[tuple[type, str]]:
    return [(type(value), str(value)) for value in row]


def test_columns_of_many_numbers_are_read_in_order(world: None) -> None:
    numbers = [factories.order().pk for _ in range(3)]
    reading = sql.Reading(Order, ["id", "status"], gathered, "WHERE id {among} ORDER BY id")
    found = reading.rows(sql.as_one_value([numbers[2], numbers[0], 0]))
    assert found == [(numbers[0], OrderStatus.PENDING), (numbers[2], OrderStatus.PENDING)]
    assert reading.rows(sql.as_one_value([])) == []


def test_without_models_a_row_is_as_it_came() -> None:
    assert sql.Query("SELECT 1, %s").rows("a") == [(1, "a")]


# ── Those that are written beside one of the ORM's ───────────────────────────────────────────


def test_markups_and_bounds_of_one_service_are_those_of_many() -> None:
    """Of each scope one that speaks about this sale and one that does not, or not any more."""
    mira, other = factories.staff(markup="35"), factories.staff(markup="36")
    client, stranger = (factories.customer(manager=whose) for whose in (mira, other))
    service, elsewhere = (factories.service(factories.offer(category=name)) for name in "ab")
    for buyer in (client, stranger):
        for sold in (service, elsewhere):
            mark_up(PriceLevel.CUSTOMER_SERVICE, customer=buyer, service=sold)
            mark_up(PriceLevel.CUSTOMER_CATEGORY, customer=buyer, category=sold.category)
        mark_up(PriceLevel.CUSTOMER, customer=buyer)
    for sold in (service, elsewhere):
        for level, scope in (
            (PriceLevel.SERVICE, {"service": sold}),
            (PriceLevel.CATEGORY, {"category": sold.category}),
        ):
            mark_up(level, **scope)
            mark_up(level, **scope)
            bind(level, **scope)
    for member in (mira, other):
        bind(PriceLevel.STAFF, staff=member)

    for buyer, placing in ((client, None), (client, other), (factories.customer(), mira)):
        staff = buyer.manager or placing
        acting = rules.reading.acting_rules([service], buyer, staff.pk if staff else None)
        markups = rules.markups_for(buyer, service, placing)
        assert markups == rules.reading.markups_of(acting, service)
        assert len(markups) == (7 if buyer == client else 4)
        bounds = rules.reading.acting_bounds([service], staff.pk if staff else None)
        terms = rules.terms_for(service, staff)
        assert terms == rules.reading.terms_of(bounds, service, Panel.objects.get())
        assert len(terms.floors) == 4


def mark_up(level: PriceLevel, **scope: Any) -> None:
    later = NOW + timedelta(days=MarkupRule.objects.count())
    rules.set_markup(level, MarkupKind.PERCENT, Decimal(later.day + 30), None, later, **scope)


def bind(level: PriceLevel, **scope: Any) -> None:
    floor = Decimal("2.5")
    rules.set_bound(level, floor_percent=floor, ceiling_percent=None, by=None, now=NOW, **scope)


def test_a_program_is_told_of_the_open_orders_of_its_customer_alone() -> None:
    client, stranger = factories.customer(), factories.customer()
    mine = [factories.order(client) for _ in range(7)]
    factories.order(stranger)
    factories.order(client, status=OrderStatus.COMPLETED)
    link = mine[0].link
    newest = [order.pk for order in reversed(mine)][:5]
    assert open_orders_on(link, None, client) == newest
    assert open_orders_on(link, factories.admin().user, stranger) != newest


def test_a_wallet_is_locked_with_its_customer_as_they_stand() -> None:
    client = factories.customer(balance="7")
    Customer.objects.filter(pk=client.pk).update(is_blocked=True)
    wallet, read = ledger.lock_wallet_of(client.pk)
    assert (wallet.pk, wallet.balance) == (ledger.wallet_id(client.pk), 7)
    assert (read, read.is_blocked) == (client, True)


# ── What one placement asks ──────────────────────────────────────────────────────────────────


def test_an_order_is_placed_with_a_dozen_statements_and_stored_as_it_was_made() -> None:
    client, service = factories.customer(balance="10"), factories.service()
    fields = {"link": "https://instagram.com/one", "quantity": "1000"}
    with CaptureQueriesContext(connection) as captured:
        placed = placement.place(
            client, service.pk, fields, by=None, now=NOW, client_key="form-1", overlap_ok=True
        )
    asked = [query["sql"] for query in captured if not query["sql"].startswith(CONTROL)]
    assert len(asked) <= 13
    stored = Order.objects.get()
    assert {name: value for name, (_, _, value) in values(stored).items()} == {
        name: value for name, (_, _, value) in values(placed.order).items()
    }


CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")

"""A year of orders, and half as many in the year before, written by one statement a table.

Every row is told from its number, so two runs make the same. Marks are lifted meanwhile: the first
summing begins from nothing, as after an upgrade.
"""

from datetime import datetime
from typing import Any

from django.db import connection

from orders import ledger, sql
from orders.enums import AccountKind, MarkupKind, PriceLevel
from orders.models import Account, Category, Customer, Offer, Order, Service, Staff, Transfer
from orders.reports import marks
from tests.benchmarks import bulk
from tests.support import factories

DAYS = 365
CUSTOMERS, SERVICES, CATEGORIES, PROVIDERS, MEMBERS = 5_000, 500, 40, 3, 10

_STATUS = (
    "CASE WHEN n % 40 = 0 THEN 'canceled' WHEN n % 25 = 0 THEN 'partial'"
    " WHEN age < 2 THEN 'in_progress' ELSE 'completed' END"
)


def plant(count: int, now: datetime) -> Staff:
    """Write the rows; returns the owner."""
    owner = factories.owner()
    members = [
        factories.staff(f"Member {n}", markup=str(25 + n), sees_cost=True) for n in range(MEMBERS)
    ]
    _customers(members, now)
    _services(now)
    first = {
        model: model._default_manager.order_by("pk").values_list("pk", flat=True)[0]
        for model in (Customer, Service)
    }
    with connection.cursor() as cursor:
        _lift_marks(cursor)
    with bulk.unhindered("orders_order", "orders_transfer") as cursor:
        for begin, size in ((0, count), (DAYS, count // 2)):
            cursor.execute(*_orders(begin, size, first, members, now))
        cursor.execute(*_charges())
        cursor.execute(*_refunds())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    marks.install()
    return owner


def member() -> Staff:
    """One of those who see their own clients alone, and what these cost."""
    return Staff.objects.filter(sees_cost=True, is_owner=False).order_by("pk")[0]


def _customers(members: list[Staff], now: datetime) -> None:
    Customer.objects.bulk_create(
        Customer(
            name=f"Client {n}",
            # Every second client has a manager; the tenth of them is a member's own share.
            manager=members[n // 2 % MEMBERS] if n % 2 else None,
            created_at=now,
        )
        for n in range(CUSTOMERS)
    )
    Account.objects.bulk_create(
        Account(kind=AccountKind.WALLET, customer=customer, balance=0)
        for customer in Customer.objects.filter(wallet=None)
    )


def _services(now: datetime) -> None:
    providers = [factories.provider(f"Bulkhaus {n}") for n in range(PROVIDERS)]
    categories = Category.objects.bulk_create(
        Category(name=f"Category {n}") for n in range(CATEGORIES)
    )
    offers = Offer.objects.bulk_create(
        Offer(
            provider=providers[n % PROVIDERS],
            upstream_id=str(n),
            name=f"Service {n}",
            type_name="Default",
            service_type="default",
            rate=1,
            least=1,
            most=10_000,
            first_seen_at=now,
            rate_changed_at=now,
        )
        for n in range(SERVICES)
    )
    Service.objects.bulk_create(
        Service(
            name=f"Service {n}",
            category=categories[n % CATEGORIES],
            offer=offer,
            accepted_cost=1,
            created_at=now,
        )
        for n, offer in enumerate(offers)
    )


def _orders(
    begin: int, count: int, first: dict[Any, int], members: list[Staff], now: datetime
) -> tuple[str, list[Any]]:
    """One statement: `n` is the order's number in its year, `age` how many days ago it was."""
    member = f"{members[0].pk} + (n / 7) % {MEMBERS}"
    user = f"{members[0].user_id} + (n / 7) % {MEMBERS}"
    price, cost = "(n % 900 + 100) * 1000000", "(n % 900 + 100) * 740000"
    columns = {
        "customer_id": f"{first[Customer]} + (n * 7919) % {CUSTOMERS}",
        "service_id": "s.id",
        "provider_id": "o.provider_id",
        "offer_id": "s.offer_id",
        "placed_by_id": f"CASE WHEN n % 2 = 0 THEN {user} END",
        "managed_by_id": f"CASE WHEN n % 2 = 0 THEN {member} END",
        "markup_of_id": f"CASE WHEN n % 2 = 0 THEN {member} END",
        "placed_at": _moment("age", now),
        "status": _STATUS,
        "price": price,
        "refunded": f"CASE WHEN n % 40 = 0 THEN {price} WHEN n % 25 = 0 THEN {price} / 2"
        " ELSE 0 END",
        "expected_cost": cost,
        "expected_charge_upstream": cost,
        "cost": f"CASE WHEN age < 2 OR n % 40 = 0 THEN NULL WHEN n % 25 = 0 THEN {cost} / 2"
        f" WHEN n % 500 = 1 THEN {cost} * 2 ELSE {cost} END",
        "charge_upstream": f"CASE WHEN age < 2 OR n % 40 = 0 THEN NULL WHEN n % 500 = 1"
        f" THEN {cost} * 2 ELSE {cost} END",
        "upstream_id": f"'{begin}-' || n",
        "link": "'https://instagram.com/client' || n",
        "link_key": "'instagram.com/client' || n",
        **{name: _moment("age", now) for name in ("status_at", "waiting_since", "changed_at")},
    }
    fixed = {
        "upstream_service_id": "1",
        "service_type": "default",
        "quantity": 1000,
        "billable": 1000,
        "cost_currency": "USD",
        "exchange_rate": 1,
        "factor": 1,
        "rate": 1,
        "cost_rate_upstream": 1,
        "markup_level": PriceLevel.PANEL,
        "markup_kind": MarkupKind.PERCENT,
        "markup_value": 35,
        "stages": [{"stage": name, "value": "1.00000000"} for name in ("cost", "markup", "rate")],
    }
    source = (
        f"FROM (SELECT n, {begin} + n * {float(DAYS)} / {count} AS age FROM numbers) p"
        f" JOIN orders_service s ON s.id = {first[Service]} + (n * 31) % {SERVICES}"
        " JOIN orders_offer o ON o.id = s.offer_id"
    )
    return _insert(Order, columns, fixed, source, count)


def _moment(age: str, now: datetime) -> str:
    if sql.is_postgresql():
        return f"'{now.isoformat()}'::timestamptz - ({age}) * interval '1 day'"
    return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', '{now:%Y-%m-%d %H:%M:%S}', -({age}) || ' days')"


def _charges() -> tuple[str, list[Any]]:
    columns = {
        "reference": "'order:' || o.id || ':charge'",
        "source_id": "a.id",
        "target_id": str(ledger.house(AccountKind.SALES)),
        "amount": "o.price",
        "balance_after": "0",
        "order_id": "o.id",
        "at": "o.placed_at",
    }
    source = "FROM orders_order o JOIN orders_account a ON a.customer_id = o.customer_id"
    return _insert(Transfer, columns, {"kind": "order"}, source)


def _refunds() -> tuple[str, list[Any]]:
    later = "o.placed_at + interval '6 hours'"
    if not sql.is_postgresql():
        later = "strftime('%%Y-%%m-%%d %%H:%%M:%%f', o.placed_at, '+6 hours')"
    columns = {
        "reference": "'order:' || o.id || ':refunded-to:' || o.refunded",
        "source_id": str(ledger.house(AccountKind.SALES)),
        "target_id": "a.id",
        "amount": "o.refunded",
        "balance_after": "0",
        "order_id": "o.id",
        "at": later,
    }
    source = (
        "FROM orders_order o JOIN orders_account a ON a.customer_id = o.customer_id"
        " WHERE o.refunded > 0"
    )
    return _insert(Transfer, columns, {"kind": "refund"}, source)


def _insert(
    model: Any, columns: dict[str, str], fixed: dict[str, Any], source: str, count: int = 0
) -> tuple[str, list[Any]]:
    """An insertion that gives what is not named its default."""
    values: list[Any] = []
    for field in model._meta.concrete_fields:
        if field.column in columns or field.primary_key:
            continue
        given = fixed.get(field.name, field.get_default())
        values.append(field.get_db_prep_save(given, connection))
        columns[field.column] = "%s"
    # What has a parameter stands last, in the order of the parameters.
    numbers = ""
    if count:
        numbers = (
            "WITH RECURSIVE numbers(n) AS (SELECT CAST(1 AS bigint)"
            f" UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) "
        )
    chosen = ", ".join(columns.values()).replace(" % ", " %% ")
    source = source.replace(" % ", " %% ")
    statement = f"INSERT INTO {model._meta.db_table} ({', '.join(columns)})"
    if sql.is_postgresql():
        return f"{numbers}{statement} SELECT {chosen} {source}", values
    return f"{statement} {numbers}SELECT {chosen} {source}", values


def _lift_marks(cursor: Any) -> None:
    for mark in marks.MARKS:
        on_table = f" ON {mark.table}" if sql.is_postgresql() else ""
        cursor.execute(f"DROP TRIGGER IF EXISTS {mark.name}{on_table}")

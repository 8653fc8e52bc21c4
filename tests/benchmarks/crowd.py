"""Orders by the million in every state that the lists tell apart, and nothing beside them.

However many there are, 151 customers bought 149 services of three providers, so that a filter
finds full pages among few as well. Of the newest tenth every second order is open; what waits for
a person lies all through the years. Ids rise with time. Every row is told from its number.
Indexes are built once the rows are in; references are not checked.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from orders.enums import HoldReason, MarkupKind, PriceLevel
from orders.models import Account, Category, Customer, Offer, Order, Service, Staff
from tests.benchmarks import bulk, stage, year
from tests.support import factories

DAYS, PROVIDERS, MEMBERS, SHELVES = 730, 3, 10, 40
CUSTOMERS, SERVICES = 151, 149
"""Primes, so that what is told from an order's number by one says nothing about the other."""

_IS_OPEN = "n > last * 0.9 AND n % 2 = 0"
_OPEN = (
    "CASE WHEN n % 100 = 0 THEN 'sending' WHEN n % 5 = 0 THEN 'waiting' WHEN n % 5 = 1 THEN"
    " 'pending' WHEN n % 5 = 2 THEN 'processing' ELSE 'in_progress' END"
)
_RUNS = f"{_IS_OPEN} AND n % 5 > 0"
_WAITS = f"{_IS_OPEN} AND n % 5 = 0 AND n % 100 > 0"
_ENDED = (
    "CASE WHEN n % 157 = 1 THEN 'unconfirmed' WHEN n % 157 = 3 THEN 'failed' WHEN n % 157 = 7 THEN"
    " 'refused' WHEN n % 41 = 9 THEN 'canceled' WHEN n % 23 = 4 THEN 'partial' ELSE 'completed' END"
)
_IS_PARTIAL = f"NOT ({_IS_OPEN}) AND n % 23 = 4 AND n % 41 <> 9 AND n % 157 > 7"
_IS_CANCELED = f"NOT ({_IS_OPEN}) AND n % 41 = 9 AND n % 157 > 7"


@contextmanager
def beside(few: int, many: int) -> Iterator[tuple[str, str]]:
    """Two databases, with few orders and with many; their names, for `stage.speaking_to`."""
    now = timezone.now()
    with stage.database("few") as small, stage.database("many") as large:
        for name, count in ((small, few), (large, many)):
            with stage.speaking_to(name):
                plant(count, now)
        yield small, large


def plant(count: int, now: datetime, **columns: str) -> Staff:
    """Write `count` orders and all that they refer to; returns the owner. `columns` are said in SQL
    in place of what is usual."""
    owner = factories.owner()
    members = [factories.staff(f"Member {n}", sees_cost=True) for n in range(MEMBERS)]
    factories.panel_prices()
    _customers(members, now)
    _services(now)
    with bulk.unhindered("orders_order") as cursor:
        cursor.execute(*_orders(count, members, now, columns))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM orders_order")
        cursor.execute("ANALYZE")
    assert Order.objects.get(pk=count).placed_at >= now - timedelta(minutes=1)
    return owner


def _customers(members: list[Staff], now: datetime) -> None:
    rows = Customer.objects.bulk_create(
        (
            Customer(
                name=f"Client {n}",
                phone=f"38160{n:07}",
                email=f"client{n}@example.com",
                manager=members[n // 2 % MEMBERS] if n % 2 else None,
                created_at=now,
            )
            for n in range(CUSTOMERS)
        ),
    )
    Account.objects.bulk_create(Account(kind="wallet", customer=row, balance=0) for row in rows)


def _services(now: datetime) -> None:
    providers = [factories.provider(f"Bulkhaus {n}") for n in range(PROVIDERS)]
    shelves = Category.objects.bulk_create(Category(name=f"Shelf {n}") for n in range(SHELVES))
    offers = Offer.objects.bulk_create(
        Offer(
            provider=providers[n % PROVIDERS],
            upstream_id=str(n),
            name=f"Service {n}",
            type_name="Default",
            service_type="default",
            rate=1,
            least=10,
            most=10_000,
            first_seen_at=now,
            rate_changed_at=now,
        )
        for n in range(SERVICES)
    )
    Service.objects.bulk_create(
        Service(
            name=f"Service {n}",
            category=shelves[n % SHELVES],
            offer=offer,
            accepted_cost=1,
            created_at=now,
        )
        for n, offer in enumerate(offers)
    )


def _orders(
    count: int, members: list[Staff], now: datetime, said: dict[str, str]
) -> tuple[str, list[Any]]:
    """One statement: `n` is the order's number, `placed` its moment. Rows are not sorted, which
    would write all of them twice: services are few, and joining them leaves the numbers in order.
    """
    first_customer, first_service = (
        model._default_manager.order_by("pk").values_list("pk", flat=True)[0]
        for model in (Customer, Service)
    )
    price, cost = "(n % 900 + 100) * 1000000", "(n % 900 + 100) * 740000"
    back = f"CASE WHEN {_IS_CANCELED} THEN {price} WHEN {_IS_PARTIAL} THEN {price} / 2 ELSE 0 END"
    placed = year._moment(f"{float(DAYS)} * (1 - n / {float(count)})", now)
    status = f"CASE WHEN {_IS_OPEN} THEN {_OPEN} ELSE {_ENDED} END"
    staff = "(n / 7) % " + str(MEMBERS)
    columns = {
        "customer_id": f"{first_customer} + (n * 7919) % {CUSTOMERS}",
        "service_id": "s.id",
        "provider_id": "o.provider_id",
        "offer_id": "s.offer_id",
        "placed_by_id": f"CASE WHEN n % 3 > 0 THEN {members[0].user_id} + {staff} END",
        "managed_by_id": f"CASE WHEN n % 3 > 0 THEN {members[0].pk} + {staff} END",
        "markup_of_id": f"CASE WHEN n % 3 > 0 THEN {members[0].pk} + {staff} END",
        "placed_at": "placed",
        "status": status,
        "hold": f"CASE WHEN {_WAITS} AND n % 3 = 0 THEN '{HoldReason.STAFF}' ELSE '' END",
        "tier": f"CASE WHEN {_RUNS} THEN 1 + n / 2 % 4 END",
        "support_asked_at": f"CASE WHEN {_RUNS} AND n % 7 = 0 THEN placed END",
        "refund_unknown": f"{_IS_PARTIAL} AND n % 4 = 1",
        "price": price,
        "refunded": back,
        "expected_cost": cost,
        "expected_charge_upstream": cost,
        "cost": f"CASE WHEN NOT ({_IS_OPEN}) THEN {cost} END",
        "charge_upstream": f"CASE WHEN NOT ({_IS_OPEN}) THEN {cost} END",
        "remains": f"CASE WHEN {_RUNS} THEN n % 1000 END",
        "start_count": "n % 100000",
        "upstream_id": f"CASE WHEN {_WAITS} THEN NULL ELSE (700000000 + n)::text END",
        "link": "'https://instagram.com/client' || n % 1000003",
        "link_key": "'instagram.com/client' || n % 1000003",
        "details": """'{"link": "https://instagram.com/client", "quantity": 1000}'""",
        **dict.fromkeys(("status_at", "waiting_since", "changed_at"), "placed"),
        **said,
    }
    fixed = {
        "upstream_service_id": "1",
        "service_type": "default",
        "quantity": 1000,
        "billable": 1000,
        "delivery_total": 1000,
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
        f"FROM (SELECT n, {count} AS last, {placed} AS placed"
        f" FROM generate_series(1::bigint, {count}) n OFFSET 0) p"
        f" JOIN orders_service s ON s.id = {first_service} + (n * 31) % {SERVICES}"
        " JOIN orders_offer o ON o.id = s.offer_id"
    )
    return year._insert(Order, columns, fixed, source)

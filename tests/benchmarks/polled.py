"""Open orders at one provider, with their money and history, written by one statement a table.

`python -m tests.benchmarks.polled 1000000` writes a million into the empty database that
DATABASE_URL names. An order's number at the provider is its own; `answering` tells from it what
becomes of the order, and `wrong` looks whether that is what was written down.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import django

from tests.benchmarks import answering

CUSTOMERS = 5_000
PRICE, CHARGE = 130_000_000, 100_000_000
OPENING = 10**6 * 10**8
"""What each wallet held at first. Amounts are in units, a hundred millionth each."""

TOTAL = 1000


def plant(orders: int, now: datetime, *, providers: int = 1) -> list[Any]:
    """Write the rows; returns the providers, whose orders take turns."""
    from orders.models import Service
    from orders.reports import marks
    from tests.benchmarks import stage, year
    from tests.support import factories

    customers = _customers(min(CUSTOMERS, orders), now)
    found = [
        factories.provider(
            f"Bulkhaus {n}", requests_per_second="9999", requests_at_once=8, created_at=now
        )
        for n in range(providers)
    ]
    services = [factories.service(factories.offer(one)) for one in found]
    first = {"customer": customers, "service": services[0].pk, "offer": services[0].offer_id}
    assert [one.pk for one in Service.objects.order_by("pk")] == [one.pk for one in services]
    with stage.unhurried() as cursor:
        year._lift_marks(cursor)
        for model, columns, source in _rows(orders, found, first, now):
            cursor.execute(*year._insert(model, columns, _FIXED.get(model.__name__, {}), source))
        cursor.execute(
            "UPDATE orders_account a SET balance = t.sum FROM (SELECT target_id, SUM(amount) AS sum"
            " FROM (SELECT target_id, amount FROM orders_transfer UNION ALL"
            " SELECT source_id, -amount FROM orders_transfer) m GROUP BY 1) t"
            " WHERE a.id = t.target_id AND a.kind = 'wallet'"
        )
    with stage.unhurried() as cursor:
        cursor.execute("VACUUM ANALYZE")
    marks.install()
    return found


def _customers(count: int, now: datetime) -> int:
    """Clients with wallets, every fourth with a sign-in; returns the first one's number."""
    from orders.enums import AccountKind
    from orders.models import Account, Customer, User

    users = User.objects.bulk_create(
        User(email=f"client{n}@example.com", password="!", name=f"Client {n}")
        for n in range(0, count, 4)
    )
    made = Customer.objects.bulk_create(
        Customer(name=f"Client {n}", user=None if n % 4 else users[n // 4], created_at=now)
        for n in range(count)
    )
    Account.objects.bulk_create(
        Account(kind=AccountKind.WALLET, customer=one, balance=0) for one in made
    )
    return int(made[0].pk)


_FIXED: dict[str, dict[str, Any]] = {
    "Order": {
        "upstream_service_id": "1",
        "service_type": "default",
        "quantity": TOTAL,
        "billable": TOTAL,
        "delivery_total": TOTAL,
        "cost_rate_upstream": 1,
        "cost_currency": "USD",
        "exchange_rate": 1,
        "factor": 1,
        "markup_level": "panel",
        "markup_kind": "percent",
        "markup_value": 30,
        "rate": "1.3",
        "price": "1.3",
        "expected_charge_upstream": 1,
        "expected_cost": 1,
        "details": {"link": "https://instagram.com/client", "quantity": TOTAL},
        "stages": [{"stage": name, "value": "1.00000000"} for name in ("cost", "markup", "rate")],
        "status": "in_progress",
        "upstream_status": answering.SAME.status,
        "start_count": answering.SAME.start_count,
        "remains": answering.SAME.remains,
        "charge_upstream": answering.SAME.charge,
        "cost": answering.SAME.charge,
        "tier": 1,
    },
    "Event": {"kind": "sent"},
    "Movement": {"kind": "charge", "amount": -1},
}


def _rows(
    orders: int, providers: Sequence[Any], first: dict[str, int], now: datetime
) -> list[tuple[Any, dict[str, str], str]]:
    """The tables in turn: what differs from row to row, and from what it is told."""
    from orders import ledger
    from orders.enums import AccountKind
    from orders.models import Event, Movement, Order, Transfer

    then = f"'{(now - timedelta(minutes=30)).isoformat()}'::timestamptz"
    many = min(CUSTOMERS, orders)
    which = f"mod(n, {len(providers)})"
    numbers = f"FROM generate_series(1, {orders}) n"
    order = {
        "customer_id": f"{first['customer']} + mod(n, {many})",
        "service_id": f"{first['service']} + {which}",
        "offer_id": f"{first['offer']} + {which}",
        "provider_id": f"{providers[0].pk} + {which}",
        "upstream_id": "n::text",
        "link": "'https://instagram.com/client' || n",
        "link_key": "'instagram.com/client' || n",
        **dict.fromkeys(("placed_at", "status_at", "waiting_since", "changed_at"), then),
    }
    opening = {
        "kind": "'correction'",
        "reference": "'opening:' || a.id",
        "source_id": str(ledger.house(AccountKind.ADJUSTMENTS)),
        "target_id": "a.id",
        "amount": str(OPENING),
        "balance_after": str(OPENING),
        "at": then,
    }
    wallets = "JOIN orders_account a ON a.customer_id = o.customer_id"
    charge = {
        "kind": "'order'",
        "reference": "'order:' || o.id || ':charge'",
        "source_id": "a.id",
        "target_id": str(ledger.house(AccountKind.SALES)),
        "amount": "o.price",
        "balance_after": f"{OPENING} - {PRICE}"
        " * row_number() OVER (PARTITION BY o.customer_id ORDER BY o.id)",
        "order_id": "o.id",
        "at": then,
    }
    of_order = {"order_id": "o.id", "at": then}
    moved = of_order | {"provider_id": "o.provider_id", "begun_at": then, "recorded_at": then}
    return [
        (Order, order, numbers),
        (Transfer, opening, "FROM orders_account a WHERE a.kind = 'wallet' ORDER BY a.id"),
        (Transfer, charge, f"FROM orders_order o {wallets} ORDER BY o.id"),
        (Event, of_order, "FROM orders_order o"),
        (Movement, moved, "FROM orders_order o"),
    ]


# ── What must have become of them ────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Outcome:
    """How an order of this place among a hundred stands once its news are written down."""

    status: str
    word: str
    remains: int
    refunded: int


_STATUS = {
    "In progress": "in_progress",
    "Completed": "completed",
    "Partial": "partial",
    "Canceled": "canceled",
}


def _outcome(said: answering.Said) -> Outcome:
    status = _STATUS[said.status]
    back = {"canceled": PRICE, "partial": PRICE * said.remains // TOTAL}.get(status, 0)
    return Outcome(status, said.status, said.remains, back)


OUTCOMES = [_outcome(answering.story_at(place)) for place in range(answering.OF)]


def stories(orders: int) -> list[Outcome]:
    """What becomes of each order with news of its own, from the first on."""
    told = (answering.story(number) for number in range(1, orders + 1))
    return [_outcome(said) for said in told if said not in (None, answering.SAME)]


def changed(orders: int) -> int:
    """How many of them have news, errors among them."""
    return len(stories(orders)) + mistaken(orders)


def mistaken(orders: int) -> int:
    """How many are answered with an error."""
    return (orders + 1) // (answering.WRONG + 1)


def refunded(orders: int) -> int:
    """What all of them give back, in units."""
    return sum(one.refunded for one in stories(orders))


def wrong(until: int, *, has_moved: bool = True, has_refunds: bool = True) -> int:
    """Orders with a number up to that which do not stand as was told."""
    from django.db import connection

    one = _outcome(answering.SAME)
    columns = zip(
        *((o.status, o.word, o.remains, o.refunded) for o in (OUTCOMES if has_moved else [one])),
        strict=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM orders_order o JOIN"
            " unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[]) WITH ORDINALITY"
            " AS t(status, word, remains, refunded, place)"
            f" ON t.place - 1 = mod({answering.STRIDE} * o.upstream_id::bigint, %s)"
            " WHERE o.upstream_id::bigint <= %s AND mod(o.upstream_id::bigint, %s) <> %s"
            " AND (o.status, o.upstream_status, o.remains, o.refunded)"
            " IS DISTINCT FROM (t.status, t.word, t.remains, %s * t.refunded)",
            [
                *map(list, columns),
                len(OUTCOMES) if has_moved else 1,
                until,
                answering.WRONG + 1,
                answering.WRONG,
                int(has_refunds),
            ],
        )
        return int(cursor.fetchone()[0])


def main(orders: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from tests.benchmarks import reports

    reports._make_database()
    call_command("migrate", verbosity=0)
    reports._timed("planting", lambda: len(plant(orders, timezone.now())))


if __name__ == "__main__":
    main(int(sys.argv[1]))

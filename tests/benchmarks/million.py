"""What pages cost beside a million orders: `python -m tests.benchmarks.million 1000000`.

Overview, the list of orders, reconciliation; and as the baseline what one look at every row of
their tables costs, so that a page that scanned would show. On the empty database that DATABASE_URL
names, PostgreSQL's.

    .venv/bin/python .ci/services.py .venv/bin/python -m tests.benchmarks.million 1000000
"""

import os
import sys
from typing import Any

import django

LISTS = (
    *("", *(f"?tab={tab}" for tab in ("waiting", "running", "late", "completed", "partial"))),
    *("?q=client77", "?q=12345", "?client=77", "?service=7", "?provider=1", "?person=2"),
    *("?client=77&service=7", "?service=7&provider=2&tab=partial", "?until=2025-11-28&person=3"),
)
READINGS_OVER = 35
"""Days of which every minute's reading is kept; older ones stay by the hour."""


def main(orders: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from tests.benchmarks import reports, year

    reports._make_database()
    call_command("migrate", verbosity=0)
    now = timezone.now()
    owner = reports._timed("planting", lambda: year.plant(orders * 2 // 3, now))
    reports._timed("movements and readings", _movements)
    for name, who in (("the owner", owner), ("a member with 250 clients", year.member())):
        print(name, flush=True)
        measure(who)
    scans()


def _movements() -> str:
    """A charge for each order, a return for each that ended early, and readings that fit them."""
    from django.db import connection

    with connection.cursor() as cursor:
        for kind, amount, later, of in _KINDS:
            cursor.execute(
                "INSERT INTO orders_movement (provider_id, order_id, kind, amount, begun_at, at,"
                " recorded_at, memo, token)"
                f" SELECT provider_id, id, '{kind}', {amount}, placed_at + interval '{later}',"
                f" placed_at + interval '{later}' + interval '2 seconds', placed_at, '', NULL"
                f" FROM orders_order WHERE {of}"
            )
        for step, since, until in (
            ("1 minute", f"{READINGS_OVER} days", "0"),
            ("1 hour", "400 days", f"{READINGS_OVER} days"),
        ):
            cursor.execute(
                "INSERT INTO orders_balancereading (provider_id, at, answered_at, amount, currency)"
                " SELECT p.id, t, t + interval '1 second', 100000000000000 - extract(epoch FROM"
                " t - now())::bigint * 1000, 'USD' FROM orders_provider p, generate_series("
                f"now() - interval '{since}', now() - interval '{until}', interval '{step}') t"
            )
        cursor.execute("ANALYZE")
        cursor.execute(
            "SELECT (SELECT count(*) FROM orders_movement),"
            " (SELECT count(*) FROM orders_balancereading)"
        )
        return "{:,} movements, {:,} readings".format(*cursor.fetchone())


_KINDS = (
    ("charge", "-expected_charge_upstream", "10 seconds", "expected_charge_upstream > 0"),
    ("return", "expected_charge_upstream", "6 hours", "status = 'canceled'"),
    ("return", "expected_charge_upstream / 2", "6 hours", "status = 'partial'"),
)


def measure(who: Any) -> None:
    """Each page's first request, then the median of five."""
    from django.test import Client
    from django.urls import reverse

    from orders.models import Provider
    from tests.benchmarks import costs

    client = Client(headers={"host": "localhost"})
    client.force_login(who.user)
    account = reverse("staff:reconciliation_account", args=[Provider.objects.all()[0].pk])
    pages = [reverse("staff:overview"), *(reverse("staff:orders") + query for query in LISTS)]
    if who.is_owner or who.sees_cost:
        every = reverse("staff:reconciliation")
        pages += [f"{url}?days={days}" for url in (every, account) for days in (7, 30, 90)]
    for url in pages:
        first = costs.once(lambda url=url: client.get(url))
        assert client.get(url).status_code == 200
        cost = costs.of(lambda url=url: client.get(url))
        print(f"{url:<40} {cost}; first {first.cpu:.3f} s", flush=True)


def scans() -> None:
    """Every row once, of the tables behind these pages."""
    from django.db.models import Sum

    from orders.models import BalanceReading, Movement, Order, Transfer
    from tests.benchmarks import costs

    columns = {Order: "price", Transfer: "amount", Movement: "amount", BalanceReading: "amount"}
    for model, column in columns.items():
        rows: Any = model._default_manager
        cost = costs.of(lambda rows=rows, column=column: rows.aggregate(Sum(column)))
        print(f"every row of {model._meta.db_table:<26} {cost}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""How long reports take: `python -m tests.benchmarks.reports 1000000`, on the database that
DATABASE_URL names (an empty one; SQLite without). It prints seconds; nothing is asserted.

    .venv/bin/python .ci/services.py .venv/bin/python -m tests.benchmarks.reports 1000000
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import django

TIMES = 5


def main(count: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from orders.reports import agreement, rolling
    from tests.benchmarks import year

    now = timezone.now()
    _make_database()
    call_command("migrate", verbosity=0)
    owner = _timed("planting", lambda: year.plant(count, now))
    _timed("first summing", lambda: rolling.add_up_all(timezone.now()))
    print("who sees every client", flush=True)
    _pages(owner)
    print("who sees 250 of their own", flush=True)
    _pages(year.member())
    _timed("a client changes hands, and is summed anew", _hand_over)
    _timed(
        "all days marked, summed again, nothing written",
        lambda: (rolling.rebuild(), rolling.add_up_all(timezone.now()))[1],
    )
    _timed("the check of every day", lambda: len(agreement.check_all()))


def _make_database() -> None:
    """On a server that was only just started there is none."""
    from django.db import OperationalError, connection

    try:
        connection.ensure_connection()
    except OperationalError:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{connection.settings_dict["NAME"]}"')


def _hand_over() -> str:
    from django.utils import timezone

    from orders.models import Customer
    from orders.reports import rolling
    from tests.benchmarks import year

    one = Customer.objects.filter(manager=year.member())[0]
    Customer.objects.filter(pk=one.pk).update(manager=None)
    return rolling.add_up(timezone.now(), budget_seconds=float("inf"))


def _pages(owner: Any) -> None:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    client = Client(headers={"host": "localhost"})
    client.force_login(owner.user)
    for query in sys.argv[2:] or QUERIES:
        url = reverse("staff:reports") + query
        client.get(url)
        times = []
        for _ in range(TIMES):
            began = time.monotonic()
            response = client.get(url)
            times.append(time.monotonic() - began)
        with CaptureQueriesContext(connection) as seen:
            client.get(url)
        slowest = max(float(each["time"]) for each in seen)
        print(
            f"{query:<30} {response.status_code} best {min(times):.2f} s, median"
            f" {statistics.median(times):.2f} s, {len(seen)} queries, slowest {slowest:.2f} s",
            flush=True,
        )


PERIODS = ("30", "quarter", "year")
TABS = ("day", "staff", "service", "category", "client", "provider", "delivery", "below")
QUERIES = [f"?period={period}&tab={tab}" for period in PERIODS for tab in TABS]


def _timed(what: str, work: Callable[[], Any]) -> Any:
    began = time.monotonic()
    result = work()
    print(f"{what}: {time.monotonic() - began:.1f} s ({result})", flush=True)
    return result


if __name__ == "__main__":
    main(int(sys.argv[1]))

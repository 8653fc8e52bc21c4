"""How long reports take to read, without summing first: `python -m tests.benchmarks.summed`.

On PostgreSQL. The roll-ups of two years are written by one statement a kind, as many rows as
1,500,000 orders leave (2,100 clients and 500 services a day, ten members with 125 services each),
and their months added up from them. Hardly an order is there, so *below cost* tells nothing. After
the pages: one grouping with months, as the baseline from days alone, and as PostgreSQL compiles it.

    .venv/bin/python .ci/services.py .venv/bin/python -m tests.benchmarks.summed
"""

import os
from typing import Any

import django

DAYS = 731
KINDS = {
    # by, keys there are, keys a day, members with their own
    "day": (0, 1, 1, True),
    "service": (1, 500, 500, False),
    "members' services": (1, 500, 125, True),
    "client": (2, 5_000, 2_100, False),
    "provider": (3, 3, 3, True),
    "placed by": (4, 11, 11, True),
    "managed by": (5, 11, 11, True),
    "markup of": (6, 11, 11, True),
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from orders.enums import ReportBy
    from tests.benchmarks import reports, year

    reports._make_database()
    call_command("migrate", verbosity=0)
    owner = reports._timed("planting", lambda: year.plant(100, timezone.now()))
    reports._timed("sums", _sums)
    reports._timed("months", _months)
    for whose, who in (("every client's", owner), ("one's own clients'", year.member())):
        print(whose, flush=True)
        _pages(who)
    print("a year's rows, from days alone and with months", flush=True)
    for by in (ReportBy.CUSTOMER, ReportBy.SERVICE, ReportBy.PLACED_BY):
        _compare(by)


def _pages(who: Any) -> None:
    """Each page's first request in this process, then the median of five."""
    from django.test import Client
    from django.urls import reverse

    from tests.benchmarks import costs, reports

    client = Client(headers={"host": "localhost"})
    client.force_login(who.user)
    for query in reports.QUERIES:
        url = reverse("staff:reports") + query
        first = costs.once(lambda url=url: client.get(url))
        cost = costs.of(lambda url=url: client.get(url))
        print(f"{query:<28} {cost}; first {first.cpu:.3f} s", flush=True)


def _compare(by: Any) -> None:
    """What is kept by month, and what compiling would cost, against the same without."""
    from datetime import timedelta
    from zoneinfo import ZoneInfo

    from django.db import connection
    from django.utils import timezone

    from orders.reports.reading import Question, RollUps, Span
    from tests.benchmarks import costs

    today = timezone.now().date()
    question = Question(by, Span(today - timedelta(days=364), today), 51)
    sources = {
        has_months: RollUps(ZoneInfo("UTC"), has_months=has_months) for has_months in (False, True)
    }
    days, months = (costs.of(lambda each=each: each.rows(question)) for each in sources.values())
    with connection.cursor() as cursor:
        cursor.execute("SET jit = on")
        compiled = costs.of(lambda: sources[True].rows(question))
        cursor.execute("SET jit = off")
    assert sources[True].rows(question) == sources[False].rows(question)
    print(
        f"{by.label}: days {days.cpu:.3f} s, months {months.cpu:.3f} s ({days.cpu / months.cpu:.1f}"
        f" times), months compiled {compiled.cpu:.3f} s ({compiled.cpu / months.cpu:.1f} times)",
        flush=True,
    )


def _sums() -> int:
    from django.db import connection
    from django.utils import timezone

    from orders.models import Customer, ReportState, Service, Staff
    from orders.reports.sums import MEASURES

    ReportState.objects.update_or_create(
        pk=1, defaults={"zone": "UTC", "is_whole": True, "summed_at": timezone.now()}
    )
    first: dict[int, Any] = {
        1: Service.objects.order_by("pk")[0].pk,
        2: Customer.objects.order_by("pk")[0].pk,
    }
    members = list(Staff.objects.filter(is_owner=False).values_list("pk", flat=True))
    values = ", ".join(_AMOUNTS.get(name, "1") for name in MEASURES)
    with connection.cursor() as cursor:
        for by, there_are, a_day, of_members in KINDS.values():
            whose = [0, *members] if of_members and there_are != 500 else [0]
            whose = members if of_members and there_are == 500 else whose
            cursor.execute(
                f"INSERT INTO orders_daysum ({_COLUMNS}, {', '.join(MEASURES)})"
                f" SELECT {by}, w, FALSE, current_date - d,"
                f" {first.get(by, 0)} + mod(n * 7 + d * 13, {there_are}), {values}"
                f" FROM generate_series(0, {DAYS - 1}) d, generate_series(1, {a_day}) n,"
                " unnest(%s::bigint[]) w ON CONFLICT DO NOTHING",
                [whose],
            )
        cursor.execute("SELECT count(*) FROM orders_daysum")
        return int(cursor.fetchone()[0])


_COLUMNS = "by, clients_of, is_month, day, key"
_AMOUNTS = {
    "charged": "(mod(n, 900) + 100) * 1000000",
    "refunded": "mod(n, 7) * 1000000",
    "charge": "(mod(n, 900) + 100) * 740000",
    "known": "(mod(n, 900) + 100) * 700000",
    "loss": "0",
}


def _months() -> int:
    from django.db import connection

    from orders.reports.sums import MEASURES

    sums = ", ".join(f"sum({name})" for name in MEASURES)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO orders_daysum ({_COLUMNS}, {', '.join(MEASURES)})"
            f" SELECT by, clients_of, TRUE, date_trunc('month', day)::date, key, {sums}"
            " FROM orders_daysum GROUP BY 1, 2, 4, 5"
        )
        written = cursor.rowcount
        cursor.execute("ANALYZE orders_daysum")
    return written


if __name__ == "__main__":
    main()

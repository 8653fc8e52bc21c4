"""What one scrape of `/metrics` costs: `python -m tests.benchmarks.metrics 1000000`, on the empty
database that DATABASE_URL names. It prints seconds; nothing is asserted.

    .venv/bin/python .ci/services.py .venv/bin/python -m tests.benchmarks.metrics 1000000
"""

import os
import statistics
import sys
import time

import django

TIMES = 9


def main(orders: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from orders import gauges
    from orders.models import Order
    from tests.benchmarks import year

    call_command("migrate", verbosity=0)
    year.plant(orders * 2 // 3, timezone.now())
    spent = []
    for _ in range(TIMES):
        with CaptureQueriesContext(connection) as queries:
            began = time.perf_counter()
            gauges.take(timezone.now())
            spent.append(time.perf_counter() - began)
    print(f"{Order.objects.count():,} orders, {len(queries)} queries")
    print(f"median {statistics.median(spent):.3f} s, most {max(spent):.3f} s")
    for query in sorted(queries, key=lambda query: -float(query["time"]))[:3]:
        print(query["time"], query["sql"][:160])


if __name__ == "__main__":
    main(int(sys.argv[1]))

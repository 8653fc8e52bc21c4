"""A report over a year of orders: the first summing of all of them, then the page."""

import statistics
from collections.abc import Iterator

from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.enums import ReportBy, TransferKind
from orders.models import DaySum, Order, Transfer
from orders.reports import rolling
from tests.benchmarks import costs, stage, year
from tests.benchmarks.figures import Figure, Size

TABS = ("day", "service", "client")


def figures(size: Size) -> Iterator[Figure]:
    """Reported: there is nothing like it to hold it against."""
    count = size.of(1_000_000)
    with stage.database("report"):
        now = timezone.now()
        owner = year.plant(count, now)
        summing = costs.once(lambda: rolling.add_up_all(timezone.now()))
        _check()
        client = Client(headers={"host": "localhost"})
        client.force_login(owner.user)
        url = reverse("staff:reports") + "?period=year&tab="
        first = {tab: costs.once(lambda tab=tab: client.get(url + tab)) for tab in TABS}
        assert all(client.get(url + tab).status_code == 200 for tab in TABS)
        rounds = max(size.rounds, 3)
        again = {tab: costs.of(lambda tab=tab: client.get(url + tab), rounds) for tab in TABS}
    yield Figure(
        name=f"Report over a year of {count:,} orders, first",
        ours=f"{max(one.wall for one in first.values()):.2f} s",
        cpu=f"{statistics.median(one.cpu for one in first.values()):.2f} s",
        notes=(
            f"The slowest of the tables by {', '.join(TABS)}, and half as many orders in the year"
            f" before, which it is compared with. The sums of each day are written as orders move;"
            f" to write all of them anew took {summing.wall:.0f} s ({summing.cpu:.0f} s of CPU)."
            " They agree with the orders, to the last digit."
        ),
    )
    yield Figure(
        name=f"Report over a year of {count:,} orders, repeated",
        ours=f"{max(one.wall for one in again.values()):.2f} s",
        rounds=rounds,
        cpu=f"{statistics.median(one.cpu for one in again.values()):.2f} s",
    )


def _check() -> None:
    """What the days add up to is what was charged, and what was ordered."""
    days = DaySum.objects.filter(by=ReportBy.DAY, clients_of=0, is_month=False)
    summed = days.aggregate(charged=Sum("charged"), orders=Sum("orders"))
    charges = Transfer.objects.filter(kind=TransferKind.ORDER).aggregate(sum=Sum("amount"))["sum"]
    assert summed == {"charged": charges, "orders": Order.objects.count()}

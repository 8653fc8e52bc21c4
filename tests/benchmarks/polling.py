"""Polling a million open orders, beside what a careful developer would write (`baselines`)."""

from collections.abc import Iterator
from typing import Any

from tests.benchmarks import answering, polled, stage
from tests.benchmarks.figures import Figure, Size


def figures(size: Size) -> Iterator[Figure]:
    from django.utils import timezone

    with answering.provider() as origin, stage.database("polled") as loaded:
        polled.plant(size.orders, timezone.now())
        yield from _figures(size, origin, loaded)


def _figures(size: Size, origin: str, loaded: str) -> Iterator[Figure]:
    with stage.database("swept", like=loaded):
        _tell(origin, "same", 0)
        yield _nothing_changed(size)


def _tell(origin: str, what: str, late: int) -> None:
    from orders.models import Provider

    Provider.objects.update(url=f"{origin}/{what}/{late}")


def _nothing_changed(size: Size) -> Figure:
    from tests.benchmarks import costs

    before = _rows_written()
    cost = costs.spent(lambda: _sweep(size.orders, changed=0))
    written = _rows_written() - before
    assert polled.wrong(size.orders, has_moved=False) == 0
    return Figure(
        "rows of orders, events, transfers, wallets written by a sweep in which nothing changed",
        ours=f"{written:,}",
        ratio=float(written),
        accept="0",
        aim="0",
        met=written == 0,
        cpu=f"{cost.cpu:.1f}",
        notes="PostgreSQL's own count of rows inserted, updated and deleted in these tables,"
        f" after a sweep of {size.orders:,} orders.",
    )


def _sweep(orders: int, *, changed: int) -> Any:
    """One product sweep of every open order."""
    from django.utils import timezone

    from orders import polling
    from orders.models import Provider

    (provider,) = Provider.objects.values_list("pk", flat=True)
    result = polling.poll_once(provider, timezone.now())
    assert (result.state, result.asked, result.changed) == ("done", orders, changed), result
    return result


WRITTEN = ("orders_order", "orders_event", "orders_transfer", "orders_account")


def _rows_written() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables"
            " WHERE relname = ANY(%s)",
            [list(WRITTEN)],
        )
        return int(cursor.fetchone()[0])

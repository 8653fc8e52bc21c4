"""Polling a million open orders, beside what else could be written (`baselines`)."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from tests.benchmarks import answering, baselines, costs, polled, side_by_side, stage
from tests.benchmarks.baselines import Floor
from tests.benchmarks.costs import Cost
from tests.benchmarks.figures import Figure, Size

LATE = 200
IN_FLIGHT = 64
LATE_ORDERS = 500_000
"""Asked about with an answer that takes its time, when there are a million."""

PARTS = 2
"""Processes that share the sweep, each with one part of the orders (`POLL_SHARDS`)."""

LOOP, SINGLE = 20_000, 2_000
"""How many of a million orders the loops are given, which would take an hour for all."""


def figures(size: Size) -> Iterator[Figure]:
    from django.utils import timezone

    with answering.provider() as origin, stage.database("polled") as loaded:
        polled.plant(size.orders, timezone.now())
        yield from Polling(size, origin, loaded).figures()


class Polling:
    """The figures of one loaded database, each taken from a fresh copy of it."""

    def __init__(self, size: Size, origin: str, loaded: str):
        self.size, self.origin, self.loaded = size, origin, loaded

    def figures(self) -> Iterator[Figure]:
        floors, sweeps, shared = self._floors_and_sweeps()
        sweep, both = costs.middle(sweeps), costs.middle(shared)
        floor = sorted(floors, key=lambda one: one.seconds)[len(floors) // 2]
        orders = self.size.orders
        rate = orders / both.wall
        yield self._against_floor(floor, both)
        yield self._by_one(orders / sweep.wall, floor, sweep)
        yield from self._against_single(rate, orders / floor.seconds)
        yield self._against_loop(rate)
        quiet, written = self._quiet()
        yield from self._late()
        yield self._a_poll(both, sweep, quiet)
        yield _nothing_written(written, quiet, orders)

    # ── Everything, with news of three in ten ────────────────────────────────────────────────

    def _floors_and_sweeps(self) -> tuple[list[Floor], list[Cost], list[Cost]]:
        floors, sweeps, shared = list[Floor](), list[Cost](), list[Cost]()
        for number in range(self.size.rounds):
            with self._copy("moved") as url:
                floors.append(baselines.floor(url))
                assert polled.wrong(self.size.orders) == 0
            with self._copy("moved"):
                news, before = polled.changed(self.size.orders), _rows_written()
                sweeps.append(self._sweep(news))
                assert _rows_written() - before >= news, "what is written is not counted"
                self._check(whole=not number)
            with self._copy("moved"):
                shared.append(self._sweep(news, processes=PARTS))
                self._check(whole=not number)
        return floors, sweeps, shared

    def _check(self, *, whole: bool) -> None:
        """Every order stands as was told, and so much was given back; `whole`: the books hold."""
        from django.db.models import Sum

        from orders import ledger_check
        from orders.models import Event, Transfer

        orders = self.size.orders
        assert polled.wrong(orders) == 0
        refunds = Transfer.objects.filter(kind="refund").aggregate(sum=Sum("amount"))["sum"] or 0
        assert refunds == Decimal(polled.refunded(orders)).scaleb(-8), refunds
        ended = sum(one.status != "in_progress" for one in polled.stories(orders))
        told = Event.objects.filter(kind="status").count()
        assert told == ended, (told, ended)
        assert not whole or not ledger_check.check()

    def _against_floor(self, floor: Floor, both: Cost) -> Figure:
        rate, baseline = self.size.orders / both.wall, self.size.orders / floor.seconds
        return Figure(
            f"full product sweep of {self.size.orders:,} open orders, 30 % changed, against the"
            " serial floor",
            ours=f"{rate:,.0f} orders/s",
            baseline=f"{baseline:,.0f} orders/s",
            ratio=rate / baseline,
            accept="30 %",
            aim="80 %",
            met=rate / baseline >= 0.3,
            rounds=self.size.rounds,
            cpu=_cpu(both),
            notes=f"By {PARTS} processes, each with one part of the orders (`POLL_SHARDS={PARTS}`),"
            " from the word to go until the later one is done. Ours takes a lease, keeps to the"
            " provider's pace in Redis, asks in hundreds"
            " with 8 requests in flight, compares, and writes orders, histories, refunds, the"
            " provider's movements and e-mails to come. Of a hundred orders 22 moved on, 5 ended,"
            " 2 ended in part and 1 was canceled, both with money back, scattered; one in 5,000 is"
            " answered with an error of its own. The provider is a bare process (`answering.py`) at"
            " 0 ms, whose CPU is nobody's. The floor does three things one after the other, on the"
            f" same rows and without a thought: bytes over one socket ({floor.http:.1f} s), ids"
            f" from a bare cursor ({floor.read:.1f} s), an `UPDATE` of prepared arrays, triggers"
            f" off ({floor.write:.1f} s). After each round every order is compared with what was"
            " told, refunds are summed up, and after the first the ledger is checked.",
        )

    def _by_one(self, rate: float, floor: Floor, sweep: Cost) -> Figure:
        return Figure(
            "the same by one process",
            ours=f"{rate:,.0f} orders/s",
            baseline=f"{self.size.orders / floor.seconds:,.0f} orders/s",
            ratio=rate * floor.seconds / self.size.orders,
            rounds=self.size.rounds,
            cpu=_cpu(sweep),
            notes="It thinks while PostgreSQL waits and waits while PostgreSQL writes, but for the"
            " requests that are under way meanwhile.",
        )

    # ── Loops ────────────────────────────────────────────────────────────────────────────────

    def _against_single(self, rate: float, floor: float) -> Iterator[Figure]:
        most, single = self.size.of(SINGLE, least=200), baselines.one_by_one
        bare, bare_rate = self._loop(single, most)
        _, kept_rate = self._loop(partial(single, has_session=True), most)
        yield self._against(
            "the sweep by two processes against one order per request + `save()`",
            rate,
            bare_rate,
            (100, 500),
            bare,
            f"`requests.post` and `order.save()` of each order, {most:,} of the orders. Over a"
            f" session it is {kept_rate:,.0f} orders/s, {rate / kept_rate:,.0f} times slower than"
            " ours. It writes no history and moves no money."
            f" The floor is {floor / bare_rate:,.0f} times as quick as this.",
        )
        sparing, sparing_rate = self._loop(partial(single, saves_unchanged=False), most)
        yield self._against(
            "the same against one order per request + `save()` of those that changed",
            rate,
            sparing_rate,
            None,
            sparing,
            "Otherwise as in the line above.",
        )

    def _against_loop(self, rate: float) -> Figure:
        most = self.size.of(LOOP, least=400)
        cost, loop_rate = self._loop(baselines.in_hundreds, most)
        return self._against(
            "the sweep by two processes against a careful Django loop",
            rate,
            loop_rate,
            (10, 60),
            cost,
            "A `Session`, a hundred ids a request, `bulk_update` of those that changed,"
            f" {most:,} of the orders. It writes no history and moves no money.",
        )

    def _loop(self, loop: Callable[[str, int], int], most: int) -> tuple[Cost, float]:
        """What a loop over the first orders costs, and how many it does in a second."""
        spent = []
        for _ in range(self.size.rounds):
            with self._copy("moved") as url:
                spent.append(costs.spent(partial(self._loop_once, loop, url, most)))
                assert polled.wrong(most, has_refunds=False) == 0
        cost = costs.middle(spent)
        return cost, most / cost.wall

    def _loop_once(self, loop: Callable[[str, int], int], url: str, most: int) -> None:
        changed = loop(url, most)
        assert changed == polled.changed(most) - polled.mistaken(most), changed

    def _against(
        self,
        name: str,
        rate: float,
        baseline: float,
        wanted: tuple[int, int] | None,
        cost: Cost,
        notes: str,
    ) -> Figure:
        accept, aim = wanted or (0, 0)
        return Figure(
            name,
            ours=f"{rate:,.0f} orders/s",
            baseline=f"{baseline:,.0f} orders/s",
            ratio=rate / baseline,
            accept=f"{accept} ×" if wanted else "",
            aim=f"{aim} ×" if wanted else "",
            met=rate / baseline >= accept if wanted else None,
            rounds=self.size.rounds,
            cpu=f"baseline {_cpu(cost)}",
            notes=notes,
        )

    # ── A provider that takes its time ───────────────────────────────────────────────────────

    def _late(self) -> Iterator[Figure]:
        most = min(self.size.of(LATE_ORDERS, least=1_000), self.size.orders)
        news = polled.changed(most)
        with self._copy("same", LATE, at_once=IN_FLIGHT, only=most):
            cost = self._sweep(0, most)
        yield self._of_the_ceiling("nothing changed", most, cost)
        with self._copy("moved", LATE, at_once=IN_FLIGHT // PARTS, only=most):
            cost = self._sweep(news, most, processes=PARTS)
        yield self._of_the_ceiling("30 % changed", most, cost, PARTS)
        with self._copy("moved", LATE, at_once=IN_FLIGHT, only=most):
            cost = self._sweep(news, most)
        yield self._of_the_ceiling("30 % changed, one process", most, cost, is_asked=False)

    def _of_the_ceiling(
        self, said: str, orders: int, cost: Cost, parts: int = 1, *, is_asked: bool = True
    ) -> Figure:
        rate, ceiling = orders / cost.wall, IN_FLIGHT * 100 / (LATE / 1000)
        return Figure(
            f"at {LATE} ms, {IN_FLIGHT} requests in flight, {said}: share of the ceiling",
            ours=f"{rate:,.0f} orders/s",
            baseline=f"{ceiling:,.0f} orders/s",
            ratio=rate / ceiling,
            accept="85 %" if is_asked else "",
            aim="95 %" if is_asked else "",
            met=rate / ceiling >= 0.85 if is_asked else None,
            cpu=_cpu(cost),
            notes=f"A sweep of {orders:,} orders whose provider answers each request after"
            f" {LATE} ms, by {parts} of our processes with {IN_FLIGHT // parts} requests in flight"
            " each; the ceiling is connections × 100 / latency.",
        )

    # ── A poll ───────────────────────────────────────────────────────────────────────────────

    def _quiet(self) -> tuple[list[Cost], int]:
        """Sweeps in which nothing changed, and the rows that they wrote."""
        spent, written = list[Cost](), 0
        for _ in range(self.size.rounds):
            with self._copy("same"):
                before = _rows_written()
                spent.append(self._sweep(0))
                written += _rows_written() - before
                assert polled.wrong(self.size.orders, has_moved=False) == 0
        return spent, written

    def _a_poll(self, both: Cost, sweep: Cost, quiet: list[Cost]) -> Figure:
        same = costs.middle(quiet)
        shared, alone, nothing = (one.cpu / self.size.orders * 1e6 for one in (both, sweep, same))
        return Figure(
            "CPU per polled order (client + database)",
            ours=f"{shared:.1f} µs by two processes, {alone:.1f} by one;"
            f" {nothing:.1f} where nothing changed",
            ratio=shared,
            accept="30 µs",
            aim="8 µs",
            met=shared <= 30,
            rounds=self.size.rounds,
            cpu=f"{_cpu(both)}; {_cpu(sweep)}; {_cpu(same)}",
            notes="Of the sweeps with 30 % changed, and of one in which nothing did: CPU of the"
            " sweeping processes and of every process of PostgreSQL, by the number of orders. The"
            " ratio is that of two processes, as in the first line; threads of one process wait"
            " for each other, which costs CPU too.",
        )

    # ── Sweeping ─────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def _copy(self, what: str, late: int = 0, *, at_once: int = 8, only: int = 0) -> Iterator[str]:
        """A fresh copy, at whose provider such is told; yields its address. `only` so many orders
        are asked about."""
        from orders.models import Order, Provider

        url = f"{self.origin}/{what}/{late}"
        with stage.database("swept", like=self.loaded):
            Provider.objects.update(url=url, requests_at_once=at_once)
            if only:
                with stage.unhurried():
                    Order.objects.filter(pk__gt=only).update(tier=None)
            yield url

    def _sweep(self, changed: int, orders: int = 0, *, processes: int = 1) -> Cost:
        """One product sweep of every open order, or of so many, by worker processes with a part
        each; their CPU seconds together are `own`."""
        parts = [(str(n), str(processes)) for n in range(processes)]
        with side_by_side.started("tests.benchmarks.sweeper", parts) as workers:
            done: list[dict[str, Any]] = []
            cost = costs.spent(lambda: done.extend(workers.told(["now"] * processes)))
        assert {part["state"] for part in done} == {"done"}, done
        assert sum(part["asked"] for part in done) == (orders or self.size.orders), done
        assert sum(part["changed"] for part in done) == changed, done
        return replace(cost, own=sum(part["cpu"] for part in done))


def _nothing_written(written: int, quiet: list[Cost], orders: int) -> Figure:
    return Figure(
        "rows of orders, events, transfers, wallets written by a sweep in which nothing changed",
        ours=f"{written:,}",
        ratio=float(written),
        accept="0",
        aim="0",
        met=written == 0,
        rounds=len(quiet),
        cpu=_cpu(costs.middle(quiet)),
        notes="PostgreSQL's own count of rows inserted, updated and deleted in these tables,"
        f" over sweeps of {orders:,} orders.",
    )


WRITTEN = ("orders_order", "orders_event", "orders_transfer", "orders_account")


def _rows_written() -> int:
    """So far, by everybody: the server hears of it when a connection ends at the latest."""
    from django.db import connection

    with connection.cursor() as cursor:
        for _ in range(100):
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            if not cursor.fetchone()[0]:
                break
            time.sleep(0.1)
        else:
            raise AssertionError("somebody is still connected")
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables"
            " WHERE relname = ANY(%s)",
            [list(WRITTEN)],
        )
        return int(cursor.fetchone()[0])


def _cpu(cost: Cost) -> str:
    return f"{cost.own:.1f} + {cost.server:.1f} s"

"""The staff's order list beside ever more orders: its SQL by list, by depth, and the whole page."""

import re
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders.models import Order, Staff
from orders.people import Person, person_of
from panel.staff.orders.orders import _Listing
from tests.benchmarks import crowd, lists, stage
from tests.benchmarks.figures import Figure, Size
from tests.benchmarks.lists import Asked

TIMES = 11
"""Rounds at the least: a list takes a millisecond."""


def figures(size: Size) -> Iterator[Figure]:
    """The lists at five millions beside ten thousand, then the page at one million beside 1,000."""
    few, many = size.of(10_000, 2_000), size.of(5_000_000, 6_000)
    with stage.database("few") as small, stage.database("many") as large:
        for name, count in ((small, few), (large, many)):
            with stage.speaking_to(name):
                crowd.plant(count, timezone.now())
        yield _by_size(small, large, few, many, size)
        with stage.speaking_to(large):
            yield _by_depth(many, size)
    few, many = size.of(1_000, 500), size.of(1_000_000)
    with stage.database("small") as small, stage.database("large") as large:
        for name, count in ((small, few), (large, many)):
            with stage.speaking_to(name):
                crowd.plant(count, timezone.now())
        yield _whole_page(small, large, few, many, size)


# ── The lists' own SQL ───────────────────────────────────────────────────────────────────────


@dataclass
class Seen:
    """One list's rows, and the seconds of its statements, round by round."""

    rows: int
    seconds: list[float] = field(default_factory=list)

    @property
    def middle(self) -> float:
        return statistics.median(self.seconds)


def _by_size(small: str, large: str, few: int, many: int, size: Size) -> Figure:
    rounds = max(size.rounds, TIMES)
    now = timezone.now()
    seen: dict[str, dict[str, Seen]] = {}
    asked: dict[str, list[Asked]] = {}
    for name in (small, large):
        with stage.speaking_to(name):
            asked[name] = list(lists.offered(now))
            seen[name] = _right(asked[name], singly=name == large)
    for _ in range(rounds):
        for name in (small, large):
            with stage.speaking_to(name):
                _round(asked[name], seen[name])
    # Only a page as full as the other one tells something of the rows that are not on it.
    names = [one for one in seen[small] if seen[small][one].rows == seen[large][one].rows]
    growth = {one: seen[large][one].middle / seen[small][one].middle for one in names}
    worst = max(growth, key=lambda one: growth[one])
    slowest = max(names, key=lambda one: seen[large][one].middle)
    return Figure(
        name=f"Order list, SQL at {many:,} orders against {few:,}, the worst of {len(names)}",
        ours=f"{seen[large][worst].middle * 1000:.2f} ms",
        baseline=f"{seen[small][worst].middle * 1000:.2f} ms",
        ratio=growth[worst],
        accept="1.5 ×",
        aim="1.2 ×",
        met=growth[worst] <= 1.5,
        rounds=rounds,
        notes=(
            "Every tab, every filter, every kind of search, and each of these under each tab, as"
            " far as they find as many rows at both sizes. Customers and services are as many at"
            " both."
            f" The worst: {worst}. Half of them grew by no more than"
            f" {statistics.median(growth.values()):.2f}; the slowest at {many:,} takes"
            f" {seen[large][slowest].middle * 1000:.1f} ms ({slowest}). Rows are those of the same"
            " list asked naively."
        ),
    )


def _right(asked: list[Asked], *, singly: bool) -> dict[str, Seen]:
    """Each list once, which warms it up. Its rows are those of a naive query: of every list, or of
    those alone that ask for one thing, where a naive query takes its time."""
    who, seen = _owner(), {}
    for one in asked:
        found = [row.number for row in _Listing(who, QueryDict(one.query)).rows]
        if not singly or len(one.words) == 1:
            assert found == one.naive(), one.kind
        seen[one.kind] = Seen(len(found))
    return seen


def _round(asked: list[Asked], seen: dict[str, Seen]) -> None:
    who = _owner()
    for one in asked:
        taken = sql_seconds(lambda one=one: _Listing(who, QueryDict(one.query)))
        seen[one.kind].seconds.append(taken)


def _owner() -> Person:
    return person_of(Staff.objects.select_related("user").get(is_owner=True).user)


def sql_seconds(work: Callable[[], Any]) -> float:
    """Seconds spent in statements, until their rows are here."""
    spent = 0.0

    def timed(execute: Any, *args: Any) -> Any:
        nonlocal spent
        began = time.perf_counter()
        try:
            return execute(*args)
        finally:
            spent += time.perf_counter() - began

    with connection.execute_wrapper(timed):
        work()
    return spent


# ── How deep ─────────────────────────────────────────────────────────────────────────────────


def _by_depth(many: int, size: Size) -> Figure:
    rounds = max(size.rounds, TIMES)
    first: dict[str, Seen] = {}
    deepest: dict[str, Seen] = {}
    pages = {}
    for one in _deep_ones():
        oldest = list(Order.objects.filter(one.fits).order_by("pk").values_list("pk")[:51])
        if len(oldest) == 51:
            pages[one.kind] = (one.query, f"{one.query}&before={oldest[50][0]}".lstrip("&"))
            rows = _Listing(_owner(), QueryDict(pages[one.kind][1])).rows
            assert [row.number for row in rows] == [pk for (pk,) in reversed(oldest[:50])]
            first[one.kind], deepest[one.kind] = Seen(50), Seen(50)
    who = _owner()
    for _ in range(rounds):
        for kind, queries in pages.items():
            for seen, query in zip((first[kind], deepest[kind]), queries, strict=True):
                work = QueryDict(query)
                seen.seconds.append(sql_seconds(lambda work=work: _Listing(who, work)))
    growth = {kind: deepest[kind].middle / first[kind].middle for kind in pages}
    worst = max(growth, key=lambda kind: growth[kind])
    return Figure(
        name=f"Deepest page against the first at {many:,}, the worst of {len(pages)} lists",
        ours=f"{deepest[worst].middle * 1000:.2f} ms",
        baseline=f"{first[worst].middle * 1000:.2f} ms",
        ratio=growth[worst],
        accept="1.3 ×",
        aim="1.1 ×",
        met=growth[worst] <= 1.3,
        rounds=rounds,
        notes=(
            "SQL of the page with the fifty oldest orders of a list against its first page, which"
            f" both have fifty rows; each tab, filter and search by itself. The worst: {worst};"
            f" all orders: {growth.get('all', 1):.2f}. Rows are those of a naive query."
        ),
    )


def _deep_ones() -> list[Asked]:
    now = timezone.now()
    return [*lists.tabs(), *lists.filters(now), *lists.searches()]


# ── The whole request ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Answer:
    """What one request took."""

    wall: float
    cpu: float
    queries: int


def _whole_page(small: str, large: str, few: int, many: int, size: Size) -> Figure:
    rounds = max(size.rounds, TIMES)
    found: dict[str, list[Answer]] = {small: [], large: []}
    for _ in range(rounds):
        for name, answers in found.items():
            with stage.speaking_to(name):
                answers.append(_answer())
    walls = {name: statistics.median(one.wall for one in found[name]) for name in found}
    cpu = {name: statistics.median(one.cpu for one in found[name]) for name in found}
    ratio = walls[large] / walls[small]
    return Figure(
        name=f"Staff order list, whole request, at {many:,} orders against {few:,}",
        ours=f"{walls[large] * 1000:.1f} ms",
        baseline=f"{walls[small] * 1000:.1f} ms",
        ratio=ratio,
        accept="1.3 ×",
        aim="1.1 ×",
        met=ratio <= 1.3,
        rounds=rounds,
        cpu=f"{cpu[large] * 1000:.1f} ms against {cpu[small] * 1000:.1f} ms, the web's alone",
        notes=(
            "The owner's list: fifty rows, tabs and menu with their counts, every middleware and"
            f" the templates, in {found[large][-1].queries} queries against"
            f" {found[small][-1].queries}; after two requests of the same kind."
        ),
    )


def _answer() -> Answer:
    """The third answer on a new connection: the first one learns types and tables."""
    client, url = Client(headers={"host": "localhost"}), reverse("staff:orders")
    client.force_login(_owner().user)
    page = client.get(url).content.decode()
    newest = Order.objects.order_by("-pk").values_list("pk", flat=True)[:50]
    assert [int(pk) for pk in re.findall(r'name="order" value="(\d+)"', page)] == list(newest)
    with CaptureQueriesContext(connection) as seen:
        client.get(url)
        queries = len(seen)
    began, spent = time.perf_counter(), time.process_time()
    client.get(url)
    return Answer(time.perf_counter() - began, time.process_time() - spent, queries)

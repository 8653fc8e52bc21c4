"""The staff's order list beside ever more orders: its SQL by list, by depth, and whole requests."""

import statistics
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from orders.models import Order, Staff
from orders.people import Person, person_of
from panel.staff.orders.orders import _Listing
from tests.benchmarks import crowd, lists, stage, whole_requests
from tests.benchmarks.figures import Figure, Size
from tests.benchmarks.lists import Asked

TIMES = 11
"""Rounds at the least: a list takes a millisecond."""


def figures(size: Size) -> Iterator[Figure]:
    """The lists at five millions beside ten thousand, then whole requests."""
    few, many = size.of(10_000, 2_000), size.of(5_000_000, 6_000)
    with crowd.beside(few, many) as (small, large):
        yield _by_size(small, large, few, many, size)
        yield _by_depth(large, many, size)
    yield from whole_requests.figures(size)


# ── What one page asks ───────────────────────────────────────────────────────────────────────


@dataclass
class Seen:
    """One page: its orders, its statements, and their seconds round by round, until all their rows
    are here. Statements are asked again without the page, which takes longer than they do."""

    numbers: list[int]
    statements: list[tuple[str, Any]]
    seconds: list[float] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return len(self.numbers)

    @property
    def looks(self) -> bool:
        """Whether it asks for orders at all, which it need not where there can be none."""
        return any("orders_order" in statement for statement, _ in self.statements)

    @property
    def middle(self) -> float:
        return statistics.median(self.seconds)

    def ask(self, cursor: Any) -> None:
        began = time.perf_counter()
        for statement, values in self.statements:
            cursor.execute(statement, values)
            cursor.fetchall()
        self.seconds.append(time.perf_counter() - began)


def _seen(query: str, who: Person) -> Seen:
    statements: list[tuple[str, Any]] = []

    def kept(execute: Any, statement: str, values: Any, *others: Any) -> Any:
        statements.append((statement, values))
        return execute(statement, values, *others)

    with connection.execute_wrapper(kept):
        rows = _Listing(who, QueryDict(query)).rows
    return Seen([row.number for row in rows], statements)


@contextmanager
def _cursor(name: str) -> Iterator[Any]:
    """Of a database that stays open, however many others are asked in turn."""
    with stage.speaking_to(name):
        url, options = stage.url(), connection.settings_dict["OPTIONS"]["options"]
    opened = psycopg.connect(
        url, autocommit=True, options=options, cursor_factory=psycopg.ClientCursor
    )
    with opened, opened.cursor() as cursor:
        yield cursor


# ── By size ──────────────────────────────────────────────────────────────────────────────────


def _by_size(small: str, large: str, few: int, many: int, size: Size) -> Figure:
    rounds = max(size.rounds, TIMES)
    now = timezone.now()
    seen: dict[str, dict[str, Seen]] = {}
    for name in (small, large):
        with stage.speaking_to(name):
            seen[name] = _right(lists.offered(now), singly=name == large)
    with _cursor(small) as at_few, _cursor(large) as at_many:
        for _ in range(rounds):
            for kind in seen[small]:
                seen[small][kind].ask(at_few)
                seen[large][kind].ask(at_many)
    # Only a page as full as the other one tells something of the rows that are not on it.
    pairs = [(kind, one, seen[large][kind]) for kind, one in seen[small].items()]
    names = [kind for kind, one, other in pairs if other.looks and one.rows == other.rows]
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


def _right(asked: Iterable[Asked], *, singly: bool) -> dict[str, Seen]:
    """Each list once, which warms it up. Its rows are those of a naive query: of every list, or of
    those alone that ask for one thing, where a naive query takes its time."""
    who, seen = _owner(), {}
    for one in asked:
        seen[one.kind] = _seen(one.query, who)
        if not singly or len(one.words) == 1:
            assert seen[one.kind].numbers == one.naive(), one.kind
    return seen


def _owner() -> Person:
    return person_of(Staff.objects.select_related("user").get(is_owner=True).user)


# ── How deep ─────────────────────────────────────────────────────────────────────────────────


def _by_depth(large: str, many: int, size: Size) -> Figure:
    rounds = max(size.rounds, TIMES)
    with stage.speaking_to(large):
        pages = dict(_first_and_deepest())
    with _cursor(large) as cursor:
        for _ in range(rounds):
            for both in pages.values():
                for page in both:
                    page.ask(cursor)
    first, deepest = ({kind: both[at] for kind, both in pages.items()} for at in (0, 1))
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


def _first_and_deepest() -> Iterator[tuple[str, tuple[Seen, Seen]]]:
    """Both pages of each tab, filter and search that has a page full of orders, and more."""
    who = _owner()
    for one in (*lists.tabs(), *lists.filters(timezone.now()), *lists.searches()):
        oldest = list(
            Order.objects.filter(one.fits).order_by("pk").values_list("pk", flat=True)[:51]
        )
        if len(oldest) == 51:
            deepest = _seen(f"{one.query}&before={oldest[50]}", who)
            assert deepest.numbers == oldest[49::-1]
            yield one.kind, (_seen(one.query, who), deepest)

"""Which tests run on which servers, and in which order."""

import os
from collections.abc import Sequence
from itertools import islice
from typing import TypeVar

import pytest
from django.conf import settings

T = TypeVar("T")

ASKING_FOR_A_DATABASE = frozenset({"db", "transactional_db", "live_server"})


def on_services() -> bool:
    """Whether this run is the one on PostgreSQL and Redis."""
    return "postgresql" in settings.DATABASES["default"]["ENGINE"]


def a_few_on_sqlite(every: Sequence[T], few: Sequence[T]) -> Sequence[T]:
    """The cases of a crawl over the whole site: all on PostgreSQL, `few` of them on SQLite.

    What a crawl asks is who is let in and what is told, which no database decides. Each page's
    queries are made on SQLite, too, by the few and by the tests of the page.
    """
    assert set(few) <= set(every)
    return every if on_services() else few


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each process of the run begins with its share of the slow ones, so that all of them share
    its end.

    On PostgreSQL none that asks for no database: pytest-django lets it touch none, so it cannot
    differ there, and the run on SQLite has it.
    """
    if on_services():
        out = [item for item in items if not _meets_a_server(item)]
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if _meets_a_server(item)]
    slow = [item for item in items if item.get_closest_marker("slow")]
    others = [item for item in items if not item.get_closest_marker("slow")]
    items[:] = dealt(slow, others, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def dealt(slow: Sequence[T], others: Sequence[T], processes: int) -> list[T]:
    """All of them, in the order in which each of so many processes gets as many in a row: its part
    of the slow ones, then others."""
    found, rest = list[T](), iter(others)
    total = len(slow) + len(others)
    for number in range(processes):
        first, end = (total * place // processes for place in (number, number + 1))
        own = slow[number::processes]
        found += [*own, *islice(rest, max(end - first - len(own), 0))]
    return [*found, *rest]


def _meets_a_server(item: pytest.Item) -> bool:
    asked = ASKING_FOR_A_DATABASE & set(getattr(item, "fixturenames", ()))
    marked = any(item.get_closest_marker(name) for name in ("django_db", "services"))
    return marked or bool(asked)

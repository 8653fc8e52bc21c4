"""Whole requests beside ever more orders: the staff's order list, and a scrape of `/metrics`."""

import re
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.models import Order, Staff
from tests.benchmarks import crowd, stage
from tests.benchmarks.figures import Figure, Size

TIMES = 11


@dataclass(frozen=True)
class Answer:
    """What one request took, in seconds."""

    wall: float
    cpu: float
    queries: int


def figures(size: Size) -> Iterator[Figure]:
    """Both at a million orders beside a thousand."""
    few, many = size.of(1_000, 500), size.of(1_000_000)
    rounds = max(size.rounds, TIMES)
    with crowd.beside(few, many) as names:
        page = _compared(_order_list, names, rounds)
        scrape = _compared(_scrape, names, rounds)
    yield Figure(
        name=f"Staff order list, whole request, at {many:,} orders against {few:,}",
        accept="1.3 ×",
        aim="1.1 ×",
        met=page.ratio <= 1.3,
        notes=(
            "The owner's list: fifty rows, tabs and menu with their counts, every middleware and"
            f" the templates, in {page.queries} queries; after two requests of the same kind."
        ),
        **page.words,
    )
    yield Figure(
        name=f"Scrape of `/metrics`, whole request, at {many:,} orders against {few:,}",
        notes=(
            "Every queue's length and oldest, counted no further than a thousand, in"
            f" {scrape.queries} queries; after two requests of the same kind."
        ),
        **scrape.words,
    )


@dataclass(frozen=True)
class Compared:
    """A request among few orders and among many."""

    few: list[Answer]
    many: list[Answer]

    @property
    def ratio(self) -> float:
        return _middle(self.many, "wall") / _middle(self.few, "wall")

    @property
    def queries(self) -> str:
        return f"{self.many[-1].queries} against {self.few[-1].queries}"

    @property
    def words(self) -> dict[str, Any]:
        many, few = _middle(self.many, "cpu") * 1000, _middle(self.few, "cpu") * 1000
        return {
            "ours": f"{_middle(self.many, 'wall') * 1000:.1f} ms",
            "baseline": f"{_middle(self.few, 'wall') * 1000:.1f} ms",
            "ratio": self.ratio,
            "rounds": len(self.many),
            "cpu": f"{many:.1f} ms against {few:.1f} ms, the web's alone",
        }


def _middle(answers: list[Answer], name: str) -> float:
    return statistics.median(getattr(one, name) for one in answers)


def _compared(ask: Callable[[], Answer], names: tuple[str, str], rounds: int) -> Compared:
    found: tuple[list[Answer], list[Answer]] = [], []
    for _ in range(rounds):
        for name, answers in zip(names, found, strict=True):
            with stage.speaking_to(name):
                answers.append(ask())
    return Compared(*found)


def _order_list() -> Answer:
    client, url = Client(headers={"host": "localhost"}), reverse("staff:orders")
    client.force_login(Staff.objects.select_related("user").get(is_owner=True).user)
    page = client.get(url).content.decode()
    newest = Order.objects.order_by("-pk").values_list("pk", flat=True)[:50]
    assert [int(pk) for pk in re.findall(r'name="order" value="(\d+)"', page)] == list(newest)
    return _third(client, url)


def _scrape() -> Answer:
    client = Client(headers={"host": "localhost"})
    with override_settings(METRICS_LOOPBACK=True):
        page = client.get("/metrics").content.decode()
        waiting = Order.objects.filter(status="waiting").order_by()[:1001].count()
        assert f'halfpenny_waiting{{what="waiting"}} {float(waiting)}\n' in page
        return _third(client, "/metrics")


def _third(client: Client, url: str) -> Answer:
    """The third answer on a new connection: the first one learns types and tables."""
    with CaptureQueriesContext(connection) as seen:
        client.get(url)
        queries = len(seen)
    began, spent = time.perf_counter(), time.process_time()
    client.get(url)
    return Answer(time.perf_counter() - began, time.process_time() - spent, queries)

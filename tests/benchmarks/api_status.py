"""The API's status of a hundred orders: the product's answer, and one made the usual way."""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.handlers.base import BaseHandler
from django.test import RequestFactory
from django.urls import set_urlconf
from django.utils import timezone

from orders import api_keys, pricing
from orders.enums import MarkupKind, PriceLevel
from orders.models import Order
from tests.benchmarks import costs, crowd, stage
from tests.benchmarks.figures import Figure, Size

IDS = 100
CALLS = 100
"""Calls of a round."""


def figures(size: Size) -> Iterator[Figure]:
    """Requests through every middleware, in this process, one after the other."""
    with stage.database("status"):
        crowd.plant(size.of(100_000, 20_000), timezone.now(), stages=_stages())
        calls = size.of(CALLS, 5)
        ours, usual = Caller(), Caller("tests.benchmarks.stock_api")
        assert ours.answer() == usual.answer()
        for _ in range(max(size.rounds, 5)):
            ours.call(calls)
            usual.call(calls)
    ratio = usual.seconds / ours.seconds
    yield Figure(
        name=f"API status of {IDS} ids, against model objects and the stock JSON response",
        ours=f"{1 / ours.seconds:,.0f}/s",
        baseline=f"{1 / usual.seconds:,.0f}/s",
        ratio=ratio,
        accept="2 ×",
        aim="5 ×",
        met=ratio >= 2,
        rounds=len(ours.walls),
        cpu=f"{ours.cpu} against {usual.cpu} a call",
        notes=(
            "Whole requests in one process: middleware, the key, its limits in Redis, then the"
            " answer, which is the same value in both. The baseline stands in"
            " `tests/benchmarks/stock_api.py`."
        ),
    )


def _stages() -> str:
    """The stages of a price, as every order of the verb's keeps them, in SQL."""
    cost = pricing.Cost(Decimal("0.83"), "USD", Decimal(1), Decimal("1.05"), "Bulkhaus")
    markup = pricing.Markup(PriceLevel.PANEL, MarkupKind.PERCENT, Decimal(35))
    terms = pricing.Terms(currency="USD", step=Decimal("0.01"))
    quote = pricing.quote(cost, markup, terms, 1000)
    text = json.dumps([one.to_json() for one in quote.stages])
    return f"'{text.replace('%', '%%')}'::jsonb"


@dataclass
class Caller:
    """A program that asks about the latest orders of the customer who has the most."""

    urlconf: str = ""
    walls: list[float] = field(default_factory=list)
    spent: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        latest = Order.objects.order_by("-pk").first()
        assert latest is not None
        customer = latest.customer
        mine = Order.objects.filter(customer=customer).order_by("-pk")
        self.numbers = list(mine.values_list("pk", flat=True)[:IDS])
        assert len(self.numbers) == IDS
        _, key = api_keys.make(customer, "Shop", by=None, now=timezone.now())
        words = ",".join(map(str, self.numbers))
        self.form = urlencode({"key": key, "action": "status", "orders": words})
        handler = BaseHandler()
        handler.load_middleware()
        self._respond: Callable[[Any], Any] = handler.get_response

    @property
    def seconds(self) -> float:
        return statistics.median(self.walls)

    @property
    def cpu(self) -> str:
        own, server = (statistics.median(one) * 1000 for one in zip(*self.spent, strict=True))
        return f"{own:.2f} + {server:.2f} ms"

    def answer(self) -> Any:
        """What is answered: every order that was asked about, and none in error."""
        said = json.loads(self._send().content)
        assert list(said) == list(map(str, self.numbers))
        assert all(set(one) >= {"charge", "status", "remains"} for one in said.values())
        return said

    def call(self, calls: int) -> None:
        """One round."""
        server, own, began = costs._server_seconds(), time.process_time(), time.perf_counter()
        for _ in range(calls):
            self._send()
        wall, spent = time.perf_counter() - began, time.process_time() - own
        self.walls.append(wall / calls)
        self.spent.append((spent / calls, (costs._server_seconds() - server) / calls))

    def _send(self) -> Any:
        web = RequestFactory(headers={"host": "localhost"})
        request = web.post("/api/v2", self.form, "application/x-www-form-urlencoded")
        if self.urlconf:
            request.urlconf = self.urlconf  # type: ignore[attr-defined]
        try:
            return self._respond(request)
        finally:
            set_urlconf(None)  # a handler leaves that to the end of a thread's request

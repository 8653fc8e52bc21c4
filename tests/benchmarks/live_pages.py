"""Two hundred customers with the page of an order open, each asking anew every five seconds."""

import heapq
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.models import Order
from tests.benchmarks import crowd, stage, web
from tests.benchmarks.figures import Figure, Size
from tests.support import factories

CUSTOMERS, EVERY, SECONDS, ASKERS = 200, 5.0, 30.0, 16


@dataclass(frozen=True)
class Page:
    """One open page: whose it is, and what its live part asks for."""

    path: str
    cookie: str


def figures(size: Size) -> Iterator[Figure]:
    """Reported: web CPU, and how long an answer takes."""
    people = size.of(CUSTOMERS, 10)
    seconds = SECONDS if size.of(100) == 100 else 2 * EVERY
    with stage.database("live"):
        crowd.plant(size.of(100_000, 5_000), timezone.now())
        pages = _open(people)
        with web.running() as served:
            _watch(served, pages, EVERY)  # the first round fills connections and templates
            began, spent = time.perf_counter(), served.cpu()
            waits = _watch(served, pages, seconds)
            wall, cpu = time.perf_counter() - began, served.cpu() - spent
    asked = len(waits)
    assert asked >= people * (seconds / EVERY - 1), asked
    waits.sort()
    yield Figure(
        name=f"{people} customers with live order pages open",
        ours=(
            f"{cpu / wall:.0%} of a core, p50 {statistics.median(waits) * 1000:.0f} ms,"
            f" p95 {waits[int(asked * 0.95)] * 1000:.0f} ms"
        ),
        cpu=f"{cpu / asked * 1000:.1f} ms of the web an answer",
        notes=(
            f"Each asks every {EVERY:.0f} s, as the page does, for {seconds:.0f} s: {asked:,}"
            f" answers. gunicorn as it is configured with {web.WORKERS} workers, over loopback, its"
            " log switched on; every answer is the live part of the customer's own order."
        ),
    )


def _open(people: int) -> list[Page]:
    """Sign-ins of as many customers, each with an order that runs."""
    running = Order.objects.filter(status="in_progress", tier__gt=0).order_by("-pk")
    pages = []
    for n, number in enumerate(list(running.values_list("pk", flat=True)[:people])):
        customer = factories.customer(f"Live {n}", signs_in=True)
        user = customer.user
        Order.objects.filter(pk=number).update(customer=customer)
        client = Client(headers={"host": "localhost"})
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        path = reverse("my:order", args=[number])
        pages.append(Page(path, f"{settings.SESSION_COOKIE_NAME}={cookie}"))
    assert len(pages) == people
    return pages


def _watch(served: web.Web, pages: Sequence[Page], seconds: float) -> list[float]:
    """Every page asks in its turn until the time is over; how long each answer took, from the
    moment that it was due."""
    began = time.perf_counter()
    due = [(began + EVERY * n / len(pages), n) for n in range(len(pages))]
    lock, waits, wrong = threading.Lock(), list[float](), list[str]()

    def ask() -> None:
        connection = served.connect()
        while True:
            with lock:
                at, n = heapq.heappop(due) if due else (began + seconds, -1)
            if at >= began + seconds:
                return
            time.sleep(max(at - time.perf_counter(), 0))
            page = pages[n]
            headers = {"Host": "localhost", "Cookie": page.cookie}
            headers |= {"HX-Request": "true", "HX-Target": "order-live"}
            connection.request("GET", page.path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            with lock:
                waits.append(time.perf_counter() - at)
                heapq.heappush(due, (at + EVERY, n))
                if answer.status != 200 or b'id="order-live"' not in body:
                    wrong.append(f"{answer.status} {page.path}")

    askers = [threading.Thread(target=ask) for _ in range(min(ASKERS, len(pages)))]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert not wrong, wrong[:3]
    return waits

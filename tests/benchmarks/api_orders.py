"""Orders placed over the API: four programs at gunicorn, each with a connection that it keeps."""

import json
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils import timezone

from orders import api_keys
from orders.models import Customer, Service
from tests.benchmarks import costs, web
from tests.benchmarks.figures import Figure

PROGRAMS = 4


@dataclass(frozen=True)
class Round:
    placed: int
    seconds: float
    web: float
    server: float
    waits: list[float]


def figures(served: web.Web, customers: Sequence[int], seconds: float) -> Iterator[Figure]:
    """Reported. In the database of `placing`; its check counts these orders as well."""
    service = Service.objects.order_by("pk").values_list("pk", flat=True)[0]
    for name, buyers in (
        ("one wallet", list(customers[:1]) * PROGRAMS),
        ("400 wallets", customers),
    ):
        made = {number: _key(number) for number in set(buyers)}
        keys = [made[number] for number in buyers]
        _place(served, service, [keys[n::PROGRAMS] for n in range(PROGRAMS)], 0.5)
        found = _place(served, service, [keys[n::PROGRAMS] for n in range(PROGRAMS)], seconds)
        web_cpu, server = (1000 * value / found.placed for value in (found.web, found.server))
        yield Figure(
            name=f"Place orders over the API, gunicorn, {PROGRAMS} clients, {name}",
            ours=(
                f"{found.placed / found.seconds:,.0f}/s,"
                f" p50 {statistics.median(found.waits) * 1000:.0f} ms"
            ),
            cpu=f"{web_cpu:.1f} + {server:.1f} ms an order",
            notes=(
                f"gunicorn as it is configured with {web.WORKERS} workers, over loopback, Redis"
                " for limits and for the bell; each order has a `request_id` and a link of its own."
            ),
        )


def _key(customer: int) -> str:
    row = Customer.objects.get(pk=customer)
    return api_keys.make(row, "Shop", by=None, now=timezone.now())[1]


def _place(served: web.Web, service: int, keys: Sequence[Sequence[str]], seconds: float) -> Round:
    waits, wrong = list[float](), list[str]()
    began, spent, server = time.perf_counter(), served.cpu(), costs._server_seconds()

    def buy(mine: Sequence[str]) -> None:
        connection, n = served.connect(), 0
        while (before := time.perf_counter()) < began + seconds:
            word = f"{time.time_ns()}-{threading.get_ident()}"
            form = {
                "key": mine[n % len(mine)],
                "action": "add",
                "service": str(service),
                "link": f"https://instagram.com/{word.replace('-', '.')}",
                "quantity": "1000",
                "request_id": word,
            }
            headers = {
                "Host": "localhost",
                "Content-Type": "application/x-www-form-urlencoded",
            }
            connection.request("POST", "/api/v2", urlencode(form), headers)
            answer = json.loads(connection.getresponse().read())
            waits.append(time.perf_counter() - before)
            n += 1
            if "order" not in answer:
                wrong.append(str(answer))

    programs = [threading.Thread(target=buy, args=(mine,)) for mine in keys]
    for program in programs:
        program.start()
    for program in programs:
        program.join()
    wall = time.perf_counter() - began
    assert waits and not wrong, wrong[:3]
    return Round(len(waits), wall, served.cpu() - spent, costs._server_seconds() - server, waits)

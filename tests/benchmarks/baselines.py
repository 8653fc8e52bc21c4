"""What polling is measured against: the floor beneath any program, and two loops that a careful
developer writes with Django and requests.

Neither loop writes history, moves money, holds a lease or keeps to a pace; both are that much
quicker for it. They change the same columns of the same orders.
"""

import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.benchmarks import answering, polled

AT_ONCE = 100
PAGE = 5_000
KEY = "of-a-baseline"


@dataclass(frozen=True)
class Floor:
    """Seconds that each part takes when it is done alone, one after the other."""

    http: float
    read: float
    write: float

    @property
    def seconds(self) -> float:
        return self.http + self.read + self.write


# ── The floor ────────────────────────────────────────────────────────────────────────────────


def floor(url: str) -> Floor:
    """Every order read, asked about and, where it has news, written: with no thought in between.

    Bytes over one socket without a look at them; ids from a bare cursor; values that were laid
    ready before, by one statement of arrays a page, without triggers.
    """
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        began = time.perf_counter()
        numbers = [row for page in _pages(cursor) for row in page]
        read = time.perf_counter() - began
        ids = [upstream_id for _, upstream_id in numbers]
        began = time.perf_counter()
        _fetch(url, [ids[at : at + AT_ONCE] for at in range(0, len(ids), AT_ONCE)])
        http = time.perf_counter() - began
        news = [row for pk, id in numbers if (row := _news(pk, int(id))) is not None]
        laid = [_columns(news[at : at + PAGE]) for at in range(0, len(news), PAGE)]
        began = time.perf_counter()
        for columns in laid:
            cursor.execute(_UPDATE, columns)
        write = time.perf_counter() - began
        cursor.execute("RESET session_replication_role")
    return Floor(http, read, write)


def _pages(cursor: Any) -> Iterable[Sequence[tuple[int, str]]]:
    after = 0
    while True:
        cursor.execute(
            "SELECT id, upstream_id FROM orders_order WHERE provider_id = %s AND tier = 1"
            f" AND id > %s ORDER BY provider_id, tier, id LIMIT {PAGE}",
            [1, after],
        )
        page = cursor.fetchall()
        yield page
        if len(page) < PAGE:
            return
        after = page[-1][0]


def _fetch(url: str, batches: Iterable[Sequence[str]]) -> None:
    where = urlsplit(url)
    with socket.create_connection((where.hostname or "", where.port or 80)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for ids in batches:
            form = urlencode({"key": KEY, "action": "status", "orders": ",".join(ids)}).encode()
            head = f"POST {where.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(form)}\r\n\r\n"
            line.sendall(head.encode() + form)
            got = line.recv(65_536)
            head_end = got.index(b"\r\n\r\n")
            due = int(got[:head_end].rpartition(b" ")[2]) + head_end + 4 - len(got)
            while due > 0:
                due -= len(line.recv(65_536))
            assert due == 0


_TYPES = {
    "status": "varchar",
    "upstream_status": "varchar",
    "remains": "bigint",
    "charge_upstream": "bigint",
    "cost": "bigint",
    "refunded": "bigint",
    "tier": "smallint",
}
_UPDATE = (
    f"UPDATE orders_order o SET {', '.join(f'{name} = new.{name}' for name in _TYPES)},"
    " status_at = now(), changed_at = now() FROM unnest(%s::bigint[], "
    f"{', '.join(f'%s::{kind}[]' for kind in _TYPES.values())}) AS new(id, {', '.join(_TYPES)})"
    " WHERE o.id = new.id"
)


def _news(pk: int, number: int) -> tuple[Any, ...] | None:
    said = answering.story(number)
    if said is None or said == answering.SAME:
        return None
    outcome, charge = polled.OUTCOMES[answering.place(number)], int(Decimal(said.charge) * 10**8)
    tier = 1 if outcome.status == "in_progress" else 4
    kept = (outcome.status, outcome.word, outcome.remains)
    return (pk, *kept, charge, charge, outcome.refunded, tier)


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


# ── What a careful developer writes ──────────────────────────────────────────────────────────

FIELDS = ("status", "upstream_status", "start_count", "remains", "charge_upstream", "changed_at")


def in_hundreds(url: str, most: int) -> int:
    """A session, a hundred ids a request, a comparison, `bulk_update` of what changed."""
    import requests
    from django.utils import timezone

    from orders.models import Order

    changed = 0
    with requests.Session() as session:
        after = 0
        while after < most:
            rows = Order.objects.filter(tier__isnull=False, pk__gt=after, pk__lte=most)
            orders = list(rows.order_by("pk")[:AT_ONCE])
            if not orders:
                break
            ids = ",".join(str(order.upstream_id) for order in orders)
            form = {"key": KEY, "action": "status", "orders": ids}
            said = session.post(url, data=form, timeout=30).json()
            now = timezone.now()
            moved = [one for one in orders if _take(one, said.get(str(one.upstream_id)), now)]
            Order.objects.bulk_update(moved, FIELDS)
            changed += len(moved)
            after = orders[-1].pk
    return changed


def one_by_one(
    url: str, most: int, *, has_session: bool = False, saves_unchanged: bool = True
) -> int:
    """One order a request, over a session or none, and `save()`: of each order, as such loops are
    usually written, or only where something changed. Returns how many orders did."""
    import requests
    from django.utils import timezone

    from orders.models import Order

    changed = 0
    with requests.Session() as session:
        post = session.post if has_session else requests.post
        for order in Order.objects.filter(tier__isnull=False, pk__lte=most).order_by("pk"):
            form = {"key": KEY, "action": "status", "order": order.upstream_id}
            said = post(url, data=form, timeout=30).json()
            has_changed = _take(order, said, timezone.now())
            if has_changed or saves_unchanged:
                order.save()
            changed += has_changed
    return changed


_WORDS = {"In progress": "in_progress", "Completed": "completed", "Partial": "partial"}


def _take(order: Any, said: dict[str, str] | None, now: Any) -> bool:
    """Put what was said into the order; whether that changed it."""
    if not said or "error" in said:
        return False
    status = _WORDS.get(said["status"], "canceled")
    told = (said["status"], int(said["start_count"]), int(said["remains"]), Decimal(said["charge"]))
    held = (order.upstream_status, order.start_count, order.remains, order.charge_upstream)
    if told == held:
        return False
    order.status, order.changed_at = status, now
    order.upstream_status, order.start_count, order.remains, order.charge_upstream = told
    return True

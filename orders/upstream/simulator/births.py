"""How an order comes to be: everything about its life is drawn here, once, at its acceptance.

`record` is what the journal keeps; `order_of` makes the order from it, today or after a restart.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from .catalog import Service
from .chance import draw, pick
from .faults import ENDING_FAULTS
from .kinds import KINDS, Wanted
from .orders import Course, Order
from .settings import Pace

HOUR = 3600.0
Record = dict[str, Any]


def record(
    order_id: int,
    sequence: int,
    service: Service,
    rate: Decimal,
    wanted: Wanted,
    params: Mapping[str, str],
    faults: Mapping[str, int],
    pace: Pace,
    now: datetime,
) -> Record:
    """The line of the journal for an accepted `add`."""
    kept = {name: text for name, text in params.items() if name not in ("key", "action")}
    posts = wanted.posts + wanted.old_posts
    is_drip = wanted.runs > 1
    return {
        "record": "order",
        "id": order_id,
        "sequence": sequence,
        "service": service.id,
        "kind": service.kind,
        "rate": str(rate),
        "charge": str(wanted.charge(rate, KINDS[service.kind].package)),
        "amount": wanted.amount,
        "children": posts or (wanted.runs if is_drip else 0),
        "at": now.timestamp(),
        "average_minutes": service.average_minutes,
        "pace": [pace.speed, pace.minutes],
        "step": pace.scaled(wanted.interval_minutes * 60),
        "delay": pace.scaled(wanted.delay_minutes * 60),
        "old_posts": wanted.old_posts,
        "range": [wanted.least, wanted.most],
        "expires": _expiry(params.get("expiry", "")),
        "ending": next((name for name in ENDING_FAULTS if name in faults), "completed"),
        "words": dict(faults),
        "params": kept,
    }


def order_of(record: Record, seed: int) -> Order:
    """The order that a record tells of, with its children."""
    order = _make(record, seed, record["id"], record["at"], record["amount"], record["charge"])
    order.sequence, order.params = record["sequence"], dict(record["params"])
    order.expires = record["expires"]
    if record["kind"] == "Subscriptions":
        order.children = tuple(_posts(order, record, seed))
    elif record["children"]:
        order.children = tuple(_runs(order, record, seed))
    return order


def _make(
    record: Record, seed: int, order_id: int, placed: float, amount: int, charge: object
) -> Order:
    link = record["params"].get("link", "")
    return Order(
        id=order_id,
        sequence=None,
        service=record["service"],
        kind=record["kind"],
        link=link,
        amount=amount,
        charge=Decimal(str(charge)),
        placed=placed,
        course=_course(record, seed, order_id, placed),
        start_count=pick(0, 40_000, seed, "start", link, record["service"]),
        words=record["words"],
    )


def _course(record: Record, seed: int, order_id: int, placed: float) -> Course:
    ending = _ending(record, seed, order_id)
    pace = Pace(*record["pace"])
    life = pace.life(record["average_minutes"], 0.5 + 1.1 * draw(seed, "life", order_id))
    start = placed + life * (0.05 + 0.15 * draw(seed, "delay", order_id))
    full = placed + life
    share = {"canceled": 0.02, "partial": 0.0, "failed": 0.0}.get(ending, 1.0)
    share = share or 0.2 + 0.6 * draw(seed, "stop", order_id)
    stop = start + (full - start) * share
    return Course(start, full, stop, full + pace.scaled(6 * HOUR), ending)


def _ending(record: Record, seed: int, order_id: int) -> str:
    """Of a delivery that fails about half of the runs or posts do; the others are completed."""
    ending = str(record["ending"])
    is_child = order_id != record["id"]
    if ending == "failed" and is_child and draw(seed, "fails", order_id) < 0.5:
        return "completed"
    return ending


def _runs(parent: Order, record: Record, seed: int) -> Iterable[Order]:
    share = parent.charge / record["children"]
    for run in range(record["children"]):
        placed = parent.placed + run * record["step"]
        child = _make(record, seed, parent.id + run + 1, placed, parent.amount, share)
        child.parent = parent
        yield child


def _posts(parent: Order, record: Record, seed: int) -> Iterable[Order]:
    pace, placed = Pace(*record["pace"]), parent.placed
    for post in range(record["children"]):
        if post >= record["old_posts"]:
            placed += pace.scaled(HOUR * (4 + 20 * draw(seed, "post", parent.id, post)))
        amount = pick(*record["range"], seed, "amount", parent.id, post)
        charge = Decimal(record["rate"]) * amount / 1000
        moment = placed + record["delay"]
        child = _make(record, seed, parent.id + post + 1, moment, amount, charge)
        child.parent, child.paid = parent, False
        child.link = f"https://example.com/{record['params'].get('username')}/post-{post + 1}"
        yield child


def _expiry(text: str) -> float | None:
    try:
        return datetime.strptime(text, "%d/%m/%Y").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None

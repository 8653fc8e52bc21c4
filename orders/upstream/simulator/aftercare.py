"""What a buyer asks of an order afterwards: `refill`, `refill_status` and `cancel`."""

from typing import TYPE_CHECKING, Any

from .kinds import Refusal
from .orders import Order
from .refills import Refill
from .replies import id_of, ids_of, or_error

if TYPE_CHECKING:
    from .world import Call, World


HOUR = 3600.0
DAY = 24 * HOUR


def refill(world: "World", call: "Call") -> Any:
    if "orders" not in call.params:
        return {"refill": str(_refill(world, call, call.params.get("order", "")))}
    return [
        {"order": id_of(number), "refill": or_error(_refill, world, call, number)}
        for number in ids_of(call.params, "orders")[: world.settings.batch_limit]
    ]


def _refill(world: "World", call: "Call", number: str) -> int:
    order = world.order(number, call.at)
    if order is None:
        raise Refusal("Incorrect order ID")
    service = world.services[order.service]
    if not service.refill_days:
        raise Refusal("Refill is disabled for this service")
    _check_refill_time(world, order, service.refill_days, call.at)
    rejected = "refill_rejected" in call.faults or "refill_rejected" in order.words
    start = call.at + world.pace.scaled(HOUR)
    record = Refill(
        id=len(world.refills) + 1,
        order=order.id,
        start=start,
        end=start + world.pace.scaled(6 * HOUR),
        ending="Rejected" if rejected else "Completed",
    )
    world.commit(record="refill", **{name: getattr(record, name) for name in Refill.__slots__})
    return record.id


def _check_refill_time(world: "World", order: Order, days: int, at: float) -> None:
    ended = order.last_change
    latest = max((world.refills[number].start for number in order.refills), default=ended)
    wait = world.pace.scaled(world.settings.refill_wait_hours * HOUR)
    if order.children or order.reading(at).status not in ("Completed", "Partial"):
        raise Refusal("Incorrect order ID")
    open_refill = any(world.refills[n].end > at for n in order.refills)
    if open_refill or at < latest + wait:
        raise Refusal("The order was completed or refill was requested less than 24 hours ago")
    if at > ended + days * DAY:
        raise Refusal("Refill days are over")


def refill_status(world: "World", call: "Call") -> Any:
    if "refills" not in call.params:
        return {"status": _refill_status(world, call, call.params.get("refill", ""))}
    return [
        {"refill": id_of(n), "status": or_error(_refill_status, world, call, n)}
        for n in ids_of(call.params, "refills")[: world.settings.batch_limit]
    ]


def _refill_status(world: "World", call: "Call", number: str) -> str:
    found = world.refills.get(int(number)) if number.isdigit() else None
    if found is None:
        raise Refusal("Refill not found")
    return found.status(call.at)


def cancel(world: "World", call: "Call") -> Any:
    numbers = ids_of(call.params, "orders") or ids_of(call.params, "order")
    if not numbers:
        raise Refusal("Incorrect request")
    return [
        {"order": id_of(number), "cancel": or_error(_cancel, world, call, number)}
        for number in numbers[: world.settings.batch_limit]
    ]


def _cancel(world: "World", call: "Call", number: str) -> int:
    order = world.order(number, call.at)
    if order is None:
        raise Refusal("Incorrect order ID")
    if not world.services[order.service].cancel or not order.is_open(call.at):
        raise Refusal("Order can't be canceled")
    if order.cancel_asked:
        raise Refusal("Cancel already requested")
    ignored = "cancel_ignored" in call.faults or "cancel_ignored" in order.words
    stop = call.at + (order.course.full - order.placed) / 20
    world.commit(record="cancel", id=order.id, at=None if ignored else stop)
    return 1

"""How orders stand: `status`, of one and of many."""

from typing import TYPE_CHECKING, Any

from . import standing
from .orders import Order
from .replies import id_of, ids_of, text
from .selling import currency

if TYPE_CHECKING:
    from .world import Call, World


QUARTER = 900
INCORRECT_ORDER = {"error": "Incorrect order ID"}


def status(world: "World", call: "Call") -> Any:
    if "orders" not in call.params:
        return _status_of(world, call, call.params.get("order", "")) or INCORRECT_ORDER
    numbers = ids_of(call.params, "orders")[: world.settings.batch_limit]
    if "missing_ids" in call.faults:
        numbers = numbers[1::2]
    items = {number: _status_of(world, call, number) for number in numbers}
    return _shaped({number: item for number, item in items.items() if item}, call)


def _status_of(world: "World", call: "Call", number: str) -> dict[str, Any] | None:
    """One item; None where a fault leaves it out."""
    order = world.order(number, call.at)
    if order is None:
        return _standing(world, call, number)
    item = _family(order, call.at) if order.children else _item(world, call, order)
    if not (order.words or call.faults or world.faults.active):
        return item
    return _spoiled(world, call, order, item)


def _item(world: "World", call: "Call", order: Order) -> dict[str, Any]:
    reading = order.reading(call.at)
    charge = order.charge if world.settings.gross_charge else reading.charge
    return {
        "charge": text(charge),
        "start_count": str(reading.start_count),
        "status": reading.status,
        "remains": str(reading.remains),
        "currency": currency(world, call, order),
    }


def _spoiled(
    world: "World", call: "Call", order: Order, item: dict[str, Any]
) -> dict[str, Any] | None:
    if _strikes(world, "missing_ids", call, order):
        return None
    if _strikes(world, "null_counts", call, order) and not order.children:
        item |= {"start_count": None, "remains": None}
    if _strikes(world, "unknown_status", call, order):
        item["status"] = "On moderation"
    return item


def _strikes(world: "World", fault: str, call: "Call", order: Order) -> bool:
    if fault in order.words or (fault in call.faults and fault != "missing_ids"):
        return True
    return world.faults.hits(fault, order.id, int(call.at) // QUARTER)


def _standing(world: "World", call: "Call", number: str) -> dict[str, Any]:
    if number.isdigit() and 0 < int(number) <= world.settings.standing_orders:
        return standing.item(int(number), call.at, world.settings.currency)
    return INCORRECT_ORDER


def _family(order: Order, at: float) -> dict[str, Any]:
    children = [child.id for child in order.born(at)]
    status = order.family_status(at)
    if order.kind != "Subscriptions":
        return {"status": status, "runs": str(len(order.children)), "orders": children}
    return {
        "status": status,
        "expiry": order.params.get("expiry") or None,
        "posts": order.params.get("posts") or "",
        "orders": children,
    }


def _shaped(items: dict[str, dict[str, Any]], call: "Call") -> Any:
    if "shape_list" in call.faults:
        return [{"order": id_of(number)} | item for number, item in items.items()]
    if "shape_bare_list" in call.faults:
        return list(items.values())
    if "shape_string" in call.faults:
        return {number: item.get("error", item) for number, item in items.items()}
    return items

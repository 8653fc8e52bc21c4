"""The simulator's own levers, under `/_sim/`: its clock, its faults, its log, its money."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .orders import Order
from .selling import raised

if TYPE_CHECKING:
    from .server import Simulator

Body = dict[str, Any]
FORCED = frozenset({"status", "remains", "start_count", "charge"})
SERVICE_VALUES = frozenset(
    {"gone", "disabled", "name", "type", "rate", "least", "most", "cancel", "refill_days"}
)
ALIASES = {"min": "least", "max": "most"}


class ControlError(Exception):
    """A lever was pulled the wrong way; the text says how it works."""


def handle(sim: "Simulator", method: str, path: str, body: Body) -> Any:
    """Pull one lever: `path` is what follows `/_sim/`. Raises ControlError."""
    name, _, number = path.strip("/").partition("/")
    lever = LEVERS.get((method, name))
    if lever is None:
        known = ", ".join(f"{method} /_sim/{name}" for method, name in LEVERS)
        raise ControlError(f"There is no {method} /_sim/{path}. Known: {known}.")
    try:
        return lever(sim, number, body)
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise ControlError(f"{type(error).__name__}: {error}") from error


def clock(sim: "Simulator", _: str, body: Body) -> Any:
    at = body["at"]
    sim.clock.fix(datetime.fromisoformat(at) if at else None)
    return {"now": sim.clock.now().isoformat()}


def faults(sim: "Simulator", _: str, body: Body) -> Any:
    """Set some faults, leaving the others; `clear` first switches all off."""
    active = sim.world.faults
    if body.pop("clear", False):
        active.active.clear()
    if "hold_seconds" in body:
        active.hold_seconds = float(body.pop("hold_seconds"))
    refuse = body.get("refuse_connection")
    if isinstance(refuse, dict) and "seconds" in refuse:
        sim.refuse_for(float(body.pop("refuse_connection")["seconds"]))
    for name, spec in body.items():
        active.set(name, spec)
    return {name: vars(fault) for name, fault in active.active.items()}


def show_faults(sim: "Simulator", _: str, body: Body) -> Any:
    return faults(sim, "", {})


def balance(sim: "Simulator", _: str, body: Body) -> Any:
    """Set the balance to `amount`."""
    world = sim.world
    world.settle(sim.clock.now().timestamp())
    world.commit(record="deposit", amount=str(Decimal(body["amount"]) - world.balance))
    return {"balance": str(world.balance)}


def rates(sim: "Simulator", _: str, body: Body) -> Any:
    """Set rates to `factor` times the catalog's first ones; of all services without `services`."""
    world, factor = sim.world, Decimal(str(body["factor"]))
    numbers = body.get("services")
    for number in world.services if numbers is None else map(int, numbers):
        rate = raised(world.listed[number].rate, factor)
        world.commit(record="service", id=number, values={"rate": str(rate)})
    return {"changed": len(world.services) if numbers is None else len(numbers)}


def service(sim: "Simulator", number: str, body: Body) -> Any:
    values = {ALIASES.get(name, name): value for name, value in body.items()}
    if "refill" in values:
        values["refill_days"] = 30 if values.pop("refill") else 0
    _only(values, SERVICE_VALUES)
    if "rate" in values:
        values["rate"] = str(Decimal(str(values["rate"])))
    if int(number) not in sim.world.services:
        raise ControlError(f"There is no service {number}.")
    sim.world.commit(record="service", id=int(number), values=values)
    return {"service": int(number), **values}


def order(sim: "Simulator", number: str, body: Body) -> Any:
    """Force what an order shows; null lets it follow its own course again."""
    _only(body, FORCED)
    found = _order(sim, number)
    at = sim.clock.now().timestamp()
    sim.world.commit(record="force", id=found.id, values=body, at=at)
    return show_order(sim, number, {})


def show_order(sim: "Simulator", number: str, body: Body) -> Any:
    found, at = _order(sim, number), sim.clock.now().timestamp()
    reading, children = found.reading(at), [child.id for child in found.born(at)]
    course = {name: _iso(getattr(found.course, name)) for name in ("start", "stop", "relapse")}
    now = {"status": reading.status, "remains": reading.remains, "charge": str(reading.charge)}
    more = {"ending": found.course.ending, "forced": found.forced, "children": children}
    return _entry(found) | now | course | more


def log(sim: "Simulator", _: str, body: Body) -> Any:
    """Every accepted `add`, in order."""
    return [_entry(order) for order in sim.world.log]


def calls(sim: "Simulator", _: str, body: Body) -> Any:
    return {"counts": dict(sim.world.counts), "last": list(sim.world.calls)}


def pace(sim: "Simulator", _: str, body: Body) -> Any:
    """How fast orders go that are accepted from now on."""
    speed, minutes = float(body.get("speed") or 1), body.get("minutes")
    if speed <= 0 or (minutes is not None and float(minutes) <= 0):
        raise ControlError("A pace is above zero.")
    sim.world.commit(record="pace", speed=speed, minutes=minutes and float(minutes))
    return vars(sim.world.pace)


def reset(sim: "Simulator", _: str, body: Body) -> Any:
    sim.clock.fix(None)
    sim.world.reset()
    return {"reset": True}


def _entry(order: Order) -> Body:
    return {
        "sequence": order.sequence,
        "order": order.id,
        "service": order.service,
        "link": order.link,
        "quantity": order.amount,
        "charge": f"{order.charge:f}",
        "at": _iso(order.placed),
        "params": order.params,
        "faults": sorted(order.words),
    }


def _order(sim: "Simulator", number: str) -> Order:
    found = sim.world.orders.get(int(number))
    if found is None:
        raise ControlError(f"There is no order {number}.")
    return found


def _only(values: Body, allowed: frozenset[str]) -> None:
    wrong = set(values) - allowed
    if wrong:
        raise ControlError(f"Unknown: {', '.join(wrong)}. Known: {', '.join(sorted(allowed))}.")


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


LEVERS: dict[tuple[str, str], Callable[["Simulator", str, Body], Any]] = {
    ("POST", "clock"): clock,
    ("POST", "faults"): faults,
    ("GET", "faults"): show_faults,
    ("POST", "balance"): balance,
    ("POST", "rates"): rates,
    ("POST", "services"): service,
    ("POST", "orders"): order,
    ("GET", "orders"): show_order,
    ("POST", "pace"): pace,
    ("GET", "log"): log,
    ("GET", "calls"): calls,
    ("POST", "reset"): reset,
}

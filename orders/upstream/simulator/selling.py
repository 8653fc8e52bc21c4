"""The shop window and the till: `services`, `add` and `balance`."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from . import births, kinds
from .catalog import Service
from .chance import draw
from .kinds import KINDS, Refusal
from .orders import Order
from .replies import text

if TYPE_CHECKING:
    from .world import Call, World


WRONG_CURRENCY = "EUR"


def services(world: "World", call: "Call") -> Any:
    if "empty_catalog" in call.faults:
        return []
    rows = [
        service.row(text(rate_now(world, service, call)))
        for service in world.services.values()
        if service.id not in world.gone and not _vanished(world, service, call)
    ]
    return {"services": rows} if "shape_object" in call.faults else rows


def _vanished(world: "World", service: Service, call: "Call") -> bool:
    return _strikes_service(world, "vanished_services", service, call)


def rate_now(world: "World", service: Service, call: "Call") -> Decimal:
    """Its rate, with a rise if one strikes."""
    if not _strikes_service(world, "price_rise", service, call):
        return service.rate
    fault = world.faults.active.get("price_rise")
    percent = call.faults.get("price_rise") or (fault.value if fault else 40)
    return raised(service.rate, 1 + Decimal(percent) / 100)


def raised(rate: Decimal, factor: Decimal) -> Decimal:
    """A rate times a factor, at five places."""
    return (rate * factor).quantize(Decimal("0.00001"))


def _strikes_service(world: "World", fault: str, service: Service, call: "Call") -> bool:
    if fault in call.faults:
        return call.action == "add" or draw(world.settings.seed, fault, service.id) < 0.3
    return world.faults.hits(fault, service.id)


def add(world: "World", call: "Call") -> Any:
    token = _token(world, call)
    if token in world.tokens:
        return {"order": world.tokens[token]}
    service = world.service(call.params.get("service", ""))
    if _vanished(world, service, call):
        raise Refusal("Incorrect service ID")
    wanted = kinds.read(service.kind, service.limits, call.params)
    _refuse_duplicate(world, service, call)
    rate = rate_now(world, service, call)
    if wanted.charge(rate, KINDS[service.kind].package) > world.balance:
        raise Refusal("Not enough funds on balance")
    order_id, sequence = world.next_order_id(), len(world.log) + 1
    record = births.record(
        order_id, sequence, service, rate, wanted, call.params, call.faults, world.pace, call.now
    )
    said = _id_to_say(world, call, order_id)
    world.commit(**record)
    return {"order": said}


def _id_to_say(world: "World", call: "Call", order_id: int) -> int:
    """Its own id; or, where that fault strikes, the one that it names, or else the last order's."""
    if "taken_id" not in call.faults or not world.log:
        return order_id
    return call.faults["taken_id"] or world.log[-1].id


def _token(world: "World", call: "Call") -> str | None:
    field = world.settings.idempotency_field
    if field and not call.params.get(field):
        raise Refusal("Missing required parameter")
    return call.params.get(field) if field else None


def _refuse_duplicate(world: "World", service: Service, call: "Call") -> None:
    if not world.settings.refuse_duplicates:
        return
    link = call.params.get("link")
    for order in world.log:
        if order.link == link and order.service == service.id and order.is_open(call.at):
            raise Refusal(
                "You have active order with this link. Please wait until order being completed."
            )


def balance(world: "World", call: "Call") -> Any:
    return {"balance": text(world.balance), "currency": currency(world, call)}


def currency(world: "World", call: "Call", order: Order | None = None) -> str:
    wrong = "wrong_currency" in call.faults or (order and "wrong_currency" in order.words)
    return WRONG_CURRENCY if wrong else world.settings.currency

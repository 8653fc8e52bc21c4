from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser

from orders import panel_settings
from orders.management.operator import OperatorCommand
from orders.models import Order
from orders.money import plain
from orders.submission import why_held


class Command(OperatorCommand):
    help = "Say where an order stands, what it cost and what it brought."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", metavar="N", type=int)

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        order = (
            Order.objects.select_related("provider__state", "customer", "service")
            .filter(pk=options["number"])
            .first()
        )
        if order is None:
            raise CommandError(f"there is no order {options['number']}")
        values = _values(order, now)
        return _line(values), values


def _values(order: Order, now: datetime) -> dict[str, Any]:
    hold = why_held(order, panel_settings.current(), now)
    names = ("status", "link", "quantity", "remains", "start_count", "price", "refunded")
    upstream = ("upstream_id", "charge_upstream", "cost", "expected_charge_upstream")
    values = {name: getattr(order, name) for name in (*names, *upstream)}
    values |= {"hold": hold.reason if hold else "", "hold_detail": hold.detail if hold else ""}
    values |= {"order": order.pk, "customer": order.customer_id, "service": order.service_id}
    values |= {"provider": order.provider.name, "markup_level": order.markup_level}
    earned = None if order.cost is None else order.price - order.refunded - order.cost
    return values | {"profit": earned}


def _line(values: dict[str, Any]) -> str:
    said = [f"Order {values['order']} {values['status'].replace('_', ' ')}"]
    if values["hold"]:
        detail = f" ({values['hold_detail']})" if values["hold_detail"] else ""
        said.append(f"held: {values['hold'].replace('_', ' ')}{detail}")
    if values["upstream_id"]:
        said.append(f"upstream id {values['upstream_id']} at {values['provider']}")
    if values["remains"] is not None:
        said.append(f"remains {values['remains']}")
    for name in ("price", "refunded", "cost", "profit"):
        if values[name]:
            said.append(f"{name} {plain(values[name])}")
    return ", ".join(said)

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from orders import placement, service_types
from orders.management.operator import OperatorCommand, find_customer
from orders.money import plain


def _field_names() -> list[str]:
    return sorted({field.name for kind in service_types.ALL for field in kind.fields})


class Command(OperatorCommand):
    help = "Place an order for a customer; prints its number and price."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customer", metavar="CUSTOMER", help="number, e-mail or phone")
        parser.add_argument("service", metavar="SERVICE", type=int, help="our number")
        parser.add_argument("--client-key", help="a repeat with the same key places nothing new")
        parser.add_argument(
            "--overlap", action="store_true", help="even if one is open on the link"
        )
        for name in _field_names():
            parser.add_argument(f"--{name}", help="lines are separated by \\n")

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        fields = {
            name: options[name].replace("\\n", "\n")
            for name in _field_names()
            if options[name] is not None
        }
        placed = placement.place(
            find_customer(options["customer"]),
            options["service"],
            fields,
            by=None,
            now=now,
            client_key=options["client_key"],
            overlap_ok=options["overlap"],
        )
        order = placed.order
        said = "placed" if placed.is_new else "was placed before"
        return f"Order {order.pk} {said} for {plain(order.price)}", {
            "order": order.pk,
            "price": order.price,
            "is_new": placed.is_new,
        }

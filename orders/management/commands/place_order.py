from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from orders import placement, service_types
from orders.management.operator import OperatorCommand, find_customer
from orders.money import plain


class Command(OperatorCommand):
    help = "Place an order for a customer; prints its number and price."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customer", metavar="CUSTOMER", help="number, e-mail or phone")
        parser.add_argument("service", metavar="SERVICE", type=int, help="our number")
        parser.add_argument("--client-key", help="a repeat with the same key places nothing new")
        parser.add_argument(
            "--overlap", action="store_true", help="even if one is open on the link"
        )
        for name in sorted(service_types.field_names()):
            parser.add_argument(f"--{name}", help="lines are separated by \\n")

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        fields = {
            name: options[name].replace("\\n", "\n")
            for name in sorted(service_types.field_names())
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
        sight = service_types.look(
            service_types.by_slug(order.service_type),
            order.link,
            order.service.name,
            order.service.category.name,
        )
        words = f"Order {order.pk} {said} for {plain(order.price)}"
        if order.link:
            words += f", to be sent with the link {order.link}"
        if sight.warning:
            words += f" (look again: {sight.warning})"
        return words, {
            "order": order.pk,
            "price": order.price,
            "link": order.link,
            "warning": sight.warning,
            "is_new": placed.is_new,
        }

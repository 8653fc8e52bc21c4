from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from orders import moving_in
from orders.management.operator import OperatorCommand


class Command(OperatorCommand):
    help = "Let the next order have this number, or a higher one. Numbers only rise."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", metavar="N", type=int)
        parser.add_argument(
            "--check", action="store_true", help="say what would happen and write nothing"
        )

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        number, check = options["number"], options["check"]
        if check:
            before = moving_in.check_next_order_number(number)
        else:
            before = moving_in.set_next_order_number(number, by=None, now=now)
        verb = "would be" if check else "is"
        line = f"The next order {verb} {number}; it was {before}"
        return line, {"checked": check, "next_order": number, "before": before}

from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser

from orders import tills
from orders.management.operator import OperatorCommand
from orders.models import TillClosing
from orders.money import plain


class Command(OperatorCommand):
    help = "Confirm the waiting count of a till; for a house whose only admin counted their own."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="whose till was counted")
        parser.add_argument("--note", default="Confirmed at the command line")

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        email = options["email"].strip().lower()
        waiting = TillClosing.objects.filter(staff__user__email=email, confirmed_at=None)
        closing = waiting.select_related("staff__user").first()
        if closing is None:
            raise CommandError(f"{email}: no count waits")
        tills.confirm_closing(closing, by=None, now=now, note=options["note"])
        difference = closing.counted - closing.expected
        line = (
            f"{closing.staff.name}: counted {plain(closing.counted)},"
            f" should hold {plain(closing.expected)}, difference {plain(difference)}"
        )
        values = {"counted": closing.counted, "expected": closing.expected}
        return line, values | {"difference": difference}

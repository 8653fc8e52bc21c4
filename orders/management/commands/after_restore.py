from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from orders import restoring
from orders.management.operator import OperatorCommand


class Command(OperatorCommand):
    help = "Let a panel that was restored from a backup send again, and nothing a second time."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--gap",
            type=int,
            default=restoring.GAP,
            help="order numbers to leave out, more than were given since the backup",
        )
        parser.add_argument(
            "--moved",
            action="store_true",
            help="nothing ran between the dump and now: all that waits is sent as it stands",
        )

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        done = restoring.settle(now, gap=options["gap"], moved=options["moved"])
        line = (
            f"{done.orders} waiting orders are unconfirmed now, {done.refills} refills and "
            f"{done.cancellations} cancel requests count as unanswered; {done.lines} lines of many "
            f"orders are stopped; the next order is {done.next_order}. "
            "Decide them in the review queue; everything else is sent."
        )
        if options["moved"]:
            line = "This database is at home now; what waits is sent."
        return line, {
            "moved": options["moved"],
            "lines": done.lines,
            "orders": done.orders,
            "refills": done.refills,
            "cancellations": done.cancellations,
            "next_order": done.next_order,
        }

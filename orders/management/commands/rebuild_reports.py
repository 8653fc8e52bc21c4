from datetime import date, datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser

from orders.management.operator import OperatorCommand
from orders.reports import agreement, rolling


class Command(OperatorCommand):
    help = (
        "Sum the days of the reports anew, then compare them with the ledger; "
        "fails where they differ."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", metavar="DAY", type=_day, help="2026-11-23")
        parser.add_argument("--to", dest="last", metavar="DAY", type=_day)
        parser.add_argument("--check", action="store_true", help="compare only, sum nothing")

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        first, last = options["first"], options["last"]
        if first and last and first > last:
            raise CommandError("--from: not after --to")
        count = written = 0
        if not options["check"]:
            count = rolling.rebuild(first, last)
            written = rolling.add_up_all(now)
        if findings := agreement.check_all():
            self.say("\n".join(findings), {"findings": findings}, as_json=options["json"])
            raise CommandError(f"The reports do not agree with the ledger: {len(findings)}")
        line = f"{count:,} days summed, {written:,} sums changed; they agree with the ledger"
        return line, {"days": count, "changed": written, "findings": []}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text}: write a day as 2026-11-23") from error

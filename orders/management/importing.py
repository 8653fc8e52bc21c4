"""What the two commands that bring in a file share."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from orders import moving_in
from orders.enums import ImportKind
from orders.management.operator import OperatorCommand
from orders.moving_in import MOST_BYTES, Report

MOST_SAID = 200
"""Lines that are printed of a file in which very many are wrong."""


class ImportCommand(OperatorCommand):
    """Reads a CSV file and brings it in; `--check` says what would happen and writes nothing.

    Rows with which something is wrong stay out, each named on standard error; the others come in.
    Ends with a non-zero exit code when there were any. A second run brings in what is missing.
    """

    kind: ImportKind
    FATES: dict[str, str]

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="a CSV file in UTF-8; - is the input")
        parser.add_argument(
            "--check", action="store_true", help="say what would happen and write nothing"
        )

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        rows = moving_in.FILES[self.kind].read(_content(options["file"]))
        if options["check"]:
            report = moving_in.look_at(self.kind, rows, by=None)
        else:
            name = Path(options["file"]).name
            report = moving_in.carry_out(self.kind, rows, by=None, now=now, name=name)
        line = self._summary(report, checked=options["check"])
        values = {"checked": options["check"], **report.to_json()}
        if not options["json"]:
            self._name_rows(report)
        if wrong := sum(report.counts.get(fate, 0) for fate in moving_in.STAYED_OUT):
            self.say(line, values, as_json=options["json"])
            raise CommandError(
                f"{wrong} of {report.rows} rows stay out. Correct them and run again."
            )
        return line, values

    def _summary(self, report: Report, *, checked: bool) -> str:
        said = [
            f"{report.fates[fate]} {words}"
            for fate, words in self.FATES.items()
            if fate in report.fates
        ]
        start = "Nothing is written. It would be: " if checked else ""
        return f"{start}{report.rows} rows: {', '.join(said)}"

    def _name_rows(self, report: Report) -> None:
        remarks = sorted(report.remarks, key=lambda remark: (not remark.wrong, remark.line))
        for remark in remarks[:MOST_SAID]:
            self.stderr.write(str(remark))
        if len(remarks) > MOST_SAID:
            self.stderr.write(f"… and {len(remarks) - MOST_SAID} more")


def _content(name: str) -> bytes:
    """At most a little more than is allowed, which then is refused."""
    if name == "-":
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        with Path(name).open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}") from error

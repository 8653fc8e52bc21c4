"""What became of a file's lines."""

from datetime import datetime

from django.db.models import QuerySet

from orders.enums import ImportKind
from orders.models import ImportFile, ImportLine, User
from orders.moving_in.carrying import finish
from orders.moving_in.files import Rows
from orders.moving_in.keeping import keep_rows, start
from orders.moving_in.plans import STAYED_OUT, Remark, Report


def carry_out(
    kind: ImportKind,
    rows: Rows,
    *,
    by: User | None,
    now: datetime,
    fingerprint: str | None = None,
    name: str = "",
) -> Report:
    """Keep rows as a file and carry it out in this process; if that is killed, workers or
    `run_once` go on. `fingerprint` is that of a look at it.

    Raises `StateChanged` when the file would do something else by now, `NotAllowed` or `Busy`.
    """
    file = start(keep_rows(kind, name, rows, by=by, now=now), fingerprint, by=by, now=now)
    finish(file, now)
    return report_of(file)


def report_of(file: ImportFile) -> Report:
    """What the file did so far."""
    file.refresh_from_db(fields=["counts"])
    remarks = [
        Remark(line.line, line.text, line.fate in STAYED_OUT) for line in remarked(file).iterator()
    ]
    return Report(file.rows_total, dict(file.counts), remarks)


def remarked(file: ImportFile) -> QuerySet[ImportLine]:
    """The lines of which there is something to say."""
    return ImportLine.objects.filter(file=file).exclude(text="").order_by("line")

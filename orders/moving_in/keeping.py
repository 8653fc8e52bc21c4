"""Files that were uploaded: looked at, begun once, and stopped when somebody says so.

What carries them out is `carrying`.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orders import auditing, doorbell, sql
from orders.catalog.batches import in_batches
from orders.enums import ImportKind
from orders.errors import Declined
from orders.models import ImportFile, ImportLine, User
from orders.moving_in.files import FILES, Rows, look_at
from orders.moving_in.plans import MovedOn, Report, row_to_json
from orders.persons import require_admin

KEPT_FOR = timedelta(days=1)
"""A file that nobody carried out is forgotten after that: it holds addresses and phone numbers."""

JOB = "orders.move_in"
STOPPED = gettext_noop("Stopped before its turn. Upload the file once more to bring it in.")
BATCH = 1000


def keep(
    kind: ImportKind, name: str, content: bytes, *, by: User | None, now: datetime
) -> ImportFile:
    """Read a file and keep its rows for a second look. Raises `FieldErrors`, `NotAllowed`."""
    if by is not None:
        require_admin(by)
    return keep_rows(kind, name, FILES[kind].read(content), by=by, now=now)


def keep_rows(
    kind: ImportKind, name: str, rows: Rows, *, by: User | None, now: datetime
) -> ImportFile:
    """The same for rows that were read already."""
    return ImportFile.objects.create(
        kind=kind,
        name="".join(sign for sign in name if sign.isprintable())[:120] or "file.csv",
        rows=rows.to_json(),
        rows_total=len(rows.rows) + len(rows.bad),
        uploaded_by=by,
        uploaded_at=now,
    )


def preview(file: ImportFile, *, by: User) -> Report:
    """What the file would do now. Raises `NotAllowed`."""
    kind = ImportKind(file.kind)
    return look_at(kind, FILES[kind].take_up(file.rows), by=by)


def start(
    file: ImportFile, fingerprint: str | None, *, by: User | None, now: datetime
) -> ImportFile:
    """Say that a file be carried out as it was previewed; a second press finds the first one's.

    From here on the rows are the queue. `fingerprint` is that of the preview; None takes whatever
    fits when its turn comes. Raises `MovedOn` when the file would do something else than the
    preview said, `NotAllowed`, `Busy`, or `Declined` when it is not kept any more.
    """
    if by is not None:
        require_admin(by)
    found = ImportFile.objects.filter(pk=file.pk).first()
    prints: dict[int, str] = {}
    if found is not None and found.started_at is None and fingerprint is not None:
        # Before the transaction: it takes seconds for a large file.
        report = look_at(ImportKind(found.kind), _rows(found), by=by)
        if report.fingerprint != fingerprint:
            raise MovedOn
        prints = report.prints()
    with sql.short_transaction():
        row = ImportFile.objects.select_for_update().filter(pk=file.pk).first()
        if row is None:
            raise Declined(_("This file was forgotten meanwhile. Upload it once more."))
        if row.started_at is None:
            _begin(row, prints, by, now)
            doorbell.ring(JOB)
    return row


def stop(file: ImportFile, *, by: User, now: datetime) -> int:
    """Bring in no more of a file; how many lines were still to come. What is in stays in.

    Raises `NotAllowed` or `Busy`.
    """
    require_admin(by)
    with sql.short_transaction():
        row = ImportFile.objects.defer("rows").select_for_update().get(pk=file.pk)
        if row.started_at is None or row.done_at is not None:
            return 0
        left = end_early(row, now)
        told = {"file": row.name, "lines": left}
        auditing.record(by, "import.stopped", "panel", {}, told, at=now)
    return left


def end_early(row: ImportFile, now: datetime) -> int:
    """Close a file with lines still to come, inside the caller's transaction, which locked it."""
    to_come = ImportLine.objects.filter(file=row, fate="")
    left = to_come.update(fate="stopped", text=STOPPED, row=None)
    row.counts["stopped"] = left
    row.lines_done += left
    row.done_at, row.leased_until = now, None
    row.save(update_fields=["counts", "lines_done", "done_at", "leased_until"])
    return left


def _rows(file: ImportFile) -> Rows:
    rows: Rows = FILES[ImportKind(file.kind)].take_up(file.rows)
    return rows


def _begin(file: ImportFile, prints: dict[int, str], by: User | None, now: datetime) -> None:
    rows = _rows(file)
    for batch in in_batches(_lines(file, rows, prints), BATCH):
        ImportLine.objects.bulk_create(batch)
    wrong = len(rows.bad)
    file.started_at, file.started_by, file.rows = now, by, []
    file.lines_done, file.counts = wrong, {"wrong": wrong} if wrong else {}
    file.save()
    told = {"file": file.name, "lines": file.rows_total}
    auditing.record(by, "import.started", "panel", {}, told, at=now)


def _lines(file: ImportFile, rows: Rows, prints: dict[int, str]) -> Iterator[ImportLine]:
    for row in rows.rows:
        yield ImportLine(
            file=file,
            line=row.line,
            row=row_to_json(row),
            planned=prints.get(row.line, ""),
            number=getattr(row, "number", None),
        )
    for line, text in rows.bad.items():
        yield ImportLine(file=file, line=line, fate="wrong", text=text)


def forget_files(now: datetime) -> QuerySet[ImportFile]:
    """Files that wait for longer than anybody would."""
    return ImportFile.objects.filter(started_at=None, uploaded_at__lte=now - KEPT_FOR)

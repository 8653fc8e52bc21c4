"""Carrying files out, line by line: each line is a short transaction of its own that also writes
what became of it. So a process may be killed anywhere and another one goes on with the next line,
and two at once take turns and bring nothing in twice.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import DataError, IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from orders import doorbell, sql
from orders.enums import ImportKind
from orders.errors import Busy, NotAllowed
from orders.models import ImportFile, ImportLine, Panel
from orders.moments import Stopwatch
from orders.moving_in.files import FILES
from orders.moving_in.keeping import JOB, end_early
from orders.moving_in.plans import Report

log = structlog.get_logger(__name__)

SLICE_SECONDS = 20.0
"""So long a worker stays at files before others of its queue get their turn."""

LEASE = timedelta(seconds=30)
"""A file whose last line was done so long ago is a dead process's. The lease is courtesy, so that
no two workers wait for each other; what keeps lines from coming in twice is the file's lock."""

CHANGED = gettext_noop(
    "Changed since it was looked at, so it stays out. Upload the file once more."
)
OUR_FAULT = gettext_noop(
    "It stays out for a mistake of the panel, which its log tells of. The others come in."
)
_BUGS = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)


@dataclass
class Done:
    """What a run of the job did."""

    lines: int = 0
    files: int = 0
    busy: bool = False

    def __str__(self) -> str:
        return f"{self.lines:,} lines, {self.files} files ended" + (", busy" * self.busy)


def go_on(now: datetime, *, seconds: float | None = SLICE_SECONDS) -> Done:
    """Carry out files that somebody began, the oldest first, for at most so long (None: to the
    end). Asks to be called again where more is to come."""
    watch, done = Stopwatch(now), Done()
    begun = ImportFile.objects.exclude(started_at=None).filter(done_at=None)
    for number in list(begun.order_by("started_at", "pk").values_list("pk", flat=True)):
        if not _lease(number):
            continue
        try:
            work = _Work.on(number)
            while work.next_line(watch.now):
                done.lines += 1
                if seconds is not None and watch.seconds > seconds:
                    doorbell.ring(JOB)
                    return done
            done.files += 1
        except Busy:  # the next beat finds it
            done.busy = True
        finally:
            ImportFile.objects.filter(pk=number).update(leased_until=None)
    return done


def finish(file: ImportFile, now: datetime) -> None:
    """Carry this one out to its end, in this process, whoever else is at it. Raises `Busy`."""
    _lease(file.pk)
    watch, work = Stopwatch(now), _Work.on(file.pk)
    while work.next_line(watch.now):
        pass


def _lease(number: int) -> bool:
    now = timezone.now()
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    return bool(
        ImportFile.objects.filter(free, pk=number, done_at=None).update(leased_until=now + LEASE)
    )


@dataclass
class _Work:
    """One file under our hands. `named`: the numbers that a file of services names."""

    number: int
    named: frozenset[int] = field(default_factory=frozenset)

    @classmethod
    def on(cls, number: int) -> "_Work":
        lines = ImportLine.objects.filter(file=number, file__kind=ImportKind.SERVICES)
        named = lines.exclude(number=None).values_list("number", flat=True)
        return cls(number, frozenset(pk for pk in named if pk is not None))

    @sql.repeated_on_deadlock
    def next_line(self, now: datetime) -> bool:
        """Carry out the next line, or end the file; whether there was one. Raises `Busy`."""
        with sql.short_transaction():
            files = ImportFile.objects.defer("rows").select_for_update(of=("self",))
            file = files.select_related("started_by__staff").get(pk=self.number)
            if file.done_at is not None:
                return False
            line = ImportLine.objects.filter(file=file, fate="").order_by("line").first()
            if line is None:
                file.done_at = now
            else:
                try:
                    self._settle(file, line, now)
                except NotAllowed:  # who began it is no admin any more
                    end_early(file, now)
                    return False
            file.leased_until = timezone.now() + LEASE
            file.save(update_fields=["counts", "lines_done", "leased_until", "done_at"])
        return line is not None

    def _settle(self, file: ImportFile, line: ImportLine, now: datetime) -> None:
        report = self._outcome(file, line, now)
        line.fate, line.text = report.fate_of[line.line], report.text_of(line.line)
        line.row = None
        line.save(update_fields=["fate", "text", "row", "number"])
        file.lines_done += 1
        for what, count in report.fates.items():
            file.counts[what] = file.counts.get(what, 0) + count

    def _outcome(self, file: ImportFile, line: ImportLine, now: datetime) -> Report:
        try:
            with transaction.atomic():
                return self._bring_in(file, line, now)
        except (IntegrityError, DataError):
            return _stays_out(line, "changed", CHANGED)
        except _BUGS as error:
            # Without the error's text and trace: they may hold what stood in the line.
            log.error("moving_in.line", file=file.pk, line=line.line, error=type(error).__name__)
            return _stays_out(line, "wrong", OUR_FAULT)

    def _bring_in(self, file: ImportFile, line: ImportLine, now: datetime) -> Report:
        kind, by = FILES[ImportKind(file.kind)], file.started_by
        Panel.objects.select_for_update(no_key=True).get(pk=1)  # one line of any file at a time
        kind.lock()
        plan = kind.look(kind.take_up_one(line.row, self.named), by=by)
        report: Report = plan.report
        if line.planned and report.prints()[line.line] != line.planned:
            said = report.text_of(line.line)
            return _stays_out(line, "changed", f"{CHANGED} {said}".strip())
        kind.write(plan, by, now)
        line.number = plan.number_of.get(line.line, line.number)
        return report


def _stays_out(line: ImportLine, fate: str, text: str) -> Report:
    report = Report()
    report.settle(line.line, fate)
    report.tell(line.line, text)
    return report

"""What a file would do, or did, as its page shows it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, When
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders import moving_in
from orders.enums import ImportKind
from orders.kept_words import told
from orders.models import ImportFile, User
from orders.moving_in import STAYED_OUT, Report
from panel import display

SHOWN = 100

FATES = {
    "added": ("green", gettext_lazy("Come in"), gettext_lazy("Came in")),
    "joined": (
        "green",
        gettext_lazy("Add to a client who is here"),
        gettext_lazy("Added to a client who was here"),
    ),
    "there": (
        "grey",
        gettext_lazy("In already, left as they are"),
        gettext_lazy("Were in already"),
    ),
    "unlisted": (
        "amber",
        gettext_lazy("Not listed by their provider"),
        gettext_lazy("Not listed by their provider"),
    ),
    "wrong": ("red", gettext_lazy("Stay out"), gettext_lazy("Stayed out")),
    "changed": (
        "amber",
        gettext_lazy("Changed meanwhile, stay out"),
        gettext_lazy("Changed meanwhile, stayed out"),
    ),
    "stopped": (
        "amber",
        gettext_lazy("Stopped before their turn"),
        gettext_lazy("Stopped before their turn"),
    ),
    "below_floor": (
        "amber",
        gettext_lazy("Of these paused: below the floor"),
        gettext_lazy("Of these paused: below the floor"),
    ),
    "moved": (
        "grey",
        gettext_lazy("Unsold services move to other numbers"),
        gettext_lazy("Unsold services moved on"),
    ),
    "hidden": (
        "grey",
        gettext_lazy("Unsold twins are hidden"),
        gettext_lazy("Unsold twins were hidden"),
    ),
    "keys": (
        "accent",
        gettext_lazy("API keys go on working"),
        gettext_lazy("API keys go on working"),
    ),
    "owing": ("amber", gettext_lazy("Owe something"), gettext_lazy("Owe something")),
}
"""Each fate of a row with its tone, and its words before and after."""

LINE_FATES = {
    "": "still to come",
    "added": "came in",
    "joined": "added to a client who was here",
    "there": "was in already",
    "unlisted": "not listed by its provider",
    "wrong": "stayed out",
    "changed": "changed meanwhile, stayed out",
    "stopped": "stopped before its turn",
    "told": "came in",
}
"""What became of one line, in the file of results: programs read it, so it is English."""

COLUMNS = {ImportKind.SERVICES: "service", ImportKind.CUSTOMERS: "client"}
"""What a line brings in, as the head of its column in the results."""


@dataclass(frozen=True)
class Fate:
    """How many rows come to what."""

    tone: str
    words: str | Promise
    count: int


@dataclass(frozen=True)
class FileRow:
    """An uploaded file in the list, and how far it has come."""

    number: int
    name: str
    kind: str
    rows: int
    lines_done: int
    uploaded_at: datetime
    uploaded_by: str
    started_at: datetime | None
    started_by: str
    done_at: datetime | None
    stopped: int

    @property
    def state(self) -> str:
        """waits: for a person; runs; done; stopped: by a person, before its end."""
        if self.started_at is None:
            return "waits"
        if self.done_at is None:
            return "runs"
        return "stopped" if self.stopped else "done"


@dataclass(frozen=True)
class LineRow:
    """One line of a file with what there is to say of it."""

    line: int
    text: str
    fate: str

    @property
    def is_wrong(self) -> bool:
        return self.fate in STAYED_OUT


def fates(said: Mapping[str, Any], *, done: bool) -> list[Fate]:
    """What the rows come to, the weightiest first, without what none comes to."""
    return [
        Fate(tone, after if done else before, said[name])
        for name, (tone, before, after) in FATES.items()
        if said.get(name)
    ]


def coming(said: Mapping[str, Any]) -> int:
    """How many rows write something."""
    return int(said.get("added", 0)) + int(said.get("joined", 0))


def button(kind: ImportKind, count: int) -> str:
    """The words of the button: "Bring in 119 services"."""
    if kind == ImportKind.SERVICES:
        words = ngettext("Bring in %(count)s service", "Bring in %(count)s services", count)
    else:
        words = ngettext("Bring in %(count)s client", "Bring in %(count)s clients", count)
    return words % {"count": display.count(count)}


def file_row(file: ImportFile) -> FileRow:
    return FileRow(
        file.pk,
        file.name,
        file.get_kind_display(),
        file.rows_total,
        file.lines_done,
        file.uploaded_at,
        _who(file.uploaded_by),
        file.started_at,
        _who(file.started_by),
        file.done_at,
        file.counts.get("stopped", 0),
    )


def preview_lines(report: Report) -> list[LineRow]:
    """What there is to say before anything is written, what stays out first."""
    remarks = sorted(report.remarks, key=lambda remark: (not remark.wrong, remark.line))
    return [LineRow(r.line, told(r.text), "wrong" if r.wrong else "") for r in remarks[:SHOWN]]


def result_lines(file: ImportFile) -> list[LineRow]:
    """The same of lines that had their turn."""
    stays_out = Case(When(fate__in=STAYED_OUT, then=0), default=1)
    lines = moving_in.remarked(file).order_by(stays_out, "line")[:SHOWN]
    return [LineRow(line.line, told(line.text), line.fate) for line in lines]


def sheet_rows(file: ImportFile) -> Iterator[tuple[int, str, int | None, str]]:
    """Every line with what became of it, as a spreadsheet takes it."""
    lines = file.lines.order_by("line").values_list("line", "fate", "number", "text")
    for line, fate, number, text in lines.iterator(chunk_size=2000):
        yield line, LINE_FATES.get(fate, fate), number, text


def _who(person: User | None) -> str:
    return str(person) if person else _("the operator")

"""From what was typed or uploaded to lines: `service | link | quantity`, or CSV with named columns.

A text whose first line names columns, parted by commas, semicolons or tabs, is CSV and may fill
in every field that some type of service has. Any other text is one order a line.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from orders import service_types
from orders.errors import FieldErrors
from orders.kept_words import Sentence
from orders.spelling import count

MOST_LINES = 1000
MOST_BYTES = 1_000_000
DELIMITERS = (",", ";", "\t")
LONGEST_SHOWN = 40

_SERVICE = re.compile(r"#?\s*([0-9]{1,18})")
_HEADS = ("service", "service id", "service number", "id")
_SHAPE = gettext_noop("Write it as: service | link | quantity.")
_NO_NUMBER = gettext_noop("Begin with the service's number.")
_OTHER_NUMBER = Sentence(gettext_noop("Begin with the service's number, not “%(shown)s”."))
_OTHER_CELLS = Sentence(
    gettext_noop("%(cells)s cells where the first line names %(columns)s columns.")
)


@dataclass(frozen=True)
class Line:
    """One order as it was typed. `number` is its first line in the text; `error` says why it
    cannot even be told apart."""

    number: int
    raw: str
    service: int | None = None
    fields: dict[str, str] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True)
class Source:
    """A text told apart. `head` is the line that names its columns, or "": before some of the
    lines again, it makes a text of them."""

    head: str
    lines: list[Line]


def decode(content: bytes) -> str:
    """An uploaded file as text. Raises `FieldErrors` for "file"."""
    if len(content) > MOST_BYTES:
        raise FieldErrors(
            {"file": _("The file is larger than %(most)s MB.") % {"most": MOST_BYTES // 1_000_000}}
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        words = _(
            "Line %(line)s is not UTF-8. Save the file as “CSV UTF-8” and choose it again."
        ) % {"line": line}
        raise FieldErrors({"file": words}) from error
    if "\0" in text:
        raise FieldErrors({"file": _("This is no text. Save the file as “CSV UTF-8”.")})
    if not text.strip():
        raise FieldErrors({"file": _("The file is empty.")})
    return text


def read(text: str) -> Source:
    """The lines of a text. Raises `FieldErrors` for "text" where the whole is no use."""
    _check(text)
    rows = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    head = next((row for row in rows if row.strip()), "")
    delimiter = _delimiter(head)
    source = _plain(rows) if delimiter is None else _csv(rows, head, delimiter)
    if not source.lines:
        raise _refused(_("There is no order yet. Write it as: service | link | quantity."))
    if len(source.lines) > MOST_LINES:
        raise _refused(
            _("At most %(most)s orders at once; these are %(count)s.")
            % {"most": count(MOST_LINES), "count": count(len(source.lines))}
        )
    return source


def _check(text: str) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise _refused(_("There is a character that is no text. Take it out.")) from error
    if size > MOST_BYTES:
        raise _refused(
            _("This is more than %(most)s MB. Split it.") % {"most": MOST_BYTES // 1_000_000}
        )
    if "\0" in text:
        raise _refused(_("There is a character that is no text. Take it out."))


# ── One order a line ─────────────────────────────────────────────────────────────────────────


def _plain(rows: Sequence[str]) -> Source:
    head = ""
    lines: list[Line] = []
    for number, row in enumerate(rows, 1):
        if not row.strip():
            continue
        if not lines and not head and _is_head(row):
            head = row
            continue
        lines.append(_plain_line(number, row))
    return Source(head, lines)


def _is_head(row: str) -> bool:
    return _parts(row)[0].casefold() in _HEADS


def _plain_line(number: int, row: str) -> Line:
    parts = _parts(row)
    if len(parts) == 1:
        return Line(number, row, error=_SHAPE)
    service, link, quantity = parts
    typed = {"link": link, "quantity": quantity}
    return _line(number, row, service, typed)


def _parts(row: str) -> list[str]:
    """Service, link and quantity; one part where nothing parts them. What stands between the first
    mark and the last one is the link, which may hold marks itself."""
    mark = "|" if "|" in row else "\t"
    service, found, rest = row.partition(mark)
    if not found:
        return [row.strip()]
    link, found, quantity = rest.rpartition(mark)
    if not found:
        link, quantity = rest, ""
    return [service.strip(), link.strip(), quantity.strip()]


def _line(number: int, raw: str, service: str, typed: dict[str, str]) -> Line:
    fields = {name: text for name, text in typed.items() if text}
    found = _SERVICE.fullmatch(service)
    if found is None:
        shown = service[:LONGEST_SHOWN]
        error = _OTHER_NUMBER.of(shown=shown) if shown else _NO_NUMBER
        return Line(number, raw, None, fields, error)
    return Line(number, raw, int(found[1]), fields)


# ── CSV with named columns ───────────────────────────────────────────────────────────────────


@cache
def _titles() -> dict[str, str]:
    """Every name that a column may have, in small letters, and the field it stands for: those of
    the form in English, whoever reads the file."""
    with override("en"):
        return _columns_by_title()


def _columns_by_title() -> dict[str, str]:
    titles = dict.fromkeys(_HEADS[:3], "service")
    titles |= {"url": "link", "qty": "quantity", "amount": "quantity"}
    for kind in service_types.ALL:
        for one in kind.fields:
            titles[one.name.replace("_", " ")] = one.name
            titles.setdefault(one.label.casefold(), one.name)
    return titles


def _column(title: str) -> str | None:
    return _titles().get(" ".join(re.sub(r"[_\-]", " ", title.casefold()).split()))


def _delimiter(head: str) -> str | None:
    """What parts the cells of a header; None where the line is none: it names fewer than two
    columns."""

    def named(delimiter: str) -> int:
        return len({_column(cell) for cell in _cells(head, delimiter)} - {None})

    best = max(DELIMITERS, key=named)
    return best if named(best) > 1 else None


def _cells(row: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([row], delimiter=delimiter), [])
    except csv.Error:
        return []


def _csv(rows: Sequence[str], head: str, delimiter: str) -> Source:
    first = rows.index(head)
    columns = _named_columns(_cells(head, delimiter))
    lines = [
        _csv_line(number, raw, columns, cells)
        for number, raw, cells in _records(rows, first + 1, delimiter)
    ]
    return Source(head, lines)


def _records(
    rows: Sequence[str], first: int, delimiter: str
) -> Iterator[tuple[int, str, list[str]]]:
    """Each record beneath the header that is not blank: its first line, as typed, its cells."""
    reader = csv.reader((f"{row}\n" for row in rows[first:]), delimiter=delimiter, strict=True)
    begin = first
    try:
        for cells in reader:
            end = first + reader.line_num
            if any(cell.strip() for cell in cells):
                yield begin + 1, "\n".join(rows[begin:end]), cells
            begin = end
    except csv.Error as error:
        words = _(
            "The order at line %(line)s cannot be read (%(error)s). Look at its quotation marks."
        ) % {"line": begin + 1, "error": error}
        raise _refused(words) from error


def _named_columns(titles: Sequence[str]) -> list[str]:
    columns: list[str] = []
    for title in titles:
        name = _column(title)
        if name is None:
            known = ", ".join(dict.fromkeys(_titles().values()))
            shown = title.strip()[:LONGEST_SHOWN] or _("(empty)")
            raise _refused(
                _("The column “%(shown)s” is not known here. There are: %(known)s.")
                % {"shown": shown, "known": known}
            )
        if name in columns:
            raise _refused(_("Two columns are called “%(name)s”.") % {"name": name})
        columns.append(name)
    if "service" not in columns:
        raise _refused(_("The first line lacks the column “service”."))
    return columns


def _csv_line(number: int, raw: str, columns: Sequence[str], cells: Sequence[str]) -> Line:
    if len(cells) != len(columns):
        words = _OTHER_CELLS.of(cells=len(cells), columns=len(columns))
        return Line(number, raw, error=words)
    typed = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
    return _line(number, raw, typed.pop("service"), typed)


def _refused(words: str) -> FieldErrors:
    return FieldErrors({"text": words})

"""Reading a CSV file that another panel, or a spreadsheet, wrote."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orders import spelling
from orders.errors import FieldErrors
from orders.kept_words import Sentence

_LONG = Sentence(gettext_noop("The %(column)s has more than %(most)s characters. Shorten it."))
_CONTROL = Sentence(
    gettext_noop("The %(column)s holds a line break or control character. Take it out.")
)
_WHOLE = Sentence(gettext_noop("The %(column)s has to be a whole number from 1 to 999999999."))
_PLAIN = Sentence(
    gettext_noop(
        "The %(column)s has to be a plain number such as 1234.5, with at most eight decimal "
        "places: no currency, no thousands mark."
    )
)
_CELLS = Sentence(
    gettext_noop(
        "%(cells)s cells where the header has %(columns)s. Put quotation marks around a text "
        "that holds the separator."
    )
)
_LONG_CELL = Sentence(gettext_noop("A cell has more than %(most)s characters. Shorten it."))

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 20_000
LONGEST_CELL = 2000
DELIMITERS = (",", ";")

_AMOUNT = re.compile(r"-?\d{1,9}(\.\d{1,8})?")


class BadRow(Exception):
    """What is wrong with one row, in a sentence that says what to do."""


@dataclass(frozen=True)
class Layout:
    """The columns of a kind of file: each with the names that its header may have, the first one
    being ours, and those that must be there."""

    columns: Mapping[str, Sequence[str]]
    needed: frozenset[str]

    def find(self, title: str) -> str | None:
        """The column that a header's cell names."""
        wanted = " ".join(re.sub(r"[_\-]", " ", title.lower()).split())
        wanted = wanted.replace("e mail", "email")
        return next((name for name, titles in self.columns.items() if wanted in titles), None)

    def title(self, name: str) -> str:
        """A column as it is called in sentences."""
        return self.columns[name][0]


@dataclass(frozen=True)
class Row:
    """One row: its first line in the file, its cells by column, blanks around them gone.

    `comma` says that a comma may be a decimal mark: in a file whose cells semicolons part.
    """

    line: int
    cells: Mapping[str, str]
    comma: bool = False

    def text(self, name: str, most: int) -> str:
        """A cell as text of at most so many characters. Raises `BadRow`."""
        text = self.cells.get(name, "")
        if len(text) > most:
            raise BadRow(_LONG.of(column=name, most=most))
        if not text.isprintable():
            raise BadRow(_CONTROL.of(column=name))
        return text

    def number(self, name: str, title: str) -> int:
        """A whole number above zero. Raises `BadRow`."""
        text = self.cells.get(name, "")
        if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) == 0:
            raise BadRow(_WHOLE.of(column=title))
        return int(text)

    def amount(self, name: str, title: str) -> Decimal | None:
        """An amount such as 1234.5; None for an empty cell. Raises `BadRow`."""
        text = self.cells.get(name, "")
        if not text:
            return None
        if self.comma and "." not in text:
            text = text.replace(",", ".", 1)
        if not (text.isascii() and _AMOUNT.fullmatch(text)):
            raise BadRow(_PLAIN.of(column=title))
        return Decimal(text)


@dataclass(frozen=True)
class Table:
    """The rows of a file that could be told apart, and the sentence about each that could not."""

    rows: list[Row]
    bad: dict[int, str]


def read(content: bytes, layout: Layout) -> Table:
    """The rows beneath the header. Raises `FieldErrors` for "file" where the whole is no use."""
    if len(content) > MOST_BYTES:
        raise _refused(
            _("The file is larger than %(most)s MB. Split it.")
            % {"most": MOST_BYTES // 1024 // 1024}
        )
    text = _decoded(content)
    try:
        return _table(text, layout)
    except csv.Error as error:
        raise _refused(
            _("This is no CSV file that can be read (%(error)s). Save it again as “CSV UTF-8”.")
            % {"error": error}
        ) from error


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refused(
            _("Line %(line)s is not UTF-8. Save the file as “CSV UTF-8”.") % {"line": line}
        ) from error
    if not text.strip():
        raise _refused(_("The file is empty."))
    if "\0" in text:
        raise _refused(_("This is no text. Save the file as “CSV UTF-8”."))
    return text


def _table(text: str, layout: Layout) -> Table:
    delimiter = _delimiter(text, layout)
    records = _records(text, delimiter)
    _line, titles = next(records)
    columns = _columns(titles, layout)
    table = Table([], {})
    for count, (line, cells) in enumerate(records, 1):
        if count > MOST_ROWS:
            raise _refused(
                _("The file has more than %(most)s rows. Split it.")
                % {"most": spelling.count(MOST_ROWS)}
            )
        if len(cells) != len(columns):
            table.bad[line] = _CELLS.of(cells=len(cells), columns=len(columns))
        elif any(len(cell) > LONGEST_CELL for cell in cells):
            table.bad[line] = _LONG_CELL.of(most=f"{LONGEST_CELL:,}")
        else:
            named = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
            table.rows.append(Row(line, named, comma=delimiter == ";"))
    if not table.rows and not table.bad:
        raise _refused(_("There is no row beneath the header."))
    return table


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not blank, with the number of its first line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    first = 1
    for cells in reader:
        line, first = first, reader.line_num + 1
        if any(cell.strip() for cell in cells):
            yield line, cells


def _delimiter(text: str, layout: Layout) -> str:
    """The one with which the header names the most of our columns."""

    def named(delimiter: str) -> int:
        lines = (line for line in io.StringIO(text) if line.strip())
        header = next(csv.reader(lines, delimiter=delimiter), [])
        return sum(layout.find(cell) is not None for cell in header)

    return max(DELIMITERS, key=named)


def _columns(titles: list[str], layout: Layout) -> list[str]:
    known = ", ".join(layout.title(name) for name in layout.columns)
    columns = []
    for title in titles:
        name = layout.find(title)
        if name is None:
            shown = title.strip()[:40] or _("(empty)")
            raise _refused(
                _(
                    "Line 1 has a column “%(shown)s” that is not known here. Take it out or"
                    " rename it; there are: %(known)s."
                )
                % {"shown": shown, "known": known}
            )
        if name in columns:
            raise _refused(
                _("The column “%(name)s” stands in line 1 twice.") % {"name": layout.title(name)}
            )
        columns.append(name)
    if missing := [
        layout.title(name) for name in layout.columns if name in layout.needed - {*columns}
    ]:
        raise _refused(
            _("Line 1 lacks: %(missing)s. It has to name the columns; there are: %(known)s.")
            % {"missing": ", ".join(missing), "known": known}
        )
    return columns


def _refused(text: str) -> FieldErrors:
    return FieldErrors({"file": text})

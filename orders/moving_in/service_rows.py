"""The rows of a file of services."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop

from orders.kept_words import Sentence
from orders.money import ZERO
from orders.moving_in.plans import row_to_json, twice
from orders.moving_in.tables import BadRow, Layout, Row, read

_SAME = Sentence(gettext_noop("Line %(line)s has the same number. Take one of them out."))

LAYOUT = Layout(
    {
        "number": ("our number", "number", "id", "our id", "service", "service id"),
        "provider": ("provider",),
        "upstream_id": ("upstream id", "provider id", "provider service id", "upstream"),
        "name": ("name", "service name"),
        "category": ("category",),
        "price": ("price", "rate", "price per 1000", "rate per 1000"),
    },
    needed=frozenset({"number", "provider", "upstream_id"}),
)
LARGEST_PRICE = Decimal(10) ** 7


@dataclass(frozen=True)
class ServiceRow:
    """One service as the other panel sold it. `price` None: the panel's own rules make it."""

    line: int
    number: int
    provider: str
    upstream_id: str
    name: str
    category: str
    price: Decimal | None


@dataclass(frozen=True)
class ServiceRows:
    """A file of services, or a part of one, read: the rows, and why others are none, by line.

    `others` are numbers that the rest of the file names, for a part of one.
    """

    rows: list[ServiceRow]
    bad: dict[int, str]
    others: frozenset[int] = frozenset()

    @property
    def named(self) -> frozenset[int]:
        """Every number that the whole file names."""
        return self.others or frozenset(row.number for row in self.rows)

    def to_json(self) -> dict[str, Any]:
        return {"rows": [row_to_json(row) for row in self.rows], "bad": self.bad}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "ServiceRows":
        rows = [ServiceRow(**_with_amounts(row)) for row in kept["rows"]]
        return cls(rows, {int(line): text for line, text in kept["bad"].items()})

    @classmethod
    def one(cls, row: Mapping[str, Any], others: frozenset[int]) -> "ServiceRows":
        """One row as it is kept."""
        return cls([ServiceRow(**_with_amounts(row))], {}, others)


def read_services(content: bytes) -> ServiceRows:
    """A file's rows. Raises `FieldErrors` for "file" where the whole is no use."""
    table = read(content, LAYOUT)
    rows, bad = [], dict(table.bad)
    for row in table.rows:
        try:
            rows.append(_service(row))
        except BadRow as error:
            bad[row.line] = str(error)
    for line, other in twice((row.line, row.number) for row in rows).items():
        bad[line] = _SAME.of(line=other)
    return ServiceRows([row for row in rows if row.line not in bad], bad)


def _service(row: Row) -> ServiceRow:
    found = ServiceRow(
        line=row.line,
        number=row.number("number", "number"),
        provider=row.text("provider", 60),
        upstream_id=row.text("upstream_id", 64),
        name=row.text("name", 500),
        category=row.text("category", 300),
        price=row.amount("price", "price"),
    )
    if not found.provider or not found.upstream_id:
        raise BadRow(gettext_noop("It needs a provider and the number that the service has there."))
    if found.price is not None and not ZERO < found.price <= LARGEST_PRICE:
        raise BadRow(
            gettext_noop(
                "The price has to be above zero; leave it empty for the panel's own markup."
            )
        )
    return found


def _with_amounts(row: Mapping[str, Any]) -> dict[str, Any]:
    price = row["price"]
    return {**row, "price": None if price is None else Decimal(price)}

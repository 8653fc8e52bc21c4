"""What a declaration of a service type is made of, and what a cleaned order is."""

from dataclasses import dataclass
from typing import Literal

from orders.enums import DripLimit

FieldKind = Literal["link", "quantity", "lines", "text", "url", "choice", "number", "date"]
Value = str | int | list[str]


@dataclass(frozen=True)
class Field:
    """One parameter of `add`, as a person fills it in and as it is sent."""

    name: str
    label: str
    kind: FieldKind
    required: bool = True
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    required_if: tuple[str, str] | None = None
    """The field and value that make this one required."""
    least: int = 1
    most: int = 1_000_000_000
    """Bounds of a number. A quantity takes those of the service."""
    offered: bool = True
    """Whether forms show it; a field that is not offered is still understood."""


@dataclass(frozen=True)
class ServiceType:
    """One row of the protocol's table of `add`."""

    slug: str
    name: str
    fields: tuple[Field, ...]
    counts: str = "quantity"
    """The field that is billed and limited: a number, or the lines of a list; "" for a package."""
    package: bool = False
    """The rate is the price of one package, not of 1000."""
    orderable: bool = True
    why_not: str = ""

    def field(self, name: str) -> Field | None:
        """The field of that name, if this type has one."""
        return next((field for field in self.fields if field.name == name), None)

    @property
    def offered_fields(self) -> tuple[Field, ...]:
        """The fields that a form shows, in order."""
        return tuple(field for field in self.fields if field.offered)


@dataclass(frozen=True)
class Limits:
    """How much of a service may be ordered at once."""

    least: int
    most: int
    multiple: int = 1
    drip: DripLimit = DripLimit.PER_RUN


@dataclass(frozen=True)
class Details:
    """An order's fields, cleaned, and the quantities that follow from them."""

    values: dict[str, Value]
    """JSON-able, as stored on the order."""
    link: str
    quantity: int
    """Per run for a drip-feed, the lines of a list that is billed by line, 1 for a package."""
    billable: int
    """What the rate is multiplied by: all runs together."""
    delivery_total: int | None
    """What `remains` counts down from; null where that cannot be known, as for a package."""

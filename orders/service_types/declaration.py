"""What a declaration of a service type is made of, and what a cleaned order is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from django.utils.translation import gettext as _

from orders.enums import DripLimit
from orders.spelling import Words, lowered

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

FieldKind = Literal["link", "quantity", "lines", "text", "url", "choice", "number", "date"]
Value = str | int | list[str]


@dataclass(frozen=True)
class Field:
    """One parameter of `add`, as a person fills it in and as it is sent."""

    name: str
    label: Words = Words()
    kind: FieldKind = "text"
    required: bool = True
    hint: Words = Words()
    choices: "tuple[tuple[str, _StrOrPromise], ...]" = ()
    unit: Words = Words()
    required_if: tuple[str, str] | None = None
    """The field and value that make this one required."""
    least: int = 1
    most: int = 1_000_000_000
    """Bounds of a number. A quantity takes those of the service."""
    is_site: bool = False
    """Whether a link means a website, so that a bare name with a dot is an address."""
    drip: bool = False
    """Whether it belongs to a delivery in runs, which not every service of the type knows."""
    why_needed: Words = Words()
    """What is said where it is missing, or below its least; "": that it has to be entered."""
    example: str = ""
    """What fills it in where nobody types: calls on the API's page, tests, the demo. Of a list, one
    line, in which `{0}` is the line's number."""

    def told(self, text: str) -> str:
        """A value with its unit, where the label does not name that already: "60 minutes"."""
        return f"{text} {self.unit}" if self.unit and self.unit != lowered(self.label) else text

    @property
    def condition(self) -> str:
        """What makes it required, in the API's words; "" for a field that hangs on no other."""
        if self.required_if is None:
            return ""
        return _("%(field)s is %(value)s") % dict(
            zip(("field", "value"), self.required_if, strict=True)
        )


@dataclass(frozen=True)
class ServiceType:
    """One row of the protocol's table of `add`."""

    slug: str
    name: str
    fields: tuple[Field, ...]
    counts: str = "quantity"
    """The field that is billed and limited: a number, or the lines of a list; "" for a package."""
    least: str = ""
    """The field with the least of a delivery of random size, of which `counts` is the most."""
    posts: tuple[str, ...] = ()
    """The fields that together say how many deliveries there are, of a subscription."""
    package: bool = False
    """The rate is the price of one package, not of 1000."""
    orderable: bool = True
    why_not: str = ""

    def field(self, name: str) -> Field | None:
        """The field of that name, if this type has one."""
        return next((field for field in self.fields if field.name == name), None)

    def asked(self, values: Mapping[str, Value]) -> Iterator[Field]:
        """The fields that such an order has: all but those that hang on another value."""
        for field in self.fields:
            other, wanted = field.required_if or ("", "")
            if not other or values.get(other) == wanted:
                yield field

    @property
    def billed_by(self) -> str:
        """What the rate is multiplied by, in a sentence."""
        counted = self.field(self.counts)
        if self.package or counted is None:
            return _("The rate is the price of one package, whatever is sent.")
        if counted.kind == "lines":
            return _(
                "Each line of %(name)s, per 1000; a quantity beside them counts for nothing."
            ) % {"name": counted.name}
        if self.posts:
            return _(
                "%(name)s times %(posts)s together, per 1000, is held when it is placed; "
                "what the posts did not get comes back when it ends."
            ) % {"name": counted.name, "posts": _(" and ").join(self.posts)}
        if self.field("runs"):
            return _("quantity, per 1000; with runs, quantity times runs.")
        return _("quantity, per 1000.")

    @property
    def offered_fields(self) -> tuple[Field, ...]:
        """The fields that every form shows, in order."""
        return tuple(field for field in self.fields if not field.drip)

    @property
    def drip_fields(self) -> tuple[Field, ...]:
        """Those that a form shows where the service can be delivered in runs."""
        return tuple(field for field in self.fields if field.drip)


@dataclass(frozen=True)
class Limits:
    """How much of a service may be ordered at once."""

    least: int
    most: int
    multiple: int = 1
    drip: DripLimit = DripLimit.PER_RUN
    dripfeed: bool = True
    """Whether this service can be delivered in runs."""
    today: date | None = None
    """Before which no order may end; null: not asked."""


@dataclass(frozen=True)
class Details:
    """An order's fields, cleaned, and the quantities that follow from them."""

    values: dict[str, Value]
    """JSON-able, as stored on the order."""
    link: str
    """"" for a subscription, which follows a username."""
    quantity: int
    """Per run for a drip-feed, the most per post for a subscription, the lines of a list that is
    billed by line, 1 for a package."""
    billable: int
    """What the rate is multiplied by: all runs together."""
    delivery_total: int | None
    """What `remains` counts down from; null where that cannot be known, as for a package."""

    runs: int | None = None
    """Of a delivery in runs, two or more; of a subscription, its posts."""
    least_per_post: int | None = None
    """Of a subscription."""
    ends_on: date | None = None
    """Of a subscription that was given a last day."""

    @property
    def target(self) -> str:
        """What is delivered to, by which two orders are known to be for the same."""
        return self.link or str(self.values.get("username", ""))

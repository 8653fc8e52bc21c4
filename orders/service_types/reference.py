"""What the API's documentation says of each type, told from its declaration."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.service_types.declaration import Field, ServiceType
from orders.service_types.examples import example
from orders.service_types.types import ALL

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

LEAST_SHOWN = 2
"""The quantity of the examples, and the lines of their lists."""

BEGINS, ENDS = "<!-- types: written by `make api-types` -->", "<!-- end of types -->"
"""Between these lines of `docs/api.md` stands `markdown()`."""

_TOGETHER: Mapping[str, str] = {"runs": "interval", "interval": "runs"}
_BY_NAME: "Mapping[str, _StrOrPromise]" = {
    "runs": gettext_lazy(
        "Delivers the quantity so many times, up to 1,000; all runs together are paid at once. "
        "1 is an order like any other."
    ),
    "interval": gettext_lazy(
        "Minutes from one run to the next. Either of the two without the other is refused."
    ),
}
_BY_KIND: "Mapping[str, _StrOrPromise]" = {
    "quantity": gettext_lazy("A whole number within the service's limits."),
    "link": gettext_lazy("A web address."),
    "url": gettext_lazy("A web address."),
    "date": gettext_lazy("A date, day/month/year."),
}


def about(field: Field) -> str:
    """What a parameter holds, in a sentence or two."""
    if field.kind == "choice" and field.unit:
        values = ", ".join(value for value, _words in field.choices)
        return _("%(values)s; in %(unit)s. %(hint)s") % {
            "values": values,
            "unit": field.unit,
            "hint": field.hint,
        }
    if field.kind == "choice":
        return ", ".join(f"{value} {words}" for value, words in field.choices) + "."
    said = field.hint or _BY_NAME.get(field.name) or _BY_KIND.get(field.kind)
    return str(said or f"{field.label}.")


def need(field: Field) -> str:
    """Whether a parameter has to be sent."""
    if field.required:
        return _("required")
    if field.condition:
        return _("required if %(condition)s") % {"condition": field.condition}
    together = _TOGETHER.get(field.name)
    if together:
        return _("optional, with %(field)s") % {"field": together}
    return _("optional")


def call(kind: ServiceType) -> str:
    """A body that orders such a service, without the key."""
    return urlencode({"action": "add", "service": "1", **example(kind, LEAST_SHOWN)})


def markdown() -> str:
    """A table for each type that can be ordered, in the protocol's order."""
    return "\n".join(line for kind in ALL if kind.orderable for line in _section(kind))


def written_into(page: str) -> str:
    """The page with `markdown()` between the two lines that mark its place."""
    before, _, rest = page.partition(BEGINS)
    _, _, after = rest.partition(ENDS)
    return f"{before}{BEGINS}\n{markdown()}\n\n{ENDS}{after}"


def _section(kind: ServiceType) -> Iterator[str]:
    yield from ("", f"### {kind.name}", "", "| parameter | | what it holds |", "|---|---|---|")
    for field in kind.fields:
        yield f"| `{field.name}` | {need(field)} | {about(field)} |"
    yield from ("", f"Billed: {kind.billed_by}", "", "```", call(kind), "```")

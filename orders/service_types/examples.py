"""An order of each type that would be taken as it stands, for calls, tests and the demo."""

from collections.abc import Iterator, Mapping

from orders.service_types.declaration import Field, ServiceType

LINES_SHOWN = 20
"""Lines of a list in an example, at most, however many the service asks for."""

_BY_KIND: Mapping[str, str] = {
    "link": "https://example.com/your-post",
    "url": "https://example.com/",
    "lines": "line {0}",
    "text": "text",
    "date": "31/12/2030",
}


def example(kind: ServiceType, least: int, *, most_lines: int = LINES_SHOWN) -> dict[str, str]:
    """What is typed, by field, to order the least of such a service: what is required, no more."""
    typed = {field.name: _typed(field, kind, least, most_lines) for field in kind.fields}
    wanted = {field.name for field in kind.asked(typed) if field.required or field.required_if}
    return {name: text for name, text in typed.items() if name in wanted}


def lines(field: Field, count: int) -> Iterator[str]:
    """So many different lines of a list."""
    line = field.example or _BY_KIND["lines"]
    return (line.format(number) for number in range(1, count + 1))


def _typed(field: Field, kind: ServiceType, least: int, most_lines: int) -> str:
    match field.kind:
        case "quantity":
            return str(max(least, 1))
        case "number":
            return field.example or str(max(field.least, 1))
        case "choice":
            return field.choices[0][0]
        case "lines":
            wanted = least if field.name == kind.counts else 2
            return "\n".join(lines(field, max(min(wanted, most_lines), 2)))
        case _:
            return field.example or _BY_KIND[field.kind]

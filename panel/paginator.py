"""Pages by keyset ("the 50 before number N"): the last of millions costs what the first does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

M = TypeVar("M", bound=Model)

SIZE = 50
MOST_COUNTED = 1000


@dataclass(frozen=True)
class Page(Generic[M]):
    """Rows, newest first, and the links' queries to their neighbours ("" where there are none)."""

    rows: list[M]
    newer: str
    older: str


def page(
    queryset: QuerySet[M], query: Mapping[str, Any], *, size: int = SIZE, rising: bool = False
) -> Page[M]:
    """One page of a queryset by descending id; `query` is request.GET (`before` or `after`).

    `rising` begins with the lowest id instead: `newer` then leads on and `older` back.
    """
    on, back = ("after", "before") if rising else ("before", "after")
    order, turned = ("pk", "-pk") if rising else ("-pk", "pk")
    start, end = _number(query.get(on)), _number(query.get(back))
    if end is not None:
        found = list(_beyond(queryset, back, end).order_by(turned)[: size + 1])
        rows, more_back = found[:size][::-1], len(found) > size
        more_on = bool(rows) or _beyond(queryset, on, end, itself=True).exists()
    else:
        rest = queryset if start is None else _beyond(queryset, on, start)
        found = list(rest.order_by(order)[: size + 1])
        rows, more_on = found[:size], len(found) > size
        more_back = start is not None
    links = {
        on: _link(query, on, rows[-1].pk) if rows and more_on else "",
        back: _link(query, back, rows[0].pk) if rows and more_back else "",
    }
    return Page(rows, newer=links["after"], older=links["before"])


def ordered_page(
    queryset: QuerySet[M], query: Mapping[str, Any], by: Sequence[str], *, size: int = SIZE
) -> Page[M]:
    """One page in the rising order of columns, of which none is null and the last is the id.

    The address names the row that the page stands after, or before; where that row is not in the
    list any more, the first page is shown. `older` leads on and `newer` back.
    """
    start, end = _number(query.get("after")), _number(query.get("before"))
    anchor = end if end is not None else start
    place = queryset.filter(pk=anchor).values_list(*by).first() if anchor is not None else None
    turned = end is not None and place is not None
    rest = queryset if place is None else queryset.filter(_past(by, place, back=turned))
    order = [f"-{name}" for name in by] if turned else by
    found = list(rest.order_by(*order)[: size + 1])
    more, rows = len(found) > size, found[:size]
    if turned:
        rows.reverse()
    back, on = (more, True) if turned else (place is not None, more)
    return Page(
        rows,
        newer=_link(query, "before", rows[0].pk) if rows and back else "",
        older=_link(query, "after", rows[-1].pk) if rows and on else "",
    )


def _past(by: Sequence[str], place: Sequence[Any], *, back: bool) -> Q:
    """The rows beyond a place: beyond it in the first column, or level there and in the next."""
    beyond, level = Q(), Q()
    for name, value in zip(by, place, strict=True):
        beyond |= level & Q(**{f"{name}__{'lt' if back else 'gt'}": value})
        level &= Q(**{name: value})
    return beyond


def _beyond(queryset: QuerySet[M], side: str, number: int, *, itself: bool = False) -> QuerySet[M]:
    compare = ("gt" if side == "after" else "lt") + ("e" if itself else "")
    return queryset.filter(**{f"pk__{compare}": number})


def count_up_to(queryset: QuerySet[Any], most: int = MOST_COUNTED) -> int:
    """How many rows there are, counted no further than one beyond `most` ("1,000+")."""
    return queryset.order_by()[: most + 1].count()


def _number(text: Any) -> int | None:
    return int(text) if isinstance(text, str) and text.isdecimal() and len(text) < 19 else None


def _link(query: Mapping[str, Any], name: str, value: int) -> str:
    kept = query.copy() if isinstance(query, QueryDict) else QueryDict(mutable=True)
    for stale in ("before", "after"):
        kept.pop(stale, None)
    kept[name] = str(value)
    return f"?{kept.urlencode()}"

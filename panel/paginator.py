"""Pages by keyset ("the 50 before number N"): the last of millions costs what the first does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
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


def page(queryset: QuerySet[M], query: Mapping[str, Any], *, size: int = SIZE) -> Page[M]:
    """One page of a queryset by descending id; `query` is request.GET (`before` or `after`)."""
    before, after = _number(query.get("before")), _number(query.get("after"))
    if after is not None:
        found = list(queryset.filter(pk__gt=after).order_by("pk")[: size + 1])
        rows, more_newer = found[:size][::-1], len(found) > size
        more_older = bool(rows) or queryset.filter(pk__lte=after).exists()
    else:
        earlier = queryset if before is None else queryset.filter(pk__lt=before)
        found = list(earlier.order_by("-pk")[: size + 1])
        rows, more_older = found[:size], len(found) > size
        more_newer = before is not None
    return Page(
        rows,
        newer=_link(query, "after", rows[0].pk) if rows and more_newer else "",
        older=_link(query, "before", rows[-1].pk) if rows and more_older else "",
    )


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

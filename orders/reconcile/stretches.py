"""In which of many stretches of time a moment lies, as an expression of the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Case, Expression, Field, Value, When


def by_stretch(
    column: str, ends: Sequence[datetime], values: Sequence[Any], field: "Field[Any, Any]"
) -> Expression:
    """`values[n]` for a moment up to `ends[n]` and after the one before; one value more for what
    lies after the last.

    It halves the ends, so that a row is compared with seven of a hundred, and not with fifty.
    """
    if not ends:
        return Value(values[0], output_field=field)
    middle = len(ends) // 2
    before = by_stretch(column, ends[:middle], values[: middle + 1], field)
    after = by_stretch(column, ends[middle + 1 :], values[middle + 1 :], field)
    is_before = When(**{f"{column}__lte": ends[middle]}, then=before)
    return Case(is_before, default=after, output_field=field)

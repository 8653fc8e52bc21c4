"""The stages of a price in the reader's language: they are kept in English."""

import re
from collections.abc import Iterable
from dataclasses import replace

from django.utils.formats import get_format

from orders.kept_words import told
from orders.pricing.stages import Stage


def in_words(stages: Iterable[Stage]) -> list[Stage]:
    """The same stages, their labels and notes told."""
    return [
        replace(each, label=with_mark(told(each.label)), note=with_mark(told(each.note)))
        for each in stages
    ]


def with_mark(figures: str) -> str:
    """Factors and percentages, which are kept with a point and without marks of thousands, with
    the reader's decimal mark."""
    mark = str(get_format("DECIMAL_SEPARATOR"))
    return re.sub(r"(?<=\d)\.(?=\d)", lambda _: mark, figures)

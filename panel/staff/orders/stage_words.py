"""The stages of a price in the reader's language: they are kept in English."""

from collections.abc import Iterable
from dataclasses import replace

from orders.kept_words import told
from orders.pricing.stages import Stage
from orders.spelling import with_marks


def in_words(stages: Iterable[Stage]) -> list[Stage]:
    """The same stages, their labels and notes told."""
    return [replace(each, label=told(each.label), note=_note(each.note)) for each in stages]


def _note(kept: str) -> str:
    """A note that is no sentence is a factor alone: "× 1.0150"."""
    words = told(kept)
    return with_marks(kept) if words == kept else words

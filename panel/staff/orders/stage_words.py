"""The stages of a price in the reader's language: they are kept in English."""

from collections.abc import Iterable
from dataclasses import replace

from orders.kept_words import told
from orders.pricing.stages import Stage


def in_words(stages: Iterable[Stage]) -> list[Stage]:
    """The same stages, their labels and notes told."""
    return [replace(each, label=told(each.label), note=told(each.note)) for each in stages]

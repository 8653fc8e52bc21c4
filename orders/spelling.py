"""Numbers and words within sentences, as the language of the reader writes them."""

import re
from decimal import Decimal
from typing import TYPE_CHECKING, overload

from django.utils.formats import get_format, number_format
from django.utils.translation import get_language

from orders.money import plain

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

_NUMBER = re.compile(r"(?<![\w.,:/-])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\w:/]|[.,]\d)")


def count(number: int | Decimal) -> str:
    """A whole number with its thousands marked: "12,500"."""
    return number_format(number, decimal_pos=0, force_grouping=True)


def figure(amount: Decimal) -> str:
    """An amount or a rate with every digit that it has: "0.00125000"."""
    return number_format(f"{amount:f}")


def spelled(value: Decimal) -> str:
    """An amount with every place that counts, and two at least: "4.20", "0.00125"."""
    return number_format(plain(value))


def with_marks(text: str) -> str:
    """The numbers of a text that was kept in English ("cost 1,234.50"), with the marks of the
    language at hand; dates, addresses and versions are no numbers."""
    point, comma = get_format("DECIMAL_SEPARATOR"), get_format("THOUSAND_SEPARATOR")
    if point == ".":
        return text
    marks = {ord("."): point, ord(","): comma}
    return _NUMBER.sub(lambda found: found[0].translate(marks), text)


def lowered(words: str) -> str:
    """The words in small letters; Turkish has two letters I, each with its own small one."""
    if (get_language() or "").startswith("tr"):
        words = words.replace("I", "ı").replace("İ", "i")
    return words.lower()


class Words:
    """An attribute that is declared once for all languages, and read in that of the moment."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = f"_{name}"

    @overload
    def __get__(self, instance: None, owner: type) -> str: ...

    @overload
    def __get__(self, instance: object, owner: type) -> str: ...

    def __get__(self, instance: object | None, owner: type) -> str:
        return "" if instance is None else str(getattr(instance, self._name))

    def __set__(self, instance: object, words: "_StrOrPromise") -> None:
        object.__setattr__(instance, self._name, words)

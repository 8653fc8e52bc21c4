"""Numbers and words within sentences."""

from decimal import Decimal

import pytest
from django.utils.translation import gettext_lazy, override

from orders.spelling import Words, count, figure, lowered, spelled


@pytest.mark.parametrize(
    ("language", "counted", "figured", "amount"),
    [("en", "12,500", "1234.50000000", "1234.50"), ("tr", "12.500", "1234,50000000", "1234,50")],
)
def test_numbers_are_written_as_the_language_does(
    language: str, counted: str, figured: str, amount: str
) -> None:
    with override(language):
        assert count(12_500) == counted
        assert figure(Decimal("1234.50000000")) == figured
        assert spelled(Decimal("1234.50000000")) == amount


def test_no_figure_loses_a_digit() -> None:
    with override("en"):
        assert figure(Decimal("0.00000001")) == "0.00000001"
        assert figure(Decimal("0E-8")) == "0.00000000"
        assert figure(Decimal("-92233720368.54775807")) == "-92233720368.54775807"
        assert spelled(Decimal("0.00125000")) == "0.00125"


def test_turkish_has_two_letters_i() -> None:
    with override("tr"):
        assert lowered("İPTAL IŞIK") == "iptal ışık"
    with override("en"):
        assert lowered("INVITED") == "invited"


class Thing:
    words = Words()

    def __init__(self, words: str):
        self.words = words


def test_words_that_were_declared_once_are_read_in_the_language_of_the_moment() -> None:
    thing = Thing(gettext_lazy("Yes"))  # Django's own catalog has it
    with override("tr"):
        turkish = thing.words
    with override("en"):
        assert thing.words == "Yes"
    assert type(turkish) is str
    assert Thing("plain").words == "plain"

"""How numbers, money and moments are written."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from panel import display

NOW = datetime(2026, 11, 23, 14, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("9.22", "$9.2200"),
        ("9.2", "$9.2000"),
        ("9", "$9.0000"),
        ("0", "$0.0000"),
        ("-0", "$0.0000"),
        ("0.013", "$0.0130"),
        ("0.01234567", "$0.01234567"),
        ("0.012345", "$0.012345"),
        ("0.01234500", "$0.012345"),
        ("0.00000001", "$0.00000001"),
        ("-0.1044", "−$0.1044"),
        ("-0.00000001", "−$0.00000001"),
        ("1284.093", "$1,284.0930"),
        ("12345678.12345678", "$12,345,678.12345678"),
        ("92233720368.54775807", "$92,233,720,368.54775807"),
        ("1E+3", "$1,000.0000"),
        ("0.999999995", "$1.0000"),
    ],
)
def test_money_has_four_places_and_more_only_where_they_are_not_zero(amount: str, text: str):
    assert display.money_text(Decimal(amount)) == text


@pytest.mark.parametrize("nothing", [None, "", Decimal("NaN"), Decimal("Infinity"), "not a number"])
def test_a_value_that_is_not_there_is_a_dash_and_never_zero(nothing: object):
    assert display.money_text(nothing) == "–"
    assert display.money2_text(nothing) == "–"
    assert display.count(nothing) == "–"
    assert display.percent(nothing) == "–"


def test_a_sign_is_written_on_request_and_never_before_zero():
    assert display.money_text(Decimal("2.3921"), sign=True) == "+$2.3921"
    assert display.money_text(Decimal("-2.3921"), sign=True) == "−$2.3921"
    assert display.money_text(Decimal("0"), sign=True) == "$0.0000"


def test_each_currency_has_its_symbol_or_its_code():
    assert display.money_text(Decimal("1.24"), "EUR") == "€1.2400"
    assert display.money_text(Decimal("1.24"), "CHF") == "CHF\u00a01.2400"
    assert display.money_text(Decimal("-1.24"), "CHF") == "−CHF\u00a01.2400"


def test_the_digits_after_the_cent_stand_back():
    assert display.money_html(Decimal("9.22")) == '<span class="m">$9.22<i>00</i></span>'
    assert display.money_html(Decimal("0.01234567")).endswith("$0.01<i>234567</i></span>")
    assert display.money_html(None) == '<span class="d">–</span>'


@pytest.mark.parametrize(
    ("amount", "even", "floor"),
    [
        ("5308.421", "$5,308.42", "$5,308.42"),
        ("0.005", "$0.00", "$0.00"),
        ("0.015", "$0.02", "$0.01"),
        ("0.025", "$0.02", "$0.02"),
        ("9.999", "$10.00", "$9.99"),
        ("-0.001", "$0.00", "−$0.01"),
        ("-9.999", "−$10.00", "−$10.00"),
    ],
)
def test_two_places_round_half_even_and_a_balance_never_upwards(amount, even, floor):
    assert display.money2_text(Decimal(amount)) == even
    assert display.money2_text(Decimal(amount), floor=True) == floor


def test_counts_have_commas_and_stop_at_a_thousand_where_they_were_not_taken_further():
    assert display.count(12480) == "12,480"
    assert display.count(-5) == "−5"
    assert display.count(0) == "0"
    assert display.capped(999) == "999"
    assert display.capped(1000) == "1,000"
    assert display.capped(1001) == "1,000+"
    assert display.capped(None) == "–"


@pytest.mark.parametrize(
    ("value", "one_place", "trimmed"),
    [
        ("25.93", "25.9 %", "25.93 %"),
        ("35.00", "35.0 %", "35 %"),
        ("100", "100.0 %", "100 %"),
        ("-2.7473", "−2.7 %", "−2.7473 %"),
        ("-0.01", "0.0 %", "−0.01 %"),
        ("0", "0.0 %", "0 %"),
    ],
)
def test_percent_has_a_space_and_a_true_minus(value, one_place, trimmed):
    assert display.percent(Decimal(value)) == one_place.replace(" ", "\u00a0")
    assert display.percent(Decimal(value), None) == trimmed.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=1), "just now"),
        (timedelta(seconds=12), "12 s ago"),
        (timedelta(seconds=59.9), "59 s ago"),
        (timedelta(minutes=1), "1 min ago"),
        (timedelta(minutes=31), "31 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=1), "1 h ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(hours=24), "yesterday"),
        (timedelta(days=4), "19 Nov"),
        (timedelta(days=365), "23 Nov 2025"),
        (timedelta(minutes=-5), "in 5 min"),
        (timedelta(days=-3), "26 Nov"),
    ],
)
def test_a_moment_is_relative_up_to_a_day(before: timedelta, words: str):
    assert display.ago_text(NOW - before, NOW) == words


def test_a_clock_time_gets_its_date_when_it_was_not_today():
    assert display.clock_text(NOW, NOW) == "14:20:30"
    assert display.clock_text(NOW, NOW, "min") == "14:20"
    assert display.clock_text(NOW.replace(microsecond=914_000), NOW, "ms") == "14:20:30.914"
    assert display.clock_text(NOW - timedelta(days=4), NOW) == "19 Nov, 14:20:30"


def test_a_day_names_its_year_only_when_it_is_another():
    assert display.day_text(NOW, NOW) == "23 Nov"
    assert display.day_text(NOW, NOW, "long") == "Monday, 23 November"
    assert display.day_text(NOW.replace(year=2025), NOW) == "23 Nov 2025"


def test_a_span_is_written_in_one_unit():
    spans = [display.span(s) for s in (0, 40, 60, 3599, 7200, 86_400, 6 * 86_400)]
    assert spans == ["0 s", "40 s", "1 min", "59 min", "2 h", "1 day", "6 days"]


def test_what_is_done_never_leaves_its_whole():
    assert display.clamped(3280, 5000) == (Decimal(3280), Decimal(5000))
    assert display.clamped(7000, 5000) == (Decimal(5000), Decimal(5000))
    assert display.clamped(-4, 5000) == (Decimal(0), Decimal(5000))
    assert display.clamped(None, 5000) is None
    assert display.clamped(1, 0) is None


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Mira Kovač", "MK"),
        ("Anna Maria van Dijk", "AD"),
        ("casa", "C"),
        ("anna.lind@example.org", "AL"),
        ("@handle", "?"),
        ("", "?"),
        ("  ", "?"),
    ],
)
def test_initials_are_the_first_and_the_last_word(name: str, letters: str):
    assert display.initials(name) == letters


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "1 min"),
        (299, "5 min"),
        (89 * 60, "89 min"),
        (11_400, "3 h 10 min"),
        (2 * 3600, "2 h"),
        (12 * 3600 + 900, "12 h"),
        (36 * 3600, "2 days"),
        (5 * 86_400, "5 days"),
    ],
)
def test_a_measured_length_is_as_exact_as_it_deserves(seconds: int, words: str) -> None:
    assert display.about(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0, "0 s"),
        (0.0123, "0.01 s"),
        (0.4, "0.4 s"),
        (9.96, "10.0 s"),
        (12.4, "12 s"),
        (150, "2 min"),
    ],
)
def test_a_short_time_is_written_as_people_tell_it(seconds: object, text: str) -> None:
    assert display.seconds_text(seconds).replace("\N{NO-BREAK SPACE}", " ") == text

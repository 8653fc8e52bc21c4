"""A price, stage by stage, to the last digit."""

import json
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.enums import MarkupKind, PriceLevel
from orders.money import LARGEST, QUANTUM, to_units
from orders.pricing import (
    Bound,
    Cost,
    Markup,
    Stage,
    Terms,
    choose,
    expected_cost,
    least_price,
    quote,
    selling_rate,
)

D = Decimal
PERCENT, PER_1000, FIXED = MarkupKind.PERCENT, MarkupKind.PER_1000, MarkupKind.FIXED_RATE

BULKHAUS = Cost(D("1.24"), "EUR", D("1.0850"), D("1.0150"), provider="Bulkhaus")
MINE = Markup(PriceLevel.STAFF, PERCENT, D(35), who="your own")
TERMS = Terms(
    floors=(Bound(D(12), "panel"),),
    ceilings=(Bound(D(80), "panel"),),
    step=D("0.0010"),
    currency="USD",
)
PLAIN = Cost(D("1.00"), "USD")


def percent(value, level=PriceLevel.PANEL):
    return Markup(level, PERCENT, D(value))


def fixed(value):
    return Markup(PriceLevel.SERVICE, FIXED, D(value), who="service rule")


def total(value):
    return Markup(PriceLevel.TYPED_TOTAL, None, D(value), who="typed by you")


def codes(priced):
    return [stage.code for stage in priced.stages]


def notes(priced):
    return {stage.code: stage.note for stage in priced.stages}


# The worked example


def test_the_worked_example_comes_out_to_the_last_digit():
    priced = quote(BULKHAUS, MINE, TERMS, 5000)
    assert priced.price == D("9.22")
    assert priced.rate == D("1.844")
    assert priced.cost_rate == D("1.365581")
    assert priced.expected_charge == D("6.20")
    assert priced.expected_cost == D("6.827905")
    assert priced.profit == D("2.392095")
    assert priced.margin_percent == D("25.9446")
    assert priced.markup_percent == D("35.0340")
    assert (priced.floor_lifted, priced.ceiling_lowered) == (False, False)


def test_the_worked_example_explains_itself():
    stages = quote(BULKHAUS, MINE, TERMS, 5000).stages
    assert [(s.label, s.amount, s.currency, s.note, s.tone) for s in stages] == [
        ("Cost rate", D("1.24"), "EUR", "Bulkhaus, per 1000", "copper"),
        ("Exchange", D("1.3454"), "", "× 1.0850 USD for EUR", "copper"),
        ("Top-up fee", D("1.365581"), "", "× 1.0150", "copper"),
        ("Markup", D("1.84353435"), "", "35 %, your own", "green"),
        ("Rounded up", D("1.844"), "", "to the next 0.0010", ""),
        ("Quantity", D("9.22"), "", "× 5,000 ÷ 1000", ""),
    ]


def test_stages_survive_storing_as_json():
    stages = quote(BULKHAUS, MINE, TERMS, 5000).stages
    stored = json.loads(json.dumps([stage.to_json() for stage in stages]))
    assert tuple(Stage.from_json(stage) for stage in stored) == stages
    assert all(isinstance(stage["amount"], str) and "E" not in stage["amount"] for stage in stored)


def test_stages_that_change_nothing_are_left_out():
    assert codes(quote(PLAIN, percent(50), Terms(), 1000)) == ["cost_rate", "markup", "quantity"]


def test_another_currency_is_shown_even_at_an_even_exchange():
    priced = quote(Cost(D(1), "EUR"), percent(50), Terms(currency="USD"), 1000)
    assert notes(priced)["exchange"] == "× 1.0000 USD for EUR"


def test_an_exchange_that_changes_the_cost_is_shown_even_within_one_currency():
    priced = quote(Cost(D(1), "USD", D("1.1")), percent(50), Terms(currency="USD"), 1000)
    assert notes(priced)["exchange"] == "× 1.1000 USD for USD"


def test_figures_of_many_digits_stay_exact_until_they_are_rounded():
    long = Cost(D("90000000.00000001"), "EUR", D("1.00000001"))
    assert long.rate * long.exchange_rate == D("90000000.9000000100000001")
    assert quote(long, percent(0), Terms(), 1000).price == D("90000000.90000002")


def test_a_factor_below_one_is_a_bonus():
    stages = quote(Cost(D(1), "USD", factor=D("0.95")), percent(0), Terms(), 1000).stages
    assert (stages[1].label, stages[1].amount) == ("Top-up bonus", D("0.95"))


# Markups


@pytest.mark.parametrize(
    ("markup", "rate", "note"),
    [
        (percent(35), "1.35", "35 %, Panel"),
        (percent("12.5"), "1.125", "12.5 %, Panel"),
        (Markup(PriceLevel.CATEGORY, PER_1000, D("0.3")), "1.3", "+ 0.3000 per 1000, Category"),
        (fixed("9.4"), "9.4", "fixed rate 9.4000, service rule"),
    ],
)
def test_a_markup_is_a_percentage_an_amount_or_the_rate_itself(markup, rate, note):
    priced = quote(PLAIN, markup, Terms(), 1000)
    assert (priced.rate, notes(priced)["markup"]) == (D(rate), note)


def test_the_most_specific_markup_wins_alone():
    levels = list(PriceLevel)
    markups = [Markup(level, PERCENT, D(rank)) for rank, level in enumerate(levels)]
    for position, expected in enumerate(markups):
        assert choose(reversed(markups[position:])) is expected


def test_of_equal_markups_the_first_one_stands():
    first, second = percent(10), percent(20)
    assert choose([first, second]) is first


def test_without_any_markup_there_is_no_price():
    with pytest.raises(ValueError, match="empty"):
        choose([])


def test_a_package_is_charged_once():
    priced = quote(PLAIN, percent(50), TERMS, 1, package=True)
    assert (priced.price, priced.expected_charge) == (D("1.5"), D(1))
    assert notes(priced)["quantity"] == "one package"
    assert notes(priced)["cost_rate"] == "per package"
    assert quote(PLAIN, percent(50), TERMS, 400, package=True).price == D("1.5")


def test_fractions_of_the_smallest_unit_are_rounded_up():
    priced = quote(Cost(D("0.00001"), "USD"), percent(0), Terms(), 1)
    assert (priced.price, priced.expected_charge, priced.expected_cost) == (QUANTUM,) * 3


def test_a_free_service_costs_nothing_and_has_no_margin():
    priced = quote(Cost(D(0), "USD"), percent(35), TERMS, 1000)
    assert (priced.price, priced.margin_percent, priced.markup_percent) == (0, None, None)


# Floors and ceilings


def test_the_floor_lifts_and_is_named():
    floors = (Bound(D(12), "panel"), Bound(D(150), "Telegram"), Bound(D(20), "Mira Kovač"))
    priced = quote(Cost(D("1.30"), "USD"), percent(30), Terms(floors=floors), 1000)
    assert priced.price == D("3.25")
    assert priced.floor == Bound(D(150), "Telegram")
    assert priced.floor_lifted
    assert notes(priced)["floor"] == "Floor (Telegram, 150 %) lifted 1.69 to 3.25"


def test_the_lowest_ceiling_lowers_and_is_named():
    ceilings = (Bound(D(80), "panel"), Bound(D("62.5"), "Mira Kovač"))
    priced = quote(PLAIN, percent(100), Terms(ceilings=ceilings), 1000)
    assert priced.price == D("1.625")
    assert priced.ceiling_lowered
    assert notes(priced)["ceiling"] == "Ceiling (Mira Kovač, 62.5 %) lowered 2.00 to 1.625"


def test_bounds_that_do_not_act_are_named_without_a_stage():
    priced = quote(BULKHAUS, MINE, TERMS, 5000)
    assert (priced.floor, priced.ceiling) == (TERMS.floors[0], TERMS.ceilings[0])


@pytest.mark.parametrize("markup", [percent(10), percent(200), total("1.10"), total("3")])
def test_where_floor_and_ceiling_cross_the_floor_wins(markup):
    terms = Terms(floors=(Bound(D(50), "a"),), ceilings=(Bound(D(20), "b"),), step=D("0.4"))
    priced = quote(PLAIN, markup, terms, 1000)
    assert priced.price == (D("1.5") if markup.kind is None else D("1.6"))
    assert priced.floor_lifted


def test_without_a_floor_a_loss_is_possible_and_shown():
    priced = quote(PLAIN, fixed("0.40"), Terms(), 1000)
    assert (priced.price, priced.profit) == (D("0.40"), D("-0.60"))
    assert (priced.margin_percent, priced.markup_percent) == (D("-150"), D("-60"))


def test_a_floor_of_nothing_sells_at_cost():
    floors = (Bound(D(0), "panel"),)
    assert quote(PLAIN, fixed("0.40"), Terms(floors=floors), 1000).price == 1


def test_rounding_up_stops_at_the_ceiling():
    cheap = Cost(D("0.0001"), "USD")
    terms = replace(TERMS, step=D("0.001"))
    priced = quote(cheap, percent(35), terms, 1000)
    assert priced.rate == D("0.00018")
    assert notes(priced)["step"] == "as far as the ceiling"


# A typed total


def test_a_typed_total_is_the_price_as_it_stands():
    priced = quote(BULKHAUS, total("9.2345"), TERMS, 5000)
    assert (priced.price, priced.rate) == (D("9.2345"), D("1.8469"))
    assert codes(priced)[-1] == "typed_total"


def test_a_typed_total_below_the_floor_is_lifted_to_it():
    priced = quote(PLAIN, total("1.00"), TERMS, 1000)
    assert (priced.price, priced.floor_lifted) == (D("1.12"), True)
    assert notes(priced)["floor"] == "Floor (panel, 12 %) lifted 1.00 to 1.12"


def test_a_typed_total_above_the_ceiling_is_lowered_to_it():
    priced = quote(PLAIN, total("5"), TERMS, 1000)
    assert (priced.price, priced.ceiling_lowered) == (D("1.80"), True)


# The minimum charge


@pytest.mark.parametrize("markup", [percent(35), total("0.0050"), fixed(1)])
def test_the_minimum_charge_holds_for_every_markup(markup):
    terms = replace(TERMS, minimum_charge=D("0.0100"))
    priced = quote(PLAIN, markup, terms, 4)
    assert priced.price == D("0.01")
    assert codes(priced)[-1] == "minimum"


def test_the_minimum_charge_stands_aside_above_itself():
    assert "minimum" not in codes(
        quote(PLAIN, percent(35), replace(TERMS, minimum_charge=D(1)), 1000)
    )


# The least price


def test_the_least_price_is_the_expected_cost_with_the_highest_floor():
    floors = (Bound(D(12), "panel"), Bound(D(50), "Telegram"))
    assert expected_cost(BULKHAUS, 5000) == D("6.827905")
    assert least_price(BULKHAUS, floors, 5000) == D("10.2418575")
    assert least_price(PLAIN, floors, 1, package=True) == D("1.5")


def test_without_floors_the_least_price_is_the_cost():
    assert least_price(BULKHAUS, (), 5000) == D("6.827905")


# What is not an amount


@pytest.mark.parametrize("bad", [D("-1"), D("NaN"), D("Infinity"), 1.5, 1, "1", None])
def test_only_finite_decimals_of_at_least_zero_are_amounts(bad):
    for make in (
        lambda: Cost(bad, "USD"),
        lambda: Cost(D(1), "USD", exchange_rate=bad),
        lambda: Cost(D(1), "USD", factor=bad),
        lambda: Markup(PriceLevel.PANEL, PERCENT, bad),
        lambda: Bound(bad, "panel"),
        lambda: Terms(step=bad),
        lambda: Terms(minimum_charge=bad),
    ):
        with pytest.raises(ValueError, match="must be a Decimal"):
            make()


def test_nothing_is_multiplied_by_nothing():
    with pytest.raises(ValueError, match="above zero"):
        Cost(D(1), "USD", exchange_rate=D(0))
    with pytest.raises(ValueError, match="nothing to bill"):
        quote(PLAIN, MINE, TERMS, 0)
    with pytest.raises(ValueError, match="nothing to bill"):
        least_price(PLAIN, (), -1)


# Properties


def decimals(low, high, places):
    return st.decimals(low, high, places=places, allow_nan=False, allow_infinity=False)


COSTS = st.builds(
    Cost,
    rate=decimals(0, 10_000, 8),
    currency=st.just("EUR"),
    exchange_rate=decimals("0.00000001", 1000, 8),
    factor=decimals("0.5", 2, 6),
)
KINDS = st.sampled_from([PERCENT, PER_1000, FIXED])
RULES = st.builds(Markup, st.just(PriceLevel.PANEL), KINDS, decimals(0, 500, 4))
TOTALS = st.builds(Markup, st.just(PriceLevel.TYPED_TOTAL), st.none(), decimals(0, 500, 8))
BOUNDS = st.builds(Bound, decimals(0, 300, 4), st.just("panel"))
STEPS = st.sampled_from(
    [D(step) for step in ("0", "1E-10", "1E-8", "0.0001", "0.001", "0.003", "0.25")]
)
FREE_TERMS = st.builds(
    Terms,
    floors=st.lists(BOUNDS, max_size=3).map(tuple),
    ceilings=st.lists(BOUNDS, max_size=2).map(tuple),
    step=STEPS,
    minimum_charge=decimals(0, "0.5", 4),
)
FLOORED = FREE_TERMS.filter(lambda terms: terms.floors)
BILLABLES = st.integers(1, 1_000_000)


@given(COSTS, st.one_of(RULES, TOTALS), FLOORED, BILLABLES, st.booleans())
def test_no_price_is_below_the_least_price(cost, markup, terms, billable, package):
    priced = quote(cost, markup, terms, billable, package=package)
    assert priced.price >= least_price(cost, terms.floors, billable, package=package)
    assert priced.price >= terms.minimum_charge


@given(COSTS, RULES, FREE_TERMS, BILLABLES, BILLABLES)
def test_more_never_costs_less(cost, markup, terms, some, more):
    some, more = sorted((some, more))
    assert quote(cost, markup, terms, some).price <= quote(cost, markup, terms, more).price


@given(COSTS, st.one_of(RULES, TOTALS), FREE_TERMS, BILLABLES)
def test_every_figure_that_is_stored_has_at_most_eight_places(cost, markup, terms, billable):
    priced = quote(cost, markup, terms, billable)
    for amount in (priced.price, priced.rate, priced.expected_charge, priced.expected_cost):
        if amount <= LARGEST:
            to_units(amount)
    assert priced.price == priced.stages[-1].amount
    assert priced.profit == priced.price - priced.expected_cost


@given(COSTS, RULES, FREE_TERMS, BILLABLES, st.booleans())
def test_the_rate_by_itself_is_that_of_the_quote(cost, markup, terms, billable, package):
    priced = quote(cost, markup, terms, billable, package=package)
    assert selling_rate(cost, markup, terms) == priced.rate


def test_a_typed_total_has_no_rate_by_itself():
    with pytest.raises(ValueError, match="no rate"):
        selling_rate(PLAIN, total(5), TERMS)


@given(COSTS, RULES, FREE_TERMS, BILLABLES)
def test_the_arithmetic_is_that_of_exact_fractions(cost, markup, terms, billable):
    """Checked against fractions, for terms without bounds, where the formula is one line."""
    terms = replace(terms, floors=(), ceilings=())
    cost_rate = Fraction(cost.rate) * Fraction(cost.exchange_rate) * Fraction(cost.factor)
    value = Fraction(markup.value)
    rate = {
        PERCENT: cost_rate * (1 + value / 100),
        PER_1000: cost_rate + value,
        FIXED: value,
    }[markup.kind]
    rate = up(rate, max(terms.step, QUANTUM))
    price = max(up(rate * billable / 1000, QUANTUM), Fraction(terms.minimum_charge))
    priced = quote(cost, markup, terms, billable)
    assert (Fraction(priced.rate), Fraction(priced.price)) == (rate, price)
    charge = up(Fraction(cost.rate) * billable / 1000, QUANTUM)
    whole_cost = up(charge * Fraction(cost.exchange_rate) * Fraction(cost.factor), QUANTUM)
    assert Fraction(priced.expected_charge) == charge
    assert Fraction(priced.expected_cost) == whole_cost == Fraction(expected_cost(cost, billable))


def up(amount, step):
    return -(-amount // Fraction(step)) * Fraction(step)


@given(COSTS, st.one_of(RULES, TOTALS), FREE_TERMS, BILLABLES)
def test_no_price_passes_the_ceiling_by_more_than_rounding(cost, markup, terms, billable):
    terms = replace(terms, floors=(), minimum_charge=D(0))
    priced = quote(cost, markup, terms, billable)
    if terms.ceiling is not None:
        most = terms.ceiling.over(priced.expected_cost)
        assert priced.price <= most.quantize(QUANTUM, ROUND_CEILING) + QUANTUM


@given(COSTS, TOTALS, FREE_TERMS, BILLABLES)
def test_a_typed_total_within_the_bounds_is_never_changed(cost, markup, terms, billable):
    priced = quote(cost, markup, terms, billable)
    if not {"floor", "ceiling", "minimum"} & set(codes(priced)):
        assert priced.price == markup.value


@given(COSTS, RULES, FREE_TERMS, BILLABLES)
def test_the_flags_and_the_stages_agree_with_what_happened(cost, markup, terms, billable):
    priced = quote(cost, markup, terms, billable)
    amounts = {stage.code: stage.amount for stage in priced.stages}
    assert priced.floor_lifted == ("floor" in amounts)
    if priced.floor_lifted and not priced.ceiling_lowered:
        assert amounts["floor"] > amounts["markup"]
    if priced.ceiling_lowered and not priced.floor_lifted:
        assert amounts["ceiling"] < amounts["markup"]

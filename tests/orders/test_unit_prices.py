"""The price of one unit for lists of thousands: the same as the quote's, to the last digit."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from orders.enums import MarkupKind, PriceLevel
from orders.pricing import Bound, Cost, Markup, Terms, quote, units

D = Decimal
RATES = st.decimals(0, 10_000, places=8)
PERCENTS = st.decimals(0, 500, places=4)
TERMS = st.decimals("0.00000001", 3, places=8)


@settings(max_examples=400)
@given(
    rate=RATES | st.decimals(0, "0.001", places=8),
    exchange=TERMS,
    factor=st.decimals("0.000001", 2, places=6),
    kind=st.sampled_from([MarkupKind.PERCENT, MarkupKind.PER_1000, MarkupKind.FIXED_RATE]),
    value=st.decimals(0, 300, places=8),
    floor=st.none() | PERCENTS,
    ceiling=st.none() | PERCENTS,
    step=st.sampled_from([D(0), D("0.00000001"), D("0.0001"), D("0.05"), D("0.03"), D(1)]),
    minimum=st.sampled_from([D(0), D("0.5"), D("3.00000001")]),
    package=st.booleans(),
)
def test_the_price_of_a_unit_is_the_quotes(
    rate: Decimal,
    exchange: Decimal,
    factor: Decimal,
    kind: MarkupKind,
    value: Decimal,
    floor: Decimal | None,
    ceiling: Decimal | None,
    step: Decimal,
    minimum: Decimal,
    package: bool,
) -> None:
    whole = quote(
        Cost(rate, "USD", exchange, factor),
        Markup(PriceLevel.PANEL, kind, value),
        Terms(
            () if floor is None else (Bound(floor, "panel"),),
            () if ceiling is None else (Bound(ceiling, "panel"),),
            step,
            minimum,
        ),
        1 if package else 1000,
        package=package,
    )
    with units.exactly():
        cost = units.cost(rate, exchange, factor)
        unit = units.price(cost, kind, value, units.UnitTerms(floor, ceiling, step, minimum))

    assert (unit.price, unit.lifted) == (whole.price, whole.floor_lifted)
    assert (cost.exact, cost.whole) == (whole.cost_rate, whole.expected_cost)

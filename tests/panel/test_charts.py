"""The arithmetic under the bars and charts."""

from decimal import Decimal

import pytest

from panel import charts


def test_a_split_bar_shows_cost_a_gap_and_profit():
    bar = charts.split("6.8279", "9.22")
    assert bar is not None
    assert bar.cost == Decimal("74.06")
    assert bar.profit_x + bar.profit == 100
    assert bar.profit == Decimal("25.34")
    assert bar.loss == 0
    assert bar.label == "Cost 74.1\u00a0% of the price, margin 25.9\u00a0%"


def test_a_price_below_cost_is_a_loss_past_the_price():
    bar = charts.split("3.9044", "3.8", "4.3729")
    assert bar is not None
    assert bar.profit == 0
    assert bar.loss_x == bar.cost < 100
    assert bar.loss > 0
    assert bar.floor_x == 100
    assert "a loss of 2.7\u00a0%" in bar.label


def test_bars_on_one_scale_can_be_compared():
    longest, half = charts.split("1", "4", scale="4"), charts.split("1", "2", scale="4")
    assert longest is not None
    assert half is not None
    assert longest.cost == half.cost
    assert half.profit_x + half.profit == 50


@pytest.mark.parametrize(("cost", "price"), [(None, "9"), ("9", None), ("0", "0")])
def test_an_unknown_amount_draws_no_split(cost, price):
    assert charts.split(cost, price) is None


@pytest.mark.parametrize(
    ("highest", "top"),
    [("466", "500"), ("501", "600"), ("0.013", "0.016"), ("0", "4"), ("999", "1000"), ("9", "10")],
)
def test_an_axis_goes_from_zero_to_a_round_number_in_five_lines(highest: str, top: str):
    values = charts.axis(Decimal(highest))
    assert len(values) == 5
    assert values[0] == Decimal(top)
    assert values[-1] == 0


def test_the_unfinished_day_is_dashed_and_the_lines_meet():
    days = [charts.Day(str(n), f"{n} May", Decimal(n), Decimal(1)) for n in range(1, 5)]
    chart = charts.line_chart(days, "Revenue")
    last_point = chart.revenue.rsplit("L", 1)[1]
    assert chart.revenue_part.startswith(f"M{last_point}L")
    assert charts.line_chart(days, "Revenue", unfinished=False).revenue_part == ""


@pytest.mark.parametrize("number", [0, 1, 2, 30])
def test_any_number_of_days_can_be_drawn(number: int):
    days = [charts.Day(str(n), str(n), Decimal(n), Decimal(n) / 2) for n in range(number)]
    assert len(charts.line_chart(days, "x").marks) == number
    assert len(charts.bar_chart(days, "x").bars) == number


def test_a_long_axis_keeps_its_first_and_last_word():
    days = [charts.Day(str(n), str(n), Decimal(1), Decimal(1)) for n in range(30)]
    labels = charts.line_chart(days, "x").labels
    assert labels[0] == "0"
    assert labels[-1] == "29"
    assert sum(map(bool, labels)) <= 14


def test_a_long_first_word_takes_the_room_of_the_second():
    days = [charts.Day(str(n), str(n), Decimal(1), Decimal(1)) for n in range(14)]
    days[0] = charts.Day("10 Nov", "10 November", Decimal(1), Decimal(1))
    labels = charts.line_chart(days, "x").labels
    assert labels[:3] == ["10 Nov", "", "2"]


def test_a_spark_needs_two_values():
    assert charts.spark_points([5]) == ""
    assert charts.spark_points([1, 3, 2]) == "0,28 50,2 100,15"
    assert charts.spark_points([0, 0]) == "0,28 100,28"

"""What the runs of an order add up to: the table."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as retold

from orders import statuses
from orders.enums import OrderStatus
from orders.progress.adding_up import Agreed, Figures, add_up, delivered
from orders.progress.reports import Report

S = OrderStatus
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PRICE = Decimal("9.1")
AGREED = Agreed(runs=4, each=100, expected_charge=Decimal("2"), status=S.IN_PROGRESS)


def said(word: str, **fields: object) -> Report:
    report = Report(17, word, None, "", None, None, "", NOW, runs=4, children=("1", "2"))
    return retold(report, **fields)


def child(
    status: OrderStatus,
    remains: int | None = None,
    charge: str | None = None,
    *,
    unknown: bool = False,
    start: int | None = None,
) -> Figures:
    return Figures(status, remains, Decimal(charge) if charge else None, start, unknown)


DONE = child(S.COMPLETED, 0)
HALF = child(S.PARTIAL, 40)
GONE = child(S.CANCELED, 100)
GOING = child(S.IN_PROGRESS, 70)
YOUNG = child(S.PENDING)
LOST = child(S.FAILED, 100)
RIDDLE = child(S.PARTIAL, None, unknown=True)

TABLE = [
    # the provider's word, its children, what follows: word and remains
    ("In progress", [YOUNG], ("In progress", None)),
    ("In progress", [GOING], ("In progress", 370)),
    ("In progress", [DONE, GOING], ("In progress", 270)),
    ("In progress", [DONE, HALF, GONE], ("In progress", 240)),
    ("Pending", [GOING], ("Pending", 370)),
    ("Failed", [DONE, GOING], ("Failed", 270)),
    ("On moderation", [DONE], ("On moderation", 300)),
    # it ended, while a run goes on: nothing is settled yet
    ("Completed", [DONE, DONE, DONE, GOING], ("In progress", 70)),
    ("Canceled", [DONE, GOING], ("In progress", 270)),
    # it ended, and so did they
    ("Completed", [DONE] * 4, ("Completed", 0)),
    ("Completed", [DONE, DONE, DONE, HALF], ("Partial", 40)),
    ("Completed", [DONE, DONE, GONE, HALF], ("Partial", 140)),
    ("Completed", [GONE] * 4, ("Canceled", 400)),
    ("Completed", [DONE, DONE], ("Completed", 0)),
    ("Partial", [DONE, HALF], ("Partial", 240)),
    ("Canceled", [DONE, HALF], ("Partial", 240)),
    ("Canceled", [DONE] * 4, ("Completed", 0)),
    ("Canceled", [GONE], ("Canceled", 400)),
    ("Canceled", [], ("Canceled", None)),
    # a person has to look
    ("Completed", [DONE, DONE, DONE, RIDDLE], ("Partial", None)),
    ("Completed", [DONE, DONE, DONE, LOST], ("Partial", None)),
]


@pytest.mark.parametrize(("word", "children", "follows"), TABLE)
def test_what_the_runs_add_up_to(
    word: str, children: list[Figures], follows: tuple[str, int | None]
) -> None:
    report = add_up(said(word), AGREED, children)
    assert report is not None
    assert (report.status_word, report.remains) == follows


def test_over_delivery_and_nonsense_of_a_run_are_its_own() -> None:
    assert delivered(child(S.PARTIAL, -7), 100) == 100
    assert delivered(child(S.IN_PROGRESS, 5000), 100) == 0
    assert delivered(child(S.COMPLETED, 30), 100) == 100
    assert delivered(child(S.CANCELED, 30), 100) == 0


def test_an_order_that_was_settled_waits_for_a_run_that_came_late() -> None:
    settled = replace(AGREED, status=S.COMPLETED)
    assert add_up(said("Completed"), settled, [DONE, DONE, DONE, GOING]) is None


def test_a_partial_order_of_which_nothing_is_owed_any_more_stays_partial() -> None:
    report = add_up(said("Completed"), replace(AGREED, status=S.PARTIAL), [DONE] * 4)
    assert report is not None
    assert (report.status_word, report.remains) == ("Partial", 0)


def test_a_completed_order_with_runs_untold_is_flagged() -> None:
    report = add_up(said("Completed"), AGREED, [DONE, DONE])
    assert report is not None
    assert report.odd == "Provider completed it, and told of 2 of 4 runs."


def test_the_count_before_is_that_of_the_first_run() -> None:
    report = add_up(said("In progress"), AGREED, [child(S.COMPLETED, 0, start=812), GOING])
    assert report is not None
    assert report.start_count == 812


# ── What it costs ────────────────────────────────────────────────────────────────────────────

PAID = child(S.COMPLETED, 0, "0.5")
NET = child(S.PARTIAL, 40, "0.3")


@pytest.mark.parametrize(
    ("word", "charge", "children", "costs"),
    [
        # the provider's figure for the whole is the cost, whatever the runs say
        ("In progress", "2", [PAID], "2"),
        ("Completed", "1.8", [PAID, PAID, PAID, NET], "1.8"),
        # without one, the runs' own, and the share of each run that is to come
        ("In progress", None, [PAID], "2"),
        ("In progress", "0", [PAID], "2"),
        ("In progress", None, [child(S.COMPLETED, 0, "0.7"), GOING], "2.2"),
        ("Completed", None, [PAID, PAID, PAID, NET], "1.8"),
        # a run that will never begin costs nothing
        ("Canceled", None, [PAID, NET], "0.8"),
        # nothing was said at all: what was expected stands
        ("In progress", None, [GOING], None),
    ],
)
def test_the_cost_is_the_wholes_or_the_runs_never_both(
    word: str, charge: str | None, children: list[Figures], costs: str | None
) -> None:
    report = add_up(
        said(word, charge=Decimal(charge) if charge else None, currency="USD"), AGREED, children
    )
    assert report is not None
    assert report.charge == (Decimal(costs) if costs else None)


# ── Laws ─────────────────────────────────────────────────────────────────────────────────────

ENDED_CHILD = st.one_of(
    st.just(DONE),
    st.just(GONE),
    st.builds(lambda left: child(S.PARTIAL, left), st.integers(-9, 100)),
)


@given(st.sampled_from(["Completed", "Canceled", "Partial"]), st.lists(ENDED_CHILD, max_size=4))
def test_what_is_owed_is_the_sum_of_what_the_runs_owe(word: str, children: list[Figures]) -> None:
    report = add_up(said(word), AGREED, children)
    assert report is not None
    if not children:
        assert report.status_word == word
        return
    status = statuses.from_upstream(report.status_word)
    assert status is not None
    owed = statuses.refund_owed(status, PRICE, report.remains, AGREED.total)
    each = PRICE / AGREED.runs
    runs = [statuses.refund_owed(run.status, each, run.remains, 100) for run in children]
    never_began = 0 if word == "Completed" else AGREED.runs - len(children)
    exact = sum((one for one in runs if one is not None), never_began * each)
    assert owed is not None
    assert 0 <= owed <= PRICE
    assert abs(owed - exact) <= Decimal("0.00000005")

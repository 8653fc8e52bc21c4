"""A day that is summed while it changes, and by two at once.

Each race is run twice: with its guard, and with the guard taken away to show that it is needed.
"""

from decimal import Decimal
from typing import Any

import pytest

from orders.enums import ReportBy
from orders.models import DaySum, Order, ReportState, StaleMoment
from orders.reports import days, rolling
from tests.support import factories
from tests.support.guards import Guards
from tests.support.racing import after, race

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NOW = factories.NOW
READ = after(rolling, "_fresh")
"""Where a run has read the day and written nothing."""


@pytest.fixture
def order() -> Order:
    made = factories.order()
    rolling.add_up(NOW)
    return made


def sum_today() -> int:
    return rolling.sum_day(NOW.date())


def charge_it() -> None:
    Order.objects.update(cost=Decimal("0.4"))


def known() -> Decimal:
    """What the roll-ups say, once every mark is settled."""
    rolling.add_up(NOW)
    return DaySum.objects.get(by=ReportBy.DAY, day=NOW.date(), is_month=False).known


# ── Two who sum one day ──────────────────────────────────────────────────────────────────────


def changed_and_summed_by_another() -> Decimal:
    """One has read the day; the charge arrives, and another sums it; then the first one writes."""

    def other() -> None:
        charge_it()
        sum_today()

    race(sum_today, other, at=[READ, None])
    return known()


def test_of_two_who_sum_a_day_the_later_one_reads_after_the_first_has_written(
    order: Order,
) -> None:
    assert changed_and_summed_by_another() == Decimal("0.4")


def test_without_the_lock_the_older_sums_are_written_over_the_newer(
    order: Order, guards: Guards
) -> None:
    guards.lift_row_locks(ReportState)
    assert changed_and_summed_by_another() == 0


# ── A change while a day is summed ───────────────────────────────────────────────────────────


def changed_meanwhile() -> Decimal:
    race(sum_today, charge_it, at=[READ, None])
    return known()


def test_a_change_while_a_day_is_summed_leaves_its_mark(order: Order) -> None:
    assert changed_meanwhile() == Decimal("0.4")


def test_with_the_marks_taken_away_after_reading_the_change_is_lost(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = rolling._write

    def and_forget(day: Any, fresh: Any) -> int:
        since, until = days.bounds(day, days.zone_of("UTC"))
        StaleMoment.objects.filter(at__gte=since, at__lt=until).delete()
        return write(day, fresh)

    monkeypatch.setattr(rolling, "_write", and_forget)
    assert changed_meanwhile() == 0

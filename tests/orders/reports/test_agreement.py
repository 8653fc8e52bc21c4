"""The check that compares roll-ups with the ledger."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from orders import panel_settings
from orders.enums import ReportBy
from orders.models import DaySum, StaleMoment
from orders.reports import agreement, days, marks, rolling
from tests.support import factories as make
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
SIX = NOW.replace(hour=6)


def spoil(by: ReportBy = ReportBy.SERVICE, **values: Decimal | int) -> None:
    DaySum.objects.filter(by=by, is_month=False, clients_of=0).update(**values)


@pytest.fixture
def _summed() -> None:
    make.order(placed_at=NOW - 2 * DAY)
    make.order()
    rolling.add_up(NOW)


@pytest.mark.usefixtures("_summed")
@pytest.mark.parametrize(
    "wrong",
    [
        {"charged": Decimal("1.30000001")},
        {"refunded": Decimal("0.00000001")},
        {"charge": Decimal(3)},
        {"orders": 7},
    ],
)
@pytest.mark.parametrize("by", list(ReportBy))
def test_the_last_digit_of_any_sum_is_seen(by: ReportBy, wrong: dict[str, Decimal | int]) -> None:
    assert agreement.check_all() == []
    spoil(by, **wrong)
    found = agreement.check_all()
    assert found
    assert all(str(by.label) in line for line in found)


@pytest.mark.usefixtures("_summed")
def test_a_day_that_differs_is_told_and_summed_anew() -> None:
    spoil(charged=Decimal(9))
    agreement.check(NOW)
    state = days.state()
    assert "2026-11-23, by service: charged 18.00, in truth 2.60" in state.findings
    assert state.checked_at == NOW
    rolling.add_up(NOW)
    assert agreement.check_all() == []


@pytest.mark.usefixtures("_summed")
def test_a_day_still_to_be_summed_is_no_finding() -> None:
    make.order()
    assert StaleMoment.objects.exists()
    assert agreement.check_all() == []


@pytest.mark.usefixtures("_summed")
def test_money_without_a_mark_is_found() -> None:
    make.order()
    StaleMoment.objects.all().delete()
    assert len(agreement.check_all()) >= 3 * len(ReportBy)


@pytest.mark.usefixtures("_summed")
def test_it_checks_once_a_day_from_six_in_the_panels_zone() -> None:
    agreement.check(SIX)
    assert agreement.check(SIX + DAY - timedelta(minutes=1)) == "nothing to check"
    assert agreement.check(SIX + DAY).startswith("3 days compared")
    panel_settings.change(by=None, now=NOW, time_zone="Asia/Tokyo")
    rolling.add_up(NOW)
    assert agreement.check(SIX + DAY) == "3 days compared, 0 findings"  # begun anew
    assert agreement.check(SIX + DAY + timedelta(hours=14)) == "nothing to check"
    assert agreement.check(SIX + DAY + timedelta(hours=15)) == "3 days compared, 0 findings"


@pytest.mark.usefixtures("_summed")
def test_a_check_out_of_time_goes_on_and_keeps_what_it_found() -> None:
    spoil(charged=Decimal(9))
    agreement.check(NOW)
    first = days.state()
    assert first.checked_at == NOW
    rolling.add_up(NOW)
    spoil(charged=Decimal(9))
    assert agreement.check(NOW + DAY, budget_seconds=0).endswith("more to come")
    assert days.state().findings == first.findings
    assert agreement.check(NOW + DAY + timedelta(minutes=10)).startswith("3 days compared")
    assert days.state().checked_at == NOW + DAY + timedelta(minutes=10)


@pytest.mark.usefixtures("_summed")
def test_a_missing_trigger_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "missing", lambda: ["orders_order_placed_mark"])
    agreement.check(NOW)
    assert days.state().findings == [
        "orders_order_placed_mark is missing; run migrate to put it back"
    ]


def test_the_command_sums_anew_and_compares(capsys: pytest.CaptureFixture[str]) -> None:
    make.order()
    call_command("rebuild_reports")
    assert "1 days summed, 7 sums changed; they agree" in capsys.readouterr().out
    spoil(charged=Decimal(9))
    with pytest.raises(CommandError, match="do not agree"):
        call_command("rebuild_reports", "--check")
    assert "by service: charged 9.00, in truth 1.30" in capsys.readouterr().out
    call_command("rebuild_reports", "--from", "2026-11-23", "--to", "2026-11-23")
    assert agreement.check_all() == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--from", "23.11.2026"], "2026-11-23"),
        (["--from", "2026-11-23", "--to", "2026-11-22"], "not after"),
    ],
)
def test_the_command_says_what_is_wrong_with_its_days(arguments: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("rebuild_reports", *arguments)

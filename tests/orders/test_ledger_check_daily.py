"""The books' check of every day: a slice at a time, once a day, kept where it came to."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from orders import alerts, ledger_check, wallets
from orders.alerts.facts import Facts
from orders.enums import AlarmKind
from orders.ledger_check import asking, daily
from orders.models import Account, AlertSettings, Customer, LedgerCheck
from tests.support import factories, tamper
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db

MINUTES = timedelta(minutes=1)


@pytest.fixture
def customer() -> Customer:
    client = factories.customer("Nord")
    member = factories.staff(sees_all_customers=True)
    for _ in range(3):
        wallets.take_cash(client, Decimal(5), by=member.user, now=NOW)
    return client


@pytest.fixture
def cooked(customer: Customer) -> Customer:
    tamper.wallet(Account.objects.get(customer=customer), balance=Decimal(99))
    return customer


def state() -> LedgerCheck:
    return LedgerCheck.objects.get()


def test_honest_books_are_checked_once_a_day(customer: Customer) -> None:
    assert ledger_check.go_on(NOW).endswith("0 findings")
    assert (state().findings, state().leased_until) == ([], None)
    assert ledger_check.go_on(NOW + timedelta(hours=23)) == "nothing to check"
    assert ledger_check.go_on(NOW + timedelta(hours=25)).endswith("0 findings")


def test_what_is_found_stays_until_a_check_finds_nothing(cooked: Customer) -> None:
    ledger_check.go_on(NOW)
    (said,) = state().findings
    assert said.startswith("balances: the wallet of client")
    tamper.wallet(Account.objects.get(customer=cooked), balance=Decimal(15))
    assert state().findings == [said]
    ledger_check.go_on(NOW + timedelta(hours=25))
    assert state().findings == []


def runs() -> Iterator[str]:
    """What each run says until one has come to the end; none has time for a second slice."""
    for number in range(100):
        said = ledger_check.go_on(NOW + number * 10 * MINUTES, budget_seconds=-1.0)
        yield said
        if "more to come" not in said:
            return


def test_it_goes_on_where_it_came_to_and_tells_at_the_end(cooked: Customer) -> None:
    first, *between, last = runs()
    assert first == "1 slices checked, more to come"
    assert len(between) >= len(daily.QUESTIONS) - 2
    assert last.endswith("1 findings")
    assert len(state().findings) == 1
    assert (state().question, state().after, state().found) == (None, -1, [])


def test_each_slice_is_asked_about_once_in_a_check(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, int, int]] = []

    def ask(question: asking.Question, low: int, high: int) -> list[ledger_check.Finding]:
        asked.append((question.name, low, high))
        return []

    monkeypatch.setattr(daily, "ask", ask)
    list(runs())
    assert len(asked) == len(set(asked))
    assert {name for name, _, _ in asked} == {
        question.name for question in daily.QUESTIONS if list(asking.slices(question))
    }


def test_nobody_else_checks_while_one_is_at_it_and_a_killed_one_is_followed(
    customer: Customer,
) -> None:
    ledger_check.go_on(NOW, budget_seconds=-1.0)
    LedgerCheck.objects.update(leased_until=NOW + daily.LEASE)  # as one that was killed leaves it
    assert ledger_check.go_on(NOW + MINUTES) == "nothing to check"
    said = ledger_check.go_on(NOW + daily.LEASE)
    assert said.endswith("0 findings")


def test_a_run_that_lost_its_lease_writes_nothing_more(
    cooked: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = daily.ask

    def slow(question: asking.Question, low: int, high: int) -> list[ledger_check.Finding]:
        found = real(question, low, high)
        LedgerCheck.objects.update(leased_until=NOW + 2 * daily.LEASE)  # taken over meanwhile
        return found

    monkeypatch.setattr(daily, "ask", slow)
    assert ledger_check.go_on(NOW) == "1 slices checked, another run goes on"
    assert state().question is None
    assert state().checked_at is None


def test_a_missing_trigger_is_found_by_the_job_too(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = [ledger_check.Finding("triggers", "one is missing")]
    monkeypatch.setattr(daily, "trigger_findings", lambda: missing)
    ledger_check.go_on(NOW)
    assert state().findings == ["triggers: one is missing"]


def found_by_alarm() -> list[str]:
    facts = Facts(NOW, AlertSettings())
    return [one.text for one in alerts.ALARMS[AlarmKind.BOOKS].look(facts)]


def test_an_alarm_says_it_until_the_command_finds_nothing(cooked: Customer) -> None:
    assert found_by_alarm() == []
    ledger_check.go_on(NOW)
    (text,) = found_by_alarm()
    assert "the wallet of client" in text
    assert alerts.ALARMS[AlarmKind.BOOKS].grave
    with pytest.raises(CommandError):
        call_command("check_ledger")
    assert found_by_alarm() == [text]
    tamper.wallet(Account.objects.get(customer=cooked), balance=Decimal(15))
    call_command("check_ledger")
    assert found_by_alarm() == []

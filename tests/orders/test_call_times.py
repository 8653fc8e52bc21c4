"""How quickly providers answer: counted in memory, kept as one row an hour and kind of call."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import call_times, connections, providers, pruning, tasks
from orders.call_times import STEPS, Tally
from orders.enums import CallError, RefusalFamily
from orders.models import CallTimes
from orders.upstream.account import Account
from orders.upstream.client import Client
from orders.upstream.errors import AnswerUnknown, NotSent, ReadFailed, Refused, UpstreamError
from orders.upstream.telling import Call
from tests.support import factories
from tests.support.factories import NOW
from tests.support.simulator import RunningSimulator
from tests.support.threads import at_once

KEY = "planted-upstream-key-7f2c"


@pytest.fixture
def upstream() -> Iterator[RunningSimulator]:
    with RunningSimulator(key=KEY, services=5) as running:
        yield running


def hear(provider: int, action: str, *seconds: float, error: UpstreamError | None = None) -> None:
    for each in seconds:
        call_times.listener(provider)(Call(action, each, error))


def tally(*seconds: float) -> Tally:
    found = Tally()
    for each in seconds:
        found.hear(Call("add", each, None))
    return found


class TestCounting:
    def test_nothing_has_no_median(self) -> None:
        assert (Tally().median, Tally().slow) == (None, None)

    @pytest.mark.parametrize("seconds", [0.011, 0.2, 0.4, 3.0, 29.0])
    def test_a_median_is_an_eighth_off_at_most(self, seconds: float) -> None:
        median = tally(*[seconds] * 99).median
        assert median is not None
        assert abs(median - seconds) / seconds < 0.126

    def test_the_slow_end_is_told_from_the_middle(self) -> None:
        found = tally(*[0.2] * 90, *[8.0] * 10)
        assert found.median is not None and found.median < 0.25
        assert found.slow is not None and 6 < found.slow < 10

    def test_what_takes_longer_than_any_step_counts_as_the_longest(self) -> None:
        assert tally(1000.0).slow == STEPS[-1]

    def test_added_counts_are_those_of_both(self) -> None:
        one, other = tally(0.1, 0.1, 5), tally(5)
        one.add(other)
        assert one == tally(0.1, 0.1, 5, 5)

    @pytest.mark.parametrize(
        ("error", "kind"),
        [
            (None, None),
            (ReadFailed("timeout"), CallError.TIMEOUT),
            (AnswerUnknown("timeout"), CallError.TIMEOUT),
            (NotSent("dns"), CallError.CONNECTION),
            (AnswerUnknown("reset"), CallError.CONNECTION),
            (ReadFailed("server_error"), CallError.SERVER),
            (ReadFailed("html"), CallError.UNUSABLE),
            (ReadFailed("no_balance"), CallError.UNUSABLE),
            (ReadFailed("error", text="No."), CallError.SAID_NO),
            (Refused(RefusalFamily.LINK, "Bad link"), CallError.SAID_NO),
            (ReadFailed("error", family=RefusalFamily.RATE_LIMIT), CallError.SLOW_DOWN),
        ],
    )
    def test_errors_are_of_a_few_kinds(self, error: UpstreamError, kind: CallError | None) -> None:
        assert call_times.kind_of(error) == kind

    def test_a_call_that_met_nobody_has_no_time_and_a_time_out_has(self) -> None:
        found = Tally()
        found.hear(Call("add", 0.001, NotSent("connect")))
        found.hear(Call("add", 30.0, AnswerUnknown("timeout")))
        found.hear(Call("add", 0.3, Refused(RefusalFamily.LINK, "Bad link")))
        assert (found.calls, found.times.total(), found.failed) == (3, 2, 2)


@pytest.mark.django_db
class TestKeeping:
    def test_one_row_an_hour_and_action_however_many_calls(self) -> None:
        one, other = factories.provider(), factories.provider()
        hear(one.pk, "add", *[0.2] * 50)
        call_times.write(NOW)
        hear(one.pk, "add", 0.2, 4.0)
        hear(one.pk, "status", 0.1)
        hear(other.pk, "add", 30.0, error=AnswerUnknown("timeout"))
        call_times.write(NOW + timedelta(minutes=59))
        hear(one.pk, "add", 0.2)
        call_times.write(NOW + timedelta(minutes=60))

        rows = CallTimes.objects.order_by("provider", "action", "hour")
        assert [(row.provider_id, row.action, row.calls) for row in rows] == [
            (one.pk, "add", 52),
            (one.pk, "add", 1),
            (one.pk, "status", 1),
            (other.pk, "add", 1),
        ]
        assert sum(rows[0].times.values()) == 52
        assert rows[3].errors == {"timeout": 1}

    def test_without_a_call_nothing_is_asked_of_the_database(self) -> None:
        with CaptureQueriesContext(connection) as queries:
            call_times.write(NOW)
        assert not queries

    def test_what_cannot_be_written_is_written_later(self, monkeypatch: pytest.MonkeyPatch) -> None:
        provider = factories.provider()
        hear(provider.pk, "add", 0.2)
        with monkeypatch.context() as patch:
            patch.setattr(call_times, "_add", _away)
            call_times.write(NOW)
        hear(provider.pk, "add", 0.2)
        call_times.write(NOW)
        assert CallTimes.objects.get().calls == 2

    def test_our_own_ends_are_not_the_providers(self) -> None:
        hear(factories.provider().pk, "add", 1.0, error=NotSent("late"))
        call_times.write(NOW)
        assert not CallTimes.objects.exists()

    def test_lately_is_this_hour_and_the_one_before(self) -> None:
        provider = factories.provider()
        for back in (0, 1, 2):
            hear(provider.pk, "balance", 0.4)
            call_times.write(NOW - timedelta(hours=back))
        assert call_times.lately(NOW)[provider.pk].calls == 2

    def test_old_counts_go(self) -> None:
        provider = factories.provider()
        for days in (36, 34):
            hear(provider.pk, "add", 0.2)
            call_times.write(NOW - timedelta(days=days))
        assert "1 answer times" in pruning.prune(NOW)
        assert CallTimes.objects.count() == 1
        assert pruning.drop_call_times(NOW) == 0

    def test_a_job_writes_down_what_was_heard_even_if_it_fails(self) -> None:
        provider = factories.provider()

        def verb(now: Any) -> None:
            hear(provider.pk, "add", 0.2)
            raise RuntimeError

        with pytest.raises(RuntimeError):
            tasks._run("orders.prune", verb)
        assert CallTimes.objects.get().calls == 1

    def test_calls_to_a_real_provider_are_counted(self, upstream: RunningSimulator) -> None:
        provider = factories.provider(url=upstream.url, key=KEY)
        silent = factories.provider(url="http://127.0.0.1:9/api/v2")
        providers.read_balances(NOW)
        with connections.client_for(provider) as client:
            client.statuses(["1", "2"])
        call_times.write(NOW)

        rows = {(row.provider_id, row.action): row for row in CallTimes.objects.all()}
        assert set(rows) == {
            (provider.pk, "balance"),
            (provider.pk, "status"),
            (silent.pk, "balance"),
        }
        assert rows[provider.pk, "balance"].errors == {}
        assert rows[silent.pk, "balance"].errors.keys() == {"connection"}
        assert rows[silent.pk, "balance"].times == {}


def _away(*_: Any) -> None:
    raise ConnectionError


@pytest.mark.django_db(transaction=True)
def test_processes_that_write_at_once_lose_nothing() -> None:
    """Each adds to the row as it is, under its lock."""
    provider = factories.provider()
    heard = {(provider.pk, "add"): tally(*[0.2] * 10)}
    hour = NOW.replace(minute=0)
    assert at_once(*[lambda: call_times._add(heard, hour)] * 8) == [None] * 8
    row = CallTimes.objects.get()
    assert (row.calls, sum(row.times.values())) == (80, 80)


def test_an_ill_listener_spoils_no_call(upstream: RunningSimulator) -> None:
    def listener(call: Call) -> None:
        raise KeyError(call.action)

    with Client(Account(upstream.url, KEY), listener=listener) as client:
        assert client.balance().amount > 0


def test_a_call_is_told_with_its_time_and_its_end(upstream: RunningSimulator) -> None:
    calls: list[Call] = []
    with Client(Account(upstream.url, "wrong-key-12345"), listener=calls.append) as client:
        began = time.monotonic()
        with pytest.raises(ReadFailed):
            client.balance()
        took = time.monotonic() - began
    (call,) = calls
    assert call.action == "balance"
    assert 0 < call.seconds <= took
    assert isinstance(call.error, ReadFailed)

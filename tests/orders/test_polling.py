"""Sweeps: how many calls, at whose pace, and what they write."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders import backlog, polling, rate
from orders.enums import EventKind, OrderStatus, RefusalFamily, SweepKind, Tier
from orders.models import Event, Order, Panel, Provider, ProviderState, Service, Sweep, Transfer
from orders.polling import leases, rounds, walking
from orders.polling.pages import read_page
from orders.polling.rounds import Rounds
from orders.polling.shards import Shard
from orders.upstream.errors import Exchange, ReadFailed, Unreadable
from orders.upstream.replies import ItemError, StatusReply
from tests.support import factories
from tests.support.pretend import PretendClient
from tests.support.simulator import RunningSimulator

S = OrderStatus
NOW = factories.NOW
SOON = NOW + timedelta(minutes=2)

BODY = Exchange(200, "<html>", 6, 10, True)
GARBAGE = Unreadable("html", BODY)
SILENCE = ReadFailed("timeout", Exchange(None, "", 0, 20_000, True))
TOO_FAST = ReadFailed("error", BODY, family=RefusalFamily.RATE_LIMIT, text="Rate limit exceeded")
BAD_KEY = ReadFailed("error", BODY, family=RefusalFamily.KEY, text="Invalid API key")


@pytest.fixture
def client(pretend: PretendClient) -> PretendClient:
    return pretend


@pytest.fixture
def service(db: None) -> Service:
    return factories.service(factories.offer(factories.provider("Bulkhaus")))


@pytest.fixture
def provider(service: Service) -> Provider:
    return service.offer.provider


@pytest.fixture
def orders_of(service: Service) -> Callable[..., list[Order]]:
    """`orders_of(250)`: open orders of one provider and one customer."""
    buyer = factories.customer(balance="1000")
    first = factories.order(buyer, service)

    def make(count: int, **fields: Any) -> list[Order]:
        rows = []
        start = Order.objects.order_by("-pk").values_list("pk", flat=True)[0]
        for number in range(start + 1, start + count + 1):
            row = Order.objects.get(pk=first.pk)
            row.pk, row.upstream_id = number, f"u{number}"
            for name, value in fields.items():
                setattr(row, name, value)
            rows.append(row)
        Order.objects.bulk_create(rows)
        Order.objects.filter(pk=first.pk).update(tier=None)
        return rows

    return make


def reply(status: str = "In progress", **fields: Any) -> StatusReply:
    values: dict[str, Any] = {"charge": Decimal(1), "currency": "USD", "start_count": 5}
    return StatusReply(status, **values | {"remains": 1000} | fields)


def state(provider: Provider) -> ProviderState:
    return ProviderState.objects.get(pk=provider.pk)


def writes(caught: CaptureQueriesContext) -> list[str]:
    """Statements that wrote an order, event, transfer or account."""
    tables = ("orders_order", "orders_event", "orders_transfer", "orders_account")
    verbs = ("INSERT", "UPDATE", "DELETE")
    found = [query["sql"] for query in caught if query["sql"].startswith(verbs)]
    return [sql for sql in found if any(f'"{t}"' in sql or f" {t} " in sql for t in tables)]


# ── How much is asked, and what is written ───────────────────────────────────────────────────


def test_250_orders_are_asked_about_in_three_calls(
    client: PretendClient, provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    found = orders_of(250)
    client.replies = {str(order.upstream_id): reply() for order in found}
    result = polling.sweep(provider.pk, now=SOON)
    assert sorted(map(len, client.asked)) == [50, 100, 100]
    assert (result.state, result.asked, result.calls, result.changed) == ("done", 250, 3, 250)
    assert Order.objects.filter(status=S.IN_PROGRESS).count() == 250


def test_nothing_changed_writes_no_order_event_transfer_or_wallet(
    client: PretendClient, provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    found = orders_of(250)
    client.replies = {str(order.upstream_id): reply(charge=Decimal("0.0714")) for order in found}
    polling.sweep(provider.pk, now=SOON)
    client.replies = {id: reply(charge=Decimal("0.07140")) for id in client.replies}
    with CaptureQueriesContext(connection) as caught:
        result = polling.sweep(provider.pk, now=SOON + timedelta(minutes=1))
    assert (result.asked, result.calls, result.changed) == (250, 3, 0)
    assert writes(caught) == []
    assert len(caught) < 15


def test_only_what_changed_is_applied(
    client: PretendClient, provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    found = orders_of(120)
    client.replies = {str(order.upstream_id): reply() for order in found}
    polling.sweep(provider.pk, now=SOON)
    client.replies[str(found[7].upstream_id)] = reply("Partial", remains=500)
    result = polling.sweep(provider.pk, now=SOON + timedelta(minutes=2))
    assert (result.changed, result.applied.refunds) == (1, 1)
    found[7].refresh_from_db()
    assert (found[7].status, found[7].refunded) == (S.PARTIAL, Decimal("0.65"))
    assert Transfer.objects.filter(kind="refund").count() == 1


def test_pages_are_walked_to_the_end(
    client: PretendClient,
    provider: Provider,
    orders_of: Callable[..., list[Order]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(walking, "PAGE", 30)
    found = orders_of(90)
    client.replies = {str(order.upstream_id): reply() for order in found}
    assert polling.sweep(provider.pk, now=SOON).asked == 90
    assert Order.objects.filter(status=S.IN_PROGRESS).count() == 90


# ── Pace ─────────────────────────────────────────────────────────────────────────────────────


def test_each_tier_is_asked_at_its_own_pace(
    client: PretendClient, provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    by_tier = {tier: orders_of(1, tier=tier)[0] for tier in Tier}
    names = {order.upstream_id: tier for tier, order in by_tier.items()}
    for id in names:
        client.replies[str(id)] = reply()
    Order.objects.update(upstream_status="In progress", start_count=5, remains=1000)
    Order.objects.update(status=S.IN_PROGRESS, charge_upstream=Decimal(1))

    def asked(after: timedelta) -> set[Tier]:
        client.requests.clear()
        polling.sweep(provider.pk, now=SOON + after)
        return {names[id] for ids in client.asked for id in ids}

    assert asked(timedelta(0)) == set(Tier)
    assert asked(timedelta(seconds=30)) == set()
    assert asked(timedelta(seconds=61)) == {Tier.FAST}
    assert asked(timedelta(minutes=11)) == {Tier.FAST, Tier.QUIET}
    assert asked(timedelta(minutes=61)) == {Tier.FAST, Tier.QUIET, Tier.OLD}
    assert asked(timedelta(hours=25)) == set(Tier)


def test_the_fastest_tier_comes_first(
    client: PretendClient, provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    old, fast = orders_of(1, tier=Tier.OLD)[0], orders_of(1, tier=Tier.FAST)[0]
    client.replies = {str(order.upstream_id): reply() for order in (old, fast)}
    polling.sweep(provider.pk, now=SOON)
    assert client.asked == [[fast.upstream_id], [old.upstream_id]]


def test_a_sweep_goes_on_where_the_last_one_ran_out_of_time(
    client: PretendClient,
    provider: Provider,
    orders_of: Callable[..., list[Order]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(walking, "PAGE", 200)
    provider.requests_at_once = 1
    provider.save()
    found = orders_of(400)
    client.replies = {str(order.upstream_id): reply() for order in found}
    asked: list[str] = []
    results = []
    for step in range(10):
        client.requests.clear()
        now = SOON + timedelta(seconds=step)
        results.append(polling.sweep(provider.pk, now=now, budget_seconds=1e-4 if step < 2 else 30))
        asked += [id for ids in client.asked for id in ids]
        if results[-1].state == "done":
            break
    assert results[0].state == "budget"
    assert results[-1].state == "done"
    assert sum(result.asked for result in results) == 400, "none twice, none forgotten"
    assert set(asked) == {order.upstream_id for order in found}


def test_under_load_the_slow_tiers_are_still_walked() -> None:
    held = Rounds({}, {}, {})
    due = held.due(NOW, polling.sweeping.EVERY)
    assert due == [Tier.FAST, Tier.QUIET, Tier.OLD, Tier.AFTERCARE]
    held.begin(Tier.FAST, NOW)
    held.move(Tier.FAST, 500)
    assert held.due(NOW, polling.sweeping.EVERY)[0] == Tier.FAST, "it is on its way"


def test_a_clock_that_was_put_back_makes_a_tier_due() -> None:
    held = Rounds({}, {"1": (NOW + timedelta(days=3)).isoformat()}, {})
    assert Tier.FAST in held.due(NOW, polling.sweeping.EVERY)


# ── Stops, leases ────────────────────────────────────────────────────────────────────────────


def test_a_stopped_provider_is_not_asked(
    client: PretendClient, provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    orders_of(1)
    provider.not_polled = True
    provider.save()
    assert polling.sweep(provider.pk, now=SOON).state == "stopped"
    provider.not_polled = False
    provider.save()
    Panel.objects.update(not_polled=True)
    assert polling.sweep(provider.pk, now=SOON).state == "stopped"
    assert polling.poll_once(provider.pk, SOON).state == "stopped"
    assert client.requests == []


def test_two_sweeps_at_once_are_one(
    client: PretendClient, provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    orders_of(3)
    held = leases.take(provider.pk, SweepKind.ORDERS)
    assert held
    assert polling.sweep(provider.pk, now=SOON).state == "busy"
    held.give_back(asked=0, changed=0, at=NOW)
    assert polling.sweep(provider.pk, now=SOON).state == "done"


def test_a_dead_sweeps_lease_runs_out(
    client: PretendClient, provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    orders_of(3)
    assert leases.take(provider.pk, SweepKind.ORDERS)
    Sweep.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert polling.sweep(provider.pk, now=SOON).state == "done"


def test_who_lost_the_lease_applies_nothing(
    client: PretendClient, provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    (order,) = orders_of(1)
    client.replies[str(order.upstream_id)] = reply("Canceled")

    def lose(batch: object) -> None:
        Sweep.objects.update(token=uuid4())

    original = walking.read_page
    walking.read_page = lambda *args: (lose(args), original(*args))[1]  # type: ignore[assignment]
    try:
        result = polling.sweep(provider.pk, now=SOON)
    finally:
        walking.read_page = original
    order.refresh_from_db()
    assert (result.state, order.status) == ("taken_over", S.PENDING)


# ── Failures ─────────────────────────────────────────────────────────────────────────────────


def test_a_failed_request_changes_no_order_only_health(
    client: PretendClient, provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    orders_of(150)

    def down(ids: Sequence[str]) -> None:
        raise SILENCE

    client.trouble = down
    before = list(Order.objects.order_by("pk").values())
    result = polling.sweep(provider.pk, now=SOON)
    assert result.state == "failing"
    assert list(Order.objects.order_by("pk").values()) == before
    assert not Event.objects.exists()
    found = state(provider)
    assert found.failures == result.failed_calls == len(client.requests) >= 3
    assert found.last_failure == "It did not answer in time."
    assert found.rested_until and found.rested_until > SOON


def test_a_rested_provider_is_left_alone_and_resumes_by_itself(
    client: PretendClient, provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    found = orders_of(2)
    client.replies = {str(order.upstream_id): reply() for order in found}
    until = SOON + timedelta(seconds=60)
    ProviderState.objects.filter(pk=provider.pk).update(failures=4, rested_until=until)
    assert polling.sweep(provider.pk, now=SOON).state == "resting"
    assert client.requests == []
    assert polling.sweep(provider.pk, now=until + timedelta(seconds=1)).changed == 2
    assert (state(provider).failures, state(provider).rested_until) == (0, None)


def test_after_a_failure_the_round_goes_on_where_it_failed(
    client: PretendClient, provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    found = orders_of(300)
    client.replies = {str(order.upstream_id): reply() for order in found}
    provider.requests_at_once = 1
    provider.save()
    answered: list[int] = []

    def dies_after_the_first(ids: Sequence[str]) -> None:
        if answered:
            raise SILENCE
        answered.append(1)

    client.trouble = dies_after_the_first
    assert polling.sweep(provider.pk, now=SOON).state == "failing"
    client.trouble = lambda ids: None
    client.requests.clear()
    later = SOON + timedelta(hours=1)
    assert polling.sweep(provider.pk, now=later).asked >= 200
    assert client.asked[0][0] == found[100].upstream_id
    assert Order.objects.filter(status=S.IN_PROGRESS).count() == 300


@pytest.mark.parametrize("size", [100, 60, 1])
def test_one_rotten_order_is_found_and_its_neighbours_are_applied(
    client: PretendClient, provider: Provider, orders_of: Callable[..., list[Order]], size: int
) -> None:
    found = orders_of(200 + size)
    rotten = found[200 + size // 2]
    client.replies = {str(order.upstream_id): reply() for order in found}

    def spoil(ids: Sequence[str]) -> None:
        if rotten.upstream_id in ids:
            raise GARBAGE

    client.trouble = spoil
    result = polling.sweep(provider.pk, now=SOON)
    assert result.state == "done"
    assert Order.objects.filter(status=S.IN_PROGRESS).count() == 199 + size
    rotten.refresh_from_db()
    assert (rotten.status, rotten.tier) == (S.PENDING, Tier.QUIET)
    assert rotten.flag == "Provider gave an answer about this order that cannot be read."
    assert result.calls < 25
    assert state(provider).rested_until is None


def test_the_only_batch_is_searched_too(
    client: PretendClient, provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    found = orders_of(50)
    client.replies = {str(order.upstream_id): reply() for order in found}

    def spoil(ids: Sequence[str]) -> None:
        if found[20].upstream_id in ids:
            raise GARBAGE

    client.trouble = spoil
    assert polling.sweep(provider.pk, now=SOON).state == "done"
    assert Order.objects.filter(status=S.IN_PROGRESS).count() == 49
    assert Order.objects.exclude(flag="").get() == found[20]


def test_many_rotten_orders_do_not_look_like_a_dead_provider(
    client: PretendClient, provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    found = orders_of(400)
    rotten = {str(order.upstream_id) for order in found[10::100]}
    client.replies = {str(order.upstream_id): reply() for order in found}

    def spoil(ids: Sequence[str]) -> None:
        if rotten & set(ids):
            raise GARBAGE

    client.trouble = spoil
    # The single sound order that is asked about to make sure is drawn by lot.
    for step in range(6):
        polling.sweep(provider.pk, now=SOON + timedelta(hours=step))
    assert Order.objects.filter(status=S.IN_PROGRESS).count() == 396
    assert Order.objects.exclude(flag="").count() == 4


def test_a_provider_that_dies_during_the_search_condemns_nobody(
    client: PretendClient, provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    found = orders_of(200)
    client.replies = {str(order.upstream_id): reply() for order in found}
    calls = iter(range(1000))

    def dies(ids: Sequence[str]) -> None:
        if next(calls) >= 1:
            raise SILENCE

    client.trouble = dies
    assert polling.sweep(provider.pk, now=SOON).state == "failing"
    assert not Order.objects.exclude(flag="").exists()


def test_a_last_order_that_meets_a_dead_provider_is_not_condemned(
    client: PretendClient, provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    found = orders_of(101)
    client.replies = {str(order.upstream_id): reply() for order in found}
    provider.requests_at_once = 1
    provider.save()
    calls = iter(range(1000))

    def dies(ids: Sequence[str]) -> None:
        if next(calls) >= 1:
            raise SILENCE

    client.trouble = dies
    assert polling.sweep(provider.pk, now=SOON).state == "failing"
    assert not Order.objects.exclude(flag="").exists()


def test_an_item_error_a_missing_id_and_an_unknown_word_touch_no_neighbour(
    client: PretendClient, provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    found = orders_of(100)
    client.replies = {str(order.upstream_id): reply() for order in found}
    client.replies[str(found[1].upstream_id)] = ItemError("Incorrect order ID")
    del client.replies[str(found[2].upstream_id)]
    client.replies[str(found[3].upstream_id)] = reply("Sideways")
    assert polling.sweep(provider.pk, now=SOON).state == "done"
    assert Order.objects.filter(status=S.IN_PROGRESS).count() == 97
    odd = Order.objects.filter(pk__in=[order.pk for order in found[1:4]]).order_by("pk")
    assert [order.status for order in odd] == [S.PENDING] * 3
    assert [order.tier for order in odd] == [Tier.QUIET] * 3
    assert ["Incorrect" in odd[0].flag, "nothing" in odd[1].flag, "Sideways" in odd[2].flag] == [
        True
    ] * 3
    assert Event.objects.filter(kind=EventKind.FLAGGED).count() == 3


def test_a_rate_limit_slows_and_is_no_failure(
    client: PretendClient, provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    orders_of(150)

    def limit(ids: Sequence[str]) -> None:
        raise TOO_FAST

    client.trouble = limit
    assert polling.sweep(provider.pk, now=SOON).state == "slowed"
    found = state(provider)
    assert (found.failures, found.rested_until) == (0, None)
    fresh = Provider.objects.select_related("state").get(pk=provider.pk)
    assert rate.pace_of(fresh, SOON).per_second < rate.pace_of(provider).per_second or (
        rate.pace_of(fresh, SOON).per_second == 5 / rate.SLOWED
    )


def test_a_bad_key_ends_the_sweep_at_once(
    client: PretendClient, provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    orders_of(1000)

    def refuse(ids: Sequence[str]) -> None:
        raise BAD_KEY

    client.trouble = refuse
    result = polling.sweep(provider.pk, now=SOON)
    assert (result.state, result.calls) == ("failing", 1)
    assert state(provider).last_failure == "It answered: “Invalid API key”."


# ── Last checked ─────────────────────────────────────────────────────────────────────────────


def test_last_checked_comes_from_the_round(
    client: PretendClient, provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    (order,) = orders_of(1)
    assert polling.last_checked(order) is None
    client.replies[str(order.upstream_id)] = reply()
    polling.sweep(provider.pk, now=SOON)
    order.refresh_from_db()
    assert order.changed_at - SOON < timedelta(seconds=5)
    later = SOON + timedelta(minutes=3)
    polling.sweep(provider.pk, now=later)
    checked = polling.last_checked(order)
    assert checked
    assert timedelta(0) <= checked - later < timedelta(seconds=5)


def test_in_a_round_on_its_way_what_was_not_reached_was_checked_in_the_last_one() -> None:
    sweep = Sweep(cursors={"1": 50}, started={"1": SOON.isoformat()}, rounds={"1": NOW.isoformat()})
    long_ago = NOW - timedelta(days=1)
    reached = Order(pk=50, tier=1, upstream_status="Pending", changed_at=long_ago)
    ahead = Order(pk=51, tier=1, upstream_status="Pending", changed_at=long_ago)
    assert polling.checked_in(sweep, reached) == SOON
    assert polling.checked_in(sweep, ahead) == NOW
    assert polling.checked_in(None, ahead) == long_ago
    assert isinstance(Rounds.of(sweep), rounds.Rounds)


# ── Parts of a provider's orders ─────────────────────────────────────────────────────────────


def test_two_parts_ask_about_each_order_once_between_them(
    client: PretendClient,
    provider: Provider,
    orders_of: Callable[..., list[Order]],
    settings: Any,
) -> None:
    settings.POLL_SHARDS = 2
    found = orders_of(9)
    client.replies = {str(order.upstream_id): reply() for order in found}
    even, odd = (polling.sweep(provider.pk, now=SOON, shard=Shard(rest, 2)) for rest in (0, 1))
    assert {even.asked, odd.asked} == {4, 5}
    asked = [{int(id[1:]) % 2 for id in ids} for ids in client.asked]
    assert asked == [{0}, {1}]
    assert all(polling.last_checked(order) for order in Order.objects.exclude(tier=None))
    assert polling.poll_once(provider.pk, SOON + timedelta(minutes=5)).asked == 9


@pytest.mark.services
@pytest.mark.skipif(connection.vendor != "postgresql", reason="how PostgreSQL reads a page")
@pytest.mark.parametrize("of", [2, 3])
def test_a_part_is_read_along_an_index_as_the_whole_is(
    provider: Provider, orders_of: Callable[..., list[Order]], of: int
) -> None:
    """And not by looking at the whole table for each page."""
    orders_of(2500)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE orders_order")
    with CaptureQueriesContext(connection) as asked:
        found = read_page(provider.pk, Tier.FAST, 0, 600, Shard(1, of))
    assert [row.id % of for row in found] == [1] * 600
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked.captured_queries[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan" in plan and "Sort" not in plan and "Seq Scan" not in plan, plan


def test_one_part_is_swept_while_another_one_is_held(
    client: PretendClient,
    provider: Provider,
    orders_of: Callable[..., list[Order]],
    settings: Any,
) -> None:
    settings.POLL_SHARDS = 2
    orders_of(4)
    assert leases.take(provider.pk, SweepKind.ORDERS, 0)
    assert [one.state for one in polling.sweep_all(SOON)] == ["busy", "done"]


def test_a_part_that_is_no_longer_counted_is_not_behind(
    client: PretendClient,
    provider: Provider,
    orders_of: Callable[..., list[Order]],
    settings: Any,
) -> None:
    settings.POLL_SHARDS = 2
    orders_of(4)
    polling.sweep_all(SOON)
    settings.POLL_SHARDS = 1
    later = SOON + timedelta(hours=2)
    polling.sweep_all(later)
    behind = backlog.unchecked(later + timedelta(seconds=1))
    assert behind and not behind.is_late(later)


# ── Tiers ────────────────────────────────────────────────────────────────────────────────────


def test_orders_slow_down_as_they_grow_quiet_and_old(
    provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    (order,) = orders_of(1, changed_at=NOW, status_at=NOW)

    def tier_after(span: timedelta) -> int | None:
        polling.retier(NOW + span)
        order.refresh_from_db()
        return order.tier

    assert tier_after(timedelta(minutes=30)) == Tier.FAST
    assert tier_after(timedelta(hours=2)) == Tier.QUIET
    assert tier_after(timedelta(hours=2, minutes=5)) == Tier.QUIET
    assert tier_after(timedelta(days=2)) == Tier.OLD
    assert tier_after(timedelta(days=60)) == Tier.OLD


def test_an_ended_order_is_let_go_after_a_week(
    provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    ended = {"status": S.COMPLETED, "finished_at": NOW, "tier": Tier.AFTERCARE}
    (order,) = orders_of(1, **ended)
    polling.retier(NOW + timedelta(days=6))
    order.refresh_from_db()
    assert order.tier == Tier.AFTERCARE
    assert polling.retier(NOW + timedelta(days=8)) == 1
    order.refresh_from_db()
    assert order.tier is None


def test_a_troubled_order_is_not_hurried_again(
    provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    (order,) = orders_of(1, tier=Tier.OLD, changed_at=NOW, flag="Provider says “?”.")
    polling.retier(SOON)
    order.refresh_from_db()
    assert order.tier == Tier.OLD


def test_retiering_many_takes_few_statements(
    provider: Provider, orders_of: Callable[..., list[Order]]
) -> None:
    orders_of(300)
    with CaptureQueriesContext(connection) as caught:
        assert polling.retier(NOW + timedelta(hours=3)) == 300
    assert len(writes(caught)) == 1


# ── Against the simulator ────────────────────────────────────────────────────────────────────


@pytest.fixture
def bought(simulator: RunningSimulator, db: None) -> Callable[[int], list[Order]]:
    """Orders that the simulator knows: `bought(3)`."""
    bulkhaus = factories.provider("Bulkhaus", url=simulator.url, key=simulator.key)
    row = next(
        row
        for row in simulator.call("services")
        if row["type"] == "Default" and int(row["min"]) <= 100 and int(row["max"]) >= 1000
    )
    rate_ = Decimal(str(row["rate"]))
    service = factories.service(
        factories.offer(bulkhaus, upstream_id=str(row["service"]), rate=rate_)
    )
    buyer = factories.customer(balance="1000")

    def make(count: int) -> list[Order]:
        orders = []
        for number in range(count):
            link = f"https://instagram.com/p/{number}"
            added = simulator.call("add", service=row["service"], link=link, quantity=1000)
            terms = {"expected_charge_upstream": rate_, "upstream_id": str(added["order"])}
            accepted = timezone.now() - timedelta(minutes=1)
            moments = {"status_at": accepted, "changed_at": accepted}
            orders.append(factories.order(buyer, service, **terms, **moments))
        return orders

    return make


def test_poll_once_follows_orders_of_the_simulator_to_their_end(
    simulator: RunningSimulator, bought: Callable[[int], list[Order]]
) -> None:
    first, second, third = bought(3)
    simulator.set_order(first.upstream_id or "", status="Completed", remains=0)
    simulator.set_order(second.upstream_id or "", status="Partial", remains=400)
    simulator.set_order(third.upstream_id or "", status="Canceled")
    out = StringIO()
    call_command("poll_once", "--provider", "Bulkhaus", stdout=out)
    assert out.getvalue().startswith("Bulkhaus: 3 orders in 1 calls, 3 changed, 2 refunds of ")
    assert [call["ids"] for call in simulator.calls("status")] == [3]
    for order in (first, second, third):
        order.refresh_from_db()
    assert [first.status, second.status, third.status] == [S.COMPLETED, S.PARTIAL, S.CANCELED]
    assert second.refunded == Decimal("0.52")
    assert third.refunded == third.price
    assert first.charge_upstream == Decimal(str(simulator.log()[0]["charge"]))


def test_poll_once_fails_in_words_when_the_provider_does(
    simulator: RunningSimulator, bought: Callable[[int], list[Order]]
) -> None:
    bought(1)
    simulator.faults(bad_key=1)
    with pytest.raises(CommandError, match="failing"):
        call_command("poll_once")


@pytest.mark.django_db
def test_a_provider_must_exist() -> None:
    with pytest.raises(CommandError, match="no provider named"):
        call_command("poll_once", "--provider", "Nobody")

"""Two sweeps of one provider, and a sweep that comes back with old news.

Each race is run twice: with its guard, and with the guard taken away to show that it is needed.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Q
from django.utils import timezone
from msgspec.structs import replace

from orders import catalog, polling, progress
from orders.catalog import runs, syncing
from orders.enums import OrderStatus, RefusalFamily, SubmissionOutcome, SyncOutcome, Tier
from orders.errors import StateChanged
from orders.models import Offer, Order, ProviderState, Service, Sweep, SyncRun
from orders.polling import leases, tiers, walking
from orders.progress import Report, applying
from orders.progress.consequence import consequence
from orders.submission import answers, claims
from orders.upstream.errors import Refused
from orders.upstream.replies import StatusReply
from tests.orders.catalog.conftest import Upstream
from tests.support import factories
from tests.support.guards import Guards
from tests.support.pretend import PretendClient
from tests.support.racing import after, before, race

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NOW = factories.NOW
SOON = NOW + timedelta(minutes=2)
S = OrderStatus
REPORTS_IN_HAND = before(walking.progress, "apply")


@pytest.fixture
def running(order_of: Callable[..., Order], pretend: PretendClient) -> Order:
    """An order of which the provider says that half is done."""
    order = order_of()
    pretend.replies[str(order.upstream_id)] = StatusReply("In progress", Decimal(1), "USD", 5, 500)
    return order


def sweeping(order: Order) -> polling.SweepResult:
    return polling.sweep(order.provider_id, now=SOON)


# ── Two sweeps of one provider ───────────────────────────────────────────────────────────────


def swept_twice(order: Order) -> list[str]:
    """The first one has its answers in hand when the second one begins."""
    results = race(lambda: sweeping(order), lambda: sweeping(order), at=[REPORTS_IN_HAND, None])
    return [result.state for result in results]


def test_of_two_sweeps_of_a_provider_one_asks(running: Order, pretend: PretendClient) -> None:
    assert swept_twice(running) == ["done", "busy"]
    assert len(pretend.requests) == 1


def test_without_the_condition_two_sweeps_ask(
    running: Order, pretend: PretendClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing worse: a lease that was overwritten is not good for handing in reports."""
    monkeypatch.setattr(leases, "_free", lambda now: Q())
    assert swept_twice(running) == ["taken_over", "done"]
    assert len(pretend.requests) == 2


# ── A stale sweep against a newer report ─────────────────────────────────────────────────────


def overtaken(order: Order, pretend: PretendClient) -> polling.SweepResult:
    """A sweep has its answers and sleeps; its lease runs out, the next one brings newer news."""

    def next_sweep() -> polling.SweepResult:
        Sweep.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        newer = StatusReply("In progress", Decimal(1), "USD", 5, 20)
        pretend.replies[str(order.upstream_id)] = newer
        return polling.sweep(order.provider_id, now=SOON + timedelta(minutes=2))

    stale, newer = race(lambda: sweeping(order), next_sweep, at=[REPORTS_IN_HAND, None])
    assert newer.changed == 1
    return stale


def forget_the_lease(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(applying, "_check", lambda lease: None)


def believe_it_is_new(patch: pytest.MonkeyPatch) -> None:
    def as_if_asked_now(row: progress.Row, report: Report, now: object) -> object:
        newest = SOON + timedelta(days=1)
        return consequence(row, replace(report, asked_at=newest), newest)

    patch.setattr(applying, "consequence", as_if_asked_now)


def remains(order: Order) -> int | None:
    return Order.objects.get(pk=order.pk).remains


def test_an_overtaken_sweep_changes_nothing(running: Order, pretend: PretendClient) -> None:
    """Both guards: the lease is checked under lock, and each report is dated."""
    assert overtaken(running, pretend).state == "taken_over"
    assert remains(running) == 20


def test_the_date_of_a_report_alone_keeps_old_news_out(
    running: Order, pretend: PretendClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_the_lease(monkeypatch)
    assert overtaken(running, pretend).changed == 0
    assert remains(running) == 20


def test_the_lease_alone_keeps_old_news_out(
    running: Order, pretend: PretendClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    believe_it_is_new(monkeypatch)
    assert overtaken(running, pretend).state == "taken_over"
    assert remains(running) == 20


def test_without_lease_and_date_old_news_overwrite_new_ones(
    running: Order, pretend: PretendClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_the_lease(monkeypatch)
    believe_it_is_new(monkeypatch)
    assert overtaken(running, pretend).changed == 1
    assert remains(running) == 500


# ── Two workers with the same news ───────────────────────────────────────────────────────────


def same_news_twice(order: Order) -> list[progress.Applied]:
    news = Report(order.pk, "Canceled", Decimal(0), "USD", 5, 1000, "", SOON)
    return race(
        lambda: progress.apply([news], now=SOON),
        lambda: progress.apply([news], now=SOON),
        at=after(applying, "_read"),
    )


def refunds(order: Order) -> Decimal:
    found = order.transfers.filter(kind="refund").values_list("amount", flat=True)
    return sum(found, Decimal(0))


def test_the_same_news_twice_refund_once(running: Order) -> None:
    """Both guards: the order's lock with a second reading, and the refund's reference."""
    first, second = same_news_twice(running)
    assert (first.refunds, second.refunds, second.failed) == (1, 0, 0)
    assert refunds(running) == running.price


def test_the_reference_alone_lets_the_news_refund_once(guards: Guards, running: Order) -> None:
    guards.lift_row_locks()
    first, second = same_news_twice(running)
    assert (first.refunds, second.refunds, second.failed) == (1, 0, 1)
    assert refunds(running) == running.price


def test_the_lock_alone_lets_the_news_refund_once(guards: Guards, running: Order) -> None:
    guards.drop("orders_transfer_reference_key")
    first, second = same_news_twice(running)
    assert (first.refunds, second.refunds, second.failed) == (1, 0, 0)
    assert refunds(running) == running.price


def test_without_lock_and_reference_the_same_news_refund_twice(
    guards: Guards, running: Order
) -> None:
    guards.lift_row_locks()
    guards.drop("orders_transfer_reference_key")
    same_news_twice(running)
    assert refunds(running) == 2 * running.price


# ── Two readings of one catalog ──────────────────────────────────────────────────────────────


def two_readings() -> list[bool]:
    provider = factories.provider()
    found = race(
        lambda: runs.begin(provider, by=None, now=NOW),
        lambda: runs.begin(provider, by=None, now=NOW),
        at=before(SyncRun.objects, "create"),
    )
    return [ours for _, ours in found]


def test_of_two_readings_of_a_catalog_one_begins() -> None:
    assert two_readings() == [True, False]


def test_without_the_providers_lock_two_readings_begin(guards: Guards) -> None:
    guards.lift_row_locks()
    assert two_readings() == [True, True]


# ── A removal that is released while the offer comes back ────────────────────────────────────


def released_while_it_comes_back(listed: Upstream) -> Any:
    """A catalog shrank, and the removals wait for a person. The next reading lists everything
    again; it has compared, and not written, when the person lets the removals happen."""
    provider = factories.provider()
    listed.lists(*range(10))
    catalog.sync(provider, now=NOW)
    listed.drops(*range(5))
    held = catalog.sync(provider, now=NOW)
    assert held.held_removals == 5
    listed.lists(*range(5))
    run, released = race(
        lambda: catalog.sync(provider, now=NOW),
        lambda: catalog.release_removals(held, None, NOW),
        at=[after(syncing, "_known"), None],
    )
    assert run.finished_at is not None
    return released


def gone() -> int:
    return Offer.objects.exclude(retired_at=None).count()


def test_a_removal_is_not_released_under_a_newer_reading(listed: Upstream) -> None:
    assert isinstance(released_while_it_comes_back(listed), StateChanged)
    assert gone() == 0


def test_without_settling_first_what_is_listed_stays_retired(
    listed: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And readings of the same bytes would leave it so."""
    monkeypatch.setattr(syncing, "replace_held", lambda *_: None)
    assert released_while_it_comes_back(listed) == 5
    assert gone() == 5


# ── Slowing an order down against news about it ──────────────────────────────────────────────


def slowed_while_it_moves(order: Order) -> Order:
    """The order was quiet for hours; its page has been read when news come in."""
    late = NOW + timedelta(hours=5)
    news = Report(order.pk, "In progress", Decimal(1), "USD", 5, 500, "", late)
    race(
        lambda: polling.retier(late),
        lambda: progress.apply([news], now=late),
        at=[after(tiers, "_page"), None],
    )
    return Order.objects.get(pk=order.pk)


def test_an_order_that_moves_while_it_is_slowed_down_keeps_its_pace(running: Order) -> None:
    assert slowed_while_it_moves(running).tier == Tier.FAST


def test_without_the_newest_moment_it_is_slowed_down(
    running: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_read(
        model: type[Order], tier: Tier, to: Tier | None, orders: Sequence[tiers.Standing]
    ) -> int:
        return model.objects.filter(pk__in=[one.id for one in orders]).update(tier=to)

    monkeypatch.setattr(tiers, "_write", as_read)
    assert slowed_while_it_moves(running).tier != Tier.FAST


# ── Locks that are taken in one order ────────────────────────────────────────────────────────


def refused_while_a_catalog_is_read(order: Order, listed: Upstream) -> list[Any]:
    """A reading of the catalog has paused a service and is about to note that it was read; the
    provider answers that just this service is gone."""
    listed.lists(order.offer.upstream_id)
    catalog.sync(order.provider, now=NOW)
    Service.objects.update(accepted_cost=Decimal("0.1"))
    ProviderState.objects.update(unknown_streak=1)
    claim = claims.claim(order.pk, NOW)
    assert claim is not None
    gone = Refused(RefusalFamily.SERVICE, "Service is disabled")
    return race(
        lambda: catalog.sync(order.provider, now=NOW),
        lambda: answers.record(claim.submission.pk, gone, NOW),
        at=[before(syncing, "_renew"), None],
    )


def test_a_refusal_and_a_reading_lock_in_one_order(
    order_of: Callable[..., Order], listed: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.sql.transactions.DEADLOCK_TRIES", 1)
    run, outcome = refused_while_a_catalog_is_read(order_of(status=S.WAITING), listed)
    assert (run.outcome, run.paused) == (SyncOutcome.UNCHANGED, 1)
    assert outcome == SubmissionOutcome.REFUSED

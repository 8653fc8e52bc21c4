"""What needs a person: each trouble is seen, counted, dated, and shown to whom it concerns."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from orders import health, machinery
from orders.enums import (
    CancellationStatus,
    ChangeKind,
    HoldReason,
    OrderStatus,
    PauseReason,
    ProviderHold,
    RefillStatus,
    SyncOutcome,
    Tier,
)
from orders.health import Concern, Trouble
from orders.models import (
    Cancellation,
    Panel,
    Provider,
    ProviderState,
    Refill,
    Service,
    SyncChange,
    SyncRun,
)
from orders.people import Person, person_of
from tests.support import factories as make
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def boss() -> Person:
    return person_of(make.admin().user)


@pytest.fixture(autouse=True)
def _machinery_runs() -> None:
    machinery.began("orders.submit_due", NOW)


def found(who: Person, kind: Trouble) -> Concern | None:
    return next((each for each in health.concerns(who, NOW) if each.kind == kind), None)


def test_a_healthy_panel_needs_nobody(boss: Person) -> None:
    make.order()
    make.order(status=OrderStatus.COMPLETED)
    assert health.concerns(boss, NOW) == []


def test_silence_of_the_machinery_is_dated(boss: Person) -> None:
    machinery.began("orders.submit_due", NOW - HOUR)
    silent = found(boss, Trouble.MACHINERY)
    assert silent and silent.since == NOW - HOUR


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Trouble.UNCONFIRMED, {"status": OrderStatus.UNCONFIRMED}),
        (Trouble.FAILED, {"status": OrderStatus.FAILED}),
        (Trouble.REFUND_UNKNOWN, {"status": OrderStatus.PARTIAL, "refund_unknown": True}),
        (Trouble.COST_CHANGED, {"status": OrderStatus.WAITING, "hold": HoldReason.PRICE}),
        (Trouble.REQUEST_HELD, {"status": OrderStatus.WAITING, "hold": HoldReason.REQUEST}),
        (Trouble.LATE, {"status": OrderStatus.IN_PROGRESS, "tier": Tier.OLD}),
    ],
)
def test_orders_in_trouble_are_counted_with_their_oldest_and_their_money(
    boss: Person, kind: Trouble, values: dict[str, object]
) -> None:
    for hours in (1, 5):
        at = NOW - hours * HOUR
        make.order(**values, status_at=at, waiting_since=at, placed_at=at)
    concern = found(boss, kind)
    assert concern
    assert (concern.count, concern.since, concern.amount) == (2, NOW - 5 * HOUR, Decimal("2.6"))


def test_an_order_that_moves_is_not_late(boss: Person) -> None:
    make.order(status=OrderStatus.IN_PROGRESS, tier=Tier.QUIET)
    make.order(status=OrderStatus.FAILED, tier=Tier.OLD)
    assert found(boss, Trouble.LATE) is None


def test_staff_are_not_told_about_the_clients_of_others() -> None:
    mira = make.staff()
    make.order(status=OrderStatus.UNCONFIRMED)
    make.order(make.customer("Mine", manager=mira), status=OrderStatus.UNCONFIRMED)
    concern = found(person_of(mira.user), Trouble.UNCONFIRMED)
    assert concern and concern.count == 1


def test_a_provider_without_funds_says_what_is_missing_for_what_waits(boss: Person) -> None:
    order = make.order(status=OrderStatus.WAITING, expected_charge_upstream=Decimal("3"))
    ProviderState.objects.filter(provider=order.provider).update(
        hold=ProviderHold.FUNDS, held_since=NOW - HOUR, balance=Decimal("0.5")
    )
    held = found(boss, Trouble.PROVIDER_HELD)
    assert held and held.provider == order.provider
    assert (held.count, held.missing, held.since) == (1, Decimal("2.5"), NOW - HOUR)


def test_stopped_sending_is_told_of_a_provider_and_of_the_panel(boss: Person) -> None:
    order = make.order(status=OrderStatus.WAITING)
    Provider.objects.filter(pk=order.provider_id).update(not_sent=True, stopped_at=NOW)
    stopped = found(boss, Trouble.SENDING_STOPPED)
    assert stopped and stopped.count == 1 and stopped.provider == order.provider

    Provider.objects.update(not_sent=False)
    Panel.objects.update(not_sent=True, stopped_reason="Moving house", stopped_at=NOW)
    stopped = found(boss, Trouble.SENDING_STOPPED)
    assert stopped and (stopped.provider, stopped.detail) == (None, "Moving house")


def test_a_provider_that_rests_is_told_until_its_rest_is_over(boss: Person) -> None:
    provider = make.provider()
    ProviderState.objects.filter(provider=provider).update(rested_until=NOW + HOUR)
    assert found(boss, Trouble.RESTING)
    ProviderState.objects.filter(provider=provider).update(rested_until=NOW)
    assert found(boss, Trouble.RESTING) is None


def test_only_pauses_that_the_machinery_made_need_a_person(boss: Person) -> None:
    service = make.service()
    for pause, expected in ((PauseReason.STAFF, False), (PauseReason.COST_ROSE, True)):
        Service.objects.filter(pk=service.pk).update(pause=pause, paused_at=NOW)
        assert bool(found(boss, Trouble.PAUSED)) is expected


def test_held_removals_are_told_until_they_are_decided(boss: Person) -> None:
    offer = make.offer()
    run = SyncRun.objects.create(
        provider=offer.provider, started_at=NOW, outcome=SyncOutcome.HELD, held_removals=1
    )
    change = SyncChange.objects.create(run=run, kind=ChangeKind.RETIRED, offer=offer, held=True)
    held = found(boss, Trouble.REMOVALS_HELD)
    assert held and (held.count, held.provider) == (1, offer.provider)
    SyncChange.objects.filter(pk=change.pk).update(decided_at=NOW)
    assert found(boss, Trouble.REMOVALS_HELD) is None


def asked(model: Any, status: str, hours: int, upstream_id: str = "7001") -> None:
    """A refill or cancel request made so many hours ago."""
    order = make.order()
    at = NOW - hours * HOUR
    model.objects.create(
        order=order,
        provider=order.provider,
        asked_by=make.user(),
        asked_at=at,
        changed_at=at,
        status=status,
        upstream_id=upstream_id,
    )


def test_refills_without_an_answer_or_an_end_are_told(boss: Person) -> None:
    asked(Refill, RefillStatus.UNKNOWN, 80, "")
    asked(Refill, RefillStatus.PENDING, 81, "")
    asked(Refill, RefillStatus.PENDING, 73)
    asked(Refill, RefillStatus.PENDING, 71)
    asked(Refill, RefillStatus.COMPLETED, 99)
    lost, overdue = found(boss, Trouble.ANSWER_LOST), found(boss, Trouble.OVERDUE)
    assert lost and (lost.count, lost.since) == (2, NOW - 81 * HOUR)
    assert overdue and (overdue.count, overdue.since) == (1, NOW - 73 * HOUR)


def test_cancel_requests_without_an_answer_or_an_end_are_told_by_themselves(boss: Person) -> None:
    asked(Cancellation, CancellationStatus.UNKNOWN, 30)
    asked(Cancellation, CancellationStatus.ACCEPTED, 25)
    asked(Cancellation, CancellationStatus.ACCEPTED, 23)
    asked(Cancellation, CancellationStatus.DECLINED, 99)
    lost, overdue = found(boss, Trouble.CANCEL_LOST), found(boss, Trouble.CANCEL_OVERDUE)
    assert lost and lost.count == 1
    assert overdue and (overdue.count, overdue.since) == (1, NOW - 25 * HOUR)
    assert found(boss, Trouble.ANSWER_LOST) is found(boss, Trouble.OVERDUE) is None


def test_staff_are_not_told_about_the_requests_of_others() -> None:
    asked(Refill, RefillStatus.UNKNOWN, 30)
    assert found(person_of(make.staff().user), Trouble.ANSWER_LOST) is None


def test_a_provider_whose_key_cannot_be_read_is_told_instead_of_its_hold(
    boss: Person, settings: Settings
) -> None:
    provider = make.provider("Bulkhaus")
    service = make.service(make.offer(provider))
    make.order(None, service, status=OrderStatus.WAITING)
    ProviderState.objects.filter(provider=provider).update(hold=ProviderHold.KEY)
    assert found(boss, Trouble.KEY_UNREADABLE) is None
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    told = found(boss, Trouble.KEY_UNREADABLE)
    assert told and (told.count, told.provider) == (1, provider)
    assert found(boss, Trouble.PROVIDER_HELD) is None


def test_the_worst_stands_first(boss: Person) -> None:
    make.order(status=OrderStatus.IN_PROGRESS, tier=Tier.OLD)
    make.order(status=OrderStatus.UNCONFIRMED)
    machinery.began("orders.submit_due", NOW - HOUR)
    kinds = [concern.kind for concern in health.concerns(boss, NOW)]
    assert kinds == [Trouble.MACHINERY, Trouble.UNCONFIRMED, Trouble.LATE]


def test_looking_takes_as_many_queries_for_one_order_as_for_many(boss: Person) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            health.concerns(boss, NOW)
        return len(seen)

    make.order(status=OrderStatus.UNCONFIRMED)
    make.order(status=OrderStatus.WAITING, hold=HoldReason.PRICE)
    one = queries()
    for _ in range(5):
        make.order(status=OrderStatus.UNCONFIRMED)
        make.order(status=OrderStatus.WAITING, hold=HoldReason.PRICE)
    assert queries() == one

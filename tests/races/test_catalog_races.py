"""Readings, people who decide about services, and orders, all at the same services.

Each race is run twice: with its guard, and with the guard taken away to show that it is needed.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import QuerySet

from orders import catalog, placement, submission
from orders.catalog import Move, holds, pauses, repointing, selling
from orders.enums import ChangeKind, HoldReason, OrderStatus, PauseReason, SyncOutcome
from orders.errors import StateChanged
from orders.models import AuditEntry, Offer, Order, Provider, Service, SyncChange, SyncRun
from orders.submission import claims
from tests.orders.catalog.conftest import Upstream
from tests.support import factories
from tests.support.guards import Guards
from tests.support.racing import after, before, race
from tests.support.simulator import RunningSimulator

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NOW = factories.NOW


def pointing(service: Service, offer: Offer) -> Callable[[], list[Service]]:
    by = factories.admin().user
    move = Move(service.pk, offer.pk, offer.rate, service.offer_id)
    return lambda: catalog.point_many([move], by=by, now=NOW, reason="Cheaper")


# ── Pointed at an offer that a reading makes dearer ──────────────────────────────────────────


def pointed_while_it_gets_dearer(listed: Upstream) -> Service:
    """The offer's rate is read; then its catalog is read, in which it costs three times as much;
    then the service is pointed at it."""
    service, there = factories.service(), factories.offer()
    listed.lists(there.upstream_id, rate=there.rate * 3)
    moved, run = race(
        pointing(service, there),
        lambda: catalog.sync(there.provider, now=NOW),
        at=[after(repointing, "_offers"), None],
    )
    assert isinstance(moved, list), moved
    assert run.outcome == SyncOutcome.CHANGED
    service.refresh_from_db()
    assert (service.offer_id, service.accepted_cost) == (there.pk, 1)
    assert Offer.objects.get(pk=there.pk).rate == 3
    return service


def test_what_is_pointed_at_a_dearer_offer_is_paused(listed: Upstream) -> None:
    assert pointed_while_it_gets_dearer(listed).pause == PauseReason.COST_ROSE


def test_without_the_providers_lock_it_is_sold_at_the_old_cost(
    listed: Upstream, guards: Guards
) -> None:
    guards.lift_row_locks(Provider)
    assert pointed_while_it_gets_dearer(listed).pause == ""


# ── Pointed elsewhere while a reading of the old provider pauses it ──────────────────────────


def pointed_away_while_its_old_offer_rises(listed: Upstream) -> Service:
    """A reading finds that the service's cost rose; before it locks the service, that is bought
    at another provider, whose rates are ten times as high in a currency worth a tenth."""
    service = factories.service()
    old = service.offer
    elsewhere = factories.provider(currency="SEK", exchange_rate=Decimal("0.1"))
    there = factories.offer(elsewhere, rate=Decimal(10))
    kept = {"name": old.name, "category": old.category, "description": old.description}
    listed.lists(old.upstream_id, rate=old.rate * 3, **kept)
    run, moved = race(
        lambda: catalog.sync(old.provider, now=NOW),
        pointing(service, there),
        at=[before(pauses, "_locked"), None],
    )
    assert run.outcome == SyncOutcome.CHANGED, run.detail
    assert isinstance(moved, list), moved
    service.refresh_from_db()
    assert service.offer_id == there.pk
    return service


def test_a_reading_leaves_alone_what_is_bought_elsewhere_by_now(listed: Upstream) -> None:
    assert pointed_away_while_its_old_offer_rises(listed).pause == ""


def test_without_a_second_look_at_the_provider_it_is_paused_for_a_rise_that_is_none(
    listed: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_of_them(provider: Provider, services: QuerySet[Service]) -> QuerySet[Service]:
        return services

    monkeypatch.setattr(pauses, "_still_bought_at", all_of_them)
    assert pointed_away_while_its_old_offer_rises(listed).pause == PauseReason.COST_ROSE


# ── Two people point one service ─────────────────────────────────────────────────────────────


def pointed_twice() -> list[Any]:
    service = factories.service()
    calls = [pointing(service, factories.offer()) for _ in range(2)]
    return race(*calls, at=before(repointing, "_check"))


def test_of_two_who_point_one_service_the_second_is_told() -> None:
    first, second = pointed_twice()
    assert isinstance(first, list) and isinstance(second, StateChanged)
    assert AuditEntry.objects.filter(action="service.pointed_at").count() == 1


def test_without_the_services_lock_the_second_undoes_what_the_first_did(guards: Guards) -> None:
    guards.lift_row_locks(Service)
    first, second = pointed_twice()
    assert isinstance(first, list) and isinstance(second, list)
    assert AuditEntry.objects.filter(action="service.pointed_at").count() == 2


# ── A cost accepted while the service is pointed elsewhere ───────────────────────────────────


def accepted_while_pointed() -> Service:
    service, there = factories.service(), factories.offer(rate=Decimal(2))
    by = factories.admin().user
    moved, accepted = race(
        pointing(service, there),
        lambda: catalog.accept_rate(service, by, NOW),
        at=[before(repointing, "_point"), None],
    )
    assert isinstance(moved, list), moved
    assert isinstance(accepted, Service), accepted
    service.refresh_from_db()
    assert service.offer_id == there.pk
    return service


def test_the_cost_that_is_accepted_is_that_of_the_offer_it_is_bought_from() -> None:
    assert accepted_while_pointed().accepted_cost == 2


def test_without_the_services_lock_the_old_offers_cost_is_accepted(guards: Guards) -> None:
    """The one who accepts reads the old offer, then writes after the other one."""
    guards.lift_row_locks(Service)
    service, there = factories.service(accepted_cost=Decimal("0.9")), factories.offer(rate=2)
    by = factories.admin().user
    race(
        lambda: catalog.accept_rate(service, by, NOW),
        pointing(service, Offer.objects.get(pk=there.pk)),
        at=[before(selling, "accept_cost"), None],
    )
    service.refresh_from_db()
    assert (service.offer_id, service.accepted_cost) == (there.pk, 1)


# ── Pointed elsewhere while somebody orders ──────────────────────────────────────────────────


def ordered_while_it_is_pointed_elsewhere() -> Order:
    """The order has its price; then the service is bought at three times the cost."""
    service, there = factories.service(), factories.offer(rate=Decimal(3))
    buyer, seller = factories.customer(balance="1000"), factories.staff(sees_all_customers=True)
    fields = {"link": "https://instagram.com/one", "quantity": 1000}
    placed, moved = race(
        lambda: placement.place(buyer, service.pk, fields, by=seller.user, now=NOW),
        pointing(service, there),
        at=[after(placement, "draft"), None],
    )
    assert isinstance(moved, list), moved
    service.refresh_from_db()
    assert service.offer_id == there.pk
    return Order.objects.select_related("offer").get(pk=placed.order.pk)


def test_an_order_is_bought_from_the_offer_that_made_its_price() -> None:
    order = ordered_while_it_is_pointed_elsewhere()
    assert (order.price, order.offer.rate, order.cost_rate_upstream) == (Decimal("1.3"), 1, 1)
    assert order.upstream_service_id == order.offer.upstream_id


def test_without_one_reading_for_both_it_is_bought_at_a_loss(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = placement._row

    def read_again(draft: Any, **how: Any) -> Order:
        draft.service.refresh_from_db()
        return row(draft, **how)

    monkeypatch.setattr(placement, "_row", read_again)
    order = ordered_while_it_is_pointed_elsewhere()
    assert (order.price, order.cost_rate_upstream) == (Decimal("1.3"), 3)


# ── A reading while an order is on its way ───────────────────────────────────────────────────


def sent_while_it_gets_dearer(offer: Offer, listed: Upstream, at: Any) -> Order:
    service = Service.objects.get(offer=offer)
    order = Order.objects.get(service=service, status=OrderStatus.WAITING)
    listed.lists(offer.upstream_id, rate=offer.rate * 3)
    _, run = race(
        lambda: submission.submit_order(order.pk, NOW),
        lambda: catalog.sync(offer.provider, now=NOW),
        at=[at, None],
    )
    assert run.outcome == SyncOutcome.CHANGED, run
    service.refresh_from_db()
    assert service.pause == PauseReason.COST_ROSE
    order.refresh_from_db()
    return order


def test_an_order_whose_cost_rises_before_it_is_claimed_waits(
    waiting: Callable[..., Order], upstream: RunningSimulator, listed: Upstream
) -> None:
    order = sent_while_it_gets_dearer(waiting().offer, listed, before(claims, "claim"))
    assert (order.status, order.hold) == (OrderStatus.WAITING, HoldReason.PRICE)
    assert upstream.log() == []


def test_one_that_was_claimed_before_is_sent_once_and_the_next_one_waits(
    waiting: Callable[..., Order], upstream: RunningSimulator, listed: Upstream
) -> None:
    """No race to guard: the rate was true when it was asked; the rise pauses the next sale."""
    order = sent_while_it_gets_dearer(waiting().offer, listed, after(claims, "claim"))
    assert order.status == OrderStatus.PENDING
    assert len(upstream.log()) == 1


# ── Two people decide about one removal ──────────────────────────────────────────────────────


def decided_twice() -> list[Any]:
    provider, by = factories.provider(), factories.admin().user
    run = SyncRun.objects.create(
        provider=provider, started_at=NOW, outcome=SyncOutcome.HELD, held_removals=1
    )
    gone = factories.offer(provider)
    change = SyncChange.objects.create(run=run, kind=ChangeKind.RETIRED, offer=gone, held=True)
    return race(
        lambda: catalog.release_removals(run, by, NOW, changes=[change.pk]),
        lambda: catalog.dismiss_removals(run, by, NOW, changes=[change.pk]),
        at=before(holds, "_tell"),
    )


def test_of_two_who_decide_a_removal_the_second_is_told() -> None:
    first, second = decided_twice()
    assert first == 1 and isinstance(second, StateChanged)
    assert AuditEntry.objects.count() == 1


def test_without_the_changes_lock_it_is_retired_and_kept(guards: Guards) -> None:
    guards.lift_row_locks(SyncChange)
    assert decided_twice() == [1, 1]
    assert AuditEntry.objects.count() == 2

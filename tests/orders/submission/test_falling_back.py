"""What a provider cannot take goes to the service's fallback: once, and only if nobody has it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders import cancellations, catalog, panel_settings, submission
from orders.enums import (
    EventKind,
    HoldReason,
    OrderStatus,
    PauseReason,
    ProviderHold,
    RefusalFamily,
    ReportBy,
    SubmissionOutcome,
)
from orders.models import (
    DaySum,
    Event,
    Offer,
    Order,
    Panel,
    Provider,
    ProviderState,
    Service,
    Submission,
    Transfer,
)
from orders.reports import rolling
from orders.submission import answers, falling_back, gate
from orders.upstream.errors import Exchange, Refused
from tests.support import factories
from tests.support.simulator import RunningSimulator

pytestmark = pytest.mark.django_db

Waiting = Callable[..., Order]
Later = Callable[..., datetime]


@pytest.fixture
def other() -> Iterator[RunningSimulator]:
    with RunningSimulator(services=20, currency="EUR") as running:
        yield running


@pytest.fixture
def spare(other: RunningSimulator, followers: Service) -> Offer:
    """The fallback of `followers`: at another provider, in another currency, a little dearer."""
    row = next(
        row
        for row in other.call("services")
        if row["type"] == "Default" and int(row["min"]) <= 100 and int(row["max"]) >= 1000
    )
    other.set_service(row["service"], rate=str(followers.offer.rate))
    provider = factories.provider(
        "Sparhaus",
        url=other.url,
        key=other.key,
        currency="EUR",
        exchange_rate=Decimal("1.1"),
        factor=Decimal("1.02"),
    )
    offer = factories.offer(
        provider,
        upstream_id=str(row["service"]),
        rate=followers.offer.rate,
        least=int(row["min"]),
        most=int(row["max"]),
    )
    catalog.choose_fallback(followers, offer, by=None, now=timezone.now())
    # Patient: none of these answers is lost by being late, however busy the machine is.
    Provider.objects.update(connect_timeout=20, read_timeout=20, total_timeout=20)
    return offer


def out(provider: Provider, since: datetime, hold: ProviderHold = ProviderHold.DOWN) -> None:
    ProviderState.objects.filter(provider=provider).update(hold=hold, held_since=since)


def moved(order: Order, offer: Offer) -> bool:
    order.refresh_from_db()
    return order.offer_id == offer.pk


# ── When it goes ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("hold", [ProviderHold.DOWN, ProviderHold.FUNDS, ProviderHold.KEY])
def test_what_waits_for_a_provider_that_is_out_goes_after_a_while(
    hold: ProviderHold,
    waiting: Waiting,
    bulkhaus: Provider,
    spare: Offer,
    other: RunningSimulator,
    simulator: RunningSimulator,
    moment: datetime,
    later: Later,
) -> None:
    order, price = waiting(), waiting().price
    out(bulkhaus, moment, hold)
    assert submission.fall_back(later(minutes=14)).moved == 0
    assert submission.fall_back(later(minutes=16)).moved == 2
    assert submission.fall_back(later(minutes=16)).moved == 0
    submission.submit_due(later(minutes=16))

    order.refresh_from_db()
    cost = (spare.rate * Decimal("1.1") * Decimal("1.02")).quantize(Decimal("1e-8"))
    assert (order.status, order.provider, order.offer) == ("pending", spare.provider, spare)
    assert order.upstream_service_id == spare.upstream_id
    assert (order.cost_currency, order.exchange_rate) == ("EUR", Decimal("1.1"))
    assert order.factor == Decimal("1.02")
    assert (order.expected_charge_upstream, order.expected_cost) == (spare.rate, cost)
    assert (order.price, order.refunded) == (price, 0)
    assert order.first_offer_id == order.service.offer_id
    assert order.upstream_id in [str(entry["order"]) for entry in other.log()]
    assert simulator.log() == []


def test_after_not_sent_over_the_wire_it_is_bought_at_the_fallback(
    waiting: Waiting,
    bulkhaus: Provider,
    spare: Offer,
    other: RunningSimulator,
    moment: datetime,
    later: Later,
) -> None:
    Provider.objects.filter(pk=bulkhaus.pk).update(url="http://127.0.0.1:9/api/v2")
    order = waiting()
    assert submission.submit_order(order.pk, moment) == SubmissionOutcome.NOT_SENT
    assert submission.fall_back(later(minutes=20)).moved == 1
    submission.submit_due(later(minutes=20))
    order.refresh_from_db()
    assert (order.status, len(other.log())) == (OrderStatus.PENDING, 1)
    outcomes = Submission.objects.filter(order=order).order_by("number").values_list("outcome")
    assert list(outcomes) == [("not_sent",), ("created",)]


def test_a_service_that_is_gone_hands_its_order_on_at_once(
    waiting: Waiting,
    followers: Service,
    spare: Offer,
    other: RunningSimulator,
    simulator: RunningSimulator,
    moment: datetime,
) -> None:
    simulator.set_service(followers.offer.upstream_id, disabled=True)
    order, paid = waiting(), Transfer.objects.count()
    assert submission.submit_order(order.pk, moment) == SubmissionOutcome.REFUSED

    order.refresh_from_db()
    followers.refresh_from_db()
    assert (order.status, order.offer, order.refusal) == ("waiting", spare, "")
    assert followers.pause == PauseReason.GONE
    kinds = list(Event.objects.filter(order=order).order_by("pk").values_list("kind", flat=True))
    assert kinds[-2:] == [EventKind.REFUSED, EventKind.FELL_BACK]

    assert submission.submit_order(order.pk, moment) == SubmissionOutcome.CREATED
    assert Transfer.objects.count() == paid
    assert len(other.log()) == 1


def test_what_waited_for_the_same_service_follows(
    waiting: Waiting, followers: Service, spare: Offer, moment: datetime
) -> None:
    order = waiting()
    Service.objects.filter(pk=followers.pk).update(pause=PauseReason.GONE)
    assert submission.fall_back(moment).moved == 1
    assert moved(order, spare)


def test_a_fallback_that_is_gone_too_ends_it_refunded_and_pauses_nothing_else(
    waiting: Waiting,
    followers: Service,
    spare: Offer,
    other: RunningSimulator,
    simulator: RunningSimulator,
    moment: datetime,
) -> None:
    for upstream, offer in ((simulator, followers.offer), (other, spare)):
        upstream.set_service(offer.upstream_id, disabled=True)
    order = waiting()
    submission.submit_order(order.pk, moment)
    submission.submit_order(order.pk, moment)
    order.refresh_from_db()
    assert (order.status, order.refunded) == (OrderStatus.REFUSED, order.price)
    assert (order.refusal, order.offer) == (RefusalFamily.SERVICE, spare)


# ── When it stays ────────────────────────────────────────────────────────────────────────────


def test_a_provider_that_merely_asked_to_slow_down_is_no_reason(
    waiting: Waiting, bulkhaus: Provider, spare: Offer, moment: datetime, later: Later
) -> None:
    order = waiting()
    out(bulkhaus, moment, ProviderHold.BUSY)
    assert submission.fall_back(later(hours=5)).moved == 0
    assert not moved(order, spare)


def test_the_time_is_a_setting(
    waiting: Waiting, bulkhaus: Provider, spare: Offer, moment: datetime, later: Later
) -> None:
    order = waiting()
    out(bulkhaus, moment)
    panel_settings.change(by=None, now=moment, fallback_minutes=60)
    assert submission.fall_back(later(minutes=59)).moved == 0
    assert submission.fall_back(later(minutes=61)).moved == 1
    assert moved(order, spare)


def test_what_was_ever_unknown_never_goes_whatever_was_decided(
    waiting: Waiting,
    bulkhaus: Provider,
    followers: Service,
    spare: Offer,
    simulator: RunningSimulator,
    moment: datetime,
    later: Later,
) -> None:
    order = waiting("fault-reset-after-once")
    submission.submit_order(order.pk, moment)
    out(bulkhaus, moment)
    assert submission.fall_back(later(hours=1)).moved == 0, "unconfirmed"

    # A person looked and says that it is not there.
    Submission.objects.update(outcome=SubmissionOutcome.DISMISSED, decision="send_anew")
    Order.objects.update(status=OrderStatus.WAITING)
    assert submission.fall_back(later(hours=1)).moved == 0, "sent anew"

    # Even where a later sending is refused, and where the first one is known by now.
    Submission.objects.update(outcome=SubmissionOutcome.REFUSED, decision="")
    assert submission.fall_back(later(hours=1)).moved == 0, "its history says so"
    simulator.set_service(followers.offer.upstream_id, disabled=True)
    out(bulkhaus, moment, ProviderHold.NONE)
    submission.submit_order(order.pk, moment)
    order.refresh_from_db()
    assert (order.status, order.offer) == (OrderStatus.REFUSED, followers.offer)


def test_a_refusal_that_comes_late_ends_it_and_does_not_move_it(
    waiting: Waiting, followers: Service, spare: Offer, moment: datetime
) -> None:
    order = waiting("fault-reset-after")
    submission.submit_order(order.pk, moment)
    late = Refused(RefusalFamily.SERVICE, "Disabled service ID", Exchange(200, "{}", 2, 9, True))
    answers.record(Submission.objects.get().pk, late, moment)
    order.refresh_from_db()
    assert (order.status, order.offer) == (OrderStatus.REFUSED, followers.offer)


def test_it_goes_once(
    waiting: Waiting, followers: Service, spare: Offer, moment: datetime, later: Later
) -> None:
    order = waiting()
    out(followers.offer.provider, moment)
    submission.fall_back(later(minutes=20))
    third = factories.offer(rate=followers.offer.rate)
    catalog.choose_fallback(followers, third, by=None, now=moment)
    out(spare.provider, moment)
    assert submission.fall_back(later(hours=1)).moved == 0
    assert moved(order, spare)


SPOILS: dict[str, Callable[[Offer, Order], Any]] = {
    "stopped": lambda offer, _: Provider.objects.filter(pk=offer.provider_id).update(not_sent=True),
    "not sold": lambda offer, _: Provider.objects.filter(pk=offer.provider_id).update(
        not_sold=True
    ),
    "held": lambda offer, _: ProviderState.objects.filter(pk=offer.provider_id).update(
        hold=ProviderHold.FUNDS
    ),
    "slowed": lambda offer, _: ProviderState.objects.filter(pk=offer.provider_id).update(
        hold=ProviderHold.BUSY
    ),
    "stale": lambda offer, _: ProviderState.objects.filter(pk=offer.provider_id).update(
        catalog_read_at=None
    ),
    "panel": lambda *_: Panel.objects.update(not_sent=True),
    "retired": lambda offer, _: Offer.objects.filter(pk=offer.pk).update(retired_at=timezone.now()),
    "another type": lambda offer, _: Offer.objects.filter(pk=offer.pk).update(service_type="seo"),
    "too many": lambda offer, _: Offer.objects.filter(pk=offer.pk).update(most=999),
    "too few": lambda offer, _: Offer.objects.filter(pk=offer.pk).update(least=1001),
    "charged more": lambda offer, _: factories.service(offer, pause=PauseReason.CHARGED_MORE),
    "none": lambda _, order: Service.objects.filter(pk=order.service_id).update(fallback=None),
    "its own": lambda _, order: Service.objects.filter(pk=order.service_id).update(
        fallback=order.offer_id
    ),
    "by a person": lambda _, order: Order.objects.filter(pk=order.pk).update(hold=HoldReason.STAFF),
    "first one stopped": lambda _, order: Provider.objects.filter(pk=order.provider_id).update(
        not_sent=True
    ),
    "drip-feed": lambda _, order: Order.objects.filter(pk=order.pk).update(
        details=order.details | {"runs": 2, "interval": 60, "quantity": 500}
    ),
}


@pytest.mark.parametrize("spoil", SPOILS)
def test_it_waits_where_it_is_when_the_fallback_will_not_do(
    spoil: str, waiting: Waiting, bulkhaus: Provider, spare: Offer, moment: datetime, later: Later
) -> None:
    order = waiting()
    out(bulkhaus, moment)
    SPOILS[spoil](spare, order)
    assert submission.fall_back(later(minutes=20)).moved == 0
    assert not moved(order, spare)
    assert order.status == OrderStatus.WAITING


def test_it_stays_while_only_what_its_service_is_bought_from_now_is_gone(
    waiting: Waiting, bulkhaus: Provider, spare: Offer, moment: datetime
) -> None:
    order = waiting()
    Service.objects.update(offer=factories.offer(bulkhaus), pause=PauseReason.GONE)
    assert submission.fall_back(moment).moved == 0
    assert not moved(order, spare)


def test_what_cannot_go_anywhere_is_looked_at_once_and_keeps_back_nothing(
    waiting: Waiting,
    bulkhaus: Provider,
    spare: Offer,
    moment: datetime,
    later: Later,
    django_assert_num_queries: Any,
) -> None:
    stuck = factories.service(factories.offer(bulkhaus))
    away = factories.provider("Nirgends", not_sold=True)
    catalog.choose_fallback(stuck, factories.offer(away), by=None, now=moment)
    for _ in range(2):
        factories.order(of=stuck, status=OrderStatus.WAITING, upstream_id=None)
    out(bulkhaus, moment)
    with CaptureQueriesContext(connection) as few:
        assert submission.fall_back(later(minutes=16)).moved == 0
    for _ in range(8):
        factories.order(of=stuck, status=OrderStatus.WAITING, upstream_id=None)
    with django_assert_num_queries(len(few)):
        assert submission.fall_back(later(minutes=16)).moved == 0
    order = waiting()
    assert submission.fall_back(later(minutes=16)).moved == 1
    assert moved(order, spare)


def test_what_was_canceled_is_not_moved(
    waiting: Waiting, bulkhaus: Provider, spare: Offer, moment: datetime, later: Later
) -> None:
    order = waiting()
    out(bulkhaus, moment)
    cancellations.cancel_waiting(order, by=None, now=moment)
    assert submission.fall_back(later(minutes=20)).moved == 0
    assert not moved(order, spare)


# ── The floor ────────────────────────────────────────────────────────────────────────────────


def test_too_dear_a_fallback_holds_it_while_its_own_provider_may_come_back(
    waiting: Waiting, bulkhaus: Provider, spare: Offer, moment: datetime, later: Later
) -> None:
    order = waiting()
    Offer.objects.filter(pk=spare.pk).update(rate=spare.rate * 2)
    out(bulkhaus, moment)
    assert submission.fall_back(later(minutes=20)).moved == 0
    assert submission.fall_back(later(minutes=21)).moved == 0
    assert not moved(order, spare)
    assert order.hold == HoldReason.PRICE
    assert "The fallback would cost" in order.hold_detail
    assert Event.objects.filter(order=order, kind=EventKind.HELD).count() == 1
    assert order.not_before is not None and order.not_before > later(minutes=20)

    out(bulkhaus, moment, ProviderHold.NONE)
    assert submission.submit_order(order.pk, later(minutes=30)) == SubmissionOutcome.CREATED


def test_with_its_own_offer_gone_it_waits_at_the_dear_one_as_cost_changed(
    waiting: Waiting,
    followers: Service,
    spare: Offer,
    other: RunningSimulator,
    simulator: RunningSimulator,
    moment: datetime,
) -> None:
    simulator.set_service(followers.offer.upstream_id, disabled=True)
    Offer.objects.filter(pk=spare.pk).update(rate=spare.rate * 2)
    order = waiting()
    submission.submit_order(order.pk, moment)
    assert submission.submit_order(order.pk, moment) == ""
    order.refresh_from_db()
    assert (order.status, order.offer, order.hold) == ("waiting", spare, HoldReason.PRICE)
    assert other.log() == []

    admin = factories.admin().user
    submission.allow_loss(order, seen=Decimal(1000), by=admin, now=moment, reason="A good client")
    assert submission.submit_order(order.pk, moment) == SubmissionOutcome.CREATED


# ── What is told ─────────────────────────────────────────────────────────────────────────────


def test_the_cost_counts_at_the_provider_that_got_it(
    waiting: Waiting, bulkhaus: Provider, spare: Offer, moment: datetime, later: Later
) -> None:
    order = waiting()
    rolling.add_up(moment)
    out(bulkhaus, moment)
    submission.fall_back(later(minutes=20))
    rolling.add_up(later(minutes=20))
    by_provider = DaySum.objects.filter(by=ReportBy.PROVIDER, is_month=False, orders__gt=0)
    order.refresh_from_db()
    assert [row.key for row in by_provider] == [spare.provider_id]
    assert order.expected_cost > 0


def test_staff_read_what_happened_and_the_customer_nothing(
    waiting: Waiting, bulkhaus: Provider, spare: Offer, moment: datetime, later: Later
) -> None:
    order = waiting()
    out(bulkhaus, moment)
    submission.fall_back(later(minutes=20))
    event = Event.objects.get(order=order, kind=EventKind.FELL_BACK)
    assert event.detail.startswith("Bulkhaus: not answering for too long. It goes to Sparhaus")
    assert event.data["provider"] == bulkhaus.pk


# ── What each guard keeps from happening ─────────────────────────────────────────────────────


def test_a_price_that_just_covers_the_floor_there_is_enough(
    waiting: Waiting, bulkhaus: Provider, spare: Offer, moment: datetime, later: Later
) -> None:
    order = waiting()
    order.offer, order.provider = spare, spare.provider
    least = gate.least_price_now(order)
    Order.objects.update(price=least - Decimal("0.00000001"))
    out(bulkhaus, moment)
    assert submission.fall_back(later(minutes=20)).moved == 0
    Order.objects.update(price=least)
    assert submission.fall_back(later(minutes=20)).moved == 1


def test_with_its_service_gone_what_waited_goes_to_a_dear_one_and_waits_there(
    waiting: Waiting, followers: Service, spare: Offer, moment: datetime
) -> None:
    order = waiting()
    Offer.objects.filter(pk=spare.pk).update(rate=spare.rate * 2)
    Service.objects.filter(pk=followers.pk).update(pause=PauseReason.GONE)
    assert submission.fall_back(moment).moved == 1
    assert moved(order, spare)
    assert submission.submit_order(order.pk, moment) == ""
    order.refresh_from_db()
    assert order.hold == HoldReason.PRICE


def test_a_loss_that_was_allowed_counts_at_the_fallback_too(
    waiting: Waiting, bulkhaus: Provider, spare: Offer, moment: datetime, later: Later
) -> None:
    order = waiting()
    Offer.objects.filter(pk=spare.pk).update(rate=spare.rate * 2)
    out(bulkhaus, moment)
    expected = spare.rate * 2 * Decimal("1.1") * Decimal("1.02")
    enough = expected - order.price
    Order.objects.update(loss_allowed=enough - Decimal("0.001"))
    assert submission.fall_back(later(minutes=20)).moved == 0
    Order.objects.update(loss_allowed=enough)
    assert submission.fall_back(later(minutes=21)).moved == 1


def test_a_fallback_that_is_gone_stops_no_sale_of_what_is_bought_elsewhere(
    waiting: Waiting,
    followers: Service,
    bulkhaus: Provider,
    spare: Offer,
    other: RunningSimulator,
    moment: datetime,
    later: Later,
) -> None:
    """Its own provider was away for a while; the service itself was never gone."""
    order = waiting()
    out(bulkhaus, moment)
    assert submission.fall_back(later(minutes=16)).moved == 1
    other.set_service(spare.upstream_id, disabled=True)
    submission.submit_order(order.pk, later(minutes=16))
    order.refresh_from_db()
    assert (order.status, order.refusal) == (OrderStatus.REFUSED, RefusalFamily.SERVICE)
    assert Service.objects.get(pk=followers.pk).pause == ""


def test_what_fell_back_once_has_nowhere_else_to_go(
    waiting: Waiting, spare: Offer, moment: datetime
) -> None:
    """Even where its service names a third provider by now."""
    order = waiting()
    assert falling_back.where_to(order, moment) == spare
    order.first_offer = factories.offer()
    assert falling_back.where_to(order, moment) is None

"""A subscription from the order to its end, with the pretend provider: what is sent, how its posts
are followed as they come, what is paid back to the last digit, and that both books agree."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from orders import cancellations, catalog, ledger_check, placement, refills, shop, submission
from orders.enums import OrderStatus, SyncOutcome, TransferKind
from orders.errors import FieldErrors, NoRefillNow, OpenOverlap, OutsideLimits
from orders.models import Account, Customer, Movement, Order, Service, Transfer
from orders.money import round_up
from tests.support import factories
from tests.support.simulator import RunningSimulator

S = OrderStatus
NOW = factories.NOW
TERMS = {
    "username": "@ateliernord",
    "min": "100",
    "max": "200",
    "posts": "4",
    "old_posts": "2",
    "delay": "30",
}
HELD = 200 * 6


@pytest.fixture
def service(simulator: RunningSimulator, db: None) -> Service:
    bulkhaus = factories.provider("Bulkhaus", url=simulator.url, key=simulator.key)
    simulator.set_clock(NOW)
    row = next(row for row in simulator.call("services") if row["type"] == "Subscriptions")
    simulator.set_service(row["service"], cancel=True, min=10, max=1000)
    offer = factories.offer(
        bulkhaus,
        upstream_id=str(row["service"]),
        type_name=row["type"],
        service_type="subscriptions",
        rate=Decimal(str(row["rate"])),
        least=10,
        most=1000,
        refill=True,
        cancel=True,
    )
    return factories.service(offer)


def placed(buyer: Customer, service: Service, **changes: str) -> Order:
    fields: dict[str, Any] = TERMS | changes
    order = placement.place(buyer, service.pk, fields, by=None, now=NOW).order
    submission.submit_due(NOW)
    order.refresh_from_db()
    return order


def given(simulator: RunningSimulator, order: Order) -> int:
    """How much the posts got, by the provider's own records."""
    told = [simulator.order(child.upstream_id) for child in order.children.all()]
    return sum(post["quantity"] - max(int(post["remains"]), 0) for post in told)


def balance(buyer: Customer) -> Decimal | None:
    return Account.objects.get(customer=buyer).balance


def refunds(order: Order) -> list[Decimal]:
    found = Transfer.objects.filter(order=order, kind=TransferKind.REFUND).order_by("pk")
    return list(found.values_list("amount", flat=True))


def books_agree(simulator: RunningSimulator, before: Decimal, order: Order) -> None:
    after = Decimal(simulator.call("balance")["balance"])
    movements = sum(Movement.objects.values_list("amount", flat=True))
    assert order.charge_upstream is not None
    assert before - after == order.charge_upstream == -movements
    assert order.cost == order.charge_upstream
    assert not ledger_check.check()


def test_it_goes_from_the_form_through_its_posts_to_its_end(
    simulator: RunningSimulator, service: Service, buyer: Customer, at: Callable[..., datetime]
) -> None:
    before = Decimal(simulator.call("balance")["balance"])
    order = placed(buyer, service)
    assert (order.link, order.link_key) == ("", "ateliernord")
    assert (order.quantity, order.least_per_post, order.runs) == (200, 100, 6)
    assert (order.billable, order.delivery_total) == (HELD, HELD)
    assert 0 <= order.price - order.rate * HELD / 1000 < Decimal("1e-7")
    assert balance(buyer) == 1000 - order.price
    (sent,) = simulator.log()
    assert sent["params"] == TERMS | {"service": service.offer.upstream_id}
    assert (order.status, order.charge_upstream) == (S.PENDING, 0)
    assert not Movement.objects.exists()  # it costs nothing before its posts do

    at(minutes=1)
    order.refresh_from_db()
    assert (order.status, order.upstream_status) == (S.IN_PROGRESS, "Active")
    assert order.children.count() == 0
    at(minutes=31)
    assert order.children.count() == 2  # the old posts
    at(hours=30)
    order.refresh_from_db()
    assert 2 < order.children.count() < 6
    assert (order.status, order.refunded, order.cost) == (S.IN_PROGRESS, 0, None)

    at(days=10)
    at(days=10, hours=1)
    order.refresh_from_db()
    sizes = list(order.children.order_by("number").values_list("quantity", flat=True))
    told = [simulator.order(child.upstream_id) for child in order.children.order_by("number")]
    assert sizes == [post["quantity"] for post in told]
    assert len(set(sizes)) > 1  # unequal, and each is known
    came = sum(sizes)
    assert (order.status, order.upstream_status) == (S.PARTIAL, "Completed")
    assert order.remains == HELD - came
    assert refunds(order) == [round_up(order.price * (HELD - came) / HELD)]
    assert balance(buyer) == 1000 - order.price + order.refunded
    books_agree(simulator, before, order)

    # A post that is taken back later comes back too.
    third = order.children.get(number=3)
    simulator.set_order(third.upstream_id, status="Canceled")
    at(days=11)
    order.refresh_from_db()
    assert order.remains == HELD - came + third.quantity
    assert order.refunded == round_up(order.price * order.remains / HELD)
    assert len(refunds(order)) == 2
    books_agree(simulator, before, order)


def test_it_is_canceled_and_what_is_under_way_is_waited_for(
    simulator: RunningSimulator, service: Service, buyer: Customer, at: Callable[..., datetime]
) -> None:
    before = Decimal(simulator.call("balance")["balance"])
    order = placed(buyer, service)
    now = at(minutes=31)
    cancellations.request(order, by=None, now=now)
    cancellations.send_requested(now)
    # Its old posts are under way when it is stopped, and go on.
    simulator.set_order(order.upstream_id, status="Canceled")
    at(minutes=33)
    order.refresh_from_db()
    assert (order.status, order.upstream_status) == (S.IN_PROGRESS, "Canceled")
    assert order.refunded == 0
    now = at(days=2)
    at(days=2, minutes=2)
    order.refresh_from_db()
    assert order.children.count() == 2
    assert order.status == S.PARTIAL
    assert refunds(order) == [round_up(order.price * (HELD - given(simulator, order)) / HELD)]
    books_agree(simulator, before, order)
    cancellations.poll(now)
    assert order.cancellations.get().status == "done"


def test_it_expires_with_what_it_has(
    simulator: RunningSimulator, service: Service, buyer: Customer, at: Callable[..., datetime]
) -> None:
    before = Decimal(simulator.call("balance")["balance"])
    order = placed(buyer, service, posts="50", expiry="26/11/2026")
    assert simulator.log()[0]["params"]["expiry"] == "26/11/2026"
    at(days=2)
    at(days=6)
    at(days=6, minutes=2)
    order.refresh_from_db()
    assert 2 < order.children.count() < 52
    assert (order.status, order.upstream_status) == (S.PARTIAL, "Expired")
    total = 200 * 52
    came = given(simulator, order)
    assert refunds(order) == [round_up(order.price * (total - came) / total)]
    books_agree(simulator, before, order)


def test_its_last_day_ends_it_though_the_provider_calls_it_active(
    simulator: RunningSimulator, service: Service, buyer: Customer, at: Callable[..., datetime]
) -> None:
    before = Decimal(simulator.call("balance")["balance"])
    order = placed(buyer, service, posts="50", expiry="26/11/2026")
    simulator.set_order(order.upstream_id, status="Active")
    at(days=4, hours=11)  # 27 November, 23 h
    order.refresh_from_db()
    assert (order.status, order.upstream_status) == (S.IN_PROGRESS, "Active")
    at(days=4, hours=13)
    order.refresh_from_db()
    assert (order.status, order.upstream_status) == (S.PARTIAL, "Active")
    assert not order.flag
    total = 200 * 52
    assert refunds(order) == [round_up(order.price * (total - given(simulator, order)) / total)]
    books_agree(simulator, before, order)


def test_paused_it_waits_and_goes_on(
    simulator: RunningSimulator, service: Service, buyer: Customer, at: Callable[..., datetime]
) -> None:
    order = placed(buyer, service)
    at(minutes=31)
    simulator.set_order(order.upstream_id, status="Paused")
    at(days=3)
    order.refresh_from_db()
    assert (order.status, order.upstream_status) == (S.PROCESSING, "Paused")
    assert (order.children.count(), order.refunded) == (2, 0)
    simulator.set_order(order.upstream_id, status=None)
    at(days=5)
    order.refresh_from_db()
    assert (order.status, order.upstream_status) == (S.IN_PROGRESS, "Active")
    assert order.children.count() > 2
    at(days=15)
    at(days=15, minutes=2)
    order.refresh_from_db()
    assert (order.children.count(), order.upstream_status) == (6, "Completed")
    assert order.status == S.PARTIAL


def test_a_post_that_ends_in_part_reduces_what_is_owed_for(
    simulator: RunningSimulator, service: Service, buyer: Customer, at: Callable[..., datetime]
) -> None:
    before = Decimal(simulator.call("balance")["balance"])
    order = placed(buyer, service)
    at(minutes=31)
    first, second = order.children.order_by("number")[:2]
    simulator.set_order(first.upstream_id, status="Partial", remains=60)
    simulator.set_order(second.upstream_id, status="Canceled")
    at(days=10)
    at(days=10, minutes=2)
    order.refresh_from_db()
    rest = order.children.filter(number__gt=2).values_list("quantity", flat=True)
    came = first.quantity - 60 + sum(rest)
    assert order.remains == HELD - came
    assert refunds(order) == [round_up(order.price * (HELD - came) / HELD)]
    books_agree(simulator, before, order)


def test_no_post_at_all_pays_everything_back(
    simulator: RunningSimulator, service: Service, buyer: Customer, at: Callable[..., datetime]
) -> None:
    order = placed(buyer, service, old_posts="")
    at(minutes=1)
    simulator.set_order(order.upstream_id, status="Expired")
    at(minutes=3)
    order.refresh_from_db()
    assert (order.status, order.upstream_status) == (S.CANCELED, "Expired")
    assert refunds(order) == [order.price]
    assert balance(buyer) == 1000
    assert not ledger_check.check()


# ── What its posts got, told by what they cost ───────────────────────────────────────────────


def read_catalog(service: Service, now: datetime) -> None:
    assert catalog.sync(service.offer.provider, now=now).outcome != SyncOutcome.FAILED


@pytest.fixture
def ended(
    simulator: RunningSimulator, service: Service, buyer: Customer, at: Callable[..., datetime]
) -> Callable[..., Order]:
    """`ended()`: two old posts, of which nothing was heard before they were done; the catalog was
    read last before that. The rate moves before it is sent, or just before it ends."""

    def play(*, sent_at: str = "1", ended_at: str = "1") -> Order:
        rows = [int(service.offer.upstream_id)]
        simulator.set_clock(NOW)
        read_catalog(service, NOW)
        simulator.set_rates(sent_at, rows)
        order = placed(buyer, service)
        simulator.set_rates(ended_at, rows)
        simulator.set_clock(NOW + timedelta(days=1))
        simulator.set_order(order.upstream_id, status="Expired")
        at(days=1)
        at(days=1, minutes=1)
        order.refresh_from_db()
        assert (order.status, order.upstream_status) == (S.IN_PROGRESS, "Expired")
        assert (order.refunded, order.flag, order.cost) == (0, "", None)
        return order

    return play


def test_a_rate_that_did_not_move_lets_the_next_reading_settle_it(
    simulator: RunningSimulator,
    service: Service,
    ended: Callable[..., Order],
    at: Callable[..., datetime],
) -> None:
    order = ended()
    read_catalog(service, NOW + timedelta(days=1, minutes=2))
    at(days=1, minutes=3)
    order.refresh_from_db()
    assert (order.status, order.refund_unknown) == (S.PARTIAL, False)
    owed = order.price * (HELD - given(simulator, order)) / HELD
    assert refunds(order) == [round_up(owed)]
    assert not ledger_check.check()


@pytest.mark.parametrize("moved", [{"sent_at": "0.8", "ended_at": "0.8"}, {"ended_at": "0.8"}])
def test_a_rate_that_moved_since_the_last_reading_leaves_it_to_a_person(
    moved: dict[str, str],
    simulator: RunningSimulator,
    service: Service,
    ended: Callable[..., Order],
    at: Callable[..., datetime],
) -> None:
    """Nobody can know whether its posts were charged before or after."""
    order = ended(**moved)
    known = sum(filter(None, order.children.values_list("quantity", flat=True)))
    assert (known == given(simulator, order)) == ("sent_at" not in moved)
    read_catalog(service, NOW + timedelta(days=1, minutes=2))
    at(days=1, minutes=3)
    order.refresh_from_db()
    assert (order.status, order.refund_unknown) == (S.PARTIAL, True)
    assert "rate changed" in order.flag
    assert refunds(order) == []


@pytest.mark.parametrize("posts", ["", "0", "00"])
def test_unlimited_posts_are_refused_with_the_reason(
    posts: str, service: Service, buyer: Customer
) -> None:
    with pytest.raises(FieldErrors) as refused:
        placement.place(buyer, service.pk, TERMS | {"posts": posts}, by=None, now=NOW)
    assert "Without an end nobody can tell what it will cost" in refused.value.errors["posts"]
    assert not Order.objects.exists()


def test_its_size_lies_within_the_services_limits(service: Service, buyer: Customer) -> None:
    with pytest.raises(OutsideLimits):
        placement.place(buyer, service.pk, TERMS | {"max": "1001"}, by=None, now=NOW)
    for least in ("5", "300"):
        with pytest.raises(FieldErrors) as refused:
            placement.place(buyer, service.pk, TERMS | {"min": least}, by=None, now=NOW)
        assert refused.value.errors.keys() == {"min"}


def test_another_one_for_the_same_username_is_asked_about(
    service: Service, buyer: Customer
) -> None:
    first = placed(buyer, service)
    with pytest.raises(OpenOverlap) as overlap:
        placement.place(buyer, service.pk, TERMS | {"username": "AtelierNord"}, by=None, now=NOW)
    assert overlap.value.order_ids == [first.pk]


def test_it_has_no_refill(
    simulator: RunningSimulator, service: Service, buyer: Customer, at: Callable[..., datetime]
) -> None:
    order = placed(buyer, service)
    for status in (S.IN_PROGRESS, S.COMPLETED):
        Order.objects.update(status=status)
        with pytest.raises(NoRefillNow) as refused:
            refills.request(order, by=None, now=NOW)
        assert "each of its posts" in str(refused.value)
    assert [row.refill for row in shop.listed(buyer)] == [False]

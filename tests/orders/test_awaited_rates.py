"""A subscription of which charges tell how much its posts got: settled once the catalog has been
read after them, by a person where that takes too long."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import ledger_check, polling, review
from orders.enums import Decision, EventKind, OrderStatus, SyncOutcome, TransferKind
from orders.models import Family, Offer, Order, Provider, ProviderState, Service, SyncRun, Transfer
from orders.upstream.replies import StatusReply
from panel import runs
from tests.support import factories
from tests.support.pretend import PretendClient

S = OrderStatus
NOW = factories.NOW
MINUTE = timedelta(minutes=1)
PRICE = Decimal("1.3")
TOTAL = 1000
UNREAD = "Provider's catalog was not read since its posts ended: what 2 of them got is not sure."

Ask = Callable[[float], polling.SweepResult]
Read = Callable[..., None]


@pytest.fixture
def service(db: None) -> Service:
    """Subscriptions at one dollar a thousand; the catalog was read last as they began."""
    provider = factories.provider("Bulkhaus", catalog_read_at=NOW)
    kind = {"type_name": "Subscriptions", "service_type": "subscriptions"}
    return factories.service(factories.offer(provider, rate=Decimal(1), **kind))


@pytest.fixture
def provider(service: Service) -> Provider:
    return service.offer.provider


@pytest.fixture
def subscribe(service: Service) -> Callable[..., Order]:
    """`subscribe()`: 5 posts of 100 to 200, 1.30 held for 1,000, at the provider as `p`."""
    buyer = factories.customer(balance="1000")
    return lambda upstream_id="p", **fields: factories.subscription(
        buyer, service, upstream_id=upstream_id, **fields
    )


@pytest.fixture
def ask(provider: Provider, pretend: PretendClient) -> Ask:
    """`ask(3)`: three minutes after the beginning everything is asked about."""
    return lambda minutes: polling.poll_once(provider.pk, NOW + MINUTE * minutes)


@pytest.fixture
def read(provider: Provider) -> Read:
    """`read(3)`: a reading of the catalog that began in the third minute, and was taken in."""

    def taken_in(minutes: float, rate: str = "1") -> None:
        at = NOW + MINUTE * minutes
        moved = Offer.objects.filter(provider=provider).exclude(rate=Decimal(rate))
        moved.update(rate=Decimal(rate), rate_changed_at=at)
        ProviderState.objects.filter(provider=provider).update(catalog_read_at=at)

    return taken_in


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """What the doorbell was asked to ring."""
    calls: list[tuple[object, ...]] = []
    monkeypatch.setattr("orders.doorbell.ring", lambda *args: calls.append(args))
    return calls


def whole(word: str, *posts: str, **fields: Any) -> StatusReply:
    return StatusReply(word, orders=posts, posts=5, **fields)


def post(word: str, size: int, remains: int = 0, rate: str = "1", **fields: Any) -> StatusReply:
    charged: dict[str, Any] = {"charge": Decimal(rate) * size / 1000, "currency": "USD"}
    return StatusReply(word, remains=remains, **charged | fields)


EXPIRED = {"p": whole("Expired", "a", "b"), "a": post("Completed", 120)} | {
    "b": post("Completed", 180)
}


def standing(order: Order) -> tuple[str, int | None, Decimal]:
    order.refresh_from_db()
    return order.status, order.remains, order.refunded


def refunds(order: Order) -> list[Decimal]:
    found = Transfer.objects.filter(order=order, kind=TransferKind.REFUND).order_by("pk")
    return list(found.values_list("amount", flat=True))


def run_began(provider: Provider, minutes: float) -> None:
    at = NOW + MINUTE * minutes
    SyncRun.objects.create(provider=provider, started_at=at, outcome=SyncOutcome.RUNNING)


# ── Waiting ──────────────────────────────────────────────────────────────────────────────────


def test_it_is_settled_once_the_catalog_was_read_after_its_posts(
    subscribe: Callable[..., Order], ask: Ask, read: Read, pretend: PretendClient
) -> None:
    order = subscribe()
    pretend.replies = EXPIRED
    ask(5)
    assert standing(order) == (S.IN_PROGRESS, TOTAL - 300, 0)
    assert (order.upstream_status, order.flag) == ("Expired", "")
    assert (order.charge_upstream, order.cost) == (Decimal("0.30"), None)
    read(4.9)  # it began before the news of the posts: what they cost may be newer
    ask(6)
    assert standing(order) == (S.IN_PROGRESS, TOTAL - 300, 0)
    read(6.5)
    ask(7)
    assert standing(order) == (S.PARTIAL, 700, PRICE * 700 / 1000)
    assert (order.cost, order.flag) == (Decimal("0.30"), "")
    ask(8)
    assert refunds(order) == [PRICE * 700 / 1000]
    assert not ledger_check.check()


def test_a_rate_that_had_moved_when_it_was_read_leaves_it_to_a_person(
    subscribe: Callable[..., Order], ask: Ask, read: Read, pretend: PretendClient
) -> None:
    """They got 200 each, at a lower rate than the catalog was read with last."""
    order = subscribe()
    pretend.replies = EXPIRED
    ask(5)
    read(6, "0.75")
    ask(7)
    assert standing(order) == (S.PARTIAL, None, 0)
    assert order.refund_unknown
    assert "Provider's rate changed: what 2 of its posts got is not sure." in order.flag
    assert "Unclear: 2 of up to 200 each." in runs.left_in_words(order)


def test_without_a_reading_for_an_hour_a_person_decides(
    subscribe: Callable[..., Order], ask: Ask, pretend: PretendClient
) -> None:
    order = subscribe()
    pretend.replies = EXPIRED
    ask(5)
    ask(64.9)
    assert standing(order) == (S.IN_PROGRESS, TOTAL - 300, 0)
    ask(65.5)
    assert standing(order) == (S.PARTIAL, None, 0)
    assert order.refund_unknown
    assert order.flag.endswith(UNREAD)
    flagged = order.events.get(kind=EventKind.FLAGGED)
    assert flagged.detail.endswith(UNREAD)
    assert "Unclear: 2 of up to 200 each." in runs.left_in_words(order)
    ask(66)
    assert standing(order) == (S.PARTIAL, None, 0)
    assert order.events.filter(kind=EventKind.FLAGGED).count() == 1


def test_a_reading_that_comes_at_last_settles_what_nobody_has_decided(
    subscribe: Callable[..., Order], ask: Ask, read: Read, pretend: PretendClient
) -> None:
    order = subscribe()
    pretend.replies = EXPIRED
    ask(5)
    ask(66)
    read(67)
    ask(68)
    assert standing(order) == (S.PARTIAL, 700, PRICE * 700 / 1000)
    assert (order.refund_unknown, order.flag) == (False, "")


def test_what_a_person_decided_meanwhile_stays(
    subscribe: Callable[..., Order], ask: Ask, read: Read, pretend: PretendClient
) -> None:
    order = subscribe()
    pretend.replies = EXPIRED
    ask(5)
    ask(66)
    order.refresh_from_db()
    ruling = review.Ruling(Decision.PARTIAL, "Counted", factories.admin().user, remains=600)
    review.decide(order, ruling, now=NOW + 67 * MINUTE)
    read(68)
    pretend.replies = EXPIRED | {"b": post("Partial", 180, 60)}
    ask(69)
    assert standing(order) == (S.PARTIAL, 600, PRICE * 600 / 1000)
    assert "not sure" not in order.flag


def test_the_last_post_to_end_is_waited_for_anew(
    subscribe: Callable[..., Order], ask: Ask, read: Read, pretend: PretendClient
) -> None:
    order = subscribe()
    pretend.replies = EXPIRED | {"b": post("In progress", 180, 40)}
    ask(5)
    read(6)
    pretend.replies = EXPIRED
    ask(7)
    assert standing(order) == (S.IN_PROGRESS, TOTAL - 300, 0)
    pretend.replies = EXPIRED | {"b": post("Partial", 180, 40)}
    ask(9)
    read(8)  # it has changed its mind since: what it costs now may be newer
    ask(10)
    assert standing(order) == (S.IN_PROGRESS, TOTAL - 260, 0)
    read(11)
    ask(12)
    assert standing(order) == (S.PARTIAL, 740, PRICE * 740 / 1000)


def test_its_last_day_waits_for_a_reading_too(
    subscribe: Callable[..., Order], ask: Ask, read: Read, pretend: PretendClient
) -> None:
    order = subscribe(ends_on=NOW.date())
    pretend.replies = EXPIRED | {"p": whole("Active", "a", "b")}
    three_days = 3 * 24 * 60
    ask(three_days)
    assert standing(order) == (S.IN_PROGRESS, TOTAL - 300, 0)
    ask(three_days + 1)
    assert standing(order)[0] == S.IN_PROGRESS
    read(three_days + 2)
    ask(three_days + 3)
    assert standing(order) == (S.PARTIAL, 700, PRICE * 700 / 1000)


# ── Where nothing hangs on the rate ──────────────────────────────────────────────────────────


def test_a_reading_since_its_posts_ended_is_enough(
    subscribe: Callable[..., Order], ask: Ask, read: Read, pretend: PretendClient
) -> None:
    order = subscribe()
    pretend.replies = EXPIRED | {"p": whole("Active", "a", "b")}
    ask(5)
    read(6)
    pretend.replies = EXPIRED
    ask(7)
    assert standing(order) == (S.PARTIAL, 700, PRICE * 700 / 1000)


@pytest.mark.parametrize(
    ("between", "posts", "left"),
    [
        ((200, 200), {"a": post("Completed", 200), "b": post("Partial", 200, 50)}, 650),
        ((100, 200), {"a": post("Canceled", 150, 150), "b": post("Canceled", 150, 150)}, 1000),
        ((100, 200), {}, 1000),
    ],
    ids=["all the same", "canceled", "none"],
)
def test_what_tells_no_size_waits_for_nothing(
    between: tuple[int, int],
    posts: dict[str, StatusReply],
    left: int,
    subscribe: Callable[..., Order],
    ask: Ask,
    pretend: PretendClient,
    rung: list[tuple[object, ...]],
) -> None:
    order = subscribe(between=between)
    pretend.replies = {"p": whole("Expired", *posts)} | posts
    ask(5)
    assert standing(order)[1:] == (left, PRICE * left / 1000)
    assert order.status in (S.PARTIAL, S.CANCELED)
    assert not rung


def test_posts_that_told_their_size_while_they_waited_at_another_rate_wait_for_nothing(
    subscribe: Callable[..., Order], ask: Ask, pretend: PretendClient
) -> None:
    order = subscribe()
    pretend.replies = {"p": whole("Active", "a"), "a": post("Pending", 120, 120)}
    ask(4)
    pretend.replies = {"p": whole("Expired", "a"), "a": post("Completed", 120, rate="0.5")}
    ask(5)
    assert standing(order) == (S.PARTIAL, 880, PRICE * 880 / 1000)


def test_a_rate_that_is_known_to_have_moved_is_waited_for_no_longer(
    subscribe: Callable[..., Order], ask: Ask, read: Read, pretend: PretendClient
) -> None:
    order = subscribe()
    read(3, "2")
    pretend.replies = EXPIRED
    ask(5)
    assert standing(order) == (S.PARTIAL, None, 0)
    assert "rate changed" in order.flag


# ── Ringing ──────────────────────────────────────────────────────────────────────────────────


def test_the_catalog_is_rung_for_once(
    subscribe: Callable[..., Order],
    ask: Ask,
    read: Read,
    provider: Provider,
    pretend: PretendClient,
    rung: list[tuple[object, ...]],
) -> None:
    subscribe()
    subscribe("q")
    pretend.replies = EXPIRED | {"q": whole("Expired", "c"), "c": post("Completed", 150)}
    run_began(provider, 4)  # the old rate may have been given to it
    ask(5)
    assert rung == [("orders.sync_catalog", provider.pk)]
    run_began(provider, 5.5)
    for minutes in (6, 7):
        ask(minutes)
    assert len(rung) == 1


def test_it_is_rung_for_again_where_nobody_heard(
    subscribe: Callable[..., Order],
    ask: Ask,
    pretend: PretendClient,
    rung: list[tuple[object, ...]],
) -> None:
    subscribe()
    pretend.replies = EXPIRED
    ask(5)
    ask(6)
    assert len(rung) == 2


# ── How much is asked of the database ────────────────────────────────────────────────────────


def test_nothing_is_written_while_it_waits(
    subscribe: Callable[..., Order], ask: Ask, pretend: PretendClient
) -> None:
    subscribe()
    pretend.replies = EXPIRED
    ask(5)
    said_at = Family.objects.get().said_at
    with CaptureQueriesContext(connection) as caught:
        assert ask(6).changed == 0
    verbs = ("INSERT", "UPDATE", "DELETE")
    written = [query["sql"] for query in caught if query["sql"].startswith(verbs)]
    assert not [sql for sql in written if "sweep" not in sql and "providerstate" not in sql]
    assert Family.objects.get().said_at == said_at


def test_a_subscription_whose_posts_go_on_is_not_looked_at_again(
    subscribe: Callable[..., Order], ask: Ask, pretend: PretendClient
) -> None:
    subscribe()
    pretend.replies = EXPIRED | {"b": post("In progress", 180, 40)}
    ask(5)
    with CaptureQueriesContext(connection) as caught:
        ask(6)
    assert not [query["sql"] for query in caught if 'FROM "orders_event"' in query["sql"]]


def test_many_that_wait_take_as_many_queries_as_one(
    subscribe: Callable[..., Order], ask: Ask, read: Read, pretend: PretendClient
) -> None:
    moments = iter(range(5, 100, 5))

    def counted(orders: int) -> tuple[int, int]:
        at, ids = next(moments), [f"p{orders}-{number}" for number in range(orders)]
        pretend.replies = {}
        for id in ids:
            subscribe(id)
            pretend.replies |= {id: whole("Expired", f"{id}a"), f"{id}a": post("Completed", 150)}
        with CaptureQueriesContext(connection) as begins:
            ask(at)
        with CaptureQueriesContext(connection) as waits:
            ask(at + 1)
        assert Order.objects.filter(status=S.IN_PROGRESS).count() == orders
        read(at + 2)
        ask(at + 3)
        assert not Order.objects.filter(status=S.IN_PROGRESS).exists()
        Order.objects.update(tier=None)
        return len(begins), len(waits)

    counted(3)
    assert counted(2) == counted(40)


def test_a_reading_at_the_very_moment_of_the_news_tells_nothing(
    subscribe: Callable[..., Order], ask: Ask, pretend: PretendClient
) -> None:
    order = subscribe()
    pretend.replies = EXPIRED
    ask(5)
    news: datetime = max(order.children.values_list("changed_at", flat=True))
    for at, status in ((news, S.IN_PROGRESS), (news + timedelta(microseconds=1), S.PARTIAL)):
        ProviderState.objects.update(catalog_read_at=at)
        ask(6)
        assert standing(order)[0] == status

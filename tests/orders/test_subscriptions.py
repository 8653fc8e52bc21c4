"""Subscriptions: their posts told of and sized, their money at each end, and what nobody should
say of them."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders import lateness, ledger_check, movements, polling, review
from orders.enums import Decision, MovementKind, OrderStatus, Tier, TransferKind
from orders.models import (
    Child,
    Event,
    Family,
    Movement,
    Offer,
    Order,
    Provider,
    Service,
    Transfer,
)
from orders.upstream.decoding import status_item
from orders.upstream.replies import ItemError, StatusReply
from panel import runs
from tests.support import factories
from tests.support.pretend import PretendClient

S = OrderStatus
NOW = factories.NOW
MINUTE = timedelta(minutes=1)
PRICE = Decimal("1.3")
TOTAL = 1000

Sweep = Callable[[], polling.SweepResult]
Subscribe = Callable[..., Order]


@pytest.fixture
def service(db: None) -> Service:
    return factories.service(
        factories.offer(
            factories.provider("Bulkhaus"),
            type_name="Subscriptions",
            service_type="subscriptions",
            rate=Decimal(1),
        )
    )


@pytest.fixture
def provider(service: Service) -> Provider:
    return service.offer.provider


@pytest.fixture
def subscribe(service: Service) -> Subscribe:
    """`subscribe()`: 5 posts of 100 to 200, 1.30 held for 1,000, at the provider as `p`."""
    buyer = factories.customer(balance="1000")

    def make(upstream_id: str = "p", **fields: Any) -> Order:
        return factories.subscription(buyer, service, upstream_id=upstream_id, **fields)

    return make


@pytest.fixture
def sweep(provider: Provider, pretend: PretendClient) -> Sweep:
    """`sweep()`: all open orders and posts asked about, a minute after the last time."""
    moments = iter(NOW + MINUTE * n for n in range(1, 1000))

    def ask() -> polling.SweepResult:
        pretend.requests.clear()
        return polling.poll_once(provider.pk, next(moments))

    return ask


def whole(word: str, *posts: str, **fields: Any) -> StatusReply:
    return StatusReply(word, orders=posts, posts=5, **fields)


def post(word: str, size: int, remains: int | None = None, **fields: Any) -> StatusReply:
    """A post at one dollar a thousand, charged for all of it."""
    left = {"Completed": 0, "Pending": size}.get(word) if remains is None else remains
    charged = {"charge": Decimal(size) / 1000, "currency": "USD"}
    return StatusReply(word, remains=left, **charged | fields)


def standing(order: Order) -> tuple[str, int | None, Decimal]:
    order.refresh_from_db()
    return order.status, order.remains, order.refunded


def refunds(order: Order) -> list[Decimal]:
    found = Transfer.objects.filter(order=order, kind=TransferKind.REFUND).order_by("pk")
    return list(found.values_list("amount", flat=True))


def sizes(order: Order) -> dict[str, int | None]:
    return dict(order.children.values_list("upstream_id", "quantity"))


# ── Following ────────────────────────────────────────────────────────────────────────────────


def test_posts_are_followed_as_they_come_in_the_same_sweep(
    subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    order = subscribe()
    pretend.replies = {"p": whole("Active")}
    sweep()
    assert standing(order) == (S.IN_PROGRESS, TOTAL, 0)
    pretend.replies = {"p": whole("Active", "a", "b"), "a": post("Pending", 120)}
    pretend.replies |= {"b": post("In progress", 180, 50)}
    sweep()
    assert sizes(order) == {"a": 120, "b": 180}
    assert standing(order) == (S.IN_PROGRESS, TOTAL - 130, 0)
    order.refresh_from_db()
    assert (order.charge_upstream, order.cost) == (Decimal("0.30"), None)


def test_posts_share_the_requests_of_orders(
    subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    for number in range(60):
        subscribe(f"p{number}")
        pretend.replies[f"p{number}"] = whole("Active", f"a{number}")
        pretend.replies[f"a{number}"] = post("In progress", 150, 100)
    sweep()
    result = sweep()
    assert [len(ids) for ids in pretend.asked] == [100, 20]
    assert (result.asked, result.changed) == (120, 0)


def test_nothing_new_writes_no_row(
    subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    subscribe(ends_on=date(2027, 1, 1))
    pretend.replies = {"p": whole("Active", "a", expiry="2027-01-01"), "a": post("Pending", 100)}
    sweep()
    with CaptureQueriesContext(connection) as caught:
        assert sweep().changed == 0
    verbs = ("INSERT", "UPDATE", "DELETE")
    written = [query["sql"] for query in caught if query["sql"].startswith(verbs)]
    assert not [sql for sql in written if "sweep" not in sql and "providerstate" not in sql]


@pytest.mark.parametrize("word", ["Active", "paused", "Completed", "EXPIRED", "Cancelled"])
def test_its_words_are_known_in_every_spelling(
    word: str, subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    order = subscribe(posts=1, between=(100, 1000))
    pretend.replies = {"p": whole(word, "a"), "a": post("Completed", 1000)}
    sweep()
    order.refresh_from_db()
    assert not order.flag
    expected = {"Active": S.IN_PROGRESS, "paused": S.PROCESSING}.get(word, S.COMPLETED)
    assert (order.status, order.refunded) == (expected, 0)


def test_an_unknown_word_keeps_it_as_it_stands_and_flags_it(
    subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    order = subscribe(status=S.IN_PROGRESS)
    pretend.replies = {"p": whole("On moderation", "a"), "a": post("Completed", 100)}
    sweep()
    assert standing(order) == (S.IN_PROGRESS, TOTAL - 100, 0)
    assert "a status that is not known here" in order.flag


def test_a_subscription_that_waits_for_posts_is_not_late(subscribe: Subscribe) -> None:
    order = subscribe(status=S.IN_PROGRESS, upstream_status="Active", tier=Tier.OLD)
    assert not lateness.is_late(order)
    assert not lateness.late_orders(Order.objects.all())
    # Once it has ended, its money waits for a post that does not end.
    Order.objects.update(upstream_status="Expired")
    order.refresh_from_db()
    assert lateness.is_late(order)
    assert list(lateness.late_orders(Order.objects.all())) == [order]


# ── Money ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("word", ["Completed", "Expired", "Canceled"])
def test_the_rest_comes_back_in_one_transfer_however_it_ends(
    word: str, subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    order = subscribe(posts=2, between=(100, 500))
    pretend.replies = {"p": whole("Active", "a", "b"), "a": post("Completed", 120)}
    pretend.replies |= {"b": post("In progress", 480, 30)}
    sweep()
    pretend.replies |= {"p": whole(word, "a", "b")}
    sweep()
    assert standing(order) == (S.IN_PROGRESS, 1000 - 120 - 450, 0)  # a post goes on
    pretend.replies |= {"b": post("Completed", 480)}
    sweep()
    assert standing(order) == (S.PARTIAL, 400, PRICE * 400 / 1000)
    sweep()
    assert refunds(order) == [PRICE * 400 / 1000]
    order.refresh_from_db()
    assert (order.upstream_status, order.cost) == (word, Decimal("0.60"))
    assert (
        list(Event.objects.filter(order=order).values_list("kind", flat=True)).count("refunded")
        == 1
    )
    assert not ledger_check.check()


@pytest.mark.parametrize("word", ["Active", "Paused", "Failed", "On moderation"])
def test_what_a_settled_subscription_cost_stays_known_whatever_is_said_then(
    word: str, subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    order = subscribe()
    pretend.replies = {"p": whole("Expired", "a"), "a": post("Completed", 150)}
    sweep()
    pretend.replies |= {"p": whole(word, "a")}
    sweep()
    order.refresh_from_db()
    assert (order.status, order.cost) == (S.PARTIAL, Decimal("0.15"))
    assert order.flag


def test_canceled_and_partial_posts_are_not_paid_for(
    subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    order = subscribe()
    ids = ("a", "b", "c")
    pretend.replies = {"p": whole("Active", *ids)} | {id: post("Pending", 150) for id in ids}
    sweep()
    pretend.replies = {"p": whole("Expired", *ids), "a": post("Completed", 150)}
    pretend.replies |= {"b": post("Canceled", 150, 150, charge=Decimal(0))}
    pretend.replies |= {"c": post("Partial", 150, 40, charge=Decimal("0.11"))}
    sweep()
    assert standing(order) == (S.PARTIAL, TOTAL - 150 - 110, PRICE * 740 / 1000)
    order.refresh_from_db()
    assert order.charge_upstream == Decimal("0.26")
    assert -sum(Movement.objects.values_list("amount", flat=True)) == Decimal("0.26")


@pytest.mark.parametrize("gross", [True, False])
def test_the_size_of_a_partial_post_is_told_by_its_charge_before(
    gross: bool, subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    order = subscribe()
    pretend.replies = {"p": whole("Active", "a"), "a": post("In progress", 180, 150)}
    sweep()
    charge = Decimal("0.18") if gross else Decimal("0.05")
    pretend.replies = {"p": whole("Canceled", "a"), "a": post("Partial", 180, 130, charge=charge)}
    sweep()
    assert sizes(order) == {"a": 180}
    assert standing(order) == (S.PARTIAL, TOTAL - 50, PRICE * 950 / 1000)
    assert order.charge_upstream == Decimal("0.05")


def test_a_post_taken_back_later_comes_back_too(
    subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    order = subscribe()
    pretend.replies = {"p": whole("Expired", "a", "b"), "a": post("Completed", 150)}
    pretend.replies |= {"b": post("Completed", 200)}
    sweep()
    assert standing(order) == (S.PARTIAL, 650, PRICE * 650 / 1000)
    pretend.replies |= {"b": post("Partial", 200, 60)}
    sweep()
    assert standing(order) == (S.PARTIAL, 710, PRICE * 710 / 1000)
    pretend.replies |= {"a": post("Canceled", 150, 150), "b": post("Refunded", 200, 200)}
    sweep()
    assert standing(order) == (S.CANCELED, TOTAL, PRICE)
    assert sum(refunds(order)) == PRICE
    assert not ledger_check.check()


def test_a_post_that_comes_after_the_end_moves_no_money_out_again(
    subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    order = subscribe()
    pretend.replies = {"p": whole("Expired", "a"), "a": post("Completed", 150)}
    sweep()
    pretend.replies |= {"p": whole("Expired", "a", "b"), "b": post("In progress", 200, 50)}
    sweep()
    assert standing(order)[0] == S.PARTIAL
    pretend.replies |= {"b": post("Completed", 200)}
    sweep()
    assert standing(order) == (S.PARTIAL, 650, PRICE * 850 / 1000)
    assert "took less back than was refunded" in order.flag
    assert order.cost == Decimal("0.35")  # the loss shows in what it cost


def test_everything_comes_back_where_nothing_was_posted(
    subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    order = subscribe()
    pretend.replies = {"p": whole("Canceled")}
    sweep()
    assert standing(order) == (S.CANCELED, TOTAL, PRICE)
    assert not Movement.objects.exists()


def test_a_dearer_post_is_booked_as_it_is_charged_and_flagged(
    subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    order = subscribe()
    pretend.replies = {"p": whole("Active", "a"), "a": post("Pending", 150)}
    sweep()
    pretend.replies = {"p": whole("Expired", "a"), "a": post("Completed", 150, charge=Decimal(9))}
    sweep()
    assert standing(order) == (S.PARTIAL, 850, PRICE * 850 / 1000)
    assert order.charge_upstream == 9
    assert "charged more than was expected" in order.children.get().flag
    kinds = Movement.objects.values_list("kind", "amount")
    assert list(kinds) == [
        (MovementKind.CHARGE, Decimal("-0.15")),
        (MovementKind.CHARGE, Decimal("-8.85")),
    ]


# ── The provider's rate ──────────────────────────────────────────────────────────────────────


def rate_is(order: Order, rate: str, after: timedelta = MINUTE) -> None:
    """As a reading of the catalog puts it down."""
    moved = {"rate": Decimal(rate), "rate_changed_at": order.placed_at + after}
    Offer.objects.filter(pk=order.offer_id).update(**moved)


@pytest.mark.parametrize("rate", ["0.5", "0.9", "2"])
def test_what_comes_back_never_follows_the_providers_rate(
    rate: str, subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    """Posts whose size they told while they waited are paid for by that, whatever they cost."""
    order = subscribe(posts=5, between=(100, 200))
    pretend.replies = {"p": whole("Active", "a", "b"), "a": post("Pending", 120)}
    pretend.replies |= {"b": post("Pending", 180)}
    sweep()
    rate_is(order, rate)
    charge = {size: Decimal(rate) * size / 1000 for size in (120, 130)}
    pretend.replies = {"p": whole("Expired", "a", "b")}
    pretend.replies |= {"a": post("Completed", 120, charge=charge[120])}
    pretend.replies |= {"b": post("Partial", 180, 50, charge=charge[130])}
    sweep()
    assert standing(order) == (S.PARTIAL, TOTAL - 250, PRICE * 750 / 1000)


@pytest.mark.parametrize("way", ["lower", "higher", "there and back"])
def test_a_charge_tells_no_size_once_the_rate_has_moved(
    way: str, subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    """Of 200 at half the rate it would be read that 100 came, and 100 would be given away."""
    order = subscribe(posts=5, between=(100, 200))
    rate_is(order, {"lower": "0.5", "higher": "2", "there and back": "1"}[way])
    pretend.replies = {"p": whole("Expired", "a", "b"), "a": post("Canceled", 100, 100)}
    pretend.replies |= {"b": post("Completed", 200, charge=Decimal("0.1"))}
    sweep()
    assert standing(order) == (S.PARTIAL, None, 0)
    assert order.refund_unknown
    assert "what 1 of its posts got is not sure" in order.flag
    said = "Unclear: 1 of up to 200 each. Never told of: 3 of up to 200 each. So between 200 and"
    assert said in runs.left_in_words(order)
    sweep()
    assert standing(order) == (S.PARTIAL, None, 0)


def test_where_all_posts_get_the_same_the_rate_may_do_what_it_likes(
    subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    order = subscribe(posts=5, between=(200, 200))
    rate_is(order, "0.5")
    pretend.replies = {"p": whole("Expired", "a", "b"), "a": StatusReply("Completed", remains=0)}
    pretend.replies |= {"b": post("Partial", 200, 50, charge=Decimal("0.075"))}
    sweep()
    assert standing(order) == (S.PARTIAL, 650, PRICE * 650 / 1000)
    assert sizes(order) == {"a": 200, "b": 200}


def test_a_rate_that_moves_after_the_end_changes_nothing(
    subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    order = subscribe()
    pretend.replies = {"p": whole("Expired", "a", "b"), "a": post("Completed", 150)}
    pretend.replies |= {"b": post("Completed", 200)}
    sweep()
    rate_is(order, "0.5")
    pretend.replies |= {"b": post("Partial", 200, 60)}
    sweep()
    assert standing(order) == (S.PARTIAL, 710, PRICE * 710 / 1000)
    assert not order.flag


def test_what_a_person_said_because_the_rate_had_moved_stays(
    subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    order = subscribe()
    rate_is(order, "0.5")
    pretend.replies = {"p": whole("Expired", "a", "b"), "a": post("Completed", 150)}
    pretend.replies |= {"b": post("Completed", 200, charge=Decimal("0.1"))}
    sweep()
    ruling = review.Ruling(Decision.PARTIAL, "Counted", factories.admin().user, remains=650)
    review.decide(order, ruling, now=NOW + MINUTE)
    assert standing(order) == (S.PARTIAL, 650, PRICE * 650 / 1000)
    pretend.replies |= {"b": post("Partial", 200, 60, charge=Decimal("0.07"))}
    sweep()
    assert standing(order) == (S.PARTIAL, 650, PRICE * 650 / 1000)


# ── Its last day ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("posts", [(), ("a",)])
def test_its_own_last_day_settles_it(
    posts: tuple[str, ...], subscribe: Subscribe, provider: Provider, pretend: PretendClient
) -> None:
    order = subscribe(ends_on=NOW.date())
    pretend.replies = {"p": whole("Paused", *posts), "a": post("Completed", 100)}
    polling.poll_once(provider.pk, NOW + MINUTE)
    for hours, status in ((35, S.PROCESSING), (37, S.PARTIAL if posts else S.CANCELED)):
        polling.poll_once(provider.pk, NOW + timedelta(hours=hours))
        order.refresh_from_db()
        assert order.status == status, hours
    given = 100 * len(posts)
    assert refunds(order) == [PRICE * (TOTAL - given) / TOTAL]
    assert not order.flag


def test_its_last_day_waits_for_the_posts_under_way(
    subscribe: Subscribe, provider: Provider, pretend: PretendClient
) -> None:
    order = subscribe(ends_on=NOW.date())
    pretend.replies = {"p": whole("Active", "a"), "a": post("In progress", 100, 20)}
    for days in (0, 3, 4):
        polling.poll_once(provider.pk, NOW + timedelta(days=days, minutes=1))
    assert standing(order) == (S.IN_PROGRESS, TOTAL - 80, 0)
    pretend.replies |= {"a": post("Completed", 100)}
    polling.poll_once(provider.pk, NOW + timedelta(days=5))
    assert standing(order) == (S.PARTIAL, 900, PRICE * 900 / 1000)


# ── Where a person decides ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "told"),
    [
        # The list has something in it that is no id: somebody was served that nobody knows of.
        ({"status": "Expired", "posts": 5, "orders": ["a", None]}, "does not say how much remains"),
        ({"status": "Expired", "posts": 5, "orders": "a, b"}, "does not say how much remains"),
        ({"status": "Expired", "posts": 5, "orders": {"0": "a"}}, "does not say how much remains"),
        ({"status": "Expired", "posts": 5}, "does not say how much remains"),
        ({"status": "Completed", "orders": ["a"]}, "told of 1 of 5 posts"),
        ({"status": "Expired", "orders": ["a", "a"]}, "names a post twice"),
        ({"status": "Canceled", "orders": ["a", *"bcdefg"]}, "tells of 7 posts; 5 were ordered"),
    ],
)
def test_a_list_that_cannot_be_relied_on_settles_nothing(
    said: dict[str, Any], told: str, subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    order = subscribe()
    pretend.replies = {"p": status_item(said)}
    pretend.replies |= {id: post("Completed", 100) for id in "abcdefg"}
    sweep()
    assert standing(order) == (S.PARTIAL, None, 0)
    assert order.refund_unknown
    assert told in order.flag
    assert not refunds(order)


@pytest.mark.parametrize(
    "odd",
    [
        StatusReply("Completed", remains=0),
        StatusReply("Completed", remains=0, charge=Decimal(-1), currency="USD"),
        StatusReply("Completed", remains=0, charge=Decimal("0.15"), currency="EUR"),
        StatusReply("Completed", remains=0, charge=Decimal(5), currency="USD"),
        StatusReply("Partial", remains_raw="Unknown", charge=Decimal("0.15"), currency="USD"),
        # 30 delivered of 180, or 150 ordered and 30 of it: both can be meant.
        StatusReply("Partial", remains=30, charge=Decimal("0.15"), currency="USD"),
        # Nothing charged for the 120 that are left, or a provider that tells no charge.
        StatusReply("Partial", remains=120, charge=Decimal(0), currency="USD"),
        StatusReply("Failed", remains=100),
    ],
    ids=["no charge", "negative", "currency", "too much", "remains", "either", "zero", "failed"],
)
def test_a_post_of_unknown_size_settles_nothing_until_it_is_known(
    odd: StatusReply, subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    order = subscribe()
    pretend.replies = {"p": whole("Expired", "a", "b"), "a": post("Completed", 120), "b": odd}
    sweep()
    assert standing(order) == (S.PARTIAL, None, 0)
    assert order.refund_unknown
    if odd.status == "Completed":
        pretend.replies |= {"b": post("Completed", 150)}
        sweep()
        assert standing(order) == (S.PARTIAL, TOTAL - 270, PRICE * 730 / 1000)
        assert not order.refund_unknown


def test_what_a_post_of_known_size_left_has_to_be_readable(
    subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    """Else all of it would count as left, and come back."""
    order = subscribe()
    pretend.replies = {"p": whole("Active", "a"), "a": post("Pending", 150)}
    sweep()
    unread = StatusReply("Partial", remains_raw="Unknown", charge=Decimal("0.1"), currency="USD")
    pretend.replies = {"p": whole("Expired", "a"), "a": unread}
    sweep()
    assert sizes(order) == {"a": 150}
    assert standing(order) == (S.PARTIAL, None, 0)
    assert order.refund_unknown


def test_one_post_in_two_subscriptions_belongs_to_the_first_and_holds_the_other(
    subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    first, second = subscribe("p"), subscribe("q")
    pretend.replies = {"p": whole("Active", "a"), "q": whole("Active", "a", "p", "b")}
    pretend.replies |= {"a": post("Completed", 150), "b": post("Completed", 100)}
    sweep()
    assert (sizes(first), sizes(second)) == ({"a": 150}, {"b": 100})
    pretend.replies |= {"p": whole("Expired", "a"), "q": whole("Expired", "a", "p", "b")}
    sweep()
    assert standing(first) == (S.PARTIAL, 850, PRICE * 850 / 1000)
    assert standing(second) == (S.PARTIAL, None, 0)
    assert second.refund_unknown
    assert "“a” a post, which is another order's" in second.flag


def test_trouble_with_one_post_is_its_own(
    subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    order = subscribe()
    pretend.replies = {"p": whole("Active", "a", "b"), "a": ItemError("Incorrect order ID")}
    pretend.replies |= {"b": post("Completed", 100)}
    sweep()
    assert standing(order) == (S.IN_PROGRESS, 900, 0)
    assert order.flag == "Provider's answers about 1 of its posts are odd."
    pretend.replies |= {"p": whole("Expired", "a", "b")}
    sweep()
    assert standing(order) == (S.IN_PROGRESS, 900, 0)  # a post of which nothing is known goes on


def test_a_failed_subscription_waits_for_a_person(
    subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    order = subscribe()
    pretend.replies = {"p": whole("Failed", "a"), "a": post("Completed", 100)}
    sweep()
    assert standing(order) == (S.FAILED, 900, 0)


def test_what_only_a_subscription_has_is_nothing_to_other_orders(
    provider: Provider, sweep: Sweep, pretend: PretendClient
) -> None:
    other = factories.order(of=factories.service(factories.offer(provider)), upstream_id="o")
    said = {"status": "In progress", "remains": "5", "posts": "0", "expiry": "x", "orders": []}
    pretend.replies = {"o": status_item(said)}
    sweep()
    assert standing(other) == (S.IN_PROGRESS, 5, 0)
    assert (other.flag, Family.objects.count()) == ("", 0)
    assert sweep().changed == 0
    pretend.replies = {"o": status_item({"status": "Active", "orders": []})}
    sweep()
    order = Order.objects.get(pk=other.pk)
    assert "“Active”, a status that is not known here" in order.flag


# ── At its acceptance ────────────────────────────────────────────────────────────────────────


def test_it_costs_nothing_when_it_is_accepted(subscribe: Subscribe) -> None:
    order = subscribe(charge_upstream=None)
    submission = order.submissions.create(
        number=1,
        provider=order.provider,
        worker="w",
        claimed_at=timezone.now(),
        expires_at=timezone.now(),
    )
    movements.charged(order, submission, now=NOW)
    assert not Movement.objects.exists()
    order.refresh_from_db()
    assert order.charge_upstream == 0
    Order.objects.update(charge_upstream=Decimal("0.5"))
    order.refresh_from_db()
    movements.charged(order, submission, now=NOW)  # a late answer
    order.refresh_from_db()
    assert order.charge_upstream == Decimal("0.5")


# ── How much is asked of the database ────────────────────────────────────────────────────────


def test_many_posts_take_as_many_queries_as_one(
    subscribe: Subscribe, sweep: Sweep, pretend: PretendClient
) -> None:
    def counted(posts: int) -> int:
        order = subscribe(f"p{posts}", posts=posts, expected_charge_upstream=posts)
        ids = [f"r{posts}-{number}" for number in range(posts)]
        pretend.replies = {f"p{posts}": whole("Active", *ids)}
        pretend.replies |= {id: post("Completed", 150) for id in ids}
        with CaptureQueriesContext(connection) as caught:
            sweep()
        assert order.children.filter(status=S.COMPLETED).count() == posts
        Order.objects.update(tier=None)
        Child.objects.update(tier=None)
        return len(caught)

    counted(3)
    assert counted(2) == counted(60)

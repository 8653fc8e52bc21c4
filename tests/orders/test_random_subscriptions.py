"""Subscriptions by chance: in any order of news the money comes out as a second reckoning says, and
whatever a provider tells, nothing breaks."""

from collections.abc import Callable
from decimal import Decimal
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders import statuses
from orders.enums import OrderStatus
from orders.models import Child, Movement, Order, Provider
from orders.money import round_up
from orders.progress.adding_up import Figures
from orders.progress.posts import Subscribed, add_up_posts
from orders.progress.reports import Report
from orders.upstream.replies import StatusReply
from tests.support import factories
from tests.support.following import bear_anything, play
from tests.support.pretend import PretendClient

S = OrderStatus
NOW = factories.NOW
POSTS, LEAST, MOST = 4, 100, 250
TOTAL = POSTS * MOST
PRICE = Decimal("1.33333333")
OPEN = ("Pending", "In progress")


@pytest.fixture
def provider(db: None) -> Provider:
    return factories.provider("Bulkhaus")


@pytest.fixture
def subscribe(provider: Provider) -> Callable[[str], Order]:
    offer = factories.offer(
        provider, type_name="Subscriptions", service_type="subscriptions", rate=Decimal(1)
    )
    service, buyer = factories.service(offer), factories.customer(balance="1000")

    def make(upstream_id: str) -> Order:
        terms = {"posts": POSTS, "between": (LEAST, MOST), "price": PRICE}
        return factories.subscription(buyer, service, upstream_id=upstream_id, **terms)

    return make


class Upstream:
    """One subscription as its provider goes through it, and what is owed for it."""

    def __init__(self, name: str, chance: Random):
        self.name, self.chance = name, chance
        self.word = "Active"
        self.posts: dict[str, tuple[str, int, int]] = {}
        self.owed = Decimal(0)

    def go_on(self) -> None:
        """Something happens, or nothing."""
        happens = self.chance.choice(
            ["posted", "moves", "moves", "moves", "ends", "paused", "taken back", ""]
        )
        if happens == "posted" and self.word == "Active" and len(self.posts) < POSTS:
            size = self.chance.randint(LEAST, MOST)
            self.posts[f"{self.name}-{len(self.posts)}"] = ("Pending", size, size)
        elif happens == "moves" and self.posts:
            self._move(self.chance.choice(sorted(self.posts)))
        elif happens == "paused" and self.word in ("Active", "Paused"):
            self.word = self.chance.choice(["Active", "Paused"])
        elif happens == "ends" and self.word in ("Active", "Paused"):
            whole = len(self.posts) == POSTS
            self.word = self.chance.choice(["Completed"] if whole else ["Canceled", "Expired"])
        elif happens == "taken back":
            self._take_back()

    def _move(self, name: str) -> None:
        word, size, left = self.posts[name]
        if word not in OPEN:
            return
        word = self.chance.choice(
            ["In progress", "In progress", "Completed", "Partial", "Canceled"]
        )
        left = self.chance.randint(0, left)
        self.posts[name] = (word, size, {"Completed": 0, "Canceled": size}.get(word, left))

    def _take_back(self) -> None:
        for name, (word, size, left) in self.posts.items():
            if word in ("Completed", "Partial"):
                more = self.chance.randint(left, size)
                self.posts[name] = ("Partial" if more < size else "Canceled", size, more)
                return

    @property
    def is_settled(self) -> bool:
        ended = all(word not in OPEN for word, _, _ in self.posts.values())
        return ended and self.word not in ("Active", "Paused")

    @property
    def given(self) -> int:
        return sum(size - left for _, size, left in self.posts.values())

    def reckon(self) -> Decimal:
        """What is owed by now, worked out post by post; it never goes down."""
        if self.is_settled:
            self.owed = max(self.owed, round_up(PRICE * (TOTAL - self.given) / TOTAL))
        return self.owed

    def replies(self) -> dict[str, StatusReply]:
        told = StatusReply(self.word, posts=POSTS, orders=tuple(self.posts))
        return {self.name: told} | {
            name: StatusReply(word, remains=left, charge=self._charge(*post), currency="USD")
            for name, post in self.posts.items()
            for word, _, left in [post]
        }

    @staticmethod
    def _charge(word: str, size: int, left: int) -> Decimal:
        return Decimal(size - left if word in ("Partial", "Canceled") else size) / 1000


@pytest.mark.parametrize("seed", range(4))
def test_the_money_is_what_a_second_reckoning_says(
    seed: int, subscribe: Callable[[str], Order], provider: Provider, pretend: PretendClient
) -> None:
    chance = Random(seed)
    upstreams = [Upstream(f"p{number}", chance) for number in range(6)]
    orders = [subscribe(upstream.name) for upstream in upstreams]
    play(orders, upstreams, provider, pretend)
    cost = sum(
        upstream._charge(*post) for upstream in upstreams for post in upstream.posts.values()
    )
    assert -sum(Movement.objects.values_list("amount", flat=True)) == cost


# ── Sums of any posts ────────────────────────────────────────────────────────────────────────

ENDED = (S.COMPLETED, S.PARTIAL, S.CANCELED)


@st.composite
def ended_posts(draw: st.DrawFn) -> list[Figures]:
    """At most all of them, each ended and of a known size."""
    posts = []
    for _ in range(draw(st.integers(0, POSTS))):
        size, status = draw(st.integers(LEAST, MOST)), draw(st.sampled_from(ENDED))
        remains = {S.COMPLETED: 0, S.CANCELED: size}.get(status, draw(st.integers(-9, size)))
        posts.append(Figures(status, remains, Decimal(size) / 1000, None, False, size))
    return posts


@given(ended_posts(), st.sampled_from(["Expired", "Canceled"]), st.decimals(0, 99, places=8))
def test_what_posts_cost_and_what_comes_back_make_up_the_price(
    posts: list[Figures], word: str, price: Decimal
) -> None:
    said = Report(1, word, None, "", None, None, "", NOW)
    agreed = Subscribed(POSTS, LEAST, MOST, Decimal(1), S.IN_PROGRESS, is_over=False)
    report = add_up_posts(said, agreed, posts, is_doubtful=False)
    assert report is not None and report.status is not None and report.remains is not None
    got = sum(
        post.quantity - max(post.remains, 0)
        for post in posts
        if post.status != S.CANCELED and post.quantity and post.remains is not None
    )
    assert TOTAL - report.remains == got
    back = statuses.refund_owed(report.status, price, report.remains, TOTAL)
    assert back is not None and 0 <= back <= price
    paid = price * got / TOTAL
    assert 0 <= paid - (price - back) < Decimal("1e-8")
    assert report.charge == Decimal(got) / 1000


UNCLEAR = {
    "what it left cannot be read": Figures(S.PARTIAL, None, Decimal("0.15"), None, True, 150),
    "its size is not known": Figures(S.PARTIAL, 30, Decimal("0.15"), None, False, None),
    "it is completed, its size not known": Figures(S.COMPLETED, 0, None, None, False, None),
    "it failed": Figures(S.FAILED, 30, Decimal("0.15"), None, False, 150),
}


@given(
    ended_posts(),
    st.sampled_from(sorted(UNCLEAR)),
    st.sampled_from(["Expired", "Canceled", "Completed"]),
    st.sampled_from([S.IN_PROGRESS, S.PARTIAL, S.COMPLETED]),
    st.integers(0, POSTS),
)
def test_one_unclear_post_among_any_others_leaves_the_refund_to_a_person(
    posts: list[Figures], why: str, word: str, status: OrderStatus, place: int
) -> None:
    posts = [*posts[:place], UNCLEAR[why], *posts[place : POSTS - 1]]
    said = Report(1, word, None, "", None, None, "", NOW)
    agreed = Subscribed(POSTS, LEAST, MOST, Decimal(1), status, is_over=False)
    report = add_up_posts(said, agreed, posts, is_doubtful=False)
    assert report is not None
    assert (report.status, report.remains) == (S.PARTIAL, None)


@given(
    st.sampled_from(["Pending", "In progress", "Completed", "Partial", "Canceled", "", "Odd"]),
    st.one_of(st.none(), st.integers(-500, 500)),
    st.one_of(st.none(), st.decimals(-2, 2, places=4)),
    st.sampled_from([Decimal(0), Decimal("0.0001"), Decimal(1), Decimal("3.7")]),
)
@settings(suppress_health_check=list(HealthCheck))
def test_a_size_that_is_told_may_have_been_ordered(
    word: str, remains: int | None, charge: Decimal | None, rate: Decimal
) -> None:
    size = statuses.post_size(word, remains, charge, rate, (LEAST, MOST))
    assert size is None or LEAST <= size <= MOST
    if size is not None and remains is not None:
        assert remains <= size


# ── Whatever is told ─────────────────────────────────────────────────────────────────────────

WORDS = ["Active", "Paused", "Completed", "Canceled", "Expired", "Partial", "Failed", "Pending"]
ODD_WORDS = [*WORDS, "In progress", "Odd", "", None, 7]
FIGURES = ["remains", "start_count", "charge", "runs", "posts", "expiry"]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_a_provider_tells_nothing_breaks(
    seed: int, subscribe: Callable[[str], Order], provider: Provider, pretend: PretendClient
) -> None:
    family = [subscribe(name) for name in "pqz"]
    bear_anything(Random(seed), family, provider, pretend, ODD_WORDS, FIGURES)
    for child in Child.objects.exclude(quantity=None):
        assert LEAST <= child.quantity <= MOST

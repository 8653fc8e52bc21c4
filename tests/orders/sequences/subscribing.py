"""Subscriptions: placed, and followed by posts of which nobody says how large they are."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from orders import placement
from orders.errors import Declined
from orders.models import Child, Order
from orders.progress import Report
from tests.orders.sequences.feeding import LISTS, Feeding
from tests.orders.sequences.ground import PLACES, named
from tests.orders.sequences.reporting import AGES

LEAST, MOST = 33, 334
WORDS = ["Active", "Paused", "Expired", "Completed", "Canceled", "Partial", "Failed", "Odd"]

TOLD = st.lists(
    st.tuples(PLACES, st.sampled_from(WORDS), LISTS, AGES),
    min_size=1,
    max_size=3,
)
POSTED = st.lists(
    st.tuples(
        PLACES,
        st.sampled_from(
            ["Pending", "In progress", "Completed", "Completed", "Partial", "Canceled"]
        ),
        st.sampled_from([LEAST, 150, MOST]),
        st.sampled_from([0, 7, 33, 150, -5, None]),
        st.sampled_from(["whole", "whole", "net", "unsaid"]),
        AGES,
    ),
    min_size=2,
    max_size=6,
)


def _left_by(word: str, size: int, left: int) -> int:
    return {"Completed": min(left, 0), "Canceled": size}.get(word, min(left, size))


class Subscribing(Feeding):
    """In any order: posts before the end, after it and late, words that come and go."""

    @rule(who=PLACES, posts=st.sampled_from([1, 2, 3]), days=st.sampled_from([None, 2]))
    def subscribe(self, who: int, posts: int, days: int | None) -> None:
        """The most for every post is paid at once."""
        now = self.later()
        fields = {"username": f"atelier{who}", "min": LEAST, "max": MOST, "posts": posts}
        fields |= {"delay": "0"}
        if days is not None:
            fields |= {"expiry": f"{now + timedelta(days=days):%d/%m/%Y}"}
        client, service = self.scene.clients[who % 2], self.scene.services[3]
        try:
            how = {"by": self.scene.admin, "now": now, "overlap_ok": True}
            order = placement.place(client, service.pk, fields, **how).order
        except Declined:
            return
        assert (order.runs, order.quantity, order.least_per_post) == (posts, MOST, LEAST)
        assert order.delivery_total == order.billable == posts * MOST

    def _tell_of_subscriptions(self, said: list[tuple[int, str, str, str]]) -> None:
        now, found = self.later(), {}
        subscribed = list(Order.objects.exclude(least_per_post=None).order_by("pk"))
        for place, word, listed, age in said:
            order = subscribed[place % len(subscribed)]
            found[order.pk] = Report(
                *(order.pk, word, None, "", None, None, "", self._asked(order, age)),
                children=tuple(self._listed(order, listed, place)),
                is_listed=listed != "none",
                is_of_subscription=True,
            )
        self._heard_of_wholes(found, now)

    tell_of_subscriptions = rule(said=TOLD)(named("tell_of_subscriptions", _tell_of_subscriptions))
    tell_more_of_them = rule(said=TOLD)(named("tell_more_of_them", _tell_of_subscriptions))

    def _tell_of_posts(self, said: list[tuple[int, str, int, int | None, str, str]]) -> None:
        """Each with a size; some say of what they left nothing that can be read."""
        now, found = self.later(), {}
        posts = Child.objects.exclude(order__least_per_post=None).select_related("order")
        known = list(posts.order_by("pk"))
        for place, word, size, left, charged, age in said:
            post = known[place % len(known)]
            size = post.quantity or size
            remains = None if left is None else _left_by(word, size, left)
            got = size if charged == "whole" else size - max(remains or 0, 0)
            charge = None if charged == "unsaid" else post.order.cost_rate_upstream * got / 1000
            asked = self._asked(post, age)
            raw = "Unknown" if remains is None else ""
            found[post.pk] = Report(post.pk, word, charge, "USD", 5, remains, raw, asked)
        self._heard_of_runs(found, now)

    tell_of_posts = rule(said=POSTED)(named("tell_of_posts", _tell_of_posts))
    tell_more_of_posts = rule(said=POSTED)(named("tell_more_of_posts", _tell_of_posts))

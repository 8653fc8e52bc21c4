"""People decide what only a person can: alone, many at once, above a limit, on old evidence."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from orders import proposals, review
from orders.enums import Decision, OrderStatus
from orders.errors import LimitReached
from orders.models import Child, Order, User
from tests.orders.sequences.ground import PLACES, Ground, named
from tests.orders.sequences.reporting import REMAINS
from tests.support import factories

ENDS = {
    Decision.FOUND: OrderStatus.PENDING,
    Decision.SEND_ANEW: OrderStatus.WAITING,
    Decision.GIVE_UP: OrderStatus.CANCELED,
    Decision.REFUND: OrderStatus.CANCELED,
    Decision.PARTIAL: OrderStatus.PARTIAL,
}


class Deciding(Ground):
    """The admin decides anything; the member up to a limit, above it a decision is proposed."""

    def _decide(self, place: int, choice: int, remains: int | None, own: bool) -> None:
        cases = list(review.cases(self.scene.admin).order_by("pk"))
        if not cases:
            return
        order = cases[place % len(cases)]
        fitting = [*review.choices(order), *Decision]
        ruling = self.ruling(fitting[choice % len(fitting)], place, order, remains, own)
        by_member = place % 3 == 0
        try:
            self.tried(lambda: self.decided(order, ruling(self.member_or_admin(by_member))))
        except LimitReached as reached:
            assert by_member and reached.left >= 0

    decide = rule(place=PLACES, choice=PLACES, remains=REMAINS, own=st.booleans())(
        named("decide", _decide)
    )
    decide_more = rule(place=PLACES, choice=PLACES, remains=REMAINS, own=st.booleans())(
        named("decide_more", _decide)
    )

    def member_or_admin(self, member: bool) -> User:
        return self.scene.member.user if member else self.scene.admin

    def ruling(
        self, decision: Decision, place: int, order: Order, remains: int | None, own: bool
    ) -> Any:
        held: Any = Order.objects.exclude(upstream_id=None).order_by("pk")
        known = held.values_list("upstream_id", flat=True)
        if place % 8 == 0:
            known = Child.objects.order_by("pk").values_list("upstream_id", flat=True)
        number = (known.first() if own and place % 4 == 0 else None) or self.number()
        seen = self.evidence_of(order, place)

        def by(person: User) -> review.Ruling:
            return review.Ruling(
                decision, "seen", person, upstream_id=number, remains=remains, seen_at=seen
            )

        return by

    def evidence_of(self, order: Order, place: int) -> datetime | None:
        """Read just now, or now and then too long ago, or not at all: then some is declined."""
        if place % 9 == 0:
            return None
        ago = timedelta(minutes=6 if place % 7 == 0 else 1)
        return factories.seen(order, self.scene.admin, self.now - ago)

    def decided(self, order: Order, ruling: review.Ruling) -> None:
        """Once: what it needs was there, the order is as it says, and a second press is late."""
        was = self.fresh(order)
        try:
            after = review.decide(order, ruling, now=self.later())
        except LimitReached:
            proposals.propose(order, ruling, now=self.later())
            assert self.fresh(order).status == was.status
            raise
        assert ruling.decision in review.choices(was)
        assert after.status == ENDS.get(ruling.decision, was.status)
        if ruling.decision in (Decision.FOUND, Decision.SEND_ANEW):
            assert ruling.seen_at and self.now - ruling.seen_at < timedelta(minutes=6)
        if ruling.decision == Decision.PARTIAL:
            assert after.remains == ruling.remains
        assert not after.refund_unknown

    @rule(decision=st.sampled_from([Decision.SEND_ANEW, Decision.GIVE_UP, Decision.REFUND]))
    def decide_together(self, decision: Decision) -> None:
        for order in list(review.cases(self.scene.admin).order_by("pk")):
            ruling = review.Ruling(decision, "all of them", self.scene.admin)
            self.tried(
                lambda order=order, ruling=ruling: review.decide(order, ruling, now=self.now)
            )
        self.later()

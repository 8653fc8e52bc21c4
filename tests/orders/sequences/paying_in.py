"""Top-ups: asked for by hand or begun at a gateway, approved, declined, told of, again and late."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from orders import topups
from orders.enums import TopUpStatus
from orders.errors import LimitReached
from orders.gateways import Outcome, Payment
from orders.models import OPEN_TOP_UPS, TopUp
from orders.topups import checkouts
from tests.orders.sequences.ground import PLACES, Ground

CENTS = st.sampled_from([Decimal(one) for one in ("1", "1.5", "2", "2.01", "9")])


class PayingIn(Ground):
    """By bank, which a person of the house looks after; and by card."""

    @rule(who=PLACES, amount=CENTS, again=st.booleans())
    def ask_by_hand(self, who: int, amount: Decimal, again: bool) -> None:
        client, key = self.scene.clients[who % 2], self.number()
        made = []
        for _ in range(1 + again):
            how: dict[str, Any] = {"by": client.user, "now": self.later(), "client_key": key}
            made.append(
                self.tried(lambda how=how: topups.ask(client, self.scene.bank, amount, **how))
            )
        assert len({one.pk for one in made if one}) <= 1, "a second press asked again"

    @rule(who=PLACES, amount=CENTS)
    def begin_at_the_gateway(self, who: int, amount: Decimal) -> None:
        """As after the gateway has made its page, whose answer we may have lost."""
        client, key = self.scene.clients[who % 2], self.number()
        how: dict[str, Any] = {"by": client.user, "now": self.later(), "client_key": key}
        draft = checkouts.drafted(client, self.scene.card, amount, **how)
        draft.status = TopUpStatus.CHECKOUT
        draft.payment_id = None if who % 3 == 0 else f"cs_{key}"
        self.tried(lambda: checkouts.keep(draft))

    @rule(place=PLACES, by_member=st.booleans(), received=st.none() | CENTS)
    def approve(self, place: int, by_member: bool, received: Decimal | None) -> None:
        """Any, open or not: what is not open any more is not added again."""
        member, admin = self.scene.member.user, self.scene.admin
        open_ones = {"status__in": OPEN_TOP_UPS} if place % 3 else {}
        if one := self.some(TopUp, place, **open_ones):
            by, now = member if by_member else admin, self.later()
            try:
                self.tried(lambda: topups.approve(one, by=by, now=now, received=received))
            except LimitReached as reached:
                assert by_member and one.amount > reached.left

    @rule(place=PLACES, declined=st.booleans())
    def decline_or_withdraw(self, place: int, declined: bool) -> None:
        if one := self.some(TopUp, place):
            now, by = self.later(), one.customer.user
            if declined:
                by = self.scene.admin
                self.tried(lambda: topups.decline(one, by=by, now=now, reason="Nothing came"))
            else:
                self.tried(lambda: topups.withdraw(one, by=by, now=now))

    @rule(
        place=PLACES, outcome=st.sampled_from(Outcome), right=st.sampled_from([True, True, False])
    )
    def news(self, place: int, outcome: Outcome, right: bool) -> None:
        """Any number of times, in any order, about a payment in any state."""
        if one := self.some(TopUp, place, method=self.scene.card):
            amount = one.amount if right else one.amount + 1
            number = one.payment_id or f"cs_late_{one.pk}"
            payment = Payment(number, checkouts._told(one), outcome, amount, "USD")
            checkouts.settle(self.scene.card, payment, self.later())
            after = TopUp.objects.get(pk=one.pk)
            unsettled = one.received is None and one.status not in ("added", "declined")
            if unsettled and outcome == Outcome.PAID:
                assert after.status == (TopUpStatus.ADDED if right else TopUpStatus.HELD)
            elif after.status == TopUpStatus.ADDED:
                assert one.status == TopUpStatus.ADDED, "nobody said that it was paid"

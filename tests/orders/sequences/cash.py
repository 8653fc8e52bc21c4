"""Money by a person's hand: cash through tills, corrections, gifts, counts, credit."""

from decimal import Decimal
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from orders import tills, wallets
from orders.errors import FieldErrors, InsufficientFunds, LimitReached
from orders.models import Customer, Staff, TillClosing, Transfer, User
from tests.orders.sequences.ground import PLACES, Ground, named

AMOUNTS = st.sampled_from(
    [Decimal(one) for one in ("0.00000001", "0.4", "0.7", "1", "1.99999999", "2", "3", "4.5", "30")]
)
HAIR = Decimal("0.00000001")
EDGES = ["wallet", "wallet+", "credit", "credit+", "till", "till+", "day", "day+"]


class Cash(Ground):
    """Two with a till: the admin and the member, who has a daily limit."""

    def who(self, place: int) -> tuple[Customer, User]:
        by = self.scene.admin if place % 3 == 0 else self.scene.member.user
        return Customer.objects.get(pk=self.scene.clients[place % 2].pk), by

    def at_the_edge_of(self, edge: str, client: Customer, by: User) -> Decimal:
        """The most that a bound allows, or (for odd ones) a hair more; never nothing."""
        wallet, member = self.picture.holds(client.pk), self.scene.member
        bounds = {
            "wallet": wallet,
            "credit": wallet + client.credit_limit,
            "till": tills.held(Staff.objects.get(user=by)),
            "day": member.daily_limit - self.picture.spent(member.user_id, self.now),
        }
        name, _, more = edge.partition("+")
        return max(bounds[name] + (HAIR if more else 0), HAIR)

    @rule(amount=AMOUNTS, place=PLACES, again=st.booleans())
    def take_cash(self, amount: Decimal, place: int, again: bool) -> None:
        client, by = self.who(place)
        taken = {
            wallets.take_cash(client, amount, by=by, now=self.later(), reference=form).pk
            for form in [self.number()] * (1 + again)
        }
        assert len(taken) == 1, "a second press took it again"

    def _pay_out(self, edge: str, place: int) -> None:
        client, by = self.who(place)
        amount = self.at_the_edge_of(edge, client, by)
        wallet, till = self.picture.holds(client.pk), tills.held(Staff.objects.get(user=by))
        try:
            wallets.pay_out(client, amount, by=by, now=self.later())
        except InsufficientFunds:
            assert wallet < amount
        except FieldErrors:
            assert till < amount

    pay_out = rule(edge=st.sampled_from(EDGES[:6]), place=PLACES)(named("pay_out", _pay_out))
    pay_out_again = rule(edge=st.sampled_from(EDGES[:6]), place=PLACES)(
        named("pay_out_again", _pay_out)
    )

    def _correct_or_give(self, edge: str, place: int, verb: str) -> None:
        client, by = self.who(place)
        amount = self.at_the_edge_of(edge, client, by)
        verbs: Any = wallets.gift if verb == "gift" else wallets.adjust
        said = -amount if verb == "less" else amount
        try:
            verbs(client, said, by=by, now=self.later(), reason="counted again")
        except LimitReached as reached:
            assert amount > reached.left >= 0
        except InsufficientFunds:
            assert verb == "less" and by != self.scene.admin

    give = rule(
        edge=st.sampled_from(["day", "day+", "day+"]),
        place=PLACES,
        verb=st.sampled_from(["gift", "more"]),
    )(named("give", _correct_or_give))
    take_back = rule(
        edge=st.sampled_from(EDGES[:4]),
        place=PLACES,
        verb=st.sampled_from(["less", "less", "more"]),
    )(named("take_back", _correct_or_give))

    @rule(edge=st.sampled_from(["wallet", "till", "till+"]), again=st.booleans())
    def drop(self, edge: str, again: bool) -> None:
        member, form = self.scene.member, self.number()
        amount = self.at_the_edge_of(edge, self.scene.clients[0], member.user)
        for _ in range(1 + again):
            by, now = member.user, self.later()
            self.tried(
                lambda by=by, now=now: tills.drop(member, amount, by=by, now=now, reference=form)
            )
        assert Transfer.objects.filter(kind="drop", reference__endswith=f":{form}").count() <= 1

    @rule(
        counted=AMOUNTS,
        right=st.booleans(),
        own=st.booleans(),
        sees=st.sampled_from(["member", "admin", "second", "nobody"]),
    )
    def count(self, counted: Decimal, right: bool, own: bool, sees: str) -> None:
        """The till then holds what was counted, and what moved since; only another admin
        confirms."""
        scene = self.scene
        staff = Staff.objects.get(user=scene.admin) if own else scene.member
        figure = max(tills.held(staff), Decimal(0)) if right else counted
        self.tried(lambda: tills.count_till(staff, figure, by=staff.user, now=self.later()))
        people = {"member": scene.member.user, "admin": scene.admin, "second": scene.second.user}
        for closing in TillClosing.objects.filter(confirmed_at=None) if sees in people else []:
            held, by = tills.held(closing.staff), people[sees]
            self.tried(partial(tills.confirm_closing, closing, by=by, now=self.later()))
            closing.refresh_from_db()
            done = closing.confirmed_at is not None
            assert not done or (sees != "member" and closing.staff.user_id != by.pk)
            told = closing.counted - closing.expected if done else Decimal(0)
            assert tills.held(closing.staff) == held + told

    @rule(limit=st.sampled_from([Decimal(one) for one in ("0", "0", "1.3", "20")]), place=PLACES)
    def credit(self, limit: Decimal, place: int) -> None:
        """Forms that are open meanwhile still have the old one."""
        client = self.scene.clients[place % 2]
        Customer.objects.filter(pk=client.pk).update(credit_limit=limit)

"""Workers send orders and hear what came of it, at once, late, or never."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from orders import submission
from orders.enums import OrderStatus, RefusalFamily, SubmissionOutcome
from orders.models import Child, Order, ProviderState, Submission
from orders.submission import answers, claims, repeating
from orders.upstream.errors import AnswerUnknown, NotSent, Refused
from orders.upstream.replies import Added
from tests.orders.sequences.expected import after_answer, is_awaited, may_be_sent, owed
from tests.orders.sequences.ground import PLACES, Ground, named
from tests.orders.sequences.past import exchange
from tests.support import factories

S, Sent = OrderStatus, SubmissionOutcome
ANSWERS = st.sampled_from(
    ["id"] * 6 + ["taken id", "a run's id", "not sent", "unknown", "unknown", *RefusalFamily]
)


class Sending(Ground):
    """The provider's answers are handed in where a worker would, so that any can come any time."""

    @precondition(lambda self: self.is_any(S.WAITING))
    @rule(place=PLACES, answer=st.none() | ANSWERS)
    def send(self, place: int, answer: str | None) -> None:
        """Claim an order and hear an answer, or none while this goes on."""
        self.scene.provider_is_free()
        waiting = self.one_of(place, status=S.WAITING)
        assert waiting is not None
        now = self.later(minutes=15)
        expected = may_be_sent(self.fresh(waiting), now)
        claim = claims.claim(waiting.pk, now)
        assert expected in (None, claim is not None), "the gate"
        self.every_law_holds()
        if claim and answer:
            self.heard(claim.submission.pk, answer)

    def _hear(self, place: int, answer: str) -> None:
        """An answer to any sending: the one under way, or long after its claim ran out, a decision
        was made, or a first answer was written down."""
        self.heard(self.some(Submission, place).pk, answer)

    hear = rule(place=PLACES, answer=ANSWERS)(named("hear", _hear))
    hear_more = rule(place=PLACES, answer=ANSWERS)(named("hear_more", _hear))

    @rule(place=PLACES, answer=ANSWERS)
    def hear_the_first(self, place: int, answer: str) -> None:
        """The first sending answers, which may have been repeated since."""
        self.heard(self.some(Submission, place).pk, answer, repeat=0)

    @precondition(lambda self: self.is_any(S.UNCONFIRMED))
    @rule(place=PLACES, answer=st.none() | ANSWERS)
    def ask_again(self, place: int, answer: str | None) -> None:
        """What was lost is asked for again with its key, if it went with one."""
        keyed = {"outcome": Sent.UNKNOWN, "repeat_after__isnull": False}
        lost = self.some(Submission, place, order__status=S.UNCONFIRMED, **keyed)
        if lost is None:
            return
        self.scene.provider_is_free()
        now = self.later(minutes=2)
        with transaction.atomic():
            claim = repeating._claim(lost.pk, now, False)
        self.every_law_holds()
        if claim and answer:
            self.heard(lost.pk, answer)

    @rule()
    def the_provider_is_out(self) -> None:
        """For long enough: what waits there goes to its fallback, if it may."""
        first = self.scene.services[0].offer.provider_id
        long_ago = self.now - timedelta(hours=1)
        ProviderState.objects.filter(pk=first).update(hold="provider_down", held_since=long_ago)
        submission.fall_back(self.later())
        self.scene.provider_is_free()

    def heard(self, pk: int, name: str, repeat: int | None = None) -> None:
        was = self.sending(pk)
        order = self.fresh(Order(pk=was.order_id))
        answer, taken = self.answer(name, order)
        repeat = was.repeats if repeat is None else repeat
        answers.record(pk, answer, self.later(), repeat=repeat)
        now, after = self.sending(pk), self.fresh(order)
        counts = repeat == was.repeats or isinstance(answer, Added)
        if is_awaited(order, was) and counts:
            self.follows(name, taken, was, after, now, moved=after.offer_id != order.offer_id)
            return
        same = ("status", "refunded", "upstream_id", "tier", "hold", "finished_at")
        assert all(getattr(order, name) == getattr(after, name) for name in same)
        assert now.outcome == was.outcome
        if isinstance(answer, Added):
            assert now.late_upstream_id == answer.upstream_id

    def follows(
        self,
        name: str,
        taken: bool,
        was: Submission,
        after: Order,
        now: Submission,
        *,
        moved: bool,
    ) -> None:
        earlier = Submission.objects.filter(order=was.order_id, number__lt=was.number)
        sent_before = earlier.exclude(outcome=Sent.NOT_SENT).exists()
        name = "id" if name in ("taken id", "a run's id") else name
        found = (after.status, now.outcome)
        expected = after_answer(name, taken=taken, sent_before=sent_before)
        if was.repeats and name != "id":
            expected = (S.UNCONFIRMED, Sent.UNKNOWN)  # nothing else settles what was lost
        elif name == RefusalFamily.SERVICE and moved:
            expected = (S.WAITING, Sent.REFUSED)
        assert found == expected
        assert after.refunded == owed(after.status, after.price, None, None)
        assert (after.upstream_id is not None) == (after.status == S.PENDING)

    def answer(self, name: str, order: Order) -> tuple[answers.Answer, bool]:
        """The answer, and whether the id in it is another order's."""
        if name in ("id", "taken id", "a run's id"):
            there = Order.objects.filter(provider=order.provider_id)
            others: Any = there.exclude(upstream_id=None).exclude(pk=order.pk)
            if name == "a run's id":
                others = Child.objects.filter(provider=order.provider_id)
            theirs = others.order_by("pk").values_list("upstream_id", flat=True).last()
            taken = name != "id" and theirs is not None
            number = theirs if taken and theirs else self.number()
            return Added(number, None, "", exchange(written=True)), taken
        if name == "not sent":
            return NotSent("connect", exchange(written=False)), False
        if name == "unknown":
            return AnswerUnknown("timeout", exchange(written=True)), False
        return Refused(RefusalFamily(name), "no", exchange(written=True)), False

    @precondition(lambda self: self.is_any(S.SENDING))
    @rule()
    def claims_run_out(self) -> None:
        """Nobody knows then whether they had left."""
        gone = Submission.objects.filter(outcome=Sent.OPEN)
        numbers = list(gone.values_list("order_id", flat=True))
        gone.update(expires_at=factories.NOW)
        submission.expire_claims(self.later())
        ended = Order.objects.filter(pk__in=numbers)
        assert all(order.status == S.UNCONFIRMED for order in ended)

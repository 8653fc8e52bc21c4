"""Refills and requests to stop: asked for, sent in batches, answered, lost, settled, ended."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import rule

from orders import cancellations, followups, refills
from orders.enums import OrderStatus, RefillStatus
from orders.errors import Declined
from orders.models import Cancellation, Refill
from orders.upstream.replies import CancelReply, ItemError, RefillReply
from tests.orders.sequences.ground import PLACES, Ground

KINDS = st.sampled_from([refills.KIND, cancellations.KIND])


class Asking(Ground):
    """What is asked of a provider after an order stands."""

    @rule(place=PLACES)
    def ask_for_a_refill(self, place: int) -> None:
        if order := self.one_of(place, status=OrderStatus.COMPLETED):
            self.tried(lambda: refills.request(order, by=self.scene.admin, now=self.later()))

    @rule(kind=KINDS, answer=st.sampled_from(["yes", "yes", "no", "lost", "same", "gone"]))
    def send_requests(self, kind: followups.Kind, answer: str) -> None:
        batch = followups.claim(kind, self.scene.services[0].offer.provider)
        if batch is None:
            return
        rows: Any = kind.model._default_manager
        if answer == "gone":
            rows.filter(claim=batch.token).update(
                claim_expires_at=timezone.now() - timedelta(days=1)
            )
            followups.expire_claims(kind, self.later())
        followups.record(kind, batch, self.replies(kind, batch, answer), self.later())
        for status, number in rows.filter(claim=batch.token).values_list("status", "upstream_id"):
            assert status == {"no": kind.declined, "yes": kind.accepted, "same": kind.accepted}.get(
                answer, followups.UNKNOWN
            )
            assert bool(number) == (answer == "yes") or answer == "same"

    def replies(self, kind: followups.Kind, batch: followups.Batch, answer: str) -> dict[str, Any]:
        reply = RefillReply if kind is refills.KIND else CancelReply
        made = {
            "yes": lambda: reply(self.number()),
            "same": lambda: reply("r-1"),
            "no": lambda: ItemError("Refill days are over"),
        }.get(answer, lambda: None)
        return {upstream_id: made() for upstream_id in batch.ids}

    @rule(arrived=st.booleans(), taken=st.booleans())
    def settle_requests(self, arrived: bool, taken: bool) -> None:
        """A number that another refill has is not taken, however that one stands."""
        for one in Refill.objects.filter(refills.LOST):
            theirs = Refill.objects.exclude(upstream_id="").first() if taken else None
            number = (theirs.upstream_id if theirs else self.number()) if arrived else ""
            said = {"by": self.scene.admin, "now": self.later(), "reason": "asked"}
            try:
                refills.settle(one, upstream_id=number, **said)
            except Declined:
                assert theirs is not None and number
        for asked in Cancellation.objects.filter(cancellations.LOST):
            by, now = self.scene.admin, self.later()
            cancellations.settle(asked, by=by, now=now, reason="asked", arrived=arrived)

    @rule(ends=st.booleans())
    def requests_end(self, ends: bool) -> None:
        cancellations.poll(self.later())
        if ends:
            Refill.objects.filter(status__in=refills.AT_PROVIDER).exclude(upstream_id="").update(
                status=RefillStatus.COMPLETED, ended_at=self.now
            )

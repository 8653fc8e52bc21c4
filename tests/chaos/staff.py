"""A scripted person at the review queue: reads the providers' books, decides, and errs at times."""

import threading
from collections import Counter
from contextlib import suppress

from django.db import DatabaseError, InterfaceError, connection, connections
from django.utils import timezone

from orders import catalog, review
from orders.enums import Decision, OrderStatus, PauseReason, SubmissionOutcome
from orders.errors import Declined
from orders.models import Order, Service, Submission
from tests.chaos.plan import chance
from tests.chaos.stage import Stage
from tests.chaos.upstreams import Upstream

ERRS = 0.2
"""The share of decisions in which the provider has the order, and staff says that it has not."""

GIVES_UP = 0.4
"""The share of orders that are not there which are given up; the others are sent anew."""

FOR_PEOPLE = [PauseReason.GONE, PauseReason.CHARGED_MORE]
EVERY = 1.0
MOST_AT_ONCE = 200


class Decider:
    """Decides what waits in the review queue; the same about the same submission of an order."""

    def __init__(self, stage: Stage, seed: int):
        self._admin, self._seed = stage.admin, seed
        self._upstreams = {upstream.provider_id: upstream for upstream in stage.upstreams}
        self.declined: Counter[str] = Counter()

    def look(self) -> int:
        """Decide everything that waits; how much there was."""
        cases = list(review.cases(self._admin.user).order_by("pk")[:MOST_AT_ONCE])
        for order in cases:
            try:
                review.decide(order, self._ruling(order), now=timezone.now())
            except (Declined, Submission.DoesNotExist) as error:
                self.declined[type(error).__name__] += 1  # it moved on; we look again
        self._put_back_on_sale()
        return len(cases)

    def _put_back_on_sale(self) -> None:
        """End pauses that only a person ends, or soon nothing would be left to buy."""
        paused = Service.objects.filter(pause__in=FOR_PEOPLE, offer__retired_at=None)
        for service in paused.order_by("pk")[:MOST_AT_ONCE]:
            with suppress(Declined):
                catalog.resume(service, self._admin.user, timezone.now(), reason="There again")

    def _ruling(self, order: Order) -> review.Ruling:
        upstream = self._upstreams[order.provider_id]
        if order.status == OrderStatus.UNCONFIRMED:
            return self._about_unconfirmed(order, upstream)
        if order.status == OrderStatus.PARTIAL:
            remains = int(upstream.simulator.order(order.upstream_id or "")["remains"])
            return self._say(Decision.PARTIAL, "So many remain", remains=max(remains, 0))
        return self._say(Decision.REFUND, "It was not delivered")

    def _about_unconfirmed(self, order: Order, upstream: Upstream) -> review.Ruling:
        standing = Submission.objects.get(order=order, outcome=SubmissionOutcome.UNKNOWN)
        luck = chance(self._seed, "decision", order.link, standing.number)
        errs, gives_up = luck.random() < ERRS, luck.random() < GIVES_UP
        there = [one for one in upstream.accepted(order.link) if one.at >= standing.claimed_at]
        if there and not errs:
            found = there[0].upstream_id
            return self._say(Decision.FOUND, "It stands in the books", upstream_id=found)
        if gives_up:
            return self._say(Decision.GIVE_UP, "It is not in the books")
        return self._say(Decision.SEND_ANEW, "It is not in the books")

    def _say(
        self, decision: Decision, reason: str, *, upstream_id: str = "", remains: int | None = None
    ) -> review.Ruling:
        return review.Ruling(decision, reason, self._admin.user, upstream_id, remains)


class Shift(threading.Thread):
    """The decider at work until `end`; a lost database is met again a second later."""

    def __init__(self, decider: Decider):
        super().__init__(name="staff")
        self._decider, self._home = decider, threading.Event()

    def run(self) -> None:
        try:
            while not self._home.wait(EVERY):
                self._look()
        finally:
            connections.close_all()

    def _look(self) -> None:
        try:
            self._decider.look()
        except (DatabaseError, InterfaceError, OSError):
            connection.close()

    def end(self) -> None:
        """Go home, when the decision in hand is made."""
        self._home.set()
        self.join()

"""A scripted person at the review queue: reads the providers' books, decides, and errs at times."""

import threading
from collections import Counter
from contextlib import suppress
from typing import Any

from django.db import DatabaseError, InterfaceError, connection, connections
from django.utils import timezone

from orders import catalog, evidence, review, tills
from orders.enums import Decision, OrderStatus, PauseReason, SubmissionOutcome
from orders.errors import Declined
from orders.models import Order, Service, Submission, TillClosing
from orders.submission import repeats
from tests.chaos.facts import standing_of
from tests.chaos.followups import FollowUps
from tests.chaos.plan import decision
from tests.chaos.posts import served
from tests.chaos.runs import summed
from tests.chaos.stage import Stage
from tests.chaos.upstreams import Upstream
from tests.chaos.wants import target_of

FOR_PEOPLE = [PauseReason.GONE, PauseReason.CHARGED_MORE]
EVERY = 1.0
MOST_AT_ONCE = 200


class Decider:
    """Decides what waits for a person; the same about the same submission of an order."""

    def __init__(self, stage: Stage, seed: int):
        self._admin, self._seed = stage.admin, seed
        self._upstreams = {upstream.provider_id: upstream for upstream in stage.upstreams}
        self._followups = FollowUps(stage, self._upstreams, seed)
        self.declined: Counter[str] = Counter()

    def look(self) -> int:
        """Decide everything that waits; how much there was."""
        cases = list(review.cases(self._admin.user).order_by("pk")[:MOST_AT_ONCE])
        for order in cases:
            try:
                if ruling := self._ruling(order):
                    review.decide(order, ruling, now=timezone.now())
            except (Declined, Submission.DoesNotExist) as error:
                self.declined[type(error).__name__] += 1  # it moved on; we look again
        self._followups.look()
        self._put_back_on_sale()
        self._confirm_counts()
        return len(cases)

    def _confirm_counts(self) -> None:
        for closing in TillClosing.objects.filter(confirmed_at=None):
            # The admin's own till is confirmed by the operator, in a house with one admin.
            by = None if closing.staff_id == self._admin.pk else self._admin.user
            with suppress(Declined):
                tills.confirm_closing(closing, by=by, now=timezone.now(), note="Counted again")

    def _put_back_on_sale(self) -> None:
        """End pauses that only a person ends, or soon nothing would be left to buy."""
        paused = Service.objects.filter(pause__in=FOR_PEOPLE, offer__retired_at=None)
        for service in paused.order_by("pk")[:MOST_AT_ONCE]:
            with suppress(Declined):
                catalog.resume(service, self._admin.user, timezone.now(), reason="There again")

    def _ruling(self, order: Order) -> review.Ruling | None:
        upstream = self._upstreams[order.provider_id]
        if order.status == OrderStatus.UNCONFIRMED:
            return self._about_unconfirmed(order, upstream)
        if order.status == OrderStatus.PARTIAL and order.is_subscription:
            return self._about_posts(order, upstream)
        if order.status == OrderStatus.PARTIAL and order.runs:
            return self._about_runs(order, order.runs, upstream)
        if order.status == OrderStatus.PARTIAL:
            remains = int(upstream.simulator.order(order.upstream_id or "")["remains"])
            return self._say(Decision.PARTIAL, "So many remain", remains=max(remains, 0))
        return self._say(Decision.REFUND, "It was not delivered")

    def _about_runs(self, order: Order, runs: int, upstream: Upstream) -> review.Ruling:
        """A run that failed delivered nothing. (By the lever: what it says over the API is spoiled
        at times.)"""
        known = order.children.values_list("upstream_id", flat=True)
        found = [standing_of(upstream.simulator.order(upstream_id)) for upstream_id in known]
        left = summed(order.quantity, runs, found)
        return self._about_children(left.undelivered, left.total)

    def _about_posts(self, order: Order, upstream: Upstream) -> review.Ruling:
        """Also of those that the panel was never told of."""
        left = served(order, upstream.posts(order.upstream_id or "").values())
        return self._about_children(left.undelivered, left.total)

    def _about_children(self, undelivered: int, total: int) -> review.Ruling:
        if undelivered == total:
            return self._say(Decision.REFUND, "Nothing was delivered")
        return self._say(Decision.PARTIAL, "So many remain", remains=undelivered)

    def _about_unconfirmed(self, order: Order, upstream: Upstream) -> review.Ruling | None:
        standing = Submission.objects.get(order=order, outcome=SubmissionOutcome.UNKNOWN)
        drawn = decision(self._seed, target_of(order), standing.number)
        if drawn.waits and _repeats_itself(standing, order):
            return None
        seen_at = evidence.look([order], by=self._admin.user, now=timezone.now())
        taken = upstream.accepted(target_of(order))
        there = [one for one in taken if one.at >= standing.claimed_at]
        if there and not drawn.errs:
            found = there[0].upstream_id
            return self._say(
                Decision.FOUND, "It stands in the books", upstream_id=found, seen_at=seen_at
            )
        if drawn.gives_up:
            return self._say(Decision.GIVE_UP, "It is not in the books")
        return self._say(Decision.SEND_ANEW, "It is not in the books", seen_at=seen_at)

    def _say(self, decision: Decision, reason: str, **more: Any) -> review.Ruling:
        # A provider that is away just now keeps nobody here from looking into its books.
        return review.Ruling(decision, reason, self._admin.user, without_evidence=True, **more)


def _repeats_itself(submission: Submission, order: Order) -> bool:
    """Whether the page says that it will be sent again with its key."""
    return (
        repeats.outlook(submission, order.provider, timezone.now()) == repeats.Outlook.WILL_REPEAT
    )


class Shift(threading.Thread):
    """The decider at work until `end`; a lost database is met again a second later."""

    def __init__(self, decider: Decider):
        super().__init__(name="staff")
        self._decider, self._home = decider, threading.Event()
        self._broke: Exception | None = None

    def run(self) -> None:
        try:
            while not self._home.wait(EVERY):
                self._look()
        except Exception as error:  # told when the day is over: a run without staff proves little
            self._broke = error
        finally:
            connections.close_all()

    def _look(self) -> None:
        try:
            self._decider.look()
        except (DatabaseError, InterfaceError, OSError):
            connection.close()

    def end(self) -> None:
        """Go home, when the decision in hand is made. Raises `RuntimeError` if the script broke."""
        self._home.set()
        self.join()
        if self._broke is not None:
            raise RuntimeError(f"The scripted staff broke: {self._broke!r}") from self._broke

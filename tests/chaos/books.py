"""The panel's own books after a run, read once, so that each check is a plain comparison."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from orders.enums import Decision, EventKind, SubmissionOutcome
from orders.models import Event, Order, Submission
from tests.chaos.facts import Facts
from tests.chaos.upstreams import Accepted
from tests.chaos.wants import target_of

TOLD = [
    *(EventKind.SENT, EventKind.UNCONFIRMED, EventKind.LATE_ANSWER),
    *(EventKind.DECIDED, EventKind.FELL_BACK),
]


class Books:
    """Orders with their submissions, what was told of them, and what their providers took."""

    def __init__(self, facts: Facts):
        self.facts = facts
        self.orders = {
            order.pk: order
            for order in Order.objects.select_related("offer").order_by("pk").iterator()
        }
        self.submissions: defaultdict[int, list[Submission]] = defaultdict(list)
        for submission in Submission.objects.order_by("order_id", "number").iterator():
            self.submissions[submission.order_id].append(submission)
        self.events: defaultdict[int, list[Event]] = defaultdict(list)
        for event in Event.objects.filter(kind__in=TOLD).order_by("pk").iterator():
            self.events[event.order_id].append(event)
        self.accepted, self.of_no_order = self._accepted(facts.accepted)

    def _accepted(
        self, taken: Iterable[Accepted]
    ) -> tuple[dict[int, list[Accepted]], list[Accepted]]:
        """Per order what any provider took for it, by the link or the username, which no two
        orders share."""
        number_of = {target_of(order): pk for pk, order in self.orders.items()}
        found: defaultdict[int, list[Accepted]] = defaultdict(list)
        strays = []
        for one in taken:
            pk = number_of.get(one.link)
            strays.append(one) if pk is None else found[pk].append(one)
        return found, strays

    def cause(self, order: int, at: datetime) -> Submission | None:
        """The submission behind what happened to an order at a moment: the last one claimed by
        then. (They follow one another: no two of an order stand at once.)"""
        claimed = [one for one in self.submissions[order] if one.claimed_at <= at]
        return claimed[-1] if claimed else None

    def written_off(self, order: int, one: Accepted) -> bool:
        """Whether staff had decided, wrongly, that this `add` was not there."""
        cause = self.cause(order, one.at)
        return (
            cause is not None
            and cause.outcome == SubmissionOutcome.DISMISSED
            and cause.decided_at is not None
            and one.at <= cause.decided_at
        )

    def all_submissions(self) -> list[Submission]:
        """Of every order."""
        return [one for group in self.submissions.values() for one in group]

    def dismissed(self) -> list[Submission]:
        """Submissions of which staff said that they are not there."""
        return [one for one in self.all_submissions() if one.outcome == SubmissionOutcome.DISMISSED]

    def wrongly_sent_anew(self, order: int) -> int:
        """How often an order was sent anew although the provider had it."""
        return sum(
            one.decision == Decision.SEND_ANEW and self.was_wrong(one)
            for one in self.submissions[order]
        )

    def was_wrong(self, submission: Submission) -> bool:
        """Whether the provider had it when it was dismissed."""
        taken = self.accepted.get(submission.order_id, [])
        mine = (one for one in taken if self.cause(submission.order_id, one.at) == submission)
        return any(self.written_off(submission.order_id, one) for one in mine)

"""An answer, and the submission and the order that it is about."""

from dataclasses import dataclass
from datetime import datetime

from orders.enums import (
    OrderStatus,
    SubmissionOutcome,
)
from orders.models import Order, Submission
from orders.upstream.client import Added
from orders.upstream.errors import AnswerUnknown, NotSent, Refused

Answer = Added | NotSent | Refused | AnswerUnknown


@dataclass
class Case:
    """One answer, its submission and its order, both locked and read again."""

    order: Order
    submission: Submission
    at: datetime
    repeat: int = 0
    """Which sending of the submission was answered: 0 the first, 1 its first repeat, …"""

    @property
    def is_current(self) -> bool:
        """Whether the order still waits for exactly this submission."""
        return self.submission.outcome in (
            SubmissionOutcome.OPEN,
            SubmissionOutcome.UNKNOWN,
        ) and self.order.status in (OrderStatus.SENDING, OrderStatus.UNCONFIRMED)

    def takes(self, answer: Answer) -> bool:
        """Whether the answer may change the order. While a later sending is under way, an earlier
        one counts only for an order's id: that nothing came of the first says nothing of it."""
        is_latest = self.repeat == self.submission.repeats
        return self.is_current and (is_latest or isinstance(answer, Added))


def lock(submission_id: int, at: datetime, repeat: int = 0) -> Case:
    order_id = Submission.objects.values_list("order_id", flat=True).get(pk=submission_id)
    order = Order.objects.select_for_update().get(pk=order_id)
    return Case(order, Submission.objects.select_for_update().get(pk=submission_id), at, repeat)

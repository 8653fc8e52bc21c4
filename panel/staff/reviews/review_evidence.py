"""What is known about a sending whose answer was lost, and what it leans to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet

from orders.enums import SubmissionOutcome, TransferKind
from orders.models import BalanceReading, Order, Submission, Transfer
from orders.money import ZERO

log = structlog.get_logger(__name__)

LEAST_VISIBLE = Decimal("0.01")
"""A smaller charge may not show in a balance that is told to the cent."""

LONGEST_SENDING = timedelta(minutes=10)
REFUND_SEEN_WITHIN = timedelta(minutes=15)
MOST_OTHERS = 100

REASONS = {
    "timeout": "no answer in time",
    "reset": "the connection broke",
    "html": "a web page came instead",
    "empty": "an empty answer",
    "noise": "no readable answer",
    "redirect": "sent elsewhere",
    "too_large": "an answer too large to read",
    "server_error": "the provider's server failed",
    "generic_error": "an error that says nothing",
    "no_order": "an answer without an id",
    "no_answer": "no answer",
    "internal": "our own fault after sending",
    "worker_gone": "the worker was gone",
    "id_taken": "an id that another order has",
    "duplicate": "refused as a duplicate, after an earlier sending",
}


@dataclass(frozen=True)
class Sent:
    """What we sent and heard. Worker and body are "" for who does not see the provider."""

    worker: str
    claimed_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None
    took: str
    why: str
    http_status: int | None
    size: int | None
    body: str


@dataclass(frozen=True)
class Others:
    """What else moved the balance between the two readings."""

    count: int
    charge: Decimal
    refunds: bool

    @property
    def nothing(self) -> bool:
        return not (self.count or self.refunds)


@dataclass(frozen=True)
class Balance:
    """The readings nearest before and after the sending, in the provider's currency."""

    currency: str
    expected: Decimal
    before: BalanceReading | None
    after: BalanceReading | None
    others: Others | None

    @property
    def fell_by(self) -> Decimal | None:
        if self.before is None or self.after is None:
            return None
        return self.before.amount - self.after.amount

    @property
    def is_same(self) -> bool:
        return self.fell_by == self.expected


@dataclass(frozen=True)
class Suggestion:
    """What plain evidence leans to; a person decides all the same."""

    leans_to: str
    text: str


@dataclass
class Evidence:
    """All that could be had about a case; `failed` when something could not."""

    sent: Sent | None = None
    balance: Balance | None = None
    suggestion: Suggestion | None = None
    failed: bool = False


def gathered(order: Order, *, sees_cost: bool) -> Evidence:
    """The evidence as far as it can be had: what fails never keeps the case from being read."""
    found = Evidence()
    try:
        with transaction.atomic():
            submission = standing(order)
            if submission is not None:
                found.sent = sent(submission, sees_cost=sees_cost)
        if submission is not None:
            with transaction.atomic():
                found.balance = balance(order, submission)
                found.suggestion = suggestion(found.balance)
    except Exception:
        log.exception("review.evidence_failed", order=order.pk)
        found.failed = True
    return found


def standing(order: Order) -> Submission | None:
    """The sending that nobody knows the end of."""
    return order.submissions.filter(outcome=SubmissionOutcome.UNKNOWN).first()


def sent(submission: Submission, *, sees_cost: bool) -> Sent:
    """The sending in words."""
    elapsed = submission.elapsed_ms
    return Sent(
        worker=submission.worker if sees_cost else "",
        claimed_at=submission.claimed_at,
        sent_at=submission.sent_at,
        answered_at=submission.answered_at,
        took=f"{Decimal(elapsed) / 1000:.1f} s" if elapsed is not None else "",
        why=REASONS.get(submission.reason, submission.reason.replace("_", " ")),
        http_status=submission.http_status,
        size=submission.answer_bytes,
        body=submission.answer if sees_cost else "",
    )


def balance(order: Order, submission: Submission) -> Balance:
    """The balance around a sending, and what else may have moved it."""
    begun = submission.sent_at or submission.claimed_at
    ended = submission.answered_at or submission.expires_at
    readings = BalanceReading.objects.filter(provider=order.provider_id)
    before = readings.filter(at__lte=begun).order_by("-at").first()
    after = readings.filter(at__gte=ended).order_by("at").first()
    known = before is not None and after is not None
    return Balance(
        currency=order.cost_currency,
        expected=order.expected_charge_upstream,
        before=before,
        after=after,
        others=_others(submission, before.at, after.at) if known else None,  # type: ignore[union-attr]
    )


def _others(submission: Submission, begin: datetime, end: datetime) -> Others:
    charges = list(
        _sendings(submission, begin, end).values_list("order__expected_charge_upstream", flat=True)[
            : MOST_OTHERS + 1
        ]
    )
    return Others(len(charges), sum(charges, ZERO), _refunds(submission, begin, end))


def _sendings(submission: Submission, begin: datetime, end: datetime) -> QuerySet[Submission]:
    """Other sendings to the provider that may have been charged between the readings."""
    harmless = (SubmissionOutcome.NOT_SENT, SubmissionOutcome.REFUSED)
    near = Submission.objects.filter(
        Q(answered_at=None) | Q(answered_at__gte=begin),
        provider=submission.provider_id,
        claimed_at__gte=begin - LONGEST_SENDING,
        claimed_at__lte=end,
    )
    return near.exclude(outcome__in=harmless).exclude(pk=submission.pk)


def _refunds(submission: Submission, begin: datetime, end: datetime) -> bool:
    """Whether the provider may have paid something back in the meantime: seen some time later."""
    return Transfer.objects.filter(
        kind=TransferKind.REFUND,
        at__gte=begin,
        at__lte=end + REFUND_SEEN_WITHIN,
        order__provider=submission.provider_id,
    ).exists()


def suggestion(seen: Balance) -> Suggestion | None:
    """What the balance says where nothing else can have moved it; None where it is not plain."""
    if seen.before is None or seen.after is None or seen.others is None:
        return None
    foreign = {seen.before.currency, seen.after.currency} - {"", seen.currency}
    if foreign or not seen.others.nothing or seen.expected < LEAST_VISIBLE:
        return None
    if seen.is_same:
        return Suggestion("bought", "The balance fell by exactly the quoted charge. " + _ALONE)
    if seen.fell_by == 0:
        return Suggestion("not bought", "The balance has not changed. " + _ALONE)
    return None


_ALONE = "Nothing else was sent and nothing came back in between."

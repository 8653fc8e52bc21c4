"""What is known about a sending whose answer was lost, and what it leans to."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import structlog
from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders import models
from orders.evidence import (
    Balance,
    Probe,
    Suggestion,
    last_probe,
    probe_of,
    standing,
    suggestion,
)
from orders.evidence import around as balance
from orders.models import Order, Provider, Submission
from orders.submission import Outlook
from orders.submission import outlook as repeats_of
from panel.display import clock_text

log = structlog.get_logger(__name__)

REASONS = {
    "timeout": gettext_lazy("no answer in time"),
    "reset": gettext_lazy("the connection broke"),
    "html": gettext_lazy("a web page came instead"),
    "empty": gettext_lazy("an empty answer"),
    "noise": gettext_lazy("no readable answer"),
    "redirect": gettext_lazy("sent elsewhere"),
    "too_large": gettext_lazy("an answer too large to read"),
    "server_error": gettext_lazy("the provider's server failed"),
    "generic_error": gettext_lazy("an error that says nothing"),
    "no_order": gettext_lazy("an answer without an id"),
    "no_answer": gettext_lazy("no answer"),
    "internal": gettext_lazy("our own fault after sending"),
    "worker_gone": gettext_lazy("the worker was gone"),
    "id_taken": gettext_lazy("an id that another order has"),
    "restored": gettext_lazy("the database was restored from a backup"),
    "duplicate": gettext_lazy("refused as a duplicate, after an earlier sending"),
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
    repeated: str
    """What came, and will come, of asking again with the same key; "" where there is none."""
    repeats_itself: bool


@dataclass
class Evidence:
    """All that could be had about a case; `failed` when something could not."""

    sent: Sent | None = None
    balance: Balance | None = None
    probe: Probe | None = None
    probed: models.Evidence | None = None
    """When and by whom neighbouring ids were asked about."""
    suggestion: Suggestion | None = None
    failed: bool = False


def gathered(order: Order, now: datetime, *, sees_cost: bool) -> Evidence:
    """The evidence as far as it can be had: what fails never keeps the case from being read."""
    found = Evidence()
    try:
        with transaction.atomic():
            submission = standing(order)
            if submission is not None:
                found.sent = sent(submission, order.provider, now, sees_cost=sees_cost)
        if submission is not None:
            with transaction.atomic():
                found.probed = last_probe(order)
                if found.probed is not None and found.probed.probed is not None:
                    found.probe = probe_of(found.probed.probed, order.provider)
                found.balance = balance(order, submission)
                found.suggestion = suggestion(found.balance, found.probe)
    except Exception:
        log.exception("review.evidence_failed", order=order.pk)
        found.failed = True
    return found


def sent(submission: Submission, provider: Provider, now: datetime, *, sees_cost: bool) -> Sent:
    """The sending in words."""
    elapsed = submission.elapsed_ms
    outlook = repeats_of(submission, provider, now)
    return Sent(
        worker=submission.worker if sees_cost else "",
        claimed_at=submission.claimed_at,
        sent_at=submission.sent_at,
        answered_at=submission.answered_at,
        took=_took(elapsed),
        why=str(REASONS.get(submission.reason, submission.reason.replace("_", " "))),
        http_status=submission.http_status,
        size=submission.answer_bytes,
        body=submission.answer if sees_cost else "",
        repeated=_repeated(submission, outlook, now),
        repeats_itself=outlook is Outlook.WILL_REPEAT,
    )


def _repeated(submission: Submission, outlook: Outlook, now: datetime) -> str:
    times = {"times": submission.repeats}
    if outlook is Outlook.WILL_REPEAT and submission.repeat_after is not None:
        return ngettext(
            "%(times)s time, again at %(when)s",
            "%(times)s times, again at %(when)s",
            submission.repeats,
        ) % {**times, "when": clock_text(submission.repeat_after, now)}
    if outlook is Outlook.NO_KEY:
        return ""
    if outlook is Outlook.ACCOUNT_CHANGED:
        words = ngettext(
            "%(times)s time, not again: the provider's profile was changed since",
            "%(times)s times, not again: the provider's profile was changed since",
            submission.repeats,
        )
    else:
        words = ngettext(
            "%(times)s time, not again: a person decides",
            "%(times)s times, not again: a person decides",
            submission.repeats,
        )
    return words % times


def _took(elapsed: int | None) -> str:
    """In seconds with one digit: what the table shows beside the clock's milliseconds."""
    if elapsed is None:
        return ""
    seconds = number_format(Decimal(elapsed) / 1000, decimal_pos=1)
    return _("%(seconds)s s") % {"seconds": seconds}

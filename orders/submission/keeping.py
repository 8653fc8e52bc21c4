"""Keeping what was heard: with its submission, or apart when it came too late to count."""

from datetime import datetime, timedelta

import structlog
from django.utils.translation import gettext_noop

from orders import history, movements
from orders.enums import (
    EventKind,
)
from orders.kept_words import Sentence
from orders.models import Order, Submission
from orders.submission.cases import Answer, Case
from orders.upstream.client import Added
from orders.upstream.errors import Exchange

log = structlog.get_logger(__name__)
LATE = Sentence(gettext_noop("Came after the decision: the provider made order %(id)s."))


def keep(submission: Submission, answer: Answer, at: datetime) -> None:
    exchange = answer.exchange
    submission.answered_at = at
    if exchange is None:
        return
    if submission.repeats and not isinstance(answer, Added):
        return  # what was seen of the first sending is the better evidence; this is in the history
    submission.elapsed_ms = exchange.elapsed_ms
    submission.http_status = exchange.http_status
    submission.answer, submission.answer_bytes = exchange.body, exchange.body_bytes
    if exchange.written and submission.sent_at is None:
        submission.sent_at = at - timedelta(milliseconds=exchange.elapsed_ms)


def keep_late(case: Case, answer: Answer) -> None:
    submission = case.submission
    late_id = answer.upstream_id if isinstance(answer, Added) else ""
    submission.late_answer = _body(answer.exchange) or str(answer)
    submission.late_upstream_id, submission.late_at = late_id, case.at
    submission.save()
    if late_id and late_id != case.order.upstream_id:
        detail = LATE.of(id=late_id)
        log.error("submission.late_id_after_decision", order=case.order.pk, upstream_id=late_id)
        Order.objects.filter(pk=case.order.pk).update(flag=detail)
        movements.charged(case.order, submission, now=case.at)
        history.note(
            case.order.pk,
            EventKind.LATE_ANSWER,
            case.at,
            status=case.order.status,
            detail=detail,
            upstream_id=late_id,
        )


def _body(exchange: Exchange | None) -> str:
    return exchange.body if exchange else ""

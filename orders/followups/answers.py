"""Writing down what came of a batch."""

from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from orders import sql
from orders.followups.kinds import LOST, SENDING, UNKNOWN, Answers, Batch, Item, Kind, holder, tell
from orders.kept_words import Sentence
from orders.upstream.replies import ItemError

TAKEN = Sentence(gettext_noop("Answered with number %(id)s, which that of order %(number)s has."))
log = structlog.get_logger(__name__)


def record(kind: Kind, batch: Batch, answers: Answers, at: datetime) -> None:
    """Write down what came of each request; one that was not answered is `unknown`.

    An answer that comes after its claim ran out still counts, unless a person has settled it.
    """
    sql.insist(lambda: _record_all(kind, batch, answers, at), f"{len(batch.items)} {kind.event}")


@sql.repeated_on_deadlock
def _record_all(kind: Kind, batch: Batch, answers: Answers, at: datetime) -> None:
    with sql.short_transaction():
        # A line of history refers to its order, which a report may hold locked: by id, as there.
        for item in sorted(batch.items, key=lambda item: item.order_id):
            _record(kind, batch.token, item, answers.get(item.upstream_order_id), at)


def _record(kind: Kind, token: UUID, item: Item, answer: Any, at: datetime) -> None:
    values = _values(kind, answer, at)
    ours = kind.model._default_manager.filter(
        pk=item.pk, claim=token, status__in=[SENDING, UNKNOWN]
    ).exclude(status=values["status"])
    try:
        with transaction.atomic():
            recorded = ours.update(**values, changed_at=at)
    except IntegrityError:
        # Asked about by that number, the other one's news would be taken for ours.
        values |= _without_number(kind, item, values["upstream_id"])
        recorded = ours.update(**values, changed_at=at)
    if not recorded:
        log.warning("followup.late_answer", kind=kind.event, pk=item.pk)
        return
    tell(kind, item.pk, item.order_id, values["status"], at, detail=values["answer"])


def _without_number(kind: Kind, item: Item, upstream_id: str) -> dict[str, str]:
    ours = kind.model._default_manager.get(pk=item.pk)
    other = holder(kind, ours, upstream_id)
    said = TAKEN.of(id=upstream_id, number=other)
    return {"upstream_id": "", "answer": said}


def _values(kind: Kind, answer: Any, at: datetime) -> dict[str, Any]:
    if answer is None:
        return {"status": UNKNOWN, "answer": LOST, "sent_at": at}
    if isinstance(answer, ItemError):
        said = answer.text[:300]
        return {"status": kind.declined, "answer": said, "sent_at": at, "ended_at": at}
    upstream_id = kind.id_of(answer)[:64]
    return {"status": kind.accepted, "answer": "", "sent_at": at, "upstream_id": upstream_id}

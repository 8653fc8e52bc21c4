"""Requests that one process alone may send, for as long as its claim lives."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db.models import QuerySet
from django.utils import timezone

from orders import sql
from orders.followups.kinds import (
    LOST,
    REQUESTED,
    RESTORED,
    SENDING,
    UNKNOWN,
    Batch,
    Item,
    Kind,
    tell,
)
from orders.models import Provider


def claim(kind: Kind, provider: Provider) -> Batch | None:
    """Make the oldest requests ours to send; None: there are none left."""
    token, deadline = uuid4(), provider.total_timeout
    send_before = time.monotonic() + deadline
    ids = _oldest(kind, provider)
    # By the real clock, like every lease. Twice the deadline: a claim never runs out while its
    # request is under way.
    expires = timezone.now() + timedelta(seconds=2 * deadline)
    _still_asked(kind, ids).update(status=SENDING, claim=token, claim_expires_at=expires)
    ours = kind.model._default_manager.filter(claim=token, status=SENDING).order_by("pk")
    items = ours.values_list("pk", "order_id", "order__upstream_id")
    found = tuple(Item(pk, order_id, upstream or "") for pk, order_id, upstream in items)
    return Batch(token, found, send_before) if found else None


def _oldest(kind: Kind, provider: Provider) -> list[int]:
    asked = kind.model._default_manager.filter(provider=provider, status=REQUESTED)
    return list(asked.order_by("pk").values_list("pk", flat=True)[: provider.batch_size])


def _still_asked(kind: Kind, ids: Sequence[int]) -> QuerySet[Any]:
    rows: QuerySet[Any] = kind.model._default_manager.all()
    return rows.filter(pk__in=ids, status=REQUESTED)


def expire_claims(kind: Kind, now: datetime) -> int:
    """Requests whose sender is gone: nobody knows what became of them. Returns how many."""
    rows = kind.model._default_manager
    gone = rows.filter(status=SENDING, claim_expires_at__lt=timezone.now())
    found = list(gone.values_list("pk", "order_id")[:1000])
    expired = 0
    for pk, order_id in found:
        with sql.short_transaction():
            if gone.filter(pk=pk).update(status=UNKNOWN, answer=LOST, changed_at=now):
                tell(kind, pk, order_id, UNKNOWN, now, detail=LOST)
                expired += 1
    return expired


def doubt_requested(kind: Kind, now: datetime) -> int:
    """Requests that a restored database believes to be unsent: nobody knows. Returns how many."""
    requested = kind.model._default_manager.filter(status=REQUESTED)
    doubted = 0
    for pk, order_id in list(requested.values_list("pk", "order_id")):
        with sql.short_transaction():
            if requested.filter(pk=pk).update(status=UNKNOWN, answer=RESTORED, changed_at=now):
                tell(kind, pk, order_id, UNKNOWN, now, detail=RESTORED)
                doubted += 1
    return doubted


def give_back(kind: Kind, token: UUID, items: Sequence[Item]) -> None:
    ours = kind.model._default_manager.filter(
        pk__in=[item.pk for item in items], claim=token, status=SENDING
    )
    ours.update(status=REQUESTED, claim=None, claim_expires_at=None)

"""Refills asked for by people and programs, and sent once in a batch."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from orders import followups, persons
from orders.enums import EventKind, NoRefill, RefillStatus
from orders.errors import NoRefillNow
from orders.models import Order, Refill, User
from orders.refills.windows import refusal_of
from orders.upstream.client import Client
from orders.upstream.replies import RefillReply


def _send(client: Client, ids: Sequence[str], send_before: float) -> dict[str, Any]:
    if len(ids) == 1:
        return {ids[0]: client.refill(ids[0], send_before=send_before)}
    return client.refills(ids, send_before=send_before)


def _id_of(reply: RefillReply) -> str:
    return reply.refill_id


KIND = followups.Kind(
    Refill,
    "orders.refills",
    EventKind.REFILL,
    RefillStatus.PENDING,
    RefillStatus.REJECTED,
    _send,
    _id_of,
)


def request(order: Order, *, by: User | None, now: datetime) -> Refill:
    """Ask for a refill; a worker sends it. Raises `NoRefillNow` with the reason, `NotAllowed`.

    `by` is None for a program of the order's customer.
    """
    fresh = _with_terms(order.pk)
    if by is not None:
        persons.require_sight(by, fresh.customer)
    if refusal := refusal_of(fresh, now):
        raise refusal
    try:
        asked: Refill = followups.ask(KIND, fresh, by=by, now=now)
    except IntegrityError as error:
        raise NoRefillNow(NoRefill.ASKED) from error
    return asked


def _with_terms(order_id: int) -> Order:
    return Order.objects.select_related("offer", "service", "provider", "customer").get(pk=order_id)


def send_requested(now: datetime) -> int:
    """Send requested refills in batches; returns how many went to a provider."""
    return followups.send_requested(KIND, now)

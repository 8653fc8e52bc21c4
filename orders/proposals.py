"""Decisions above a person's limit: proposed in the order's history, made by an admin."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from orders import auditing, history, review, sql
from orders.enums import EventKind
from orders.errors import StateChanged
from orders.models import Event, Order


def propose(order: Order, ruling: review.Ruling, *, now: datetime) -> None:
    """Put a decision to an admin: a line in the order's history, nothing else.

    Proposing the same once more writes nothing. Raises as `review.decide` does.
    """
    review.check(order, ruling, now=now)
    with sql.short_transaction():
        fresh = Order.objects.select_for_update().get(pk=order.pk)
        if ruling.decision not in review.choices(fresh):
            raise StateChanged(_("This order moved on in the meantime; look at it again."))
        last = standing([fresh]).get(fresh.pk)
        if last and (last.person_id, last.data.get("decision")) == (ruling.by.pk, ruling.decision):
            return
        history.note(
            fresh.pk,
            EventKind.PROPOSED,
            now,
            status=fresh.status,
            person_id=ruling.by.pk,
            detail=ruling.reason,
            decision=ruling.decision,
        )
        told = {"decision": ruling.decision}
        auditing.record_order(ruling.by, "order.proposed", fresh, {}, told, ruling.reason, at=now)


def standing(orders: Iterable[Order]) -> dict[int, Event]:
    """The last proposal about each of these orders since its status changed; one query."""
    since = {order.pk: order.status_at for order in orders}
    made = Event.objects.filter(order__in=since, kind=EventKind.PROPOSED).select_related("person")
    return {one.order_id: one for one in made.order_by("pk") if one.at >= since[one.order_id]}

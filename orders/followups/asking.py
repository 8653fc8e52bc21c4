"""A request put down, told of, and brought to the notice of whoever sends it."""

from datetime import datetime
from typing import Any

from orders import doorbell, sql
from orders.followups.kinds import REQUESTED, Kind, tell
from orders.models import Order, User


def ask(kind: Kind, order: Order, *, by: User | None, now: datetime) -> Any:
    """The request, which a worker sends. Raises `IntegrityError` where one is in flight."""
    with sql.short_transaction():
        asked = kind.model._default_manager.create(
            order=order, provider=order.provider, asked_by=by, asked_at=now, changed_at=now
        )
        tell(kind, asked.pk, order.pk, REQUESTED, now, person_id=by.pk if by else None)
        doorbell.ring(kind.bell)
    return asked

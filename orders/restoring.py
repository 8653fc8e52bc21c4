"""After the database was restored from a backup: what waited then may have been sent since.

A database knows where it is at home (`Panel.home`); one that was restored is somewhere else, or its
tables are other ones. There nothing is sent to a provider until `settle` was called, so a worker
that is started too early, or a copy made to try something out, orders nothing.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from orders import auditing, followups, mass_orders, panel_settings, sql, submission
from orders.cancellations import KIND as CANCELLATIONS
from orders.enums import OrderStatus
from orders.errors import StateChanged
from orders.models import Heartbeat, Order, Panel, TopUp
from orders.refills import KIND as REFILLS

GAP = 10_000
"""Numbers that are left out: more orders than were placed since the backup."""

PAGE = 200


@dataclass(frozen=True)
class Settled:
    """How much of each kind a person has to look at, and the number of the next order."""

    lines: int
    orders: int
    refills: int
    cancellations: int
    next_order: int


def settle(now: datetime, *, gap: int = GAP, moved: bool = False) -> Settled:
    """Make a restored panel fit for sending: nothing that may have been sent goes by itself.

    Lines of many orders that wait are stopped, every waiting order becomes unconfirmed, every
    request that waits counts as one whose answer was lost, and numbers go on `gap` higher, since
    those in between may be known at providers and with clients. `moved`: nothing was running since
    the dump was made, so all stays as it is.

    May be ended at any moment and called again. Raises `StateChanged` where nothing was restored.
    """
    if not panel_settings.current().is_elsewhere:
        raise StateChanged("This database is at home: it was not restored since it last sent.")
    done = _nothing() if moved else _doubt(now, gap)
    _come_home(now, done, moved=moved)
    return done


def _doubt(now: datetime, gap: int) -> Settled:
    for model in (Order, TopUp):
        _leave_out(model._meta.db_table, gap)
    since = _backed_up_at(now)
    return Settled(
        mass_orders.stop_all(now),
        sum(submission.doubt(pk, since, now) for pk in _waiting()),
        followups.doubt_requested(REFILLS, now),
        followups.doubt_requested(CANCELLATIONS, now),
        sql.next_number(Order._meta.db_table),
    )


def _nothing() -> Settled:
    return Settled(0, 0, 0, 0, sql.next_number(Order._meta.db_table))


def _leave_out(table: str, gap: int) -> None:
    with sql.short_transaction():
        sql.raise_next_number(table, sql.next_number(table) + gap)


def _waiting() -> list[int]:
    waiting = Order.objects.filter(status=OrderStatus.WAITING).order_by("pk")
    return list(waiting.values_list("pk", flat=True))


def _backed_up_at(now: datetime) -> datetime:
    """About when the backup was made: the last that a job left in it."""
    begun = Heartbeat.objects.filter(began_at__lte=now).order_by("-began_at")
    return begun.values_list("began_at", flat=True).first() or now


def _come_home(now: datetime, done: Settled, *, moved: bool) -> None:
    with sql.short_transaction():
        panel = panel_settings.locked()
        before, here = panel.home, sql.identity()
        Panel.objects.filter(pk=panel.pk).update(home=here)
        told = {"home": here, "moved": moved, **asdict(done)}
        auditing.record(None, "panel.restored", panel, {"home": before}, told, at=now)

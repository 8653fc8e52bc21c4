"""Placing the lines that were confirmed, one by one, in the background.

The rows are the queue. A line is locked, its order placed and its result written in one
transaction, so that an order and its line's result stand or fall together: a worker that is killed
leaves the line as it was, and several workers take different lines. Behind that stands the order's
`client_key`, which is made of the line's.
"""

from collections import Counter
from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError, transaction

from orders import doorbell, panel_settings, placement, sql
from orders.enums import MassLineState, NotPlaced
from orders.errors import Busy, Declined
from orders.mass_orders.deciding import RING
from orders.mass_orders.refusals import Refusal, refusal_of
from orders.models import MassLine
from orders.moments import Stopwatch

log = structlog.get_logger(__name__)

AT_ONCE = 25
"""Lines of one customer before the next one has a turn."""

LONGEST = 30.0
"""Seconds of one run; then it rings for the next one."""

MOST_A_RUN = 200


def carry_out(now: datetime) -> str:
    """Place what waits; safe to run any number of times at once. Nothing in a database that was
    restored: what waits there may have been placed since."""
    if panel_settings.current().is_elsewhere:
        return "restored: nothing is placed"
    watch, done, aside = Stopwatch(now), Counter[MassLineState](), set[int]()
    while waiting := [number for number in _waiting() if number not in aside]:
        for number in waiting:
            if not _some_of(number, watch, done):
                aside.add(number)
            if watch.seconds > LONGEST:
                doorbell.ring(RING)
                return _words(done)
    return _words(done)


def _words(done: Counter[MassLineState]) -> str:
    return f"{done[MassLineState.PLACED]} placed, {done[MassLineState.NOT_PLACED]} not placed"


def _waiting() -> list[int]:
    """Whose lines wait, the oldest first."""
    lines = MassLine.objects.filter(state=MassLineState.WAITING)
    numbers = lines.order_by("mass_order").values_list("mass_order", flat=True)
    return list(numbers.distinct()[:MOST_A_RUN])


def _some_of(mass_order_id: int, watch: Stopwatch, done: Counter[MassLineState]) -> bool:
    """Place some lines; whether there may be more of them for this run."""
    for _ in range(AT_ONCE):
        try:
            state = place_next(mass_order_id, watch.now)
        except Busy:  # the wallet is held; the next run goes on with this line
            return False
        if state is None:
            return False
        done[state] += 1
    return True


@sql.repeated_on_deadlock
def place_next(mass_order_id: int, now: datetime) -> MassLineState | None:
    """Place the first line that waits and that nobody else is placing; its state, or None without
    such a line. Raises `Busy`, which leaves the line as it was."""
    with transaction.atomic():
        line = _next(mass_order_id)
        if line is None:
            return None
        _place(line, now)
        line.done_at = now
        line.save(update_fields=["state", "why", "detail", "order", "done_at"])
        return MassLineState(line.state)


def _next(mass_order_id: int) -> MassLine | None:
    related = ("mass_order__customer__manager__user", "mass_order__made_by__staff")
    lines = MassLine.objects.filter(mass_order=mass_order_id, state=MassLineState.WAITING)
    free = lines.select_related(*related).select_for_update(skip_locked=True, of=("self",))
    return free.order_by("number").first()


def _place(line: MassLine, now: datetime) -> None:
    try:
        with transaction.atomic():  # whatever breaks in it, the line's result can be written
            placed = placement.place(
                line.mass_order.customer,
                line.service_number or 0,
                line.fields,
                by=line.mass_order.made_by,
                now=now,
                client_key=f"many:{line.mass_order.token.hex}:{line.number}",
                expected_price=line.price,
                overlap_ok=line.overlap_ok,
            )
    except Busy:
        raise
    except Declined as error:
        _refuse(line, refusal_of(error))
    except (OperationalError, InterfaceError):  # the database's own trouble: the line stays
        raise
    except Exception:  # one line that breaks us must not keep back those behind it
        log.exception("mass_orders.line_failed", mass_order=line.mass_order_id, line=line.number)
        _refuse(line, Refusal(NotPlaced.FAILED))
    else:
        line.state, line.order = MassLineState.PLACED, placed.order


def _refuse(line: MassLine, refusal: Refusal) -> None:
    line.state, line.why, line.detail = MassLineState.NOT_PLACED, refusal.why, refusal.detail

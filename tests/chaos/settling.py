"""After the mischief: whatever still moves is let come to its end, for a bounded time."""

import sys
import time
from collections.abc import Callable
from datetime import timedelta

import structlog
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Q
from django.utils import timezone

from orders import cancellations, rounds, statuses, topups
from orders.enums import HoldReason, OrderStatus, SyncOutcome, TopUpStatus
from orders.errors import Declined
from orders.models import (
    CANCEL_IN_FLIGHT,
    OPEN_TOP_UPS,
    REFILL_IN_FLIGHT,
    Cancellation,
    Order,
    ProviderState,
    Refill,
    Submission,
    SyncRun,
    TillClosing,
    TopUp,
    User,
)
from tests.chaos.aftercare import Call
from tests.chaos.gateway import Gateway
from tests.chaos.staff import Decider
from tests.chaos.upstreams import Upstream

log = structlog.get_logger(__name__)

SECONDS = 120.0
"""When for so long no more orders have come to their end, what is left waits for ever."""

READING = 660.0
"""So long it may be while a reading of a catalog is under way: whoever was killed with one in hand
bars the next for ten minutes, and subscriptions are settled after the next."""

AT_ONCE, UNBEGUN = timedelta(0), timedelta(days=4)
LONGEST_TURN, EVERY = 60.0, 1.0
FOR_PEOPLE = [HoldReason.SERVICE_PAUSED, HoldReason.REQUEST]
ON_OUR_SIDE = Q(status__in=[OrderStatus.WAITING, OrderStatus.SENDING, OrderStatus.UNCONFIRMED])
UNSETTLED = Q(status__in=statuses.OPEN) | Q(refund_unknown=True)


def let_be_sent(pause: Callable[[float], None], most: float) -> None:
    """Give every order its turn while its provider still misbehaves as the seed has it; what is
    held meanwhile is sent in calm weather."""
    until = time.monotonic() + min(most, LONGEST_TURN)
    while time.monotonic() < until and _some_may_move():
        pause(EVERY)


def _some_may_move() -> bool:
    try:
        return Order.objects.filter(ON_OUR_SIDE).exclude(hold__in=FOR_PEOPLE).exists()
    except (DatabaseError, InterfaceError):  # this connection was cut
        connection.close()
        return True


def _left() -> int:
    """Orders that have not ended; many while nobody can tell."""
    try:
        return Order.objects.filter(UNSETTLED).count()
    except (DatabaseError, InterfaceError):
        connection.close()
        return sys.maxsize


def _patience(most: float) -> float:
    """How long nothing may come to its end before what is left is taken to wait for ever."""
    try:
        reads = SyncRun.objects.filter(outcome=SyncOutcome.RUNNING).exists()
    except (DatabaseError, InterfaceError):
        connection.close()
        return most
    return max(most, READING) if reads else most


def _followups_open() -> bool:
    return (
        Refill.objects.filter(status__in=REFILL_IN_FLIGHT).exists()
        or Cancellation.objects.filter(status__in=CANCEL_IN_FLIGHT).exists()
        or TillClosing.objects.filter(confirmed_at=None).exists()
        or TopUp.objects.filter(status__in=OPEN_TOP_UPS).exists()
    )


class Settling:
    """Good weather, staff at work, and every job run once more until nothing changes."""

    def __init__(self, upstreams: list[Upstream], gateway: Gateway, decider: Decider, by: User):
        self._upstreams, self._decider, self._by = upstreams, decider, by
        self._may_probe = self._day_has_passed = False
        self._gateway = gateway
        self.calls: list[Call] = []

    def run(self, pause: Callable[[float], None], most: float = SECONDS) -> float:
        """Returns the seconds that it took; raises what `pause` does."""
        for upstream in self._upstreams:
            upstream.behave()
        began = moved = time.monotonic()
        left = -1
        while time.monotonic() - moved < _patience(most):
            if self._step():
                break
            # A slow machine gets more time, as long as it gets on.
            if (now_left := _left()) < left or left < 0:
                left, moved = now_left, time.monotonic()
            pause(EVERY)
        return time.monotonic() - began

    def _step(self) -> bool:
        """One more round; whether all is at rest. What was stopped may hold a lock for a while."""
        try:
            self._probe_soon()
            self._decider.look()
            self._cancel_what_is_gone()
            self._come_back_from_paying()
            said = rounds.run_once(timezone.now())
            if not Order.objects.filter(ON_OUR_SIDE).exists() and not self._day_has_passed:
                self._let_a_day_pass()
                return False
            return self._day_has_passed and self._is_at_rest(said)
        except (DatabaseError, InterfaceError, OSError) as error:
            log.warning("chaos.settling", error=str(error))
            connection.close()
            return False

    def _probe_soon(self) -> None:
        """After lost probes the next one is an hour off, after lost repeats the next of those
        minutes: longer than anybody wants to watch."""
        if not self._may_probe:
            now = timezone.now()
            ProviderState.objects.exclude(hold="").update(probe_after=now)
            Submission.objects.filter(repeat_after__gt=now).update(repeat_after=now)
            self._may_probe = True

    def _let_a_day_pass(self) -> None:
        for upstream in self._upstreams:
            upstream.let_a_day_pass()
        self._gateway.end_the_day()
        self._day_has_passed = True

    def _is_at_rest(self, said: dict[str, str]) -> bool:
        """Nothing is open, and every order was asked about and had nothing new to tell."""
        asked = said["sweep_orders"].split("; ")
        quiet = all(" 0 changed" in one and "(" not in one for one in asked)
        return quiet and not Order.objects.filter(UNSETTLED).exists() and not _followups_open()

    def _come_back_from_paying(self) -> None:
        """Clients of whose payment the gateway did not tell look at it once more; a page that never
        was opened is given up after days."""
        for row in TopUp.objects.filter(status=TopUpStatus.CHECKOUT)[:200]:
            topups.look(row, timezone.now() + (UNBEGUN if row.payment_id is None else AT_ONCE))

    def _cancel_what_is_gone(self) -> None:
        """Staff cancels orders of a service that is no longer sold, and of a request not
        understood: no job would send them by itself."""
        held = Order.objects.filter(status=OrderStatus.WAITING, hold__in=FOR_PEOPLE)
        for order in held[:200]:
            try:
                cancellations.cancel_waiting(order, by=self._by, now=timezone.now(), reason="Gone")
                self.calls.append(Call("cancel", order.pk, self._by.pk))
            except Declined:
                continue

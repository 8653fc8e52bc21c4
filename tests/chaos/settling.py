"""After the mischief: whatever still moves is let come to its end, for a bounded time."""

import time
from collections.abc import Callable

import structlog
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Q
from django.utils import timezone

from orders import cancellations, rounds, statuses
from orders.enums import HoldReason, OrderStatus
from orders.errors import Declined
from orders.models import Order, ProviderState, User
from tests.chaos.staff import Decider
from tests.chaos.upstreams import Upstream

log = structlog.get_logger(__name__)

SECONDS = 180.0
"""After so long whatever still waits is taken to wait for ever."""

EVERY = 2.0
ON_OUR_SIDE = Q(status__in=[OrderStatus.WAITING, OrderStatus.SENDING, OrderStatus.UNCONFIRMED])
UNSETTLED = Q(status__in=statuses.OPEN) | Q(refund_unknown=True)


def let_be_sent(pause: Callable[[float], None], most: float = 60.0) -> None:
    """Give every order its turn while its provider still misbehaves as the seed has it; what is
    held meanwhile is sent in calm weather."""
    until = time.monotonic() + most
    while time.monotonic() < until and _some_on_our_side():
        pause(EVERY)


def _some_on_our_side() -> bool:
    try:
        return Order.objects.filter(ON_OUR_SIDE).exists()
    except (DatabaseError, InterfaceError):  # this connection was cut
        connection.close()
        return True


class Settling:
    """Good weather, staff at work, and every job run once more until nothing changes."""

    def __init__(self, upstreams: list[Upstream], decider: Decider, by: User):
        self._upstreams, self._decider, self._by = upstreams, decider, by
        self._day_has_passed = False

    def run(self, pause: Callable[[float], None], most: float = SECONDS) -> float:
        """Returns the seconds that it took; raises what `pause` does."""
        for upstream in self._upstreams:
            upstream.behave()
        # After lost probes the next one is an hour off, longer than anybody wants to watch.
        ProviderState.objects.exclude(hold="").update(probe_after=timezone.now())
        began = time.monotonic()
        while (passed := time.monotonic() - began) < most:
            if self._step():
                break
            pause(EVERY)
        return passed

    def _step(self) -> bool:
        """One more round; whether all is at rest. What was stopped may hold a lock for a while."""
        try:
            self._decider.look()
            self._cancel_what_is_gone()
            said = rounds.run_once(timezone.now())
            if not Order.objects.filter(ON_OUR_SIDE).exists() and not self._day_has_passed:
                self._let_a_day_pass()
                return False
            return self._day_has_passed and self._is_at_rest(said)
        except (DatabaseError, InterfaceError, OSError) as error:
            log.warning("chaos.settling", error=str(error))
            connection.close()
            return False

    def _let_a_day_pass(self) -> None:
        for upstream in self._upstreams:
            upstream.let_a_day_pass()
        self._day_has_passed = True

    def _is_at_rest(self, said: dict[str, str]) -> bool:
        """Nothing is open, and every order was asked about and had nothing new to tell."""
        asked = said["sweep_orders"].split("; ")
        quiet = all(" 0 changed" in one and "(" not in one for one in asked)
        return quiet and not Order.objects.filter(UNSETTLED).exists()

    def _cancel_what_is_gone(self) -> None:
        """Staff cancels orders of a service that is no longer sold, and of a request not
        understood: no job would send them by itself."""
        reasons = [HoldReason.SERVICE_PAUSED, HoldReason.REQUEST]
        for order in Order.objects.filter(status=OrderStatus.WAITING, hold__in=reasons)[:200]:
            try:
                cancellations.cancel_waiting(order, by=self._by, now=timezone.now(), reason="Gone")
            except Declined:
                continue

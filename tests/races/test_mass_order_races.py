"""Two clicks on *Place*, two workers on the same lines, a stop in between, workers that are killed.

Each race is run with its guards, and without them to show their need.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from orders import ledger_check, mass_orders, placement
from orders.enums import MassLineState, NotPlaced
from orders.mass_orders import carrying, deciding
from orders.models import Customer, MassLine, MassOrder, Order, Transfer
from tests.support import factories
from tests.support.guards import Guards
from tests.support.racing import after, before, race
from tests.support.simulator import ROOT
from tests.support.threads import at_once

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
NOW = factories.NOW
S = MassLineState
KEY = "client_key_once_per_customer"


@pytest.fixture
def typed() -> Callable[[int], MassOrder]:
    """Lines of one client with money enough, each on a link of its own."""
    service = factories.service()
    casa = factories.customer("Casa Verde", balance="1000", signs_in=True)

    def type_lines(count: int) -> MassOrder:
        assert casa.user is not None
        lines = "\n".join(f"{service.pk} | @name{number} | 10" for number in range(count))
        return mass_orders.keep(casa, lines, by=casa.user, now=NOW)

    return type_lines


def confirming(draft: MassOrder) -> Callable[[], MassOrder]:
    source = mass_orders.read(draft.text)
    seen = mass_orders.check(draft.customer, source, by=draft.made_by).fingerprint
    return partial(mass_orders.confirm, draft, seen, by=draft.made_by, now=NOW)


def confirmed(draft: MassOrder) -> MassOrder:
    return confirming(draft)()


def links() -> list[str]:
    return sorted(Order.objects.values_list("link", flat=True))


# ── Two clicks ───────────────────────────────────────────────────────────────────────────────

WRITES_LINES = after(deciding, "_to_place")


def test_two_clicks_on_place_write_the_lines_once(typed: Callable[[int], MassOrder]) -> None:
    click = confirming(typed(2))
    first, second = race(click, click, at=WRITES_LINES)
    assert first.pk == second.pk
    assert MassLine.objects.count() == 2


def test_without_the_lock_the_table_keeps_the_second_click_out(
    typed: Callable[[int], MassOrder], guards: Guards
) -> None:
    guards.lift_row_locks(MassOrder)
    click = confirming(typed(2))
    first, second = race(click, click, at=WRITES_LINES)
    assert isinstance(first, MassOrder) and isinstance(second, Exception)
    assert MassLine.objects.count() == 2


def test_the_lock_alone_keeps_the_second_click_out(
    typed: Callable[[int], MassOrder], guards: Guards
) -> None:
    guards.drop("mass_line_once")
    click = confirming(typed(2))
    race(click, click, at=WRITES_LINES)
    assert MassLine.objects.count() == 2


def test_without_either_two_clicks_write_the_lines_twice(
    typed: Callable[[int], MassOrder], guards: Guards
) -> None:
    guards.lift_row_locks(MassOrder)
    guards.drop("mass_line_once")
    click = confirming(typed(2))
    race(click, click, at=WRITES_LINES)
    assert MassLine.objects.count() == 4


# ── Two workers ──────────────────────────────────────────────────────────────────────────────

PLACES = before(placement, "_place")


def placing(made: MassOrder) -> Callable[[], Any]:
    return lambda: carrying.place_next(made.pk, NOW)


def test_two_workers_place_different_lines(typed: Callable[[int], MassOrder]) -> None:
    made = confirmed(typed(2))
    assert race(placing(made), placing(made), at=PLACES) == [S.PLACED, S.PLACED]
    assert links() == ["@name0", "@name1"]


def test_of_two_workers_at_the_last_line_one_finds_none(typed: Callable[[int], MassOrder]) -> None:
    made = confirmed(typed(1))
    assert race(placing(made), placing(made), at=[PLACES, None]) == [S.PLACED, None]
    assert links() == ["@name0"]


def test_without_the_lock_the_key_keeps_the_line_from_a_second_order(
    typed: Callable[[int], MassOrder], guards: Guards
) -> None:
    guards.lift_row_locks(MassLine)
    made = confirmed(typed(1))
    race(placing(made), placing(made), at=PLACES)
    assert links() == ["@name0"]
    assert Transfer.objects.filter(order__isnull=False).count() == 1
    assert ledger_check.check() == []


def test_the_lock_alone_keeps_the_line_from_a_second_order(
    typed: Callable[[int], MassOrder], guards: Guards
) -> None:
    guards.drop(KEY)
    made = confirmed(typed(1))
    MassLine.objects.update(overlap_ok=True)
    assert race(placing(made), placing(made), at=[PLACES, None]) == [S.PLACED, None]
    assert links() == ["@name0"]


def test_without_either_a_line_is_placed_twice(
    typed: Callable[[int], MassOrder], guards: Guards
) -> None:
    guards.lift_row_locks(MassLine)
    guards.drop(KEY)
    made = confirmed(typed(1))
    MassLine.objects.update(overlap_ok=True)
    race(placing(made), placing(made), at=PLACES)
    assert links() == ["@name0", "@name0"]


def test_many_workers_at_once_place_each_line_once(typed: Callable[[int], MassOrder]) -> None:
    confirmed(typed(24))
    at_once(*[lambda: mass_orders.carry_out(NOW)] * 4)
    mass_orders.carry_out(NOW)
    assert len(links()) == len(set(links())) == 24
    assert ledger_check.check() == []


# ── Stopping ─────────────────────────────────────────────────────────────────────────────────


def test_a_stop_waits_for_the_line_that_is_being_placed(
    typed: Callable[[int], MassOrder],
) -> None:
    made = confirmed(typed(2))
    stop = partial(mass_orders.stop, made, by=made.made_by, now=NOW)
    placed, stopped = race(placing(made), stop, at=[PLACES, None])
    assert (placed, stopped) == (S.PLACED, 1)
    states = MassLine.objects.order_by("number").values_list("state", "why")
    assert list(states) == [(S.PLACED, ""), (S.NOT_PLACED, NotPlaced.STOPPED)]
    assert links() == ["@name0"]


def test_without_the_lock_a_line_is_told_as_stopped_and_placed(
    typed: Callable[[int], MassOrder], guards: Guards
) -> None:
    guards.lift_row_locks(MassLine)
    made = confirmed(typed(2))
    stop = partial(mass_orders.stop, made, by=made.made_by, now=NOW)
    placed, stopped = race(placing(made), stop, at=[PLACES, None])
    assert (placed, stopped) == (S.PLACED, 2)
    assert links() == ["@name0"]


def test_two_presses_take_the_lines_up_once(typed: Callable[[int], MassOrder]) -> None:
    made = confirmed(typed(2))
    mass_orders.stop(made, by=made.made_by, now=NOW)
    (rest,) = mass_orders.rests(made)

    def press() -> int:
        return mass_orders.again(made, rest.why, rest.fingerprint, by=made.made_by, now=NOW)

    first, second = race(press, press, at=after(deciding, "_require_funds"))
    assert first == 2 and not isinstance(second, int)
    assert MassLine.objects.filter(state=S.WAITING).count() == 2


def test_without_the_locks_two_presses_take_the_lines_up_twice(
    typed: Callable[[int], MassOrder], guards: Guards
) -> None:
    guards.lift_row_locks(MassOrder, MassLine)
    made = confirmed(typed(2))
    mass_orders.stop(made, by=made.made_by, now=NOW)
    (rest,) = mass_orders.rests(made)

    def press() -> int:
        return mass_orders.again(made, rest.why, rest.fingerprint, by=made.made_by, now=NOW)

    assert race(press, press, at=after(deciding, "_require_funds")) == [2, 2]


# ── Workers that are killed ──────────────────────────────────────────────────────────────────


def worker(place: str, times: int) -> subprocess.Popen[bytes]:
    """A process that places what waits in this test's database, and stops at one place."""
    values = connection.settings_dict
    address = f"postgres://{values['USER']}@{values['HOST']}:{values['PORT']}/{values['NAME']}"
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.placing_worker", place, str(times)],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": address, "FIELD_KEYS": ",".join(settings.FIELD_KEYS)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_until_it_stops(process: subprocess.Popen[bytes], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while True:
        with open(f"/proc/{process.pid}/stat") as stat:
            if stat.read().rsplit(")", 1)[1].split()[0] == "T":
                return
        assert process.poll() is None, "it ended before it came there"
        assert time.monotonic() < end, "it never came there"
        time.sleep(0.05)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="one process writes at a time")
@pytest.mark.parametrize("place", ["before-order", "after-order", "before-result", "after-result"])
def test_a_worker_killed_at_any_place_leaves_a_line_that_is_placed_once(
    place: str, typed: Callable[[int], MassOrder]
) -> None:
    """Killed at the third line: two are placed, the third is as it was, and the rest follow."""
    confirmed(typed(5))
    process = worker(place, 3)
    try:
        wait_until_it_stops(process)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    done = MassLine.objects.filter(state=S.PLACED).count()
    assert done == Order.objects.count() == 2
    end = time.monotonic() + 30
    while MassLine.objects.filter(state=S.WAITING).exists():  # until its session is gone, too
        assert time.monotonic() < end, "a line waits for ever"
        mass_orders.carry_out(NOW)
    assert links() == [f"@name{number}" for number in range(5)]
    assert MassLine.objects.filter(state=S.PLACED).count() == 5
    assert ledger_check.check() == []
    assert Customer.objects.get().orders.count() == 5

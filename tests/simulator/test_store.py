"""What was accepted outlives every kind of end."""

import signal
from pathlib import Path

import pytest

from orders.upstream.simulator.settings import Settings
from orders.upstream.simulator.store import Journal, StoreError
from orders.upstream.simulator.world import World
from tests.support.simulator import RunningSimulator

from .conftest import LINK, Provider


def begin(path: Path, **settings: object) -> Provider:
    return Provider(World(Settings(**settings), Journal(path)))  # type: ignore[arg-type]


def test_a_restart_goes_on_where_it_stopped(tmp_path: Path) -> None:
    first = begin(tmp_path / "state")
    refillable = first.service(refill_days=True, cancel=True)
    orders = [first.buy(refillable, link=f"{LINK}/fault-partial"), first.buy(refillable)]
    orders += [first.buy(quantity=50, runs=3, interval=5), first.buy(refillable)]
    first.call("cancel", orders=orders[3])
    first.wait(days=1)
    first.world.commit(record="service", id=104, values={"gone": True, "rate": "9.1"})
    first.world.commit(record="deposit", amount="5")
    first.wait(days=3)
    first.call("refill", order=orders[1])
    expected = [first.status(*orders), first.call("services"), first.balance()]
    first.world.journal.close()

    second = begin(tmp_path / "state")
    second.now = first.now
    assert [second.status(*orders), second.call("services"), second.balance()] == expected
    assert second.call("refill_status", refill=1) == {"status": "Pending"}
    assert second.buy() > orders[3]
    assert [order.sequence for order in second.world.log] == [1, 2, 3, 4, 5]


def test_a_torn_last_line_is_cut_off(tmp_path: Path) -> None:
    first = begin(tmp_path / "state")
    order = first.buy()
    first.world.journal.close()
    with open(tmp_path / "state", "ab") as file:
        file.write(b'{"record":"order","id":99')
    second = begin(tmp_path / "state")
    assert [kept.id for kept in second.world.log] == [order]
    second.buy()
    second.world.journal.close()
    assert len(begin(tmp_path / "state").world.log) == 2


def test_one_state_file_has_one_simulator(tmp_path: Path) -> None:
    first = begin(tmp_path / "state")
    with pytest.raises(StoreError, match="in use"):
        begin(tmp_path / "state")
    first.world.journal.close()


def test_another_catalog_does_not_fit_an_old_state(tmp_path: Path) -> None:
    begin(tmp_path / "state").world.journal.close()
    with pytest.raises(StoreError, match="--services 300 --seed 1"):
        begin(tmp_path / "state", seed=2)


def test_fresh_begins_anew(tmp_path: Path) -> None:
    first = begin(tmp_path / "state")
    first.buy()
    first.world.journal.close()
    assert World(Settings(seed=2), Journal(tmp_path / "state", fresh=True)).log == []


@pytest.mark.parametrize("word", ["", "/fault-timeout-after"])
def test_kill_9_after_accepting_keeps_the_add(tmp_path: Path, word: str) -> None:
    state = tmp_path / "state"
    first = RunningSimulator(process=True, state=state)
    first.faults(hold_seconds=0.2)
    try:
        first.call("add", service=101, link=LINK + word, quantity=100)
    except OSError:
        assert word
    log = first.log()
    assert len(log) == 1
    first.kill()
    with RunningSimulator(process=True, state=state) as second:
        assert second.log() == log
        assert second.call("status", order=log[0]["order"])["status"] == "Pending"


def test_a_process_ends_at_once_and_cleanly() -> None:
    simulator = RunningSimulator(process=True)
    assert simulator.process
    for number in (signal.SIGTERM, signal.SIGINT):
        simulator.process.send_signal(number)
    assert simulator.process.wait(2) == 0
    simulator.process.communicate()

"""The HTTP face: faults of the connection, the levers, and stopping."""

import json
import socket
import time
from contextlib import suppress
from datetime import UTC, datetime
from http.client import HTTPConnection, RemoteDisconnected
from urllib.parse import urlencode, urlsplit

import pytest

from tests.support.simulator import RunningSimulator

from .conftest import LINK


def post(simulator: RunningSimulator, timeout: float = 5, **params: object) -> tuple[int, bytes]:
    connection = HTTPConnection(urlsplit(simulator.origin).netloc, timeout=timeout)
    try:
        body = urlencode({"key": simulator.key, **params})
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/api/v2", body, form)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def add(simulator: RunningSimulator, word: str = "", timeout: float = 5) -> tuple[int, bytes]:
    link = f"{LINK}/fault-{word}" if word else LINK
    return post(simulator, timeout, action="add", service=101, link=link, quantity=100)


BEFORE = ["refuse-connection", "timeout-before", "html-502-before", "redirect"]
AFTER = ["timeout-after", "reset-after", "html-502-after", "empty-body", "php-noise"]


@pytest.mark.parametrize(("words", "accepted"), [(BEFORE, 0), (AFTER, 1)])
def test_only_what_comes_after_accepting_is_in_the_log(
    simulator: RunningSimulator, words: list[str], accepted: int
) -> None:
    for word in words:
        simulator.reset()
        with suppress(OSError):
            add(simulator, word, timeout=0.2)
        assert len(simulator.log()) == accepted, word


@pytest.mark.parametrize("word", ["timeout-before", "timeout-after"])
def test_a_time_out_says_nothing(simulator: RunningSimulator, word: str) -> None:
    with pytest.raises(TimeoutError):
        add(simulator, word, timeout=0.3)


def test_a_time_out_ends_when_its_time_is_over(simulator: RunningSimulator) -> None:
    simulator.faults(hold_seconds=0.2)
    started = time.monotonic()
    with pytest.raises(RemoteDisconnected):
        add(simulator, "timeout-after")
    assert 0.15 < time.monotonic() - started < 3


@pytest.mark.parametrize("word", ["refuse-connection", "reset-after"])
def test_a_reset_is_a_reset(simulator: RunningSimulator, word: str) -> None:
    with pytest.raises(ConnectionResetError):
        add(simulator, word)


@pytest.mark.parametrize("word", ["html-502-before", "html-502-after"])
def test_a_proxy_s_page(simulator: RunningSimulator, word: str) -> None:
    status, body = add(simulator, word)
    assert status == 502
    assert b"<html>" in body


def test_an_empty_body_and_noise_and_a_redirect(simulator: RunningSimulator) -> None:
    assert add(simulator, "empty-body") == (200, b"")
    status, noisy = add(simulator, "php-noise")
    assert status == 200
    assert noisy.startswith(b"\xef\xbb\xbf<br />")
    assert b'{"order":' in noisy
    assert add(simulator, "redirect")[0] == 302


def test_latency_delays_the_answer(simulator: RunningSimulator) -> None:
    started = time.monotonic()
    assert add(simulator, "latency-300")[0] == 200
    assert time.monotonic() - started >= 0.3


def test_a_rate_limit_answers_429_with_json(simulator: RunningSimulator) -> None:
    simulator.faults(rate_limit={"next": 1})
    status, body = post(simulator, action="balance")
    assert (status, json.loads(body)) == (429, {"error": "Rate limit exceeded"})


@pytest.mark.parametrize("process", [False, True])
def test_refused_connections_are_refused_and_come_back(process: bool) -> None:
    with RunningSimulator(process=process) as simulator:
        simulator.refuse(seconds=0.5)
        with pytest.raises(ConnectionRefusedError):
            post(simulator, action="balance")
        if process:
            time.sleep(0.8)
        else:
            simulator.accept()
        assert post(simulator, action="balance")[0] == 200


def test_a_kept_connection_is_cut_while_connections_are_refused(
    simulator: RunningSimulator,
) -> None:
    connection = HTTPConnection(urlsplit(simulator.origin).netloc, timeout=5)
    connection.request("POST", "/api/v2", "action=balance")
    connection.getresponse().read()
    simulator.refuse()
    with pytest.raises((ConnectionResetError, RemoteDisconnected)):
        connection.request("POST", "/api/v2", "action=balance")
        connection.getresponse()
    connection.close()


def test_get_json_and_a_trailing_slash_are_understood(simulator: RunningSimulator) -> None:
    connection = HTTPConnection(urlsplit(simulator.origin).netloc, timeout=5)
    asked = {"key": simulator.key, "action": "balance"}
    connection.request("GET", f"/api/v2/?{urlencode(asked)}")
    first = json.load(connection.getresponse())
    connection.request("POST", "/api/v2", json.dumps(asked), {"Content-Type": "application/json"})
    assert json.load(connection.getresponse()) == first == {"balance": "1000", "currency": "USD"}
    connection.close()


def test_calls_that_must_not_be_repeated_tell_what_was_asked_and_answered(
    simulator: RunningSimulator,
) -> None:
    simulator.call("cancel", orders="7,8")
    simulator.call("refill", order="9")
    simulator.call("status", order="9")
    stop, refill, status = simulator.calls()
    assert (stop["orders"], refill["orders"]) == (["7", "8"], ["9"])
    assert stop["answer"][1] == {"order": 8, "cancel": {"error": "Incorrect order ID"}}
    assert refill["answer"] == {"error": "Incorrect order ID"}
    assert "orders" not in status


def test_calls_are_counted_with_their_ids(simulator: RunningSimulator) -> None:
    for size in (100, 100, 50):
        simulator.call("status", orders=",".join(map(str, range(size))))
    simulator.call("balance")
    assert [call["ids"] for call in simulator.calls("status")] == [100, 100, 50]
    assert simulator.counts() == {"status": 3, "balance": 1}


def test_the_log_tells_all_of_an_add(simulator: RunningSimulator) -> None:
    simulator.set_clock(datetime(2026, 11, 2, 10, tzinfo=UTC))
    order = simulator.call("add", service=101, link=LINK, quantity=100, request_id="r1")["order"]
    simulator.call("add", service=101, link="", quantity=100)
    (entry,) = simulator.log()
    assert entry["order"] == order
    assert entry["sequence"] == 1
    assert entry["at"] == "2026-11-02T10:00:00+00:00"
    assert entry["params"] == {
        "service": "101", "link": LINK, "quantity": "100", "request_id": "r1",
    }  # fmt: skip
    assert simulator.key not in json.dumps(entry)


def test_the_clock_can_be_moved_and_let_go(simulator: RunningSimulator) -> None:
    simulator.set_clock(datetime(2026, 11, 2, 10, tzinfo=UTC))
    order = simulator.call("add", service=101, link=LINK, quantity=100)["order"]
    assert simulator.call("status", order=order)["status"] == "Pending"
    simulator.set_clock(datetime(2026, 11, 4, 10, tzinfo=UTC))
    assert simulator.call("status", order=order)["status"] == "Completed"
    simulator.set_clock(None)
    assert simulator.calls("status")[-1]["at"].startswith("2026-11-04")
    simulator.call("balance")
    assert simulator.calls("balance")[-1]["at"][:10] == datetime.now(UTC).date().isoformat()


def test_an_order_can_be_forced_and_let_go(simulator: RunningSimulator) -> None:
    order = simulator.call("add", service=101, link=LINK, quantity=1000)["order"]
    simulator.set_order(order, status="Partial", remains=400, start_count=7)
    answer = simulator.call("status", order=order)
    assert (answer["status"], answer["remains"], answer["start_count"]) == ("Partial", "400", "7")
    assert answer["charge"] == f"{float(simulator.log()[0]['charge']) * 0.6:.6f}".rstrip("0")
    simulator.set_order(order, status=None, remains=None)
    assert simulator.call("status", order=order)["status"] == "Pending"


def test_services_rates_and_the_balance_can_be_set(simulator: RunningSimulator) -> None:
    simulator.set_service(101, gone=True)
    assert 101 not in {row["service"] for row in simulator.call("services")}
    simulator.set_service(101, gone=False, disabled=True, min=7)
    asked = {"service": 101, "link": LINK, "quantity": 7}
    assert simulator.call("add", **asked) == {"error": "Disabled service ID"}
    simulator.set_service(101, disabled=False)
    simulator.set_rates("1.5", [101])
    simulator.set_rates("1.5", [101])
    row = simulator.call("services")[0]
    assert (row["service"], row["rate"], row["min"]) == (101, "1.39473", "7")
    simulator.set_balance(0)
    assert simulator.call("add", **asked) == {"error": "Not enough funds on balance"}
    simulator.set_balance("5.25")
    assert simulator.call("balance")["balance"] == "5.25"


def test_a_lever_pulled_wrongly_explains_itself(simulator: RunningSimulator) -> None:
    with pytest.raises(AssertionError, match=r"Known: .*timeout_after"):
        simulator.faults(gremlins=1)
    with pytest.raises(AssertionError, match="no order 5"):
        simulator.set_order(5, status="Completed")
    with pytest.raises(AssertionError, match="Unknown: colour"):
        simulator.set_service(101, colour="red")
    with pytest.raises(AssertionError, match="POST /_sim/clock"):
        simulator._control("GET", "nothing")


def test_a_reset_forgets_everything(simulator: RunningSimulator) -> None:
    simulator.call("add", service=101, link=LINK, quantity=100)
    simulator.faults(bad_key=1)
    simulator.set_rates(2)
    simulator.reset()
    assert simulator.log() == []
    assert simulator.counts() == {}
    assert simulator.call("balance")["balance"] == "1000"
    assert simulator.call("services")[0]["rate"] == "0.92982"


def test_stopping_ends_a_held_call_and_frees_the_port() -> None:
    simulator = RunningSimulator()
    port = urlsplit(simulator.origin).port
    simulator.faults(timeout_before={"next": 1})
    held = socket.create_connection(("127.0.0.1", port))
    held.sendall(b"POST /api/v2 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
    time.sleep(0.2)
    simulator.stop()
    held.settimeout(3)
    assert held.recv(10) == b""
    held.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    with RunningSimulator(port=port) as again:
        assert again.call("balance")["balance"] == "1000"

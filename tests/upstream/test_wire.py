"""What happens on the wire: written once or not at all, in time, and never too much of it."""

import gzip
import queue
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from orders.upstream import client as client_module
from orders.upstream import connections
from orders.upstream.account import Account
from orders.upstream.client import Client
from orders.upstream.errors import AnswerUnknown, NotSent, ReadFailed
from orders.upstream.replies import StatusReply
from tests.upstream.conftest import Serve
from tests.upstream.recordings import KEY, recording
from tests.upstream.server import Connection, answering, reply

ORDER = {"service": "1", "link": "https://example.com/a", "quantity": "100"}
BALANCE = reply(b'{"balance": "1", "currency": "USD"}')
CREATED = reply(b'{"order": 23501}')


def after(seconds: float) -> float:
    return time.monotonic() + seconds


# ── written once ────────────────────────────────────────────────────────────────────────────────


def test_a_kept_connection_that_dies_after_accepting_sees_one_add(serve: Serve) -> None:
    def script(connection: Connection) -> None:
        while connection.request().get("action") == "balance":
            connection.send(BALANCE)

    client, server = serve(script)
    client.balance()
    with pytest.raises(AnswerUnknown) as caught:
        client.add(ORDER, send_before=after(5))
    assert caught.value.reason == "reset"
    assert server.actions == ["balance", "add"]
    assert server.connections == 2


@pytest.mark.parametrize("action", ["add", "refill", "refills", "cancel"])
def test_sending_actions_open_a_connection_each_and_close_it(serve: Serve, action: str) -> None:
    answer = b'{"order": 5, "1": {"refill": 1, "cancel": 1}, "refill": 1}'
    client, server = serve(answering(reply(answer)))
    for _ in range(2):
        argument: Any = {"add": ORDER, "refill": "1"}.get(action, ["1"])
        getattr(client, action)(argument, send_before=after(5))
    assert server.connections == 2
    assert all("Connection: close" in head for head in server.heads)


def test_reading_actions_keep_their_connection(serve: Serve) -> None:
    client, server = serve(answering(BALANCE))
    for _ in range(5):
        client.balance()
    assert (server.connections, len(server.forms)) == (1, 5)


def test_reading_asks_again_when_the_kept_connection_was_dead(serve: Serve) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.send(BALANCE)
        connection.request()

    client, server = serve(script)
    client.balance()
    client.balance()
    assert len(server.forms) == 3
    assert server.connections == 2


def test_reading_does_not_ask_again_on_a_new_connection(serve: Serve) -> None:
    client, server = serve(lambda connection: connection.request())
    with pytest.raises(ReadFailed) as caught:
        client.balance()
    assert caught.value.reason == "reset"
    assert len(server.forms) == 1


def test_a_request_goes_out_in_one_piece(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[bytes] = []

    class Counting(socket.socket):
        def send(self, data: Any, *args: Any) -> int:
            pieces.append(bytes(data))
            return super().send(data, *args)

    connect = connections._connect
    monkeypatch.setattr(
        connections, "_connect", lambda *args: Counting(fileno=connect(*args).detach())
    )
    client, _ = serve(answering(CREATED))
    client.add(ORDER, send_before=after(5))
    assert len(pieces) == 1
    assert pieces[0].startswith(b"POST /api/v2 HTTP/1.1\r\n")
    assert pieces[0].endswith(b"&action=add")


# ── not sent ────────────────────────────────────────────────────────────────────────────────────


def test_a_moment_that_has_passed_opens_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Any] = []
    monkeypatch.setattr(connections, "_connect", lambda *args: tried.append(args))
    with pytest.raises(NotSent) as caught:
        Client(Account("http://127.0.0.1:9/", KEY)).add(ORDER, send_before=after(-0.001))
    assert caught.value.reason == "late"
    assert caught.value.exchange
    assert not caught.value.exchange.written
    assert tried == []


def test_a_moment_that_passes_while_connecting_sends_not_a_byte(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    client, _ = serve(lambda connection: seen.put(connection.sock.recv(100)))
    connect = connections._connect

    def slowly(*args: Any) -> socket.socket:
        time.sleep(0.3)
        return connect(*args)

    monkeypatch.setattr(connections, "_connect", slowly)
    with pytest.raises(NotSent) as caught:
        client.add(ORDER, send_before=after(0.2))
    assert caught.value.reason == "late"
    assert seen.get(timeout=5) == b""


def test_a_refused_connection_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = Client(Account(f"http://127.0.0.1:{port}/api/v2", KEY))
    with pytest.raises(NotSent) as caught:
        client.add(ORDER, send_before=after(5))
    assert caught.value.reason == "connect"
    with pytest.raises(ReadFailed) as failed:
        client.balance()
    assert failed.value.reason == "connect"


def test_no_library_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Any] = []

    def refuse(*args: Any) -> None:
        tried.append(args)
        raise ConnectionRefusedError

    monkeypatch.setattr(connections, "_connect", refuse)
    client = Client(Account("http://127.0.0.1:9/api/v2", KEY))
    with pytest.raises(NotSent):
        client.add(ORDER, send_before=after(5))
    with pytest.raises(ReadFailed):
        client.balance()
    assert len(tried) == 2


def test_an_unknown_host_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: Any, **kwargs: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotSent) as caught:
        Client(Account("https://nowhere.invalid/api/v2", KEY)).add(ORDER, send_before=after(5))
    assert caught.value.reason == "dns"


PUBLIC, INSIDE = "93.184.216.34", "::ffff:127.0.0.1"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1"])
def test_a_host_inside_is_not_even_connected_to(serve: Serve, host: str) -> None:
    client, server = serve(answering(BALANCE), public_only=True)
    client = Client(replace(client.account, url=server.url.replace("127.0.0.1", host)))
    with pytest.raises(NotSent) as caught:
        client.add(ORDER, send_before=after(5))
    assert caught.value.reason == "forbidden"
    with pytest.raises(ReadFailed) as failed:
        client.balance()
    assert failed.value.reason == "forbidden"
    assert server.connections == 0


def test_a_name_that_leads_inside_the_second_time_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever owns a name decides what it stands for, anew with each look at it."""
    connected = []
    answers = iter([PUBLIC, INSIDE])

    def resolved(*args: Any, **more: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 443))]

    def connect(self: socket.socket, address: Any) -> None:
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    monkeypatch.setattr(socket.socket, "connect", connect)
    client = Client(Account("https://provider.example/", KEY, public_only=True))
    reasons = []
    for _ in range(2):
        with pytest.raises(ReadFailed) as failed:
            client.balance()
        reasons.append(failed.value.reason)
    assert (reasons, connected) == (["connect", "forbidden"], [PUBLIC])


@pytest.mark.parametrize("url", ["", "panel.example/api", "ftp://panel.example/", "http://[::"])
def test_an_address_that_is_none_is_not_sent(url: str) -> None:
    with pytest.raises(NotSent) as caught:
        Client(Account(url, KEY)).add(ORDER, send_before=after(5))
    assert caught.value.reason == "request"


def test_connecting_has_its_own_time_out(serve: Serve) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(address)
        client = Client(Account(f"http://127.0.0.1:{address[1]}/", KEY, connect_timeout=0.3))
        started = time.monotonic()
        with pytest.raises(NotSent) as caught:
            client.add(ORDER, send_before=after(10))
        assert caught.value.reason == "connect"
        assert time.monotonic() - started < 8, "not that of the whole"
        for each in waiting:
            each.close()


# ── in time ─────────────────────────────────────────────────────────────────────────────────────

QUICK = {"connect_timeout": 1, "read_timeout": 0.5, "total_timeout": 0.8}


def drip(data: bytes, pause: float = 0.05) -> Any:
    def script(connection: Connection) -> None:
        connection.request()
        for byte in data:
            connection.send(bytes([byte]))
            time.sleep(pause)

    return script


@pytest.mark.parametrize(
    "answer",
    [
        reply(b'{"order": 23501}' + b" " * 100),
        b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 200,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 100,
    ],
    ids=["body", "head", "chunks"],
)
def test_a_slow_drip_meets_the_total_deadline(serve: Serve, answer: bytes) -> None:
    client, server = serve(drip(answer), **QUICK)
    started = time.monotonic()
    with pytest.raises(AnswerUnknown) as caught:
        client.add(ORDER, send_before=after(5))
    assert caught.value.reason == "timeout"
    with pytest.raises(ReadFailed) as failed:
        client.balance()
    assert failed.value.reason == "timeout"
    assert time.monotonic() - started < 10, "the two would drip for longer"
    assert server.actions == ["add", "balance"]


def test_silence_meets_the_read_time_out(serve: Serve) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.server.done.wait(5)

    client, _ = serve(script, connect_timeout=1, read_timeout=0.2, total_timeout=5)
    started = time.monotonic()
    with pytest.raises(AnswerUnknown) as caught:
        client.add(ORDER, send_before=after(5))
    assert caught.value.reason == "timeout"
    assert time.monotonic() - started < 4, "not the time-out of the whole"


def test_interim_answers_without_end_meet_the_deadline(serve: Serve) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        while True:
            connection.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

    client, _ = serve(script, **QUICK)
    started = time.monotonic()
    with pytest.raises(AnswerUnknown):
        client.add(ORDER, send_before=after(30))
    assert time.monotonic() - started < 20


def test_a_request_that_nobody_reads_meets_the_deadline(serve: Serve) -> None:
    client, _ = serve(lambda connection: connection.server.done.wait(10), total_timeout=2)
    huge = {**ORDER, "comments": "x" * 10_000_000}
    with pytest.raises(AnswerUnknown) as caught:
        client.add(huge, send_before=after(5))
    assert caught.value.reason == "timeout"


def test_an_answer_that_came_while_we_were_stopped_is_read(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    init = connections._Response.__init__

    def asleep(*args: Any, **kwargs: Any) -> None:
        time.sleep(1)
        init(*args, **kwargs)

    monkeypatch.setattr(connections._Response, "__init__", asleep)
    client, _ = serve(answering(CREATED), **QUICK)
    assert client.add(ORDER, send_before=after(5)).upstream_id == "23501"


# ── broken, redirected, too large ───────────────────────────────────────────────────────────────


def test_a_reset_after_the_request_was_written_is_unknown(serve: Serve) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.reset()

    client, server = serve(script)
    with pytest.raises(AnswerUnknown) as caught:
        client.add(ORDER, send_before=after(5))
    assert caught.value.reason == "reset"
    assert server.actions == ["add"]


def test_an_order_in_a_whole_document_counts_though_the_connection_broke(serve: Serve) -> None:
    client, _ = serve(one(reply(b'{"order": 23501}').replace(b"16", b"99")))
    assert client.add(ORDER, send_before=after(5)).upstream_id == "23501"


def test_a_refusal_counts_only_when_it_came_whole(serve: Serve) -> None:
    client, _ = serve(one(reply(b'{"error": "Bad link"}').replace(b"21", b"99")))
    with pytest.raises(AnswerUnknown) as caught:
        client.add(ORDER, send_before=after(5))
    assert caught.value.reason == "reset"


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n" * 3,
        b"\x15\x03\x01\x00\x02\x02\x50" * 20_000,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        reply(b"not gzip", "200 OK", "Content-Encoding: gzip"),
    ],
)
def test_an_answer_that_is_no_http_is_noise(serve: Serve, answer: bytes) -> None:
    client, _ = serve(answering(answer))
    with pytest.raises(AnswerUnknown) as caught:
        client.add(ORDER, send_before=after(5))
    assert caught.value.reason == "noise"
    with pytest.raises(ReadFailed):
        client.balance()


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_never_followed(serve: Serve, status: str) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.send(reply(b"", status, f"Location: {connection.server.url}"))

    client, server = serve(script)
    with pytest.raises(AnswerUnknown) as caught:
        client.add(ORDER, send_before=after(5))
    assert caught.value.reason == "redirect"
    with pytest.raises(ReadFailed):
        client.balance()
    assert server.actions == ["add", "balance"]


def flood(head: bytes) -> Any:
    def script(connection: Connection) -> None:
        connection.request()
        connection.send(head)
        for sent in range(100):
            connection.send(b" " * 1_048_576)
            connection.server.sent = sent + 1  # type: ignore[attr-defined]

    return script


@pytest.mark.parametrize("status", ["200 OK", "302 Found", "500 Error"])
def test_a_hundred_megabytes_are_not_read_to_the_end(serve: Serve, status: str) -> None:
    head = f"HTTP/1.1 {status}\r\nContent-Length: 104857600\r\nLocation: /x\r\n\r\n"
    client, server = serve(flood(head.encode()))
    with pytest.raises(AnswerUnknown) as caught:
        client.add(ORDER, send_before=after(5))
    assert caught.value.reason == "too_large"
    assert server.sent < 50  # type: ignore[attr-defined]
    with pytest.raises(ReadFailed) as failed:
        client.statuses(["1"])
    assert failed.value.reason == "too_large"
    assert len(failed.value.exchange.body) <= 2000  # type: ignore[union-attr]


def test_what_unpacks_to_too_much_is_not_unpacked_to_the_end(serve: Serve) -> None:
    packed = gzip.compress(b" " * 100_000_000)
    client, _ = serve(answering(reply(packed, "200 OK", "Content-Encoding: gzip")))
    with pytest.raises(ReadFailed) as caught:
        client.balance()
    assert caught.value.reason == "too_large"


def test_a_packed_answer_is_unpacked(serve: Serve) -> None:
    packed = gzip.compress(recording("services/reference").body)
    client, server = serve(answering(reply(packed, "200 OK", "Content-Encoding: gzip")))
    assert len(client.services().rows or []) == 2
    assert "Accept-Encoding: gzip, deflate" in server.heads[0]


def test_a_chunked_answer_is_read(serve: Serve) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b'9\r\n{"order":\r\n7\r\n 23501}\r\n0\r\n\r\n'
    client, _ = serve(answering(head + chunks))
    assert client.add(ORDER, send_before=after(5)).upstream_id == "23501"


def test_an_answer_that_ends_with_the_connection_is_read(serve: Serve) -> None:
    client, _ = serve(one(b'HTTP/1.0 200 OK\r\n\r\n{"order": 23501}'))
    assert client.add(ORDER, send_before=after(5)).upstream_id == "23501"


def one(answer: bytes) -> Any:
    """A script that answers once and closes."""

    def script(connection: Connection) -> None:
        connection.request()
        connection.send(answer)

    return script


# ── what is sent ────────────────────────────────────────────────────────────────────────────────


def test_the_form_holds_key_action_parameters_and_extras(serve: Serve) -> None:
    client, server = serve(
        answering(CREATED),
        extra={"lang": "en", "key": "other", "action": "balance"},
        idempotency_field="request_id",
    )
    comments = {**ORDER, "comments": "günaydın\nline & two"}
    client.add(comments, send_before=after(5), idempotency_key="17-1")
    assert server.forms == [
        {**comments, "lang": "en", "key": KEY, "action": "add", "request_id": "17-1"}
    ]
    assert "Content-Type: application/x-www-form-urlencoded" in server.heads[0]


def test_an_idempotency_key_goes_only_where_it_was_declared(serve: Serve) -> None:
    client, server = serve(answering(CREATED))
    client.add(ORDER, send_before=after(5), idempotency_key="17-1")
    assert server.forms == [{**ORDER, "key": KEY, "action": "add"}]


def test_each_action_names_its_ids_as_the_protocol_does(serve: Serve) -> None:
    client, server = serve(answering(reply(b'{"5": {"refill": 1, "cancel": 1, "status": "x"}}')))
    client.status("5")
    client.statuses(["5", "6"])
    client.refill_status("5")
    client.refill_statuses(["5", "6"])
    client.refill("5", send_before=after(5))
    client.refills(["5", "6"], send_before=after(5))
    client.cancel(["5"], send_before=after(5))
    sent = [{k: v for k, v in form.items() if k != "key"} for form in server.forms]
    assert sent == [
        {"action": "status", "order": "5"},
        {"action": "status", "orders": "5,6"},
        {"action": "refill_status", "refill": "5"},
        {"action": "refill_status", "refills": "5,6"},
        {"action": "refill", "order": "5"},
        {"action": "refill", "orders": "5,6"},
        {"action": "cancel", "orders": "5"},
    ]


def test_proxies_of_the_environment_are_not_used(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    client, _ = serve(answering(BALANCE))
    assert client.balance()


def test_cookies_are_not_kept(serve: Serve) -> None:
    client, server = serve(answering(reply(b'{"balance": 1}', "200 OK", "Set-Cookie: a=b")))
    client.balance()
    client.balance()
    assert not any(line.startswith("Cookie") for head in server.heads for line in head)


def test_threads_share_a_client(serve: Serve) -> None:
    def script(connection: Connection) -> None:
        while form := connection.request():
            id = form["orders"]
            connection.send(reply(f'{{"{id}": {{"status": "x{id}"}}}}'.encode()))

    client, server = serve(script)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda id: client.statuses([str(id)]), range(1, 201)))
    assert found == [{str(id): StatusReply(f"x{id}")} for id in range(1, 201)]
    assert server.connections <= 8


# ── nothing but the typed errors ────────────────────────────────────────────────────────────────


def test_a_bug_after_writing_is_unknown(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*args: Any) -> None:
        raise ZeroDivisionError(KEY)

    monkeypatch.setattr(client_module, "judge_add", bug)
    client, server = serve(answering(CREATED))
    with pytest.raises(AnswerUnknown) as caught:
        client.add(ORDER, send_before=after(5))
    assert caught.value.reason == "internal"
    assert caught.value.exchange
    assert caught.value.exchange.body == '{"order": 23501}'
    assert server.actions == ["add"]


def test_a_bug_before_writing_is_not_sent(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*args: Any) -> None:
        raise ZeroDivisionError(KEY)

    monkeypatch.setattr("orders.upstream.line.urlencode", bug)
    client, server = serve(answering(CREATED))
    with pytest.raises(NotSent):
        client.add(ORDER, send_before=after(5))
    assert server.connections == 0


def test_a_bug_in_the_connection_follows_what_was_written(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(*args: Any) -> None:
        raise ZeroDivisionError

    client, _ = serve(answering(CREATED))
    monkeypatch.setattr(connections._Response, "__init__", bug)
    with pytest.raises(AnswerUnknown):
        client.add(ORDER, send_before=after(5))
    monkeypatch.setattr(connections, "_connect", bug)
    with pytest.raises(NotSent):
        client.add(ORDER, send_before=after(5))

"""Trouble on the wire under every job: floods, drips, silence, bombs, and what is no HTTP."""

import gzip
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brotli
import pytest

from tests.hostile.conftest import Round
from tests.hostile.house import JOBS
from tests.upstream.server import Connection, Server, answering, reply

MEBIBYTE = 1_048_576
ROOT = Path(__file__).resolve().parents[2]


def flood(head: bytes) -> Callable[[Connection], None]:
    """A hundred mebibytes, or what is taken of them."""

    def script(connection: Connection) -> None:
        connection.request()
        connection.send(head)
        for _ in range(100):
            connection.send(b" " * MEBIBYTE)

    return script


def drip(connection: Connection) -> None:
    """A byte now and then, for longer than anybody's patience."""
    connection.request()
    connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(200):
        if connection.server.done.wait(0.05):
            return
        connection.send(b" ")


def silence(connection: Connection) -> None:
    connection.request()
    connection.server.done.wait(3)


def cut(connection: Connection) -> None:
    connection.request()
    connection.send(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"1": {"status": "Canceled"')
    connection.reset()


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PACKED = "Content-Encoding: gzip"
SCRIPTS: dict[str, Any] = {
    "flood": flood(b"HTTP/1.1 200 OK\r\n\r\n"),
    "flooded error": flood(b"HTTP/1.1 500 Oops\r\nContent-Length: 104857600\r\n\r\n"),
    "bomb": answering(reply(gzip.compress(b" " * 100 * MEBIBYTE), "200 OK", PACKED)),
    "brotli": answering(
        reply(brotli.compress(b" " * 100 * MEBIBYTE, quality=1), "200 OK", "Content-Encoding: br")
    ),
    "not packed": answering(reply(b'{"balance": 1}', "200 OK", PACKED)),
    "packed and cut": answering(reply(gzip.compress(b"{}" * 500)[:-9], "200 OK", PACKED)),
    "a chunk of no size": answering(CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n"),
    "a chunk below nothing": answering(CHUNKED + b"-5\r\n{}\r\n0\r\n\r\n"),
    "a chunk without end": answering(CHUNKED + b"ffffffffffffffff\r\n{}"),
    "no http": answering(b"\0\1\2\3\r\n\r\n"),
    "a head without end": answering(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000),
    "a line without end": answering(b"HTTP/1.1 200 " + b"O" * 200_000),
    "a length below nothing": answering(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}"),
    "a length in words": answering(b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n{}"),
    "cut": cut,
}
SLOW = {"drip": drip, "silence": silence}
SLOW_JOBS = JOBS if "HOSTILE" in os.environ else ["sync", "submit", "refill", "balance"]


SHARE = 1 if "HOSTILE" in os.environ else 3
"""A build shares the troubles out among the jobs: each meets a third of them, beginning elsewhere
than its neighbour, so that three jobs meet each."""


@pytest.mark.parametrize("job", JOBS)
def test_no_trouble_on_the_wire_harms_any_job(answered: Round, job: str) -> None:
    for name in list(SCRIPTS)[list(JOBS).index(job) % SHARE :: SHARE]:
        try:
            answered(job, SCRIPTS[name])
        except Exception as error:
            error.add_note(name)
            raise


@pytest.mark.parametrize("job", SLOW_JOBS)
@pytest.mark.parametrize("name", SLOW)
def test_no_drip_outlasts_the_deadlines(answered: Round, job: str, name: str) -> None:
    began = time.monotonic()
    answered(job, SLOW[name])
    # Two orders are sent, each with a second of patience; the machine may be slow.
    assert time.monotonic() - began < 30


# ── Memory ───────────────────────────────────────────────────────────────────────────────────

MEASURED = """
import sys
from orders.upstream.account import Account
from orders.upstream.client import Client
from orders.upstream.errors import UpstreamError

def peak():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

client = Client(Account(sys.argv[1], "key"))
before = peak()
try:
    getattr(client, sys.argv[2])(*sys.argv[3:])
except UpstreamError as error:
    print(error.reason, (peak() - before) // 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="counts in /proc")
@pytest.mark.parametrize(
    ("ask", "most"), [(["status", "1"], 40), (["services"], 190)], ids=["answer", "catalog"]
)
@pytest.mark.parametrize("name", ["flood", "bomb", "brotli", "lists", "figures"])
def test_what_is_too_large_is_not_held(name: str, ask: list[str], most: int) -> None:
    """Peak memory of a process of its own, in MiB: twice the limit and a bit, whatever comes."""
    pieces = {"lists": b"[]", "figures": b"1.5"}
    script = SCRIPTS.get(name)
    if script is None:
        few = [pieces[name]] * (60 * MEBIBYTE // (len(pieces[name]) + 1))
        script = answering(reply(b"[" + b",".join(few) + b"]"))
    with Server(script) as server:
        words = [sys.executable, "-c", MEASURED, server.url, *ask]
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
        ran = subprocess.run(
            words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
        )
    reason, _, grown = ran.stdout.strip().partition(" ")
    assert reason == "too_large", ran.stderr
    assert int(grown) < most

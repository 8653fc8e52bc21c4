"""urllib3's connections with our own clock, and with the last word before the first byte.

No library says afterwards whether a request had left; `Attempt.written`, set here, does.
"""

import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.client import HTTPResponse
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from orders.upstream.wire import Attempt

BUFFER = 65_536

# requests has no way to hand a connection anything; a thread serves one attempt at a time.
_attempt: ContextVar[Attempt] = ContextVar("attempt")


@contextmanager
def serving(attempt: Attempt) -> Iterator[None]:
    """Makes the attempt that of every connection used in this thread meanwhile."""
    token = _attempt.set(attempt)
    try:
        yield
    finally:
        _attempt.reset(token)


class _Reader(io.RawIOBase):
    """Reads a socket with the time that the attempt has left, read by read."""

    def __init__(self, sock: socket.socket):
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)

    def makefile(self, mode: str) -> io.BufferedReader:
        """What `http.client` asks of a socket."""
        return io.BufferedReader(self, BUFFER)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        attempt = _attempt.get()
        try:
            self._sock.settimeout(attempt.wait())
            count = self._raw.readinto(buffer)
        except TimeoutError:
            attempt.timed_out = True
            raise
        except OSError:
            attempt.closed = True
            raise
        attempt.closed = not count
        attempt.received += count or 0
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any):
        super().__init__(_Reader(sock), *args, **kwargs)  # type: ignore[arg-type]


class _Timed:
    """What both connection classes do otherwise than urllib3's."""

    response_class = _Response
    sock: Any

    def _new_conn(self) -> socket.socket:
        attempt = _attempt.get()
        attempt.connected_anew = True
        host: str = self._dns_host  # type: ignore[attr-defined]
        try:
            sock = _connect(host, self.port or 0, attempt)  # type: ignore[attr-defined]
        except OSError as error:
            raise NewConnectionError(self, type(error).__name__) from error  # type: ignore[arg-type]
        attempt.stage = "tls"
        return sock

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Collects what urllib3 sends piece by piece, and writes it as one."""
        self._outbox = bytearray()
        super().request(*args, **kwargs)  # type: ignore[misc]
        self._write(self._outbox)

    def send(self, data: bytes) -> None:
        self._outbox += data

    def _write(self, data: bytearray) -> None:
        attempt = _attempt.get()
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]
        left = memoryview(data)
        self.sock.settimeout(attempt.wait())
        attempt.check_in_time()
        # A process stopped between that check and the first `send` still sends when it wakes:
        # what remains unguarded is one system call.
        attempt.written = True
        try:
            while left := left[self.sock.send(left) :]:
                self.sock.settimeout(attempt.wait())
        except TimeoutError:
            attempt.timed_out = True
            raise


def _connect(host: str, port: int, attempt: Attempt) -> socket.socket:
    """A connected socket, whichever of the host's addresses answers. Raises `OSError`.

    The system's resolver keeps to no deadline of ours; `check_in_time` catches what it delays.
    """
    attempt.stage = "dns"
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    attempt.stage = "connect"
    allowed = [found for found in addresses if attempt.may_reach(str(found[4][0]))]
    if addresses and not allowed:
        attempt.stage = "forbidden"
    attempt.starts_connecting()
    failed: OSError = OSError("no address")
    for family, kind, protocol, _, address in allowed:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(attempt.connect_wait())
            sock.connect(address)
            sock.settimeout(attempt.connect_wait())
            return sock
        except OSError as error:
            sock.close()
            failed = error
    raise failed


class _Connection(_Timed, HTTPConnection):  # type: ignore[misc]
    pass


class _SecureConnection(_Timed, HTTPSConnection):  # type: ignore[misc]
    pass


class Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection

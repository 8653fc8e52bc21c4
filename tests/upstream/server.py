"""A server on loopback that does to a connection whatever a test says."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs

from tests.upstream.recordings import Recording


class Connection:
    """One accepted connection, in the hands of a script."""

    def __init__(self, sock: socket.socket, server: "Server"):
        self.sock = sock
        self.server = server
        self._file = sock.makefile("rb")

    def request(self) -> dict[str, str]:
        """Reads one whole request and returns its form; an empty one when the client is gone."""
        length = 0
        head = []
        while (line := self._file.readline()) not in (b"\r\n", b""):
            head.append(line.decode().strip())
            name, _, value = head[-1].partition(":")
            length = int(value) if name.lower() == "content-length" else length
        if not head:
            return {}
        body = self._file.read(length).decode()
        form = {name: values[0] for name, values in parse_qs(body, True).items()}
        self.server.heads.append(head)
        self.server.forms.append(form)
        return form

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def reset(self) -> None:
        """Closes so that the client sees a reset, not an end."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self._file.close()
        self.sock.close()

    def shut(self) -> None:
        self._file.close()
        self.sock.close()


Script = Callable[[Connection], object]


class Server:
    """Runs a script for each connection; counts connections, bytes and requests."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None):
        self.script = script
        self.tls = tls
        self.connections = 0
        self.heads: list[list[str]] = []
        self.forms: list[dict[str, str]] = []
        self.done = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        scheme = "https" if self.tls else "http"
        return f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}/api/v2"

    @property
    def actions(self) -> list[str]:
        return [form.get("action", "") for form in self.forms]

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.done.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(5)
        for sock in self._open:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(sock)
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with suppress(OSError, ValueError):
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
                self._open.append(sock)
            connection = Connection(sock, self)
            self.script(connection)
            connection.shut()


def answering(*answers: Recording | bytes) -> Script:
    """A script that answers requests one after another, the last answer for ever."""
    left = [each if isinstance(each, bytes) else each.raw for each in answers]

    def script(connection: Connection) -> None:
        while connection.request():
            connection.send(left.pop(0) if len(left) > 1 else left[0])

    return script


def reply(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """A whole HTTP response."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body

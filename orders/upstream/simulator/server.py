"""The HTTP face: API v2 at `/api/v2`, the levers at `/_sim/`. One thread a connection."""

import json
import socket
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from . import control, wire
from .clock import Clock
from .world import World

LONGEST_BODY = 4_000_000
JSON = "application/json"


class Listener(ThreadingHTTPServer):
    """The listening socket and its open connections."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], simulator: "Simulator"):
        self.simulator = simulator
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        # HTTPServer would look its own name up, which can take seconds without a resolver.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        self.simulator.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.simulator.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is nothing to report."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LONGEST_BODY))
        url = urlsplit(self.path)
        if url.path.startswith("/_sim/"):
            self._control("POST", url.path, body)
        elif url.path.rstrip("/") != "/api/v2":
            self.reply(404, b'{"error": "Not found"}')
        elif self.server.simulator.refusing:
            wire.reset(self)
        else:
            self._api(self._params(url.query, body))

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path.startswith("/_sim/"):
            self._control("GET", url.path, b"")
        else:
            self.do_POST()

    def reply(self, status: int, body: bytes, content: str = JSON, location: str = "") -> None:
        """Write an answer with a single system call."""
        reason = self.responses.get(status, ("", ""))[0]
        lines = [
            f"HTTP/1.1 {status} {reason}",
            f"Content-Type: {content}; charset=utf-8",
            f"Content-Length: {len(body)}",
            *([f"Location: {location}"] if location else []),
            *(["Connection: close"] if self.close_connection else []),
        ]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode() + body)

    def _params(self, query: str, body: bytes) -> Mapping[str, str]:
        if self.headers.get("Content-Type", "").startswith(JSON):
            return {str(name): str(value) for name, value in json.loads(body or b"{}").items()}
        text = body.decode("utf-8", "replace")
        return dict(parse_qsl(query) + parse_qsl(text, keep_blank_values=True))

    def _api(self, params: Mapping[str, str]) -> None:
        simulator = self.server.simulator
        world = simulator.world
        with world.lock:
            call = world.receive(params, simulator.clock.now())
            hold = world.faults.hold_seconds
        if wire.before(self, call.faults, hold):
            return
        with world.lock:
            status, answer = world.answer(call)
        body = json.dumps(answer, separators=(",", ":")).encode()
        if not wire.after(self, call.faults, hold, body):
            self.reply(status, body)

    def _control(self, method: str, path: str, body: bytes) -> None:
        simulator = self.server.simulator
        try:
            values = json.loads(body or b"{}")
            with simulator.world.lock:
                answer = control.handle(simulator, method, path.removeprefix("/_sim/"), values)
            status = 200
        except (control.ControlError, ValueError) as error:
            status, answer = 400, {"error": str(error)}
        self.reply(status, json.dumps(answer).encode())

    def log_message(self, *_: Any) -> None:
        """Access is counted by `/_sim/calls`."""


class Simulator:
    """A world behind a port. `start` returns at once; `stop` leaves nothing behind.

    Raises OSError when the port is taken.
    """

    def __init__(self, world: World, host: str = "127.0.0.1", port: int = 0):
        self.world, self.clock = world, Clock()
        self.stopping, self._accepting = Event(), Event()
        self._open, self._closed = Event(), Event()
        self._accepting.set()
        self.connections: set[socket.socket] = set()
        self._listener = Listener((host, port), self)
        self.host, self.port = host, self._listener.server_port
        self._thread = Thread(target=self._run, name="simulator", daemon=True)

    @property
    def origin(self) -> str:
        """Where it listens."""
        return f"http://{self.host}:{self.port}"

    @property
    def refusing(self) -> bool:
        """Whether it pretends not to be there."""
        return not self._accepting.is_set()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Close everything and return when it is closed."""
        self.stopping.set()
        self._accepting.set()
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()
        for connection in list(self.connections):
            _hang_up(connection)
        self.world.journal.close()

    def refuse(self) -> None:
        """Close the listening socket: when this returns, connections are refused."""
        self._open.clear()
        self._accepting.clear()
        self._listener.shutdown()
        self._closed.wait(5)

    def accept(self) -> None:
        """Listen again: when this returns, connections are taken."""
        if self.refusing:
            self._closed.clear()
            self._accepting.set()
            self._open.wait(5)

    def refuse_for(self, seconds: float) -> None:
        """Refuse connections for some seconds."""
        self.refuse()
        Thread(target=self._accept_after, args=(seconds,), daemon=True).start()

    def _accept_after(self, seconds: float) -> None:
        self.stopping.wait(seconds)
        self.accept()

    def _run(self) -> None:
        while not self.stopping.is_set():
            self._listener.serve_forever(poll_interval=0.02)
            if self.refusing:
                self._listener.server_close()
                self._closed.set()
                self._accepting.wait()
                if not self.stopping.is_set():
                    self._listener = Listener((self.host, self.port), self)
                    self._open.set()


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)

"""A stand-in for the hosted checkout, over HTTP: makes sessions, takes payments, signs news.

Its payment page works in a browser: *Pay* there pays, tells the news and leads back.
"""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qs

import requests

KEY, SECRET = "sk_test_planted_4b1f", "whsec_planted_9c2e"
PAGES = "/pay/"
PAGE = b"""<!doctype html><html lang="en"><title>Checkout</title><link rel="icon" href="data:,">
<h1>Checkout</h1><form method="post"><button>Pay</button></form></html>"""


class Standin:
    """What the gateway knows: its sessions, and the requests that came."""

    def __init__(self) -> None:
        self.sessions: dict[str, dict[str, Any]] = {}
        self.by_repeat_key: dict[str, str] = {}
        self.requests: list[tuple[str, str]] = []
        self.answer: tuple[int, bytes] | None = None
        """Given: what every request gets instead of an answer of sense."""
        self.forgets = False
        """Makes the session and says nothing of it, as when the connection breaks."""
        self.url = ""
        self.tells = ""
        """Given: where news goes once somebody has paid on its page."""
        self._making = threading.Lock()

    def create(self, form: dict[str, str], repeat_key: str) -> dict[str, Any]:
        with self._making:
            return self._create(form, repeat_key)

    def _create(self, form: dict[str, str], repeat_key: str) -> dict[str, Any]:
        if repeat_key in self.by_repeat_key:
            return self.sessions[self.by_repeat_key[repeat_key]]
        name = f"cs_test_{len(self.sessions) + 1}"
        self.by_repeat_key[repeat_key] = name
        self.sessions[name] = {
            "id": name,
            "object": "checkout.session",
            "url": f"{self.url}/pay/{name}",
            "status": "open",
            "payment_status": "unpaid",
            "client_reference_id": form["client_reference_id"],
            "amount_total": int(form["line_items[0][price_data][unit_amount]"]),
            "currency": form["line_items[0][price_data][currency]"],
            "success_url": form["success_url"],
        }
        return self.sessions[name]

    def pay(self, name: str = "cs_test_1", **other: Any) -> None:
        self.sessions[name] |= {"status": "complete", "payment_status": "paid"} | other

    def expire(self, name: str = "cs_test_1") -> None:
        self.sessions[name] |= {"status": "expired"}

    def news(self, kind: str = "completed", name: str = "cs_test_1", **other: Any) -> bytes:
        about = self.sessions[name] | other
        event = {"type": f"checkout.session.{kind}", "data": {"object": about}}
        return json.dumps(event).encode()


S = TypeVar("S", bound=Standin)


def signed(body: bytes, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """The header that comes with news."""
    stamp = str(int(time.time() if at is None else at))
    told = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={stamp},v1={told}"}


@contextmanager
def standing_in(kind: Callable[[], S] = Standin) -> Iterator[S]:  # type: ignore[assignment]
    """A stand-in on a free port of loopback."""
    standin = kind()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            parsed = parse_qs(self.rfile.read(length).decode())
            if self.path.startswith(PAGES):
                self._paid(self.path.removeprefix(PAGES))
                return
            form = {field: values[0] for field, values in parsed.items()}
            self._answer(lambda: standin.create(form, self.headers.get("Idempotency-Key", "")))

        def do_GET(self) -> None:
            name = self.path.rsplit("/", 1)[-1]
            if self.path.startswith(PAGES):
                self._send(200, PAGE, "text/html")
                return
            self._answer(lambda: standin.sessions[name])

        def _answer(self, found: Any) -> None:
            standin.requests.append((self.command, self.path))
            if self.headers.get("Authorization") != f"Bearer {KEY}":
                self._send(401, b'{"error": {"type": "invalid_request_error"}}')
            elif standin.answer is not None:
                self._send(*standin.answer)
            else:
                document = json.dumps(found()).encode()
                if not standin.forgets:
                    self._send(200, document)

        def _paid(self, name: str) -> None:
            standin.pay(name)
            if standin.tells:
                body = standin.news(name=name)
                requests.post(standin.tells, body, headers=signed(body), timeout=10)
            self.send_response(303)
            self.send_header("Location", standin.sessions[name]["success_url"])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _send(self, status: int, body: bytes, kind: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    standin.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield standin
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

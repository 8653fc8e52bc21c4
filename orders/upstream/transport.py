"""Posts forms and brings back what was seen, through requests.

A fresh connection (for what must not be sent twice) is opened for one request and closed after
it; reading actions keep theirs.
"""

import functools
import ssl
import time
from contextlib import closing
from dataclasses import replace
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import PoolManager

from orders.upstream.connections import Pool, SecurePool, serving
from orders.upstream.wire import Attempt, TooLarge, Wire

CHUNK = 65_536
FORM = "application/x-www-form-urlencoded"
HEADERS = {
    "Accept": "application/json",
    "User-Agent": "Halfpenny",
}


@functools.cache
def _trust(ca_file: str) -> ssl.SSLContext:
    """Loading the authorities takes tens of milliseconds; once is enough."""
    return ssl.create_default_context(cafile=ca_file or DEFAULT_CA_BUNDLE_PATH)


class _Adapter(HTTPAdapter):
    """requests' adapter over our connections, without retries."""

    def __init__(self, ca_file: str, connections: int):
        self._ca_file = ca_file
        super().__init__(pool_connections=1, pool_maxsize=connections, max_retries=0)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **kwargs: Any
    ) -> None:
        trust = _trust(self._ca_file)
        self.poolmanager = PoolManager(connections, maxsize=maxsize, ssl_context=trust, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": SecurePool}

    def cert_verify(self, *args: Any) -> None:
        """The pool's context holds the authorities and demands a certificate."""


class Transport:
    """Posts forms to one address. May be used from several threads at once."""

    def __init__(
        self, url: str, *, ca_file: str = "", connections: int = 32, content_type: str = FORM
    ):
        self._url = url
        self._headers = HEADERS | {"Content-Type": content_type}
        self._ca_file = ca_file
        self._kept = _Adapter(ca_file, connections)

    def close(self) -> None:
        self._kept.close()

    def send_once(self, form: bytes, attempt: Attempt, max_bytes: int) -> Wire:
        """Writes the form at most once, on a connection of its own. Never raises."""
        headers = {"Accept-Encoding": "identity", "Connection": "close"}
        try:
            attempt.check_in_time()
            with closing(_Adapter(self._ca_file, 1)) as fresh:
                return self._exchange(fresh, form, headers, attempt, max_bytes)
        except Exception as error:
            return attempt.wire(attempt.failure(error))

    def read(self, form: bytes, attempt: Attempt, max_bytes: int) -> Wire:
        """Asks for something on a kept connection; once more if that turns out to be dead.

        Only for reading actions: a server that closes a kept connection may have read the request.
        Never raises.
        """
        headers = {"Accept-Encoding": "gzip, deflate"}
        wire = self._exchange(self._kept, form, headers, attempt, max_bytes)
        if wire.failure == "reset" and not attempt.connected_anew and not attempt.received:
            left = replace(attempt.limits, total=attempt.deadline - time.monotonic())
            again = Attempt(left, may_reach=attempt.may_reach)
            return self.send_once(form, again, max_bytes)
        return wire

    def _exchange(
        self,
        adapter: _Adapter,
        form: bytes,
        headers: dict[str, str],
        attempt: Attempt,
        max_bytes: int,
    ) -> Wire:
        # Not through a session: that reads environment, keeps cookies, and swallows the body of a
        # redirect, whatever its size, even when told not to follow it.
        try:
            headers = self._headers | headers
            request = requests.Request("POST", self._url, headers, data=form).prepare()
            with serving(attempt), adapter.send(request, stream=True) as response:
                attempt.status = response.status_code
                _read_body(response.raw, attempt.body, max_bytes)
        except Exception as error:
            return attempt.wire(attempt.failure(error))
        return attempt.wire("")


def _read_body(raw: Any, body: bytearray, max_bytes: int) -> None:
    """Fills `body` with what comes, as it comes, decompressed. Raises `TooLarge`."""
    while chunk := raw.read1(min(CHUNK, raw.length_remaining or CHUNK), decode_content=True):
        body += chunk
        if len(body) > max_bytes:
            raise TooLarge

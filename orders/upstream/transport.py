"""Posts forms and brings back what was seen.

What must not be sent twice goes through requests, over a fresh connection that is closed after it;
reading actions, of which there are many, through the urllib3 beneath it, over connections that are
kept: half of what a call costs.
"""

import functools
import ssl
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, PoolManager

from orders.upstream.connections import Pool, SecurePool, serving
from orders.upstream.wire import Attempt, TooLarge, Wire

CHUNK = 65_536
FORM = "application/x-www-form-urlencoded"
HEADERS = {
    "Accept": "application/json",
    "User-Agent": "Halfpenny",
}
ONCE = {"Accept-Encoding": "identity", "Connection": "close"}
OFTEN = {"Accept-Encoding": "gzip, deflate"}


@functools.cache
def _trust(ca_file: str) -> ssl.SSLContext:
    """Loading the authorities takes tens of milliseconds; once is enough."""
    return ssl.create_default_context(cafile=ca_file or DEFAULT_CA_BUNDLE_PATH)


def _pools(ca_file: str, connections: int) -> PoolManager:
    """Our connections; those that are kept."""
    pools = PoolManager(1, maxsize=connections, ssl_context=_trust(ca_file))
    pools.pool_classes_by_scheme = {"http": Pool, "https": SecurePool}
    return pools


class _Adapter(HTTPAdapter):
    """requests' adapter over a connection of ours, without retries."""

    def __init__(self, ca_file: str):
        self._ca_file = ca_file
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        self.poolmanager = _pools(self._ca_file, 1)

    def cert_verify(self, *args: Any) -> None:
        """The pool's context holds the authorities and demands a certificate."""


class Transport:
    """Posts forms to one address. May be used from several threads at once."""

    def __init__(
        self, url: str, *, ca_file: str = "", connections: int = 64, content_type: str = FORM
    ):
        self._url = url
        self._headers = HEADERS | {"Content-Type": content_type}
        self._ca_file = ca_file
        self._pools = _pools(ca_file, connections)

    def close(self) -> None:
        self._pools.clear()

    def send_once(self, form: bytes, attempt: Attempt, max_bytes: int) -> Wire:
        """Writes the form at most once, on a connection of its own. Never raises."""
        try:
            attempt.check_in_time()
            with closing(_Adapter(self._ca_file)) as fresh:
                return _exchange(self._sent(fresh, form), attempt, max_bytes)
        except Exception as error:
            return attempt.wire(attempt.failure(error))

    def read(self, form: bytes, attempt: Attempt, max_bytes: int) -> Wire:
        """Asks for something on a kept connection; once more if that turns out to be dead.

        Only for reading actions: a server that closes a kept connection may have read the request.
        Never raises.
        """
        wire = _exchange(self._asked(form), attempt, max_bytes)
        if wire.failure == "reset" and not attempt.connected_anew and not attempt.received:
            left = replace(attempt.limits, total=attempt.deadline - time.monotonic())
            again = Attempt(left, may_reach=attempt.may_reach)
            return self.send_once(form, again, max_bytes)
        return wire

    @contextmanager
    def _sent(self, adapter: _Adapter, form: bytes) -> Iterator[Any]:
        # Not through a session: that reads environment, keeps cookies, and swallows the body of a
        # redirect, whatever its size, even when told not to follow it.
        request = requests.Request("POST", self._url, self._headers | ONCE, data=form).prepare()
        with adapter.send(request, stream=True) as response:
            yield response.raw

    @contextmanager
    def _asked(self, form: bytes) -> Iterator[Any]:
        kept, path = self._kept
        response = kept.urlopen(
            "POST",
            path,
            form,
            self._headers | OFTEN,
            retries=False,
            redirect=False,
            preload_content=False,
        )
        try:
            yield response
        finally:
            response.close()  # one that was not read to its end serves no other request
            response.release_conn()

    @functools.cached_property
    def _kept(self) -> tuple[HTTPConnectionPool, str]:
        """The address's connections and its path, spelled as requests does. Raises what it raises
        of no address."""
        prepared = requests.Request("POST", self._url).prepare()
        return self._pools.connection_from_url(str(prepared.url)), prepared.path_url


def _exchange(opening: AbstractContextManager[Any], attempt: Attempt, max_bytes: int) -> Wire:
    try:
        with serving(attempt), opening as response:
            attempt.status = response.status
            _read_body(response, attempt.body, max_bytes)
    except Exception as error:
        return attempt.wire(attempt.failure(error))
    return attempt.wire("")


def _read_body(raw: Any, body: bytearray, max_bytes: int) -> None:
    """Fills `body` with what comes, as it comes, decompressed. Raises `TooLarge`."""
    while chunk := raw.read1(min(CHUNK, raw.length_remaining or CHUNK), decode_content=True):
        body += chunk
        if len(body) > max_bytes:
            raise TooLarge

"""A provider that answers as quickly as one process can: what a benchmark of polling asks.

The address says what it tells and how late: `/same/0`, `/moved/200` (milliseconds). An order's
story follows from its number (`STORIES`), so that whoever checks knows what was said. It does no
more than that: the simulator remembers, refuses and fails, which costs a hundred times as much.
"""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Said:
    """What is said of an order."""

    status: str
    remains: int
    charge: str
    start_count: int = 1200

    def encoded(self) -> str:
        return (
            f'{{"charge":"{self.charge}","start_count":"{self.start_count}",'
            f'"status":"{self.status}","remains":"{self.remains}","currency":"USD"}}'
        )


SAME = Said("In progress", 500, "1.00")
"""What is stored of every order to begin with."""

_TURNS = (
    (22, Said("In progress", 300, "1.00")),
    (5, Said("Completed", 0, "1.00")),
    (2, Said("Partial", 250, "0.75")),
    (1, Said("Canceled", 1000, "0.00")),
)
"""Of a hundred orders, how many turn out so; the others stay as they are."""

STORIES = tuple(said for count, said in _TURNS for _ in range(count))
KINDS = len(STORIES)
OF = 100
STRIDE = 37
"""How far apart neighbours lie among the hundred: news does not come to a whole row of them."""
WRONG = 4_999
"""Of so many and one orders, the last is answered with an error of its own."""


def place(number: int) -> int:
    """Where an order of this number stands among a hundred."""
    return number * STRIDE % OF


def story(number: int) -> Said | None:
    """What is said of the order of this number once they have moved; None: an error."""
    if number % (WRONG + 1) == WRONG:
        return None
    return story_at(place(number))


def story_at(place: int) -> Said:
    """What is said of the orders at this place."""
    return STORIES[place] if place < KINDS else SAME


_ERROR = '{"error":"Incorrect order ID"}'
_SAME = SAME.encoded()
_STORIES = [one.encoded() if (one := story(number)) else _ERROR for number in range(WRONG + 1)]


def _same(id: str) -> str:
    return _SAME


def _moved(id: str) -> str:
    return _STORIES[int(id) % len(_STORIES)]


SAYING = {"same": _same, "moved": _moved}


class Answering(asyncio.Protocol):
    """One connection, kept open."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._inbox = bytearray()

    def data_received(self, data: bytes) -> None:
        self._inbox += data
        while (end := self._inbox.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._inbox[:end])
            whole = end + 4 + _length(head)
            if len(self._inbox) < whole:
                return
            body = bytes(self._inbox[end + 4 : whole])
            del self._inbox[:whole]
            self._answer(head.split(b" ", 2)[1].decode(), body)

    def _answer(self, path: str, form: bytes) -> None:
        _, what, late = path.split("/")
        said = _form(form)
        ids = said.get("orders", "").split(",")
        say = SAYING[what]
        if "order" in said:
            body = say(said["order"]).encode()
        else:
            items = ",".join([f'"{id}":{say(id)}' for id in ids])
            body = b"{%b}" % items.encode()
        answer = (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (len(body), body)
        )
        if late == "0":
            self._write(answer)
        else:
            asyncio.get_running_loop().call_later(int(late) / 1000, self._write, answer)

    def _write(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)  # type: ignore[attr-defined]


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def _form(form: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(form.decode()).items()}


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


@contextlib.contextmanager
def provider() -> Iterator[str]:
    """One of them in a process of its own; yields the beginning of its address."""
    command = [sys.executable, "-m", "tests.benchmarks.answering"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve())

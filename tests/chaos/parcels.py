"""Staff who place many orders at once: they press twice, leave, come back, and stop the rest."""

import re
import threading
import time
from dataclasses import dataclass

from django.urls import reverse

from tests.chaos.browser import Browser
from tests.chaos.luck import chance
from tests.chaos.plan import CLIENTS, PLACING, PLAIN, UPSTREAMS, Plan
from tests.chaos.presses import PATIENCE, TRY_AGAIN, Shop

ORDERS_PER_PARCEL = 20
FEWEST = 4
MOST_LINES = 12
STOPS = 0.25
"""The share of which the rest is stopped while it is placed."""

_PAGE = re.compile(r"/many/(\d+)/$")
_SEEN = re.compile(r'name="fingerprint" value="([^"]+)"')


@dataclass(frozen=True)
class Item:
    """One line: which service of which provider, how much, on a link of its own."""

    upstream: int
    service: int
    quantity: int
    link: str


@dataclass(frozen=True)
class Parcel:
    """Lines that somebody places for a client `at` this second; one of them is wrong."""

    number: int
    at: float
    client: int
    items: tuple[Item, ...]
    stops: bool


@dataclass
class Sent:
    """What came of a parcel: the page it was last looked at on, and whether it was seen placed."""

    parcel: Parcel
    number: int = 0
    is_placed: bool = False
    pressed: int = 0


def draw_parcels(plan: Plan) -> list[Parcel]:
    """The same for the same plan."""
    count = max(FEWEST, len(plan.wishes) // ORDERS_PER_PARCEL)
    span = plan.seconds * PLACING / count
    return [_parcel(plan.seed, number, span * number) for number in range(count)]


def _parcel(seed: int, number: int, at: float) -> Parcel:
    luck = chance(seed, "parcel", number)
    items = tuple(
        Item(
            luck.randrange(UPSTREAMS),
            luck.choice(PLAIN),
            luck.choice((100, 200, 500)),
            f"https://instagram.com/p/{seed}-many-{number}-{line}",
        )
        for line in range(luck.randrange(2, MOST_LINES))
    )
    return Parcel(number, at, luck.randrange(CLIENTS), items, luck.random() < STOPS)


class Packer(threading.Thread):
    """Somebody at a desk of their own, who brings one parcel after the other."""

    def __init__(self, shop: Shop, plan: Plan, web: str):
        super().__init__(name="packer")
        self._shop, self._parcels = shop, draw_parcels(plan)
        self._browser = Browser(web, shop.stage.counter[0].user.email)
        self.sent: list[Sent] = []

    def run(self) -> None:
        for parcel in self._parcels:
            if not self._shop.wait_for(parcel.at):
                return
            sent = Sent(parcel)
            self.sent.append(sent)
            self._bring(sent, time.monotonic() + PATIENCE)

    def _bring(self, sent: Sent, until: float) -> None:
        while not sent.is_placed and time.monotonic() < until:
            if not sent.number:
                sent.number = self._type(sent.parcel)
            else:
                self._place(sent)
            if not sent.is_placed and self._shop.over.wait(TRY_AGAIN):
                return
        if sent.is_placed and sent.parcel.stops:
            self._browser.post(_page(sent.number), {"act": "stop"})

    def _type(self, parcel: Parcel) -> int:
        """Send the lines; the number of the page that they led to, 0 without an answer."""
        stage = self._shop.stage
        lines = [
            f"{stage.upstreams[one.upstream].services[one.service]} | {one.link} | {one.quantity}"
            for one in parcel.items
        ]
        form = {
            "client": str(stage.clients[parcel.client].pk),
            "text": "\n".join([*lines, "this is no order"]),
        }
        answer = self._browser.post(reverse("staff:mass_orders"), form)
        found = _PAGE.search(answer.headers.get("Location", "")) if answer is not None else None
        return int(found[1]) if found else 0

    def _place(self, sent: Sent) -> None:
        """Look, and press *Place* twice at once; whether it was heard tells the next look."""
        page = self._browser.read(_page(sent.number))
        if 'id="mass-live"' in page:
            sent.is_placed = True
        elif seen := _SEEN.search(page):
            count = str(len(sent.parcel.items))
            form = {"act": "place", "fingerprint": seen[1], "confirm": count}
            sent.pressed += 1
            self._browser.post_twice(_page(sent.number), form)


def _page(number: int) -> str:
    return reverse("staff:mass_order", args=[number])

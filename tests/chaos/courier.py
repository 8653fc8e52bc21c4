"""News of payments, signed, brought to the panel until they are heard, and forged ones besides."""

import json
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

import requests
from django.urls import reverse

from tests.chaos.payments import Deposit
from tests.chaos.presses import TRY_AGAIN
from tests.support.checkout import SECRET, signed

KINDS = {"open": "completed", "paid": "async_payment_succeeded", "over": "expired"}
"""What the gateway calls what it tells: a page that was sent off without having been paid yet, one
that was paid, and one that nobody can pay any more."""

WRONG_SECRET = "whsec_of_somebody_else"
WAIT, IDLE, PATIENCE = 15.0, 0.1, 60.0


@dataclass(frozen=True)
class News:
    """One piece of news: what it says, how often at once, and whether it is forged."""

    kind: str
    body: bytes
    times: int = 1
    is_forged: bool = False


class Courier(threading.Thread):
    """Brings each piece of news again and again until it is taken, as a gateway does for days."""

    def __init__(self, web: str, method: int):
        super().__init__(name="courier", daemon=True)
        self.heard: Counter[str] = Counter()
        self.tries = 0
        self._url = web + reverse("payment_news", args=[method])
        self._news: deque[News] = deque()
        self._closed = threading.Event()

    def tell(self, deposit: Deposit, session: dict[str, Any], unpaid: dict[str, Any]) -> None:
        """Bring the news of a payment in the order that was drawn, one after the other."""
        for kind in deposit.news:
            about = unpaid if kind == "open" else session
            self._news.append(News(kind, _body(kind, about), 2 if deposit.twice_at_once else 1))

    def forge(self, unpaid: dict[str, Any]) -> None:
        """Somebody who does not know the secret says that it was paid."""
        body = _body("paid", unpaid | {"payment_status": "paid"})
        self._news.append(News("paid", body, is_forged=True))

    def close(self) -> None:
        """End when everything has been brought."""
        self._closed.set()
        if self.ident is not None:
            self.join()

    def run(self) -> None:
        while True:
            if self._news:
                self._bring(self._news.popleft())
            elif self._closed.wait(IDLE) and not self._news:
                return

    def _bring(self, news: News) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and not self._send(news):
            time.sleep(TRY_AGAIN)

    def _send(self, news: News) -> bool:
        """Whether it was taken, or refused as forged; in one moment as often as it says."""
        beside = [threading.Thread(target=self._post, args=(news,)) for _ in range(news.times - 1)]
        for thread in beside:
            thread.start()
        done = self._post(news)
        for thread in beside:
            thread.join()
        return done

    def _post(self, news: News) -> bool:
        self.tries += 1
        headers = signed(news.body, WRONG_SECRET if news.is_forged else SECRET)
        try:
            answer = requests.post(self._url, news.body, headers=headers, timeout=WAIT)
        except requests.RequestException:
            return False
        if news.is_forged and answer.status_code == 400:
            self.heard["forged, refused"] += 1
        elif answer.status_code == 200:
            self.heard[answer.text] += 1
        else:
            return False
        return True


def _body(kind: str, session: dict[str, Any]) -> bytes:
    event = {"type": f"checkout.session.{KINDS[kind]}", "data": {"object": session}}
    return json.dumps(event).encode()

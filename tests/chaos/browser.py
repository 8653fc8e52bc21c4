"""One person's browser: signs in, posts forms, reads what the page says."""

import re
import threading
from contextlib import suppress
from copy import copy
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.urls import reverse

from tests.chaos.stage import PASSWORD

WAIT = 15.0
"""Seconds that it waits for an answer."""

IMPATIENT = 0.03
"""Seconds after which somebody leaves who does not wait."""

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
PRICE = re.compile(r'name="expected_price" value="([^"]+)"')
WHY = re.compile(
    r'<div class="note t-[a-z]+"[^>]*>(.*?)</div>|<span class="err"[^>]*>(.*?)</span>', re.DOTALL
)
Form = dict[str, str]


class Browser:
    """A session of one person at the panel at `web`."""

    def __init__(self, web: str, email: str):
        self._web, self._door, self._email = web, web + reverse("account_login"), email
        self._session = _session()
        self._token = ""

    def sign_in(self) -> bool:
        """Whether it is in now."""
        token = self._token_of(self._send("GET", self._door))
        if token:
            who = {"csrfmiddlewaretoken": token, "login": self._email, "password": PASSWORD}
            inside = self._send("POST", self._door, data=who)
            if inside is not None and inside.status_code == 302:
                # Signing in makes a new one, which the cookie brings.
                self._token = self._session.cookies.get(settings.CSRF_COOKIE_NAME, "")
        return bool(token and self._token)

    def post(self, page: str, form: Form) -> requests.Response | None:
        """What the page answered; None when nothing came that one could go on with."""
        if not self._token and not self.sign_in():
            return None
        answer = self._send("POST", self._web + page, data=self._filled(form))
        if answer is None or answer.status_code in (200, 422):
            return answer
        if answer.status_code == 302 and not self._is_door(answer):
            return answer
        if answer.status_code in (302, 403):
            self._token = ""  # the session or the form's token is no longer good
        return None

    def glance(self, page: str, form: Form, seconds: float = IMPATIENT) -> None:
        """Press, and leave without seeing the answer."""
        self._send("POST", self._web + page, data=self._filled(form), timeout=seconds)

    def see(self, page: str) -> bool:
        """Whether the page is shown."""
        if not self._token and not self.sign_in():
            return False
        answer = self._send("GET", self._web + page)
        return answer is not None and answer.status_code == 200

    def read(self, page: str) -> str:
        """The page as it is shown; "" where it is not."""
        if not self._token and not self.sign_in():
            return ""
        answer = self._send("GET", self._web + page)
        if answer is not None and answer.status_code == 302:
            self._token = ""  # the session is no longer good
        return answer.text if answer is not None and answer.status_code == 200 else ""

    def press_beside(self, page: str, form: Form) -> threading.Thread:
        """Press the same button in this very moment; the thread that does it."""
        other = copy(self)
        other._session = _session()
        other._session.cookies.update(self._session.cookies)
        thread = threading.Thread(target=other.glance, args=(page, form, WAIT))
        thread.start()
        return thread

    def post_twice(self, page: str, form: Form) -> requests.Response | None:
        """The answer to one of two presses in the same moment."""
        other = self.press_beside(page, form)
        try:
            return self.post(page, form)
        finally:
            other.join()

    def _is_door(self, answer: requests.Response) -> bool:
        return answer.headers.get("Location", "").startswith(urlsplit(self._door).path)

    def _filled(self, form: Form) -> Form:
        return form | {"csrfmiddlewaretoken": self._token}

    def _token_of(self, page: requests.Response | None) -> str:
        found = TOKEN.search(page.text) if page is not None else None
        return found[1] if found else ""

    def _send(self, method: str, url: str, **what: Any) -> requests.Response | None:
        what = {"timeout": WAIT, "allow_redirects": False, "headers": {"Referer": url}} | what
        with suppress(requests.RequestException):
            return self._session.request(method, url, **what)
        return None


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy lies between us
    return session


# ── Reading pages ────────────────────────────────────────────────────────────────────────────


def number_in(answer: requests.Response) -> int:
    """The order's number, if the answer leads to one; else 0."""
    found = re.search(r"[?&]placed=(\d+)$", answer.headers.get("Location", ""))
    return int(found[1]) if found and answer.status_code == 302 else 0


def price_in(answer: requests.Response) -> str:
    """The price that the page shows now, as its form carries it; "" without one."""
    found = PRICE.search(answer.text)
    return found[1] if found else ""


def words_in(answer: requests.Response) -> str:
    """What the page's notes and fields say is wrong."""
    found = " ".join(note or error for note, error in WHY.findall(answer.text))
    said = unescape(" ".join(re.sub(r"<[^>]+>", " ", found).split()))
    return said[:100] or f"answer {answer.status_code}"

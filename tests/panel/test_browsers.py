"""The list of one's sessions names browsers as people do."""

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from panel.browsers import words_of
from tests.support import factories

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0"

SAID = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0": (
        "Firefox on Windows"
    ),
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Safari/537.36": "Chrome on Windows",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Safari/537.36 Edg/130.0": (
        "Edge on Windows"
    ),
    f"Mozilla/5.0 (X11; Linux x86_64) {BLINK} Safari/537.36 OPR/116.0": "Opera on Linux",
    f"Mozilla/5.0 (Linux; Android 14; SM-S911B) {BLINK} Mobile Safari/537.36": (
        "Chrome on Android"
    ),
    f"Mozilla/5.0 (Linux; Android 14) SamsungBrowser/26.0 {BLINK} Safari/537.36": (
        "Samsung Internet on Android"
    ),
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_7) {WEBKIT} Version/18.1 Safari/605.1.15": (
        "Safari on macOS"
    ),
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {WEBKIT} Version/18.1 Mobile/15E148"
    " Safari/604.1": "Safari on iPhone",
    f"Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) {WEBKIT} CriOS/130.0 Safari/604.1": (
        "Chrome on iPad"
    ),
    f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {BLINK} Safari/537.36": "Chrome on ChromeOS",
    "Mozilla/5.0 (X11; Linux x86_64) Epiphany": "A browser on Linux",
    "curl/8.10.1": "curl/8.10.1",
    "w" * 50: "w" * 40 + "…",
    " ": "Unknown browser",
}


@pytest.mark.parametrize(("said", "words"), SAID.items(), ids=SAID.values())
def test_a_browser_is_named_as_people_do(said: str, words: str) -> None:
    assert words_of(said) == words


@pytest.mark.django_db
def test_the_page_of_sessions_says_it(client: Client) -> None:
    firefox = next(iter(SAID))
    user = factories.staff().user
    client.force_login(user)
    UserSession.objects.all().delete()
    UserSession.objects.create(
        user=user,
        ip="203.0.113.9",
        session_key=client.session.session_key,
        user_agent=firefox,
    )
    page = client.get("/account/sessions/")
    assert "Firefox on Windows" in page.content.decode()
    assert "Gecko" not in page.content.decode()

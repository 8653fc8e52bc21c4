"""Who is spoken to in which language, and how the pages are written in it."""

import re

import pytest
from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from orders import alerts, languages, news, notices, panel_settings
from orders.alerts import telling
from orders.enums import NoticeKind, OrderStatus
from orders.models import User
from panel.customer import letters
from tests.support import factories

pytestmark = pytest.mark.django_db

TURKISH = {"Accept-Language": "de-DE, tr-CY;q=0.8, en;q=0.5"}
SIGN_IN = "/account/login/"


def spoken_on(client: Client, path: str = SIGN_IN, **options: object) -> str:
    """The language that a page says it is in."""
    answer = client.get(path, **options)  # type: ignore[arg-type]
    html = answer.content.decode()
    code = html.partition('<html lang="')[2].partition('"')[0]
    assert answer["Content-Language"] == code
    return code


def panel_speaks(code: str) -> None:
    panel_settings.change(by=None, now=factories.NOW, language=code)


# ── Strangers ────────────────────────────────────────────────────────────────────────────────


def test_a_stranger_is_answered_in_a_language_that_the_browser_asks_for(client: Client) -> None:
    factories.owner()
    assert spoken_on(client) == "en"
    assert spoken_on(client, headers=TURKISH) == "tr"
    assert spoken_on(client, headers={"Accept-Language": "fr, xx;q=0.1"}) == "en"


def test_where_it_asks_for_none_that_is_there_the_panels_own_is_spoken(client: Client) -> None:
    factories.owner()
    panel_speaks("tr")
    assert spoken_on(client, headers={"Accept-Language": "fr"}) == "tr"
    assert spoken_on(client, headers={"Accept-Language": "en-GB"}) == "en"


def test_a_stranger_who_chooses_is_answered_so_from_then_on(client: Client) -> None:
    factories.owner()
    page = f"http://testserver{SIGN_IN}?next=/my/"
    headers = {"Accept-Language": "en", "Referer": page}
    answer = client.post(reverse("language"), {"language": "tr"}, headers=headers)
    assert (answer.status_code, answer["Location"]) == (302, f"{SIGN_IN}?next=/my/")
    cookie = answer.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["max-age"]
    assert spoken_on(client, headers={"Accept-Language": "en"}) == "tr"


@pytest.mark.parametrize(
    "referer", ["https://evil.example/x", "//evil.example/", "", "http://testserver/language/"]
)
def test_choosing_leads_to_no_other_site(client: Client, referer: str) -> None:
    answer = client.post(reverse("language"), {"language": "tr"}, headers={"Referer": referer})
    assert answer["Location"] == "/"


def test_a_language_that_is_not_spoken_changes_nothing(client: Client) -> None:
    person = factories.staff("Mira").user
    client.force_login(person)
    answer = client.post(reverse("language"), {"language": "../en"})
    assert answer.status_code == 302 and not answer.cookies
    assert User.objects.get(pk=person.pk).language == ""


def test_choosing_needs_a_token_like_every_form() -> None:
    answer = Client(enforce_csrf_checks=True).post(reverse("language"), {"language": "tr"})
    assert answer.status_code == 403


def test_caches_are_told_what_decided_the_language(client: Client) -> None:
    factories.owner()
    assert {"Accept-Language", "Cookie"} <= set(client.get(SIGN_IN)["Vary"].split(", "))


# ── Whoever is signed in ─────────────────────────────────────────────────────────────────────


def test_a_persons_own_choice_goes_before_browser_and_panel(client: Client) -> None:
    person, overview = factories.staff("Mira").user, reverse("staff:overview")
    client.force_login(person)
    assert spoken_on(client, overview, headers=TURKISH) == "en"
    client.post(reverse("language"), {"language": "tr"})
    assert User.objects.get(pk=person.pk).language == "tr"
    elsewhere = Client()
    elsewhere.force_login(person)
    assert spoken_on(elsewhere, overview, headers={"Accept-Language": "en"}) == "tr"


def test_who_has_chosen_none_is_spoken_to_in_the_panels(client: Client) -> None:
    panel_speaks("tr")
    client.force_login(factories.staff("Mira").user)
    assert spoken_on(client, reverse("staff:overview")) == "tr"


def test_the_switch_stands_on_pages_of_both_kinds(client: Client) -> None:
    factories.owner()
    pages = [client.get(SIGN_IN)]
    client.force_login(factories.staff("Mira").user)
    pages.append(client.get(reverse("staff:overview")))
    for page in pages:
        html = page.content.decode()
        assert 'name="language" value="tr" lang="tr">Türkçe<' in html
        assert 'value="en" lang="en" aria-current="true">English<' in html


def test_the_owner_sets_the_language_of_the_panel(client: Client) -> None:
    client.force_login(factories.owner().user)
    assert 'name="language"' in client.get(reverse("staff:settings")).content.decode()
    with pytest.raises(Exception, match="Not a language"):
        panel_settings.change(by=None, now=factories.NOW, language="xx")


# ── Letters, alerts, programs ────────────────────────────────────────────────────────────────


def test_a_letter_is_in_the_language_of_its_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    now, said = timezone.now(), []
    monkeypatch.setattr(
        letters, "render_to_string", lambda *_: said.append(get_language()) or "News."
    )
    for name, code in (("Casa Verde", "tr"), ("J. Okafor", "")):
        customer = factories.customer(name, signs_in=True)
        assert customer.user is not None
        languages.choose(customer.user, code)
        order = factories.order(customer, status=OrderStatus.COMPLETED)
        told = (NoticeKind.ANSWERED, name, now - news.GATHERED_FOR, order.pk)
        news.notice(customer.pk, *told).save()
    assert notices.tell(now) == "2 sent"
    assert said == ["tr", "en"]
    assert get_language() == "en"


def test_letters_of_the_sign_in_are_in_the_readers_language_too(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, said = factories.staff("Mira").user, []
    languages.choose(person, "tr")
    monkeypatch.setattr(
        DefaultAccountAdapter,
        "render_mail",
        lambda *_: said.append(get_language()) or EmailMessage(),
    )
    client.post("/account/password/reset/", {"email": person.email})
    assert said == ["tr"]


def test_alerts_are_in_the_panels_language(monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    monkeypatch.setattr(telling, "look", lambda now: said.append(get_language()))
    alerts.run(factories.NOW)
    panel_speaks("tr")
    alerts.run(factories.NOW)
    assert said == ["en", "tr"]


def test_programs_are_answered_in_english(client: Client) -> None:
    english = client.post("/api/v2", {"action": "services", "key": "x"})
    panel_speaks("tr")
    turkish = client.post("/api/v2", {"action": "services", "key": "x"}, headers=TURKISH)
    assert turkish.content == english.content


# ── Scripts ──────────────────────────────────────────────────────────────────────────────────


def test_a_page_in_another_language_brings_what_its_scripts_say(client: Client) -> None:
    factories.owner()
    assert "/texts/" not in client.get(SIGN_IN).content.decode()
    page = client.get(SIGN_IN, headers=TURKISH).content.decode()
    (url,) = re.findall('src="(/texts/tr/[^"]+)"', page)
    answer = client.get(url)
    assert answer["Content-Type"] == "text/javascript"
    assert "immutable" in answer["Cache-Control"] and "Cookie" not in answer.get("Vary", "")
    assert "ngettext" in answer.content.decode()
    assert page.index("js/texts.js") < page.index(url) < page.index("js/toasts.js")


def test_texts_of_another_release_are_not_kept_and_of_no_language_not_there(client: Client) -> None:
    assert client.get("/texts/tr/older.js")["Cache-Control"] == "no-cache"
    assert client.get("/texts/xx/older.js").status_code == 404

"""What strangers wrote into every column stands on every page as text: never as markup, never as
an address that runs. And every page goes out under the headers that keep other sites away."""

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from orders.models import Order, User
from tests.support import tamper
from tests.support.collecting import a_few_on_sqlite
from tests.support.everything import House, addresses, plant

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MARKUP = """"'><img src=q onerror=z()>"""
RUNS = "javascript:zebra()"
OURS = {
    *("action", "content_type", "currency", "service_type", "time_zone", "type_name", "zone"),
    *("digest", "catalog_digest", "body_hash", "home", "logo_digest", "cost_currency"),
    *(
        "password",
        "key_sealed",
        "secret_sealed",
        "webhook_sealed",
        "word",
        "odd",
        "upstream_status",
    ),
    # What a gateway is believed to say is checked when it comes:
    # test_a_gateway_that_makes_no_sense_opens_nothing
    "checkout_url",
}
"""Columns whose words are ours and chosen from a list, or that nobody reads as they are."""
LEADING = {"href", "src", "action", "formaction", "hx-get", "hx-post", "data", "ping"}


def columns() -> Iterator[tuple[type[Model], list[models.Field]]]:
    """Every column that holds words which somebody else chose."""
    for model in apps.get_app_config("orders").get_models():
        found = [
            field
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField)
            and not (field.choices or field.unique or field.name in OURS)
            and (field.max_length or 10**6) >= len(MARKUP)
        ]
        if found:
            yield model, found


def write_into(model: type[Model], name: str, text: str) -> bool:
    """Into every row, or into one where no two may have the same."""
    rows = model._default_manager.all()
    try:
        with transaction.atomic():
            return bool(rows.update(**{name: text}))
    except IntegrityError:
        return bool(rows.filter(pk=rows.values("pk")[:1]).update(**{name: text}))


def write_everywhere(text: str) -> int:
    """Returns how many columns it stands in now."""
    written = 0
    with tamper.without_triggers():
        for model, fields in columns():
            written += sum(write_into(model, field.name, text) for field in fields)
    for order in Order.objects.all():
        order.details = {**order.details, "link": text}
        order.save(update_fields=["details"])
    return written


class Reader(HTMLParser):
    """Collects what an attacker would want to see."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            text = (value or "").strip().lower()
            if name.startswith("on") or name == "style" or (tag == "img" and text == "q"):
                self.found.append(f"<{tag} {name}={value}>")
            if name in LEADING and text.startswith(("javascript:", "vbscript:", "data:text")):
                self.found.append(f"<{tag} {name}={value}>")


def faults_of(html: str) -> list[str]:
    reader = Reader()
    reader.feed(html)
    return reader.found


@pytest.fixture
def house() -> House:
    return plant()


def person_of(house: House, face: str) -> User:
    user = house.owner.user if face == "staff" else house.customer.user
    assert user
    return user


@pytest.mark.parametrize("text", [MARKUP, RUNS], ids=["markup", "an address that runs"])
@pytest.mark.parametrize("face", a_few_on_sqlite(["staff", "my"], ["my"]))
def test_what_strangers_wrote_is_text_on_every_page(face: str, text: str, house: House) -> None:
    browser = Client()
    browser.force_login(person_of(house, face))
    assert write_everywhere(text) > 60
    shown, found = 0, []
    for url in addresses(house, face):
        answer = browser.get(url)
        assert answer.status_code < 500, url
        if answer["Content-Type"].startswith("text/html"):
            html = answer.getvalue().decode()
            shown += "zebra()" in html or "img src=q" in html
            found += [f"{url}: {fault}" for fault in faults_of(html)]
    assert not found, "\n".join(found)
    assert shown > 5


def test_the_reader_of_these_tests_finds_what_would_run() -> None:
    for bad in (f"<p>{MARKUP}</p>", f'<a href="{RUNS}">x</a>', "<b onfocus=z>", "<p style='x'>"):
        assert faults_of(bad), bad
    assert not faults_of("<p>&lt;img src=q onerror=z()&gt;</p><a href='/javascript:x'>y</a>")


@pytest.mark.parametrize("face", ["staff", "my"])
def test_every_page_goes_out_under_the_policy(face: str, house: House) -> None:
    """Also those that are refused, not found or no page at all."""
    browser = Client()
    browser.force_login(person_of(house, face))
    for url in [*addresses(house, face), reverse("home"), "/account/login/", "/nowhere/"]:
        answer = browser.get(url)
        policy = {part.split()[0]: part.split()[1:] for part in _policy(answer)}
        assert policy["default-src"] == ["'none'"], url
        if "sandbox" not in policy:
            assert policy["script-src"] == policy["style-src"] == ["'self'"], url
            assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"], url
            assert policy["form-action"] == ["'self'"], url
        assert answer["X-Frame-Options"] == "DENY", url
        assert answer["X-Content-Type-Options"] == "nosniff", url
        assert answer["Referrer-Policy"] in ("same-origin", "no-referrer"), url


@pytest.mark.parametrize("face", ["staff", "my"])
def test_no_form_is_taken_without_its_token(face: str, house: House) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person_of(house, face))
    own = ["/account/login/", "/account/signup/", "/account/password/reset/", "/setup/"]
    for url in [*addresses(house, face), *own]:
        answer = browser.post(url, {"act": "x"})
        assert answer.status_code == 403, url
        assert "This page was open for too long" in answer.text, url


def test_a_host_that_is_not_ours_is_answered_400_and_sent_no_mail() -> None:
    asked: dict[str, str] = {"HTTP_HOST": "evil.example"}
    said = {"email": "somebody@example.com"}
    assert Client().post("/account/password/reset/", said, **asked).status_code == 400
    assert Client().get("/account/login/", **asked).status_code == 400


def _policy(answer: object) -> list[str]:
    text: str = answer["Content-Security-Policy"]  # type: ignore[index]
    return [part.strip() for part in text.split(";") if part.strip()]

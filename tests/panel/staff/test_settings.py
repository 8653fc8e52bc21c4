"""The settings of the panel, and its logo."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from orders import languages, logo, panel_settings, people
from orders.errors import FieldErrors
from orders.models import AuditEntry, Logo, Panel, Staff
from tests.panel.test_access import SETTINGS
from tests.support import factories, pictures
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db
URL = "/staff/settings/"


@pytest.fixture
def owner() -> Staff:
    return factories.owner()


@pytest.fixture
def browser(owner: Staff) -> Client:
    browser = Client()
    browser.force_login(owner.user)
    return browser


def upload(browser: Client, content: bytes):
    file = SimpleUploadedFile("logo.svg", content, content_type="image/svg+xml")
    return browser.post(reverse("staff:set_logo"), {"logo": file}, follow=True)


def test_every_setting_is_kept_with_its_reason(browser: Client, owner: Staff) -> None:
    said = {
        "name": "Penny Lane",
        "currency": "eur",
        "time_zone": "Europe/Lisbon",
        "language": "tr",
        "sign_up": "open",
        "price_step": "0.01",
        "minimum_charge": "0.5",
        "rise_threshold": "40",
        "shrink_threshold": "30",
        "cost_fresh_minutes": "90",
        "waiting_hours": "24",
        "fallback_minutes": "20",
        "staff_daily_limit": "150",
        "staff_big_order": "300",
        "readings_days": "60",
        "answers_days": "90",
        "proofs_days": "90",
        "alerts_days": "120",
    }
    assert said.keys() == SETTINGS.keys() <= panel_settings.EDITABLE
    languages.choose(owner.user, "en")
    page = browser.post(URL, said | {"reason": "Spring"}, follow=True)
    assert page.status_code == 200
    panel = Panel.objects.get()
    kept = {name: getattr(panel, name) for name in said}
    assert kept["currency"] == "EUR"
    for name, text in said.items():
        value = kept[name]
        same = Decimal(text) == value if isinstance(value, Decimal) else str(value) == text
        assert same or name == "currency", name
    entry = AuditEntry.objects.get(action="panel.changed")
    assert (entry.person, entry.reason) == (owner.user, "Spring")
    assert entry.after.keys() == said.keys()
    assert "Penny Lane" in browser.get("/staff/").content.decode()
    assert "Penny Lane" in Client().get("/account/login/").content.decode()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("waiting_hours", "0", "1"),
        ("readings_days", "34", "35"),
        ("answers_days", "5000", "3650"),
        ("proofs_days", "29", "30"),
        ("price_step", "0", "More than zero"),
        ("currency", "EURO", "3"),
        ("name", "", "required"),
        ("rise_threshold", "-1", "0"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field_and_nothing_typed_is_lost(
    browser: Client, name: str, value: str, words: str
) -> None:
    page = browser.post(URL, SETTINGS | {"name": "Typed name"} | {name: value})
    assert page.status_code == 422
    assert words in str(page.context["form"].errors[name])
    if name != "name":
        assert "Typed name" in page.content.decode()
    assert not AuditEntry.objects.exists()


def test_the_currency_stays_once_money_has_moved_and_says_so(browser: Client) -> None:
    factories.customer(balance="5")
    assert "Money has moved in it; it stays." in browser.get(URL).content.decode()
    browser.post(URL, SETTINGS | {"currency": "EUR"})
    assert Panel.objects.get().currency == "USD"


def test_the_usual_limits_are_those_of_new_members(browser: Client, owner: Staff) -> None:
    old = factories.staff()
    browser.post(URL, SETTINGS | {"staff_daily_limit": "77", "staff_big_order": "88"})
    new = people.add_staff(email="n@house.example", password=None, name="N", by=owner.user, now=NOW)
    assert (new.daily_limit, new.big_order_limit) == (77, 88)
    old.refresh_from_db()
    assert old.daily_limit == 200
    assert 'value="77"' in browser.get(reverse("staff:new_member")).content.decode()


@pytest.mark.parametrize(
    ("picture", "kind"),
    [
        (pictures.png(), "image/png"),
        (pictures.jpeg(), "image/jpeg"),
        (pictures.webp(), "image/webp"),
    ],
)
def test_a_logo_is_shown_in_the_frame_and_on_the_sign_in(
    browser: Client, picture: bytes, kind: str
) -> None:
    upload(browser, picture)
    url = reverse("logo", args=[Logo.objects.get().digest])
    for page in (browser.get("/staff/"), Client().get("/account/login/")):
        assert f'src="{url}"' in page.content.decode()
    answer = Client().get(url)
    assert (answer.content, answer["Content-Type"]) == (picture, kind)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]

    browser.post(reverse("staff:forget_logo"))
    assert Client().get(url).status_code == 404
    assert url not in browser.get("/staff/").content.decode()
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["panel.logo_set", "panel.logo_forgotten"]


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "content",
    [
        SVG,
        b"<html>",
        b"GIF89a" + b"\0" * 40,
        b"\x89PNG\r\n\x1a\n" + SVG,
        pictures.png()[:60],
        pictures.png(2001, 20),
        pictures.png(4, 4),
        pictures.webp(9000, 9000),
        b"\xff\xd8\xff" + SVG,
        b"\xff\xd8\xff\xe0",
        b"RIFF\xff\xff\xff\x7fWEBPVP8L",
        pictures.png() + b"x" * logo.MOST_BYTES,
    ],
    ids=range(12),
)
def test_what_is_no_small_picture_is_refused(browser: Client, content: bytes) -> None:
    page = upload(browser, content)
    assert page.status_code == 422
    assert not Logo.objects.exists()
    with pytest.raises(FieldErrors):
        logo.set_logo(content, by=None, now=NOW)

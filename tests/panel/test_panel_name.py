"""The panel goes by the name that its owner gave it: titles, e-mails, authenticators."""

import re
from pathlib import Path

import pytest
from allauth.mfa.adapter import get_adapter
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders import panel_settings
from orders.models import Panel
from panel import branding, offline
from tests.support import factories

pytestmark = pytest.mark.django_db
NAME = "Casa <b>& Sons"
WRITTEN = "Casa &lt;b&gt;&amp; Sons"


@pytest.fixture(autouse=True)
def named() -> None:
    Panel.objects.update(name=NAME)


def test_no_template_names_the_product() -> None:
    written = Path(settings.BASE_DIR, "templates").rglob("*.*")
    assert [str(path) for path in written if "Halfpenny" in path.read_text()] == []


def title(browser: Client, url: str) -> str:
    html = browser.get(url).content.decode()
    assert "Halfpenny" not in html and NAME not in html
    found = re.search(r"<title>(.*?)</title>", html, re.S)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("url", "begins"),
    [("/account/login/", "Sign in"), ("/offline/", "No connection"), ("/nowhere/", "")],
)
def test_strangers_read_it_in_titles(url: str, begins: str) -> None:
    factories.owner()
    said = title(Client(), url)
    assert said.startswith(begins) and said.endswith(f" · {WRITTEN}")


def test_staff_and_customers_read_it_in_titles() -> None:
    staff, customer = Client(), Client()
    staff.force_login(factories.owner().user)
    customer.force_login(factories.customer("Casa", signs_in=True).user)
    assert title(staff, reverse("staff:moving_in")) == f"Moving in · {WRITTEN}"
    assert title(staff, reverse("staff:people")) == f"People · {WRITTEN}"
    assert title(customer, reverse("my:orders")).endswith(f" · {WRITTEN}")


def test_a_page_asks_for_it_once() -> None:
    factories.owner()
    browser = Client()
    with CaptureQueriesContext(connection) as queries:
        browser.get("/nowhere/")
    asked = [query for query in queries if "orders_panel" in query["sql"]]
    assert len(asked) == 1


def test_another_name_is_another_version_of_the_pages_that_browsers_keep() -> None:
    with branding.shown_as(Panel(name="One")):
        one = offline.version()
    with branding.shown_as(Panel(name="Two")):
        assert offline.version() != one


def test_e_mails_come_from_it_unless_the_environment_says_otherwise() -> None:
    with override_settings(DEFAULT_FROM_EMAIL="panel@shop.example"):
        assert panel_settings.sender() == '"Casa <b>& Sons" <panel@shop.example>'
        Client().post("/account/password/reset/", {"email": factories.owner().user.email})
    assert mail.outbox[0].from_email == '"Casa <b>& Sons" <panel@shop.example>'
    assert mail.outbox[0].subject.startswith(NAME)
    with override_settings(DEFAULT_FROM_EMAIL="Till <panel@shop.example>"):
        assert panel_settings.sender() == "Till <panel@shop.example>"


def test_authenticators_show_it() -> None:
    with branding.shown_as(Panel(name=NAME)):
        assert get_adapter().get_totp_issuer() == NAME

"""The wallet: every movement with what it was for, and nothing that is only for staff."""

import csv
import re
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders import wallets
from orders.models import Customer, Staff
from panel.customer import wallet
from tests.support import factories

pytestmark = pytest.mark.django_db

WALLET, SHEET = "/my/wallet/", "/my/wallet/sheet/"
NOW = factories.NOW


@pytest.fixture
def mira() -> Staff:
    return factories.staff("Mira Kovač", sees_all_customers=True)


@pytest.fixture
def casa(mira: Staff) -> Customer:
    return factories.customer("Casa Verde", signs_in=True, manager=mira)


@pytest.fixture
def browser(casa: Customer, client: Client) -> Client:
    assert casa.user
    client.force_login(casa.user)
    return client


def said(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", response.content.decode()).split())


def table(browser: Client, url: str = SHEET) -> list[list[str]]:
    text = b"".join(browser.get(url).streaming_content).decode().removeprefix("\ufeff")
    return list(csv.reader(StringIO(text)))[1:]


def test_every_movement_says_what_it_was_for_and_the_balance_after(
    browser: Client, casa: Customer, mira: Staff
) -> None:
    wallets.take_cash(casa, Decimal(20), by=mira.user, now=NOW, memo="met at the till, grumpy")
    order = factories.order(casa)
    wallets.gift(casa, Decimal("0.5"), by=mira.user, now=NOW, reason="For the long wait")

    text = said(browser.get(WALLET))

    assert f"Order{order.pk}{order.service.name}" in text
    assert "−$1.3000" in text and "$18.7000" in text
    assert "Credit from our teamFor the long wait" in text
    assert "Cash received" in text
    assert "grumpy" not in text and "Mira" not in text
    assert [row[1:3] + row[4:] for row in table(browser)] == [
        ["Credit from our team", "", "0.50000000", "19.20000000"],
        ["Order", str(order.pk), "-1.30000000", "18.70000000"],
        ["Cash received", "", "20.00000000", "20.00000000"],
    ]


def test_nobody_elses_movements_are_there(browser: Client, mira: Staff) -> None:
    other = factories.customer("Somebody", manager=mira)
    wallets.take_cash(other, Decimal("77.77"), by=mira.user, now=NOW)
    assert "77.77" not in said(browser.get(WALLET))
    assert table(browser) == []


def test_a_period_shows_its_days_with_the_balance_before(
    browser: Client, casa: Customer, mira: Staff
) -> None:
    for day in range(3):
        wallets.take_cash(casa, Decimal(day + 1), by=mira.user, now=NOW + timedelta(days=day))
    days = "?begin=2026-11-24&end=2026-11-24"

    text = said(browser.get(WALLET + days))

    assert "Balance before $1.0000 In $2.0000 Out $0.0000 Balance after $3.0000" in text
    assert [row[4] for row in table(browser, SHEET + days)] == ["2.00000000"]
    wrong = said(browser.get(f"{WALLET}?begin=2026-11-25&end=2026-11-24"))
    assert "The end lies before the beginning." in wrong


def test_pages_go_by_keyset_and_ask_as_often_for_many_rows(
    browser: Client, casa: Customer, mira: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = factories.service()
    wallets.take_cash(casa, Decimal(100), by=mira.user, now=NOW)
    factories.order(casa, service)
    browser.get(WALLET)
    with CaptureQueriesContext(connection) as few:
        browser.get(WALLET)
    for _ in range(8):
        factories.order(casa, service)
    with CaptureQueriesContext(connection) as many:
        browser.get(WALLET)
    assert len(many) == len(few)

    monkeypatch.setattr(wallet, "SIZE", 6)
    page = browser.get(WALLET).content.decode()
    older = re.search(r'href="([^"]+)" rel="next"', page)
    assert older
    assert said(browser.get(older[1])).count("Cash received") == 1
    assert "Cash received" not in page


def test_an_empty_wallet_says_what_will_stand_there(browser: Client) -> None:
    assert "No movements yet" in said(browser.get(WALLET))

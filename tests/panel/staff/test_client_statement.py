"""A client's statement by date, on the page and as CSV, and their sign-in."""

import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders import wallets
from orders.models import AuditEntry, Customer, Panel, Staff
from panel import sheets
from tests.support import factories as make

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)


def signed_in(member: Staff) -> Client:
    browser = Client()
    browser.force_login(member.user)
    return browser


def page_of(client: Customer, name: str = "client_statement") -> str:
    return reverse(f"staff:{name}", args=[client.pk])


@pytest.fixture
def mira() -> Staff:
    return make.staff("Mira")


@pytest.fixture
def nord(mira: Staff) -> Customer:
    """Took 1, 2 and 4 on three evenings."""
    client = make.customer("Nord", manager=mira)
    for number in range(3):
        amount = Decimal(2**number)
        wallets.take_cash(client, amount, by=mira.user, now=DAY + timedelta(days=number))
    return client


def table(browser: Client, address: str) -> list[list[str]]:
    text = browser.get(address).getvalue().decode("utf-8-sig")
    return list(csv.reader(StringIO(text)))


def test_some_days_with_what_was_before_and_is_after(nord: Customer, mira: Staff) -> None:
    page = signed_in(mira).get(page_of(nord), {"begin": "2026-11-21", "end": "2026-11-21"})
    shown = page.context["page"]
    assert [row.amount for row in shown.statement.rows] == [2]
    assert [figure["amount"] for figure in shown.figures] == [1, 2, 0, 3]


def test_days_begin_at_midnight_in_the_panels_zone(nord: Customer, mira: Staff) -> None:
    Panel.objects.update(time_zone="Europe/Berlin")
    page = signed_in(mira).get(page_of(nord), {"begin": "2026-11-21", "end": "2026-11-21"})
    assert [row.amount for row in page.context["page"].statement.rows] == [1]


@pytest.mark.parametrize(
    "query",
    ["?begin=x", "?end=9999-12-31", "?begin=2026-11-22&end=2026-11-21", "?before=x"],
)
def test_odd_days_do_no_harm(query: str, nord: Customer, mira: Staff) -> None:
    browser = signed_in(mira)
    for name in ("client_statement", "client_sheet"):
        assert browser.get(page_of(nord, name) + query).status_code == 200


def test_the_next_page_keeps_the_days(
    nord: Customer, mira: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("panel.staff.clients.client_statement.SIZE", 1)
    browser = signed_in(mira)
    first = browser.get(page_of(nord), {"begin": "2026-11-21"}).context["page"].statement
    older = browser.get(first.older).context["page"].statement
    assert [row.amount for row in (*first.rows, *older.rows)] == [4, 2] and not older.older


def test_the_sheet_holds_every_movement_with_exact_amounts(
    nord: Customer, mira: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("panel.statements.AT_ONCE", 2)
    wallets.pay_out(nord, Decimal("0.50"), by=mira.user, now=DAY + timedelta(days=4))
    head, *rows = table(signed_in(mira), page_of(nord, "client_sheet"))
    assert head[:2] == ["When", "What"] and head[5] == "Amount USD"
    assert [Decimal(row[5]) for row in rows] == [Decimal("-0.5"), 4, 2, 1]
    assert Decimal(rows[0][6]) == Decimal("6.5") and rows[3][0] == "2026-11-20 23:30:00"
    assert len(table(signed_in(mira), page_of(nord, "client_sheet") + "?end=2026-11-21")) == 3


@pytest.mark.parametrize(
    "typed", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1+1", "\uff20SUM(A1)"]
)
def test_what_somebody_typed_never_becomes_a_formula(typed: str) -> None:
    assert sheets.cell_text(typed) == f"'{typed}"


def test_amounts_stay_numbers() -> None:
    assert sheets.cell_text(Decimal("-0.00000001")) == "-0.00000001"


def test_a_memo_of_a_formula_is_harmless_in_the_file(nord: Customer, mira: Staff) -> None:
    wallets.take_cash(nord, Decimal(1), by=mira.user, now=DAY, memo="=cmd|' /C calc'!A0")
    assert "'=cmd" in table(signed_in(mira), page_of(nord, "client_sheet"))[1][3]


def test_others_open_neither(nord: Customer) -> None:
    browser = signed_in(make.staff("Tom"))
    for name in ("client_statement", "client_sheet"):
        assert browser.get(page_of(nord, name)).status_code == 404


def test_many_movements_cost_as_many_queries_as_one(mira: Staff) -> None:
    client = make.customer(manager=mira)
    browser = signed_in(mira)

    def queries() -> int:
        wallets.take_cash(client, Decimal(1), by=mira.user, now=DAY)
        browser.get(page_of(client))
        with CaptureQueriesContext(connection) as captured:
            browser.get(page_of(client))
        return len(captured)

    assert queries() == queries() == queries()


class TestSignIn:
    def test_a_client_gets_a_sign_in_and_a_link_that_leads_to_a_password(self, mira: Staff) -> None:
        client = make.customer("Nord", manager=mira, email="studio@nord.example")
        answer = signed_in(mira).post(page_of(client, "client_sign_in"))
        client.refresh_from_db()
        assert client.user is not None and not client.user.has_usable_password()
        form = Client().get(answer.context["link"], follow=True)
        assert "New password" in form.content.decode()
        assert AuditEntry.objects.filter(action="sign_in.link_made").count() == 1

    def test_without_an_address_there_is_no_sign_in(self, mira: Staff) -> None:
        client = make.customer("Nord", manager=mira)
        browser = signed_in(mira)
        answer = browser.post(page_of(client, "client_sign_in"), follow=True)
        client.refresh_from_db()
        assert client.user is None and "needs an e-mail address" in answer.content.decode()

    def test_staff_make_no_link_for_a_client_who_signs_in(self, mira: Staff) -> None:
        client = make.customer("Nord", manager=mira, signs_in=True)
        assert client.user is not None
        client.user.last_login = make.NOW
        client.user.save()
        for member, status in ((mira, 302), (make.admin(), 200)):
            address = page_of(client, "client_sign_in")
            assert signed_in(member).post(address).status_code == status


def test_an_earlier_link_finds_the_client(mira: Staff) -> None:
    make.order(make.customer("Atelier Nord", manager=mira), link="https://instagram.com/nord")
    make.order(make.customer("Casa Verde"), link="https://instagram.com/nord")
    text = signed_in(mira).get(reverse("staff:clients"), {"q": "http://www.instagram.com/nord"})
    assert "Atelier Nord" in text.content.decode() and "Casa Verde" not in text.content.decode()

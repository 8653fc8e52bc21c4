"""Who manages which clients: found, ticked, looked at, given to somebody else."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.models import AuditEntry, Customer, Staff
from tests.panel.staff.test_people import page_of, queries, signed_in
from tests.support import factories as make

pytestmark = pytest.mark.django_db
ASSIGN = "staff:assign_clients"


def names(browser: Client, whom: Staff, **query: str) -> list[str]:
    answer = browser.get(page_of(whom, "member_clients"), query)
    return [row.name for row in answer.context["page"].rows]


def press(browser: Client, said: dict[str, Any], **more: str) -> Any:
    """Look at what they would pay, then give them."""
    seen = browser.get(reverse(ASSIGN), said).context["page"].handing.fingerprint
    return browser.post(reverse(ASSIGN), said | {"seen": seen, "reason": "holiday"} | more)


class TestTheList:
    def test_theirs_nobodys_and_others(self) -> None:
        mira, tom, browser = make.staff("Mira"), make.staff("Tom"), signed_in(make.admin())
        for name, manager in (("Nord", mira), ("Verde", tom), ("Free", None), ("Sol", mira)):
            make.customer(name, manager=manager)
        assert names(browser, mira) == ["Sol", "Nord"]
        assert names(browser, mira, of="nobody") == ["Free"]
        assert names(browser, mira, of="others") == ["Verde"]
        assert names(browser, mira, of="rubbish") == ["Sol", "Nord"]

    def test_a_search_looks_among_them_alone(self) -> None:
        mira, browser = make.staff("Mira"), signed_in(make.admin())
        make.customer("Café Nord", manager=mira, phone="4722410730")
        make.customer("Café Sol")
        assert names(browser, mira, q="café") == ["Café Nord"]
        assert names(browser, mira, q="café", of="nobody") == ["Café Sol"]
        assert names(browser, mira, q="+47 22 41") == ["Café Nord"]
        answer = browser.get(page_of(mira, "member_clients"), {"q": "nothing"})
        assert "No client fits" in answer.content.decode()

    def test_it_goes_by_pages_with_as_many_queries(self) -> None:
        mira, browser = make.staff("Mira"), signed_in(make.admin())
        make.customer("First", manager=mira)
        one = queries(browser, page_of(mira, "member_clients"))
        for number in range(60):
            make.customer(f"C{number}", manager=mira)
        assert queries(browser, page_of(mira, "member_clients")) == one
        page = browser.get(page_of(mira, "member_clients")).context["page"]
        assert len(page.rows) == 50
        rest = browser.get(page_of(mira, "member_clients") + page.page.older).context["page"]
        assert [row.name for row in rest.rows][-1] == "First"


class TestGiving:
    def test_a_few_are_given_after_a_look_at_their_prices(self) -> None:
        mira, tom = make.staff("Mira", markup="35"), make.staff("Tom", markup="28")
        make.service(make.offer(name="Reels views", rate=Decimal("2")))
        nord, verde = make.customer("Nord", manager=mira), make.customer("Verde")
        kept = make.customer("Kept", manager=mira)
        browser = signed_in(make.admin())
        said = {"client": [nord.pk, verde.pk], "heir": tom.pk}
        answer = browser.get(reverse(ASSIGN), said)
        page = answer.context["page"]
        assert (page.handing.clients, page.handing.moved) == (2, 2)
        moves = {(row.whose, row.before, row.after) for row in page.moves}
        assert moves == {
            ("Mira", Decimal("2.7"), Decimal("2.56")),
            ("Nobody's", Decimal("2.6"), Decimal("2.56")),
        }
        assert press(browser, said).status_code == 302
        assert set(Customer.objects.filter(manager=tom)) == {nord, verde}
        kept.refresh_from_db()
        assert kept.manager == mira
        assert AuditEntry.objects.filter(reason="holiday").count() == 2

    def test_all_of_somebodys_are_given(self) -> None:
        mira, tom, browser = make.staff("Mira"), make.staff("Tom"), signed_in(make.admin())
        for number in range(3):
            make.customer(f"C{number}", manager=mira)
        answer = press(browser, {"of": mira.pk, "heir": tom.pk})
        assert answer["Location"] == page_of(mira, "member_clients")
        assert Customer.objects.filter(manager=tom).count() == 3
        assert AuditEntry.objects.get().action == "staff.clients_given"

    def test_nothing_is_given_without_a_reason_or_after_something_moved(self) -> None:
        mira, tom, browser = make.staff("Mira"), make.staff("Tom"), signed_in(make.admin())
        nord = make.customer("Nord", manager=mira)
        said = {"client": [nord.pk], "heir": tom.pk}
        assert press(browser, said, reason="").status_code == 422
        refused = press(browser, said, seen="of something else")
        assert refused.status_code == 422 and "Look once more" in refused.content.decode()
        nord.refresh_from_db()
        assert nord.manager == mira

    def test_nobody_chosen_too_many_and_rubbish_are_told(self) -> None:
        browser, tom = signed_in(make.admin()), make.staff("Tom")
        for said in ({}, {"client": "x"}, {"client": "9" * 30}, {"client": "999"}):
            assert "No client was chosen" in browser.get(reverse(ASSIGN), said).content.decode()
        assert browser.get(reverse(ASSIGN), {"of": "999"}).status_code == 404
        many = [make.customer(f"C{number}").pk for number in range(101)]
        text = browser.get(reverse(ASSIGN), {"client": many, "heir": tom.pk}).content.decode()
        assert "Too many at once" in text

    def test_many_clients_cost_as_many_queries_as_one(self) -> None:
        mira, tom, browser = make.staff("Mira"), make.staff("Tom"), signed_in(make.admin())
        make.service()
        make.customer("First", manager=mira)
        said = {"of": mira.pk, "heir": tom.pk}
        asked = []
        for _ in range(2):
            browser.get(reverse(ASSIGN), said)
            with CaptureQueriesContext(connection) as captured:
                browser.get(reverse(ASSIGN), said)
            asked.append(len(captured))
            for number in range(20):
                make.customer(f"C{number}", manager=mira)
        assert asked[0] == asked[1]


class TestSwitchingOff:
    def test_it_shows_what_they_leave_and_what_their_clients_would_pay(self) -> None:
        from orders import invitations, wallets

        mira, tom = make.staff("Mira", markup="35"), make.staff("Tom", markup="28")
        make.service()
        nord = make.customer("Nord", manager=mira)
        wallets.take_cash(nord, Decimal("31.07"), by=mira.user, now=make.NOW)
        invitations.make(by=mira.user, now=make.NOW)
        browser = signed_in(make.admin())
        answer = browser.get(page_of(mira, "switch_off_member"), {"heir": tom.pk})
        text, page = answer.content.decode(), answer.context["page"]
        assert "$31.07" in text and page.left.prices.moved == 1 and page.heir == tom
        part = browser.get(
            page_of(mira, "switch_off_member"),
            {"heir": ""},
            headers={"HX-Request": "true", "HX-Target": "leave-prices"},
        ).content.decode()
        assert "<html" not in part and "Managed by nobody" in part

    def test_one_press_hands_everything_over(self) -> None:
        from orders import tills, wallets

        mira, tom = make.staff("Mira"), make.staff("Tom")
        nord = make.customer("Nord", manager=mira)
        wallets.take_cash(nord, Decimal("31.07"), by=mira.user, now=make.NOW)
        browser = signed_in(make.admin())
        address = page_of(mira, "switch_off_member")
        seen = browser.get(address, {"heir": tom.pk}).context["page"].left.fingerprint
        said = {"heir": tom.pk, "cash_to": tom.pk, "reason": "left", "seen": seen}
        refused = browser.post(address, said | {"counted": ""})
        assert (
            refused.status_code == 422 and "Count what is in the till" in refused.content.decode()
        )
        done = browser.post(address, said | {"counted": "30.07"}, follow=True)
        text = done.content.decode()
        assert "another admin confirms it" in text and "the till of Tom" in text
        nord.refresh_from_db()
        assert nord.manager == tom and tills.held(tom) == Decimal("30.07")
        assert browser.get(address)["Location"] == page_of(mira)

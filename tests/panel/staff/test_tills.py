"""Tills: one's own cash, the safe, a blind count, and an admin who confirms it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders import tills, wallets
from orders.ledger_check import check
from orders.models import Staff, TillClosing
from tests.panel.test_privacy import told_by
from tests.support import factories as make

pytestmark = pytest.mark.django_db
TILL = "staff:tills"


def signed_in(member: Staff) -> Client:
    browser = Client()
    browser.force_login(member.user)
    return browser


def cash(member: Staff, amount: str, **how: object) -> None:
    client = make.customer(manager=member)
    said = {"now": timezone.now()} | how
    wallets.take_cash(client, Decimal(amount), by=member.user, **said)  # type: ignore[arg-type]


def amounts(browser: Client) -> list[Decimal | None]:
    """What one's own till tells of each movement, the newest first."""
    return [row.amount for row in browser.get(reverse(TILL)).context["page"].statement.rows]


def queries(browser: Client, address: str) -> int:
    browser.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address).status_code == 200
    return len(captured)


class TestOnesOwn:
    @pytest.mark.parametrize("member", [make.staff, make.admin], ids=["staff", "admin"])
    def test_its_own_member_is_told_neither_the_sum_nor_what_it_is_made_of(
        self, member: Callable[..., Staff]
    ) -> None:
        mira = member("Mira")
        cash(mira, "40.31")
        cash(mira, "12.53")
        answer = signed_in(mira).get(reverse(TILL))
        told = told_by(answer)
        for figure in ("40.31", "12.53", "52.84"):
            assert figure not in told
        assert amounts(signed_in(mira)) == [None, None]

    def test_amounts_are_told_up_to_the_last_confirmed_count(self) -> None:
        mira = make.staff("Mira")
        now = timezone.now()
        cash(mira, "40", now=now - timedelta(hours=3))
        closing = tills.count_till(mira, Decimal(38), by=mira.user, now=now - timedelta(hours=2))
        browser = signed_in(mira)
        assert amounts(browser) == [None]
        tills.confirm_closing(closing, by=make.admin().user, now=now - timedelta(hours=1))
        cash(mira, "7", now=now)
        assert amounts(browser) == [None, Decimal(-2), Decimal(40)]

    def test_a_refused_drop_tells_its_member_no_sum(self) -> None:
        mira = make.staff("Mira")
        cash(mira, "40.31")
        answer = signed_in(mira).post(reverse("staff:drop"), {"amount": "41", "token": "t"})
        assert answer.status_code == 422 and "40.31" not in told_by(answer)

    def test_nobody_sees_the_cash_of_others_but_admins(self) -> None:
        mira, tom = make.staff("Mira"), make.staff("Tom Other")
        cash(tom, "77.77")
        assert "77.77" not in signed_in(mira).get(reverse(TILL)).content.decode()
        text = signed_in(make.admin()).get(reverse(TILL)).content.decode()
        assert "Tom Other" in text and "$77.77" in text

    def test_cash_goes_into_the_safe_once(self) -> None:
        mira = make.staff("Mira")
        cash(mira, "40")
        browser = signed_in(mira)
        for _ in range(2):
            said = {"amount": "30", "token": "t", "memo": "evening"}
            assert browser.post(reverse("staff:drop"), said).status_code == 302
        assert tills.held(mira) == 10
        assert check() == []

    def test_no_more_goes_into_the_safe_than_the_till_holds(self) -> None:
        mira = make.staff("Mira")
        cash(mira, "40")
        said = {"amount": "41", "token": "t", "memo": "kept as typed"}
        answer = signed_in(mira).post(reverse("staff:drop"), said)
        text = answer.content.decode()
        assert answer.status_code == 422 and "your till does not hold that much" in text
        assert "kept as typed" in text and tills.held(mira) == 40

    def test_customers_stay_outside(self) -> None:
        nord = make.customer(signs_in=True)
        browser = Client()
        browser.force_login(nord.user)
        for name in (TILL, "staff:count_till"):
            assert browser.get(reverse(name)).status_code == 403

    def test_many_movements_cost_as_many_queries_as_one(self) -> None:
        ada = make.admin()
        cash(ada, "1")
        cash(make.staff("One"), "1")
        browser = signed_in(ada)
        one = queries(browser, reverse(TILL))
        for number in range(5):
            cash(ada, "1")
            other = make.staff(f"Other {number}")
            cash(other, "2")
            tills.count_till(other, Decimal(2), by=other.user, now=make.NOW)
        assert queries(browser, reverse(TILL)) == one


class TestCounting:
    def test_the_count_is_asked_for_before_anything_is_shown(self) -> None:
        mira = make.staff("Mira")
        cash(mira, "43.21")
        assert "43.21" not in signed_in(mira).get(reverse("staff:count_till")).content.decode()

    def test_a_count_waits_and_tells_its_counter_nothing(self) -> None:
        mira = make.staff("Mira")
        cash(mira, "43.21")
        browser = signed_in(mira)
        browser.post(reverse("staff:count_till"), {"counted": "40", "note": "a hole"})
        closing = TillClosing.objects.get()
        assert (closing.counted, closing.expected, closing.note) == (40, Decimal("43.21"), "a hole")
        page = browser.get(reverse(TILL)).context["page"]
        assert page.counted.expected is None and page.counted.difference is None
        assert not page.counted.can_confirm

    def test_a_second_count_is_refused_while_one_waits(self) -> None:
        browser = signed_in(make.staff("Mira"))
        browser.post(reverse("staff:count_till"), {"counted": "0", "note": ""})
        answer = browser.post(reverse("staff:count_till"), {"counted": "1", "note": ""})
        assert answer.status_code == 422 and "waiting for an admin" in answer.content.decode()

    def test_an_admin_confirms_and_the_difference_stays_on_record(self) -> None:
        mira = make.staff("Mira")
        cash(mira, "43")
        closing = tills.count_till(mira, Decimal(40), by=mira.user, now=make.NOW)
        browser = signed_in(make.admin())
        assert "Mira: count" in browser.get(reverse(TILL)).content.decode()
        address = reverse("staff:confirm_closing", args=[closing.pk])
        browser.post(address, {"reason": "accepted"})
        assert tills.held(mira) == 40
        assert "−$3.00" in signed_in(mira).get(reverse(TILL)).content.decode()

    def test_nobody_confirms_their_own_count_and_staff_confirm_none(self) -> None:
        ada, mira = make.admin(), make.staff("Mira")
        own = tills.count_till(ada, Decimal(5), by=ada.user, now=make.NOW)
        other = tills.count_till(mira, Decimal(5), by=mira.user, now=make.NOW)
        answer = signed_in(ada).post(reverse("staff:confirm_closing", args=[own.pk]), follow=True)
        assert "ask another admin" in answer.content.decode()
        address = reverse("staff:confirm_closing", args=[other.pk])
        assert signed_in(mira).post(address).status_code == 403
        assert not TillClosing.objects.exclude(confirmed_at=None).exists()

    def test_the_only_admin_reads_that_another_one_is_needed(self) -> None:
        olga = make.owner()
        tills.count_till(olga, Decimal(5), by=olga.user, now=make.NOW)
        browser = signed_in(olga)
        assert "needs another admin" in browser.get(reverse(TILL)).content.decode()
        make.admin()
        assert "needs another admin" not in browser.get(reverse(TILL)).content.decode()


class TestTheTillsOfOthers:
    def test_an_admin_sees_all_of_it_and_what_was_refused(self) -> None:
        mira = make.staff("Mira")
        cash(mira, "43.21")
        signed_in(mira).post(reverse("staff:drop"), {"amount": "99", "token": "t"})
        page = signed_in(make.admin()).get(reverse("staff:till", args=[mira.pk])).context["page"]
        assert page.figures[0]["amount"] == Decimal("43.21")
        assert page.figures[2]["value"] == "1"
        assert [row.amount for row in page.statement.rows] == [Decimal("43.21")]

    def test_an_admin_puts_its_cash_into_the_safe_once(self) -> None:
        mira = make.staff("Mira")
        cash(mira, "40")
        browser = signed_in(make.admin())
        address = reverse("staff:drop_from", args=[mira.pk])
        for _ in range(2):
            assert browser.post(address, {"amount": "30", "token": "t"}).status_code == 302
        assert tills.held(mira) == 10
        refused = browser.post(address, {"amount": "11", "token": "u"})
        assert refused.status_code == 422 and "holds 10.00" in refused.content.decode()

    def test_an_admin_hands_its_cash_to_another_till_once_as_far_as_that_may_hold_it(self) -> None:
        mira, tom = make.staff("Mira"), make.staff("Tom", till_limit=Decimal(50))
        cash(mira, "90")
        browser = signed_in(make.admin())
        address = reverse("staff:drop_from", args=[mira.pk])
        said = {"amount": "30", "token": "t", "into": tom.pk}
        for _ in range(2):
            assert browser.post(address, said).status_code == 302
        assert (tills.held(mira), tills.held(tom)) == (60, 30)
        full = browser.post(address, said | {"token": "u"})
        assert full.status_code == 422 and "may hold 50.00: 20.00 more" in full.content.decode()
        short = browser.post(address, said | {"amount": "61", "token": "v", "into": mira.pk})
        assert short.status_code == 422 and tills.held(mira) == 60
        assert check() == []
        assert amounts(signed_in(tom)) == [None], "Tom's own till stays blind"

    def test_the_till_of_who_left_is_counted_and_waits_for_another_admin(self) -> None:
        mira, ada, olga = make.staff("Mira"), make.admin(), make.owner()
        cash(mira, "40")
        address = reverse("staff:till", args=[mira.pk])
        assert "Count it" not in signed_in(ada).get(address).content.decode()
        mira.user.is_active = False
        mira.user.save()
        assert "Count it" in signed_in(ada).get(address).content.decode()
        refused = signed_in(ada).post(address + "count/", {"counted": "", "note": "kept"})
        assert refused.status_code == 422 and "kept" in refused.content.decode()
        signed_in(ada).post(address + "count/", {"counted": "38", "note": ""})
        assert "A count waits" in signed_in(ada).get(address).content.decode()
        assert "Confirm the count" not in signed_in(ada).get(reverse(TILL)).content.decode()
        text = signed_in(olga).get(reverse(TILL)).content.decode()
        assert "Confirm the count" in text and "by Ada Admin" in text

    def test_staff_open_none_and_nobody_opens_their_own_so(self) -> None:
        mira, ada = make.staff("Mira"), make.admin()
        cash(ada, "43.21")
        for member in (mira, make.staff("Tom")):
            assert signed_in(member).get(reverse("staff:till", args=[mira.pk])).status_code == 403
        answer = signed_in(ada).get(reverse("staff:till", args=[ada.pk]))
        assert answer.status_code == 302 and answer["Location"] == reverse(TILL)

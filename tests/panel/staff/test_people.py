"""The people of the house: who is added, what each may do, and how one is switched off."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders import rules, wallets
from orders.enums import MarkupKind, PriceLevel
from orders.models import Account, AuditEntry, Customer, Staff, User
from tests.support import factories as make

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
LIMITS = {"daily_limit": "200", "big_order_limit": "500"}


def signed_in(member: Staff) -> Client:
    browser = Client()
    browser.force_login(member.user)
    return browser


def page_of(member: Staff, name: str = "member") -> str:
    return reverse(f"staff:{name}", args=[member.pk])


def queries(browser: Client, address: str) -> int:
    browser.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address).status_code == 200
    return len(captured)


def post(browser: Client, address: str, **said: str) -> Any:
    return browser.post(address, said)


def switch_off(browser: Client, whom: Staff, **said: str) -> Any:
    """Look at what is left behind, then press."""
    address = page_of(whom, "switch_off_member")
    heir = {"heir": said["heir"]} if "heir" in said else {}
    seen = browser.get(address, heir).context["page"].left.fingerprint
    return post(browser, address, **({"reason": "left", "seen": seen} | said))


class TestTheList:
    def test_it_says_of_each_what_they_may_and_when_they_came_last(self) -> None:
        make.owner()
        make.staff("Mira Kovač", markup="35", sees_cost=True, till_limit=Decimal(321))
        text = signed_in(make.admin()).get(reverse("staff:people")).content.decode()
        for words in (
            "Mira Kovač",
            "Sees cost",
            "35",
            "Owner",
            "Admin",
            "never",
            "till",
            "$321.00",
        ):
            assert words in text

    def test_staff_stay_outside(self) -> None:
        everything = {"sees_all_customers": True, "sees_cost": True, "decides_reviews": True}
        assert signed_in(make.staff(**everything)).get(reverse("staff:people")).status_code == 403

    def test_many_members_cost_as_many_queries_as_one(self) -> None:
        browser = signed_in(make.admin())
        make.customer(manager=make.staff(markup="5"))
        one = queries(browser, reverse("staff:people"))
        for number in range(5):
            make.customer(manager=make.staff(f"Member {number}", markup="6"))
        assert queries(browser, reverse("staff:people")) == one


class TestAdding:
    def test_without_a_password_a_link_lets_the_member_choose_one(self) -> None:
        said = {"name": "Tom", "email": "Tom@House.example", "password": "", "sees_cost": "on"}
        answer = signed_in(make.owner()).post(reverse("staff:new_member"), said | LIMITS)
        added = Staff.objects.get(user__email="tom@house.example")
        assert added.sees_cost and not added.sees_all_customers and not added.is_admin
        assert "no-store" in answer["Cache-Control"]
        link = answer.context["link"]
        assert link in answer.content.decode()

        tom = Client()
        form = tom.get(link, follow=True)
        address = form.request["PATH_INFO"]
        word = {"password1": make.PASSWORD, "password2": make.PASSWORD}
        assert tom.post(address, word).status_code == 302
        entered = tom.post(
            reverse("account_login"), {"login": added.user.email, "password": make.PASSWORD}
        )
        assert entered.status_code == 302 and tom.get("/staff/").status_code == 200
        assert "does not work any more" in Client().get(link, follow=True).content.decode()

    def test_only_the_owner_makes_an_admin(self) -> None:
        said = {"name": "Tom", "email": "t@x.example", "password": make.PASSWORD, "is_admin": "on"}
        signed_in(make.admin()).post(reverse("staff:new_member"), said | LIMITS)
        assert not Staff.objects.get(user__email="t@x.example").is_admin
        said["email"] = "u@x.example"
        signed_in(make.owner()).post(reverse("staff:new_member"), said | LIMITS)
        assert Staff.objects.get(user__email="u@x.example").is_admin

    def test_what_is_wrong_is_said_and_nothing_typed_is_lost(self) -> None:
        said = {"name": "Tom", "email": "nobody", "password": "short"}
        answer = signed_in(make.owner()).post(reverse("staff:new_member"), said | LIMITS)
        text = answer.content.decode()
        assert answer.status_code == 422 and "like pat@example.com" in text
        assert 'value="Tom"' in text and not Staff.objects.filter(user__name="Tom").exists()


class TestChanging:
    def test_switches_and_limits_change_with_a_reason_on_record(self) -> None:
        mira = make.staff("Mira")
        browser = signed_in(make.admin())
        said = {"sees_cost": "on", "daily_limit": "50", "big_order_limit": "9", "reason": "trial"}
        assert post(browser, page_of(mira, "change_member"), **said).status_code == 302
        mira.refresh_from_db()
        assert (mira.sees_cost, mira.decides_reviews, mira.daily_limit) == (True, False, 50)
        text = browser.get(page_of(mira)).content.decode()
        assert "sees cost: off → on" in text and "daily limit: $200.0000 → $50.0000" in text
        assert "“trial”" in text

    def test_what_a_till_may_hold_is_set_told_to_admins_and_taken_away(self) -> None:
        mira, ada = make.staff("Mira"), make.admin()
        browser = signed_in(ada)
        assert post(browser, page_of(mira, "change_member"), till_limit="80.5", **LIMITS)
        mira.refresh_from_db()
        assert mira.till_limit == Decimal("80.5")
        text = browser.get(page_of(mira)).content.decode()
        assert "of $80.5000 at most" in text and "till limit: none → $80.5000" in text
        assert 'value="80.5"' in text
        assert "$80.5000 at most" in browser.get(page_of(mira, "till")).content.decode()

        nord = make.customer("Nord", manager=mira)
        take = reverse("staff:client_money", args=[nord.pk, "take"])
        refused = signed_in(mira).post(take, {"amount": "81", "token": "t", "memo": "kept"})
        told = refused.content.decode()
        assert refused.status_code == 422 and "Put cash into the safe" in told and "kept" in told
        assert "80.5" not in told
        page = browser.get(page_of(mira, "till")).context["page"]
        assert page.figures[2]["value"] == "1"
        assert "more than the till may hold" in browser.get(page_of(mira)).content.decode()

        post(browser, page_of(mira, "change_member"), till_limit="", **LIMITS)
        mira.refresh_from_db()
        assert mira.till_limit is None

    def test_what_was_done_is_told_in_words_and_money(self) -> None:
        admin, mira = make.admin(), make.staff("Mira")
        subject = f"staff:{mira.pk}"
        for action, after in (("money.drop", {"amount": "390"}), ("a.new_thing", {"count": 3})):
            AuditEntry.objects.create(at=make.NOW, action=action, subject=subject, after=after)
        text = signed_in(admin).get(page_of(mira)).content.decode()
        for words in ("Cash into the safe", "amount: $390.0000", "A new thing", "count: 3"):
            assert words in text
        assert "money.drop" not in text

    def test_an_admin_changes_no_admin_and_makes_none(self) -> None:
        ada, olga, mira = make.admin(), make.owner(), make.staff()
        browser = signed_in(ada)
        for member in (ada, olga):
            answer = post(browser, page_of(member, "change_member"), **LIMITS)
            assert answer.status_code == 422
            member.refresh_from_db()
            assert member.big_order_limit == 500
        post(browser, page_of(mira, "change_member"), is_admin="on", **LIMITS)
        mira.refresh_from_db()
        assert not mira.is_admin

    def test_a_markup_of_another_kind_stands_in_the_form(self) -> None:
        mira = make.staff("Mira")
        rules.set_markup(
            PriceLevel.STAFF, MarkupKind.PER_1000, Decimal("0.5"), None, make.NOW, staff=mira
        )
        form = signed_in(make.admin()).get(page_of(mira)).context["markup_form"]
        assert form.initial == {"kind": "per_1000", "value": "0.5"}


class TestSwitchingOff:
    def test_every_session_ends_at_once_also_a_live_part(self) -> None:
        mira = make.staff("Mira")
        office, phone, boss = signed_in(mira), signed_in(mira), signed_in(make.admin())
        assert office.get("/staff/").status_code == phone.get("/staff/").status_code == 200

        assert switch_off(boss, mira).status_code == 302

        assert office.get("/staff/")["Location"].startswith("/account/login/")
        live = phone.get(reverse("staff:orders"), headers=HTMX | {"HX-Target": "order-rows"})
        assert live.status_code == 204
        assert "signed-out" in live["HX-Trigger"] and "/account/login/" in live["HX-Trigger"]
        sale = phone.post(reverse("staff:new_client"), {"name": "Late", "phone": "", "email": ""})
        assert sale.status_code == 302 and not Customer.objects.exists()

        post(boss, page_of(mira, "switch_on_member"))
        assert office.get("/staff/").status_code == 302
        assert signed_in(mira).get("/staff/").status_code == 200

    def test_who_is_switched_off_cannot_sign_in_again(self) -> None:
        mira = make.staff("Mira")
        mira.user.set_password(make.PASSWORD)
        mira.user.save()
        switch_off(signed_in(make.admin()), mira)
        browser, word = Client(), {"login": mira.user.email, "password": make.PASSWORD}
        browser.post(reverse("account_login"), word)
        assert browser.get("/staff/").status_code == 302

    def test_a_session_that_was_not_deleted_is_worth_nothing(self) -> None:
        mira = make.staff("Mira")
        browser = signed_in(mira)
        User.objects.filter(pk=mira.user_id).update(is_active=False)
        assert browser.get("/staff/").status_code == 302

    def test_nobody_switches_themselves_or_the_owner_off(self) -> None:
        ada, olga = make.admin(), make.owner()
        for by, whom in ((ada, ada), (ada, olga), (olga, olga)):
            browser, address = signed_in(by), page_of(whom, "switch_off_member")
            assert browser.get(address)["Location"] == page_of(whom)
            assert post(browser, address, reason="x").status_code == 422
        assert not User.objects.filter(is_active=False).exists()

    def test_nobody_makes_a_link_for_the_owner(self) -> None:
        olga = make.owner()
        for by in (olga, make.admin()):
            answer = signed_in(by).post(page_of(olga, "member_link"))
            assert answer.status_code == 302 and answer["Location"] == page_of(olga)
        assert not AuditEntry.objects.filter(action="sign_in.link_made").exists()

    def test_looking_makes_nobody_a_till(self) -> None:
        mira, browser = make.staff("Mira"), signed_in(make.admin())
        for address in (page_of(mira), page_of(mira, "till"), reverse("staff:tills")):
            assert browser.get(address).status_code == 200
        assert not Account.objects.filter(kind="till").exists()

    def test_ones_own_till_is_told_on_no_page(self) -> None:
        ada = make.admin()
        wallets.take_cash(make.customer(), Decimal("43.21"), by=ada.user, now=make.NOW)
        assert "43.21" not in signed_in(ada).get(page_of(ada)).content.decode()


def test_what_changed_is_told_in_words() -> None:
    boss, tom = make.staff("Ada", is_admin=True), make.staff("Tom", sees_cost=True)
    rules.set_markup(
        PriceLevel.STAFF, MarkupKind.PERCENT, Decimal("28"), boss.user, make.NOW, staff=tom
    )
    text = signed_in(boss).get(page_of(tom)).content.decode()
    assert "28 %</span>" in text.replace("\xa0", " ") and "kind: percent" not in text

"""Clients: who sees whom, adding without doubles, money by hand, the same cost for one and many."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders import wallets
from orders.enums import OrderStatus
from orders.ledger_check import check
from orders.models import Account, Customer, Staff, Transfer
from tests.support import factories as make

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def signed_in(member: Staff) -> Client:
    browser = Client()
    browser.force_login(member.user)
    return browser


def balance(client: Customer) -> Decimal:
    found = Account.objects.get(customer=client).balance
    assert found is not None
    return found


def page_of(client: Customer, name: str = "client", *args: str) -> str:
    return reverse(f"staff:{name}", args=[client.pk, *args])


def take(browser: Client, client: Customer, amount: str, token: str = "t1", act: str = "take"):
    said = {"amount": amount, "token": token, "reason": "late delivery", "direction": "add"}
    return browser.post(page_of(client, "client_money", act), said)


class TestWhoSeesWhom:
    def test_a_member_sees_their_own_clients_and_no_others(self) -> None:
        mira, tom = make.staff("Mira"), make.staff("Tom")
        mine, other = make.customer("Mine", manager=mira), make.customer("Theirs", manager=tom)
        browser = signed_in(mira)
        text = browser.get(reverse("staff:clients")).content.decode()
        assert "Mine" in text and "Theirs" not in text
        assert browser.get(page_of(mine)).status_code == 200
        for address in (page_of(other), page_of(other, "client_money", "take")):
            assert browser.post(address, {"amount": "1", "token": "x"}).status_code in (404, 405)
        assert browser.get(page_of(other)).status_code == 404
        assert balance(other) == 0

    def test_a_search_finds_no_client_of_somebody_else(self) -> None:
        make.customer("Secret Studio", manager=make.staff("Tom"))
        text = signed_in(make.staff("Mira")).get(reverse("staff:clients"), {"q": "secret"})
        assert "Secret Studio" not in text.content.decode()
        assert "No client fits" in text.content.decode()

    def test_customers_and_strangers_stay_outside(self) -> None:
        nord = make.customer(signs_in=True)
        browser = Client()
        assert browser.get(page_of(nord)).status_code == 302
        browser.force_login(nord.user)
        for address in (reverse("staff:clients"), page_of(nord), reverse("staff:new_client")):
            assert browser.get(address).status_code == 403

    def test_who_sees_no_cost_reads_none_on_a_clients_page(self) -> None:
        mira = make.staff("Mira")
        nord = make.customer(manager=mira)
        bulkhaus = make.provider("Bulkhaus Secret")
        make.order(nord, make.service(make.offer(bulkhaus)), cost=Decimal("0.7654321"))
        text = signed_in(mira).get(page_of(nord)).content.decode()
        assert "Bulkhaus Secret" not in text and "0.76" not in text and "Profit" not in text
        text = signed_in(make.admin()).get(page_of(nord)).content.decode()
        assert "Profit" in text


class TestTheList:
    def test_htmx_gets_the_table_alone(self) -> None:
        make.customer("Nord")
        browser = signed_in(make.admin())
        answer = browser.get(reverse("staff:clients"), headers=HTMX | {"HX-Target": "client-table"})
        assert "Nord" in answer.content.decode() and "<html" not in answer.content.decode()

    def test_it_finds_by_name_phone_address_and_number(self) -> None:
        nord = make.customer("Atelier Nord", phone="4722410730", email="studio@nord.example")
        make.customer("Casa Verde")
        browser = signed_in(make.admin())
        for typed in ("atelier", "+47 22 41", "studio@", f"#{nord.pk}"):
            text = browser.get(reverse("staff:clients"), {"q": typed}).content.decode()
            assert "Atelier Nord" in text and "Casa Verde" not in text, typed

    @pytest.mark.parametrize("typed", ["9" * 40, "'; --", "%", "+"])
    def test_odd_things_in_the_search_box_do_no_harm(self, typed: str) -> None:
        answer = signed_in(make.admin()).get(reverse("staff:clients"), {"q": typed})
        assert answer.status_code == 200

    def test_mine_are_those_whom_the_person_manages(self) -> None:
        ada = make.admin()
        make.customer("Mine Only", manager=ada)
        make.customer("Of Nobody")
        text = signed_in(ada).get(reverse("staff:clients"), {"of": "me"}).content.decode()
        assert "Mine Only" in text and "Of Nobody" not in text

    def test_pages_go_by_keyset(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for number in range(52):
            make.customer(f"Client number {number:02}")
        browser = signed_in(make.admin())
        first = browser.get(reverse("staff:clients"))
        assert "Client number 51" in first.content.decode()
        assert "Client number 01" not in first.content.decode()
        older = browser.get(reverse("staff:clients") + first.context["found"].older)
        assert "Client number 01" in older.content.decode()

    @pytest.mark.parametrize("query", ["", "?q=client"])
    def test_many_clients_cost_as_many_queries_as_one(self, query: str) -> None:
        browser = signed_in(make.admin())
        mira = make.staff("Mira")
        make.order(make.customer("Client first", manager=mira))
        one = queries(browser, reverse("staff:clients") + query)
        for number in range(6):
            member = make.staff(f"Member {number}")
            make.order(make.customer(f"Client {number}", manager=member))
        assert queries(browser, reverse("staff:clients") + query) == one


class TestAdding:
    def test_a_phone_number_is_enough(self) -> None:
        mira = make.staff("Mira")
        answer = signed_in(mira).post(
            reverse("staff:new_client"), {"name": "", "phone": "+47 224 10 730", "email": ""}
        )
        added = Customer.objects.get()
        assert (added.phone, added.manager, added.wallet.balance) == ("4722410730", mira, 0)
        assert answer["Location"] == page_of(added)

    def test_it_can_go_on_to_an_order(self) -> None:
        said = {"name": "Nord", "phone": "", "email": "", "order": "1"}
        answer = signed_in(make.staff()).post(reverse("staff:new_client"), said)
        assert answer["Location"].endswith(f"/orders/new/?client={Customer.objects.get().pk}")

    def test_a_taken_number_names_and_links_the_client_who_has_it(self) -> None:
        nord = make.customer("Atelier Nord", phone="4722410730")
        said = {"name": "Somebody", "phone": "+47 22410730", "email": "typed@kept.example"}
        answer = signed_in(make.admin()).post(reverse("staff:new_client"), said)
        text = answer.content.decode()
        assert answer.status_code == 422
        assert f"This is Atelier Nord already, client {nord.pk}." in text
        assert page_of(nord) in text and "typed@kept.example" in text
        assert Customer.objects.count() == 1

    def test_a_client_of_somebody_else_is_not_named(self) -> None:
        make.customer("Atelier Nord", phone="4722410730", manager=make.staff("Tom"))
        said = {"name": "Somebody", "phone": "+47 22410730", "email": ""}
        text = signed_in(make.staff("Mira")).post(reverse("staff:new_client"), said)
        assert "Atelier Nord" not in text.content.decode()
        assert "ask an admin" in text.content.decode()

    def test_all_that_is_wrong_is_said_at_once_and_nothing_typed_is_lost(self) -> None:
        said = {"name": "", "phone": "12", "email": "nobody"}
        answer = signed_in(make.staff()).post(reverse("staff:new_client"), said)
        text = answer.content.decode()
        assert "country code first" in text and "like pat@example.com" in text
        assert 'value="12"' in text and 'value="nobody"' in text

    def test_staff_cannot_give_a_client_to_somebody_else(self) -> None:
        mira, tom = make.staff("Mira"), make.staff("Tom")
        said = {"name": "Nord", "phone": "", "email": "", "manager": str(tom.pk)}
        signed_in(mira).post(reverse("staff:new_client"), said)
        assert Customer.objects.get().manager == mira


class TestMoneyByHand:
    def test_cash_goes_into_the_till_and_onto_the_balance_once(self) -> None:
        mira = make.staff("Mira")
        nord, browser = make.customer(manager=mira), signed_in(mira)
        for _ in range(2):
            assert take(browser, nord, "12.50").status_code == 302
        assert balance(nord) == Decimal("12.5")
        text = browser.get(page_of(nord)).content.decode()
        assert "Cash taken" in text and "$12.50" in text
        assert check() == []

    def test_a_used_form_with_another_amount_moves_nothing(self) -> None:
        mira = make.staff("Mira")
        nord, browser = make.customer(manager=mira), signed_in(mira)
        take(browser, nord, "12")
        answer = take(browser, nord, "13")
        assert answer.status_code == 422 and "carried out already" in answer.content.decode()
        assert balance(nord) == 12

    @pytest.mark.parametrize(
        "typed", ["", "-5", "0", "1e9", "NaN", "12,50", "1.123456789", "9" * 30]
    )
    def test_an_odd_amount_is_refused_at_its_field_and_stays_typed(self, typed: str) -> None:
        mira = make.staff("Mira")
        nord, browser = make.customer(manager=mira), signed_in(mira)
        answer = take(browser, nord, typed)
        assert answer.status_code == 422
        form = answer.context["box"].form
        assert form.errors["amount"] and form["amount"].value() == typed
        assert balance(nord) == 0

    def test_no_more_is_paid_out_than_the_balance_holds(self) -> None:
        mira = make.staff("Mira")
        nord, browser = make.customer(manager=mira), signed_in(mira)
        take(browser, nord, "10")
        answer = take(browser, nord, "11", "t2", "pay")
        assert "$1.0000 is missing" in answer.content.decode()
        assert take(browser, nord, "4", "t3", "pay").status_code == 302
        assert balance(nord) == 6

    def test_a_correction_goes_either_way_with_its_reason_on_the_statement(self) -> None:
        ada, nord = make.admin(), make.customer(balance="10")
        browser = signed_in(ada)
        said = {"amount": "3", "token": "t", "reason": "counted twice", "direction": "take"}
        browser.post(page_of(nord, "client_money", "correct"), said)
        assert balance(nord) == 7
        assert "counted twice" in browser.get(page_of(nord)).content.decode()

    def test_a_gift_needs_a_reason(self) -> None:
        nord = make.customer()
        said = {"amount": "3", "token": "t", "reason": "  "}
        answer = signed_in(make.admin()).post(page_of(nord, "client_money", "gift"), said)
        assert answer.status_code == 422 and answer.context["box"].form.errors["reason"]
        assert balance(nord) == 0

    def test_the_daily_limit_holds_and_is_said_in_money(self) -> None:
        mira = make.staff("Mira", daily_limit=Decimal(20))
        nord, browser = make.customer(manager=mira), signed_in(mira)
        assert take(browser, nord, "15", "t1", "gift").status_code == 302
        answer = take(browser, nord, "6", "t2", "correct")
        text = answer.content.decode()
        assert "Your limit for today is $20.0000, of which $5.0000 is left" in text
        assert "$5.0000 of your $20.0000 a day is left" in text
        assert balance(nord) == 15

    def test_a_form_without_its_token_moves_nothing(self) -> None:
        mira = make.staff("Mira")
        nord = make.customer(manager=mira)
        answer = take(signed_in(mira), nord, "5", "")
        assert answer.status_code == 422 and "Open the page again" in answer.content.decode()
        assert not Transfer.objects.exists()


class TestThePage:
    def test_the_statement_goes_back_page_by_page(self) -> None:
        ada, nord = make.admin(), make.customer()
        for number in range(1, 26):
            wallets.take_cash(nord, Decimal(number), by=ada.user, now=make.NOW)
        browser = signed_in(ada)
        first = browser.get(page_of(nord)).context["page"].statement
        older = browser.get(first.older).context["page"].statement
        assert [row.amount for row in first.rows] == list(range(25, 5, -1))
        assert [row.amount for row in older.rows] == [5, 4, 3, 2, 1] and not older.older

    @pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "²"])
    def test_an_odd_page_of_the_statement_does_no_harm(self, before: str) -> None:
        nord = make.customer(balance="5")
        answer = signed_in(make.admin()).get(page_of(nord), {"before": before})
        assert answer.status_code == 200

    def test_it_asks_again_only_while_an_order_is_under_way(self) -> None:
        nord = make.customer()
        order = make.order(nord, status=OrderStatus.IN_PROGRESS)
        browser = signed_in(make.admin())
        live = HTMX | {"HX-Target": "client-live"}
        assert browser.get(page_of(nord), headers=live).status_code == 200
        order.status = OrderStatus.COMPLETED
        order.save()
        assert browser.get(page_of(nord), headers=live).status_code == 286
        assert "every 5s" not in browser.get(page_of(nord)).content.decode()

    def test_a_refused_form_leaves_the_rest_of_the_page_alive(self) -> None:
        nord = make.customer()
        make.order(nord, status=OrderStatus.IN_PROGRESS)
        text = take(signed_in(make.admin()), nord, "odd").content.decode()
        assert f'hx-get="{page_of(nord)}"' in text

    def test_many_orders_and_movements_cost_as_many_queries_as_one(self) -> None:
        ada, nord = make.admin(), make.customer(manager=make.staff("Mira"))
        make.order(nord, by=make.user())
        browser = signed_in(ada)
        one = queries(browser, page_of(nord))
        for _ in range(5):
            make.order(nord, make.service(), by=make.user())
        assert queries(browser, page_of(nord)) == one

    def test_staff_change_the_contacts_and_admins_the_rest(self) -> None:
        mira = make.staff("Mira")
        nord = make.customer(manager=mira)
        said = {"name": "Nord & Co", "phone": "", "email": "a@b.example"}
        more = said | {"credit_limit": "50", "is_blocked": "on", "manager": ""}
        signed_in(mira).post(page_of(nord, "change_client"), more)
        nord.refresh_from_db()
        assert (nord.name, nord.email) == ("Nord & Co", "a@b.example")
        assert (nord.credit_limit, nord.is_blocked, nord.manager) == (0, False, mira)
        signed_in(make.admin()).post(page_of(nord, "change_client"), more)
        nord.refresh_from_db()
        assert (nord.credit_limit, nord.is_blocked, nord.manager) == (50, True, mira)

    def test_another_manager_is_chosen_where_the_prices_are_shown(self) -> None:
        mira = make.staff("Mira")
        nord = make.customer(manager=mira)
        text = signed_in(make.admin()).get(page_of(nord)).content.decode()
        assert f"{reverse('staff:assign_clients')}?client={nord.pk}&amp;heir={mira.pk}" in text
        assert "change-manager" not in signed_in(mira).get(page_of(nord)).content.decode()

    def test_a_refused_change_comes_back_open_and_as_typed(self) -> None:
        make.customer("Casa Verde", email="taken@x.example")
        nord = make.customer("Nord")
        said = {"name": "Nord", "phone": "", "email": "taken@x.example", "credit_limit": "0"}
        answer = signed_in(make.admin()).post(page_of(nord, "change_client"), said)
        text = answer.content.decode()
        assert answer.status_code == 422 and "This is Casa Verde already" in text
        assert answer.context["change_open"] and 'value="taken@x.example"' in text


def queries(browser: Client, address: str) -> int:
    browser.get(address)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(address).status_code == 200
    return len(captured)

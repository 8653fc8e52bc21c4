"""The new-order page: it shows what will be charged, and charges that, once."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders import people, tills, tracking
from orders.enums import MarkupKind, OrderStatus, PriceLevel
from orders.errors import Busy
from orders.models import (
    Account,
    Bound,
    Customer,
    MarkupRule,
    Offer,
    Order,
    Provider,
    Service,
    Staff,
)
from panel.staff.sale import service_picker
from tests.support import factories

pytestmark = pytest.mark.django_db

URL = "/staff/orders/new/"
LINK = "https://instagram.com/ateliernord"


class Desk:
    """A staff member at the page."""

    def __init__(self, client: Client, member: Staff, customer: Customer, service: Service):
        self.client, self.member, self.customer, self.service = client, member, customer, service
        client.force_login(member.user)

    def form(self, **changes: Any) -> dict[str, Any]:
        filled = {
            "client": self.customer.pk,
            "service": self.service.pk,
            "client_key": "form-1",
            "f-link": LINK,
            "f-quantity": "1,000",
            "markup": "acting",
        }
        return filled | {name.replace("f_", "f-", 1): value for name, value in changes.items()}

    def look(self, target: str = "order-quote", **changes: Any):
        return self.client.post(URL, self.form(**changes), **htmx(target))

    def press(self, act: str = "place", price: str = "1.30", **changes: Any):
        return self.client.post(URL, self.form(act=act, expected_price=price, **changes))

    @property
    def balance(self) -> Decimal | None:
        return Account.objects.get(customer=self.customer).balance


def htmx(target: str) -> dict[str, str]:
    return {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": target}


@pytest.fixture
def member() -> Staff:
    return factories.staff(sees_cost=True, sees_all_customers=True)


@pytest.fixture
def desk(client: Client, member: Staff) -> Desk:
    customer = factories.customer(balance="10", manager=member)
    return Desk(client, member, customer, factories.service())


# ── Finding ──────────────────────────────────────────────────────────────────────────────────


def test_a_client_is_found_by_name_and_phone(desk: Desk):
    factories.customer("Casa Verde", phone="34911222333")
    for typed in ("casa", "34911"):
        answer = desk.client.get(URL, {"client_q": typed}, **htmx("client-results"))
        assert "Casa Verde" in answer.text and "Atelier Nord" not in answer.text


def test_a_client_of_somebody_else_is_neither_listed_nor_taken(client: Client):
    other = factories.customer("Casa Verde", manager=factories.staff("Tom Berg"))
    client.force_login(factories.staff("Nobody's Boss").user)
    assert "Casa Verde" not in client.get(URL).text
    assert client.get(URL, {"client": other.pk}).status_code == 404
    assert client.post(URL, {"client": other.pk, "act": "place"}).status_code == 404


def test_a_customer_and_a_stranger_do_not_get_in(client: Client):
    assert client.get(URL).status_code == 302
    client.force_login(factories.customer(signs_in=True).user)
    assert client.get(URL).status_code == 403


def test_services_are_found_as_words_are_typed_and_the_words_are_marked(desk: Desk):
    factories.service(factories.offer(name="Telegram <b>Members</b>"))
    answer = desk.client.get(URL, {"q": "tele mem"}, **htmx("service-results"))
    assert "<mark>Tele</mark>gram &lt;b&gt;<mark>Mem</mark>bers" in answer.text
    assert "Instagram" not in answer.text


def test_a_paused_service_is_listed_with_why_and_cannot_be_chosen(desk: Desk):
    paused = factories.service(factories.offer(name="Paused one"), pause="cost_rose")
    answer = desk.client.get(URL, {"q": "paused one"}, **htmx("service-results"))
    assert "cost rose" in answer.text
    assert f'value="{paused.pk}"' not in answer.text


def test_what_can_be_ordered_comes_before_what_cannot(desk: Desk):
    paused = factories.service(factories.offer(name="Views, first in the shop"), pause="staff")
    sold = factories.service(factories.offer(name="Views, second"))
    found = service_picker.found("views", people.person_of(desk.member.user), None, None)
    assert [row.number for row in found] == [sold.pk, paused.pk]


def test_the_service_whose_number_was_typed_is_first_even_if_it_is_paused(desk: Desk):
    paused = factories.service(factories.offer(name="Views"), pause="staff")
    factories.service(factories.offer(name=f"Views {paused.pk}"))
    found = service_picker.found(f" {paused.pk} ", people.person_of(desk.member.user), None, None)
    assert found[0].number == paused.pk and len(found) > 1


def test_a_phone_number_that_nobody_has_stands_ready_to_be_added(desk: Desk):
    answer = desk.client.get(URL, {"client_q": "+49 170 1234567"}, **htmx("client-results"))
    assert "No client fits" in answer.text
    assert 'name="new_phone" value="+49 170 1234567"' in answer.text
    assert '<details class="add-client" open>' in answer.text


def test_a_search_asks_as_much_of_the_database_for_many_services_as_for_one(desk: Desk):
    one = _queries_of(desk)
    for number in range(12):
        factories.service(factories.offer(name=f"Instagram Likes {number}"))
        factories.customer(f"Client {number}")
    assert _queries_of(desk) == one


def _queries_of(desk: Desk) -> int:
    with CaptureQueriesContext(connection) as asked:
        desk.client.get(URL, {"q": "instagram"})
    return len(asked)


def test_a_client_is_added_by_a_phone_number_and_everything_typed_stays(desk: Desk):
    answer = desk.client.post(
        URL,
        desk.form(client="", act="add_client", new_phone="+49 170 1234567", new_name="Eva"),
        **htmx("order-form"),
    )
    added = Customer.objects.get(phone="491701234567")
    assert (added.name, added.manager) == ("Eva", desk.member)
    assert f'name="client" value="{added.pk}"' in answer.text
    assert LINK in answer.text
    assert answer["HX-Replace-Url"] == f"{URL}?client={added.pk}&service={desk.service.pk}"


def test_a_bad_phone_number_is_told_at_its_field(desk: Desk):
    answer = desk.client.post(URL, desk.form(client="", act="add_client", new_phone="12"))
    assert answer.status_code == 422
    assert 'aria-describedby="id_new_phone_words"' in answer.text
    assert 'value="12"' in answer.text


# ── The fields and the quote ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("slug", "names"),
    [
        ("package", ["link"]),
        ("custom_comments", ["link", "comments"]),
        ("poll", ["link", "quantity", "answer_number"]),
        ("web_traffic", ["link", "quantity", "country", "device", "google_keyword"]),
    ],
)
def test_the_fields_are_those_of_the_services_type(desk: Desk, slug: str, names: list[str]):
    other = factories.service(factories.offer(service_type=slug, type_name=slug))
    answer = desk.look("order-form", service=other.pk)
    for name in names:
        assert f'name="f-{name}"' in answer.text
    assert ('name="f-quantity"' in answer.text) == ("quantity" in names)


def test_the_quote_shows_every_stage_the_split_and_the_balance_afterwards(desk: Desk):
    text = desk.look().text
    for words in ("Cost rate", "30 %", "Profit", "After this order", "Place order for"):
        assert words in text
    assert 'name="expected_price" value="1.3' in text
    assert "$8.70<i>00</i>" in text


def test_ones_own_markup_acts_and_is_called_ones_own(client: Client):
    member = factories.staff(markup="35", sees_cost=True, sees_all_customers=True)
    desk = Desk(client, member, factories.customer(balance="10"), factories.service())
    text = desk.look().text
    assert "35 %, your own" in text and 'value="1.35' in text
    assert "Mine, 35\u00a0%" in desk.look("order-form").text


def test_a_typed_percentage_and_a_typed_total_make_the_price(desk: Desk):
    assert 'name="expected_price" value="1.5' in desk.look(markup="percent", percent="50").text
    assert 'name="expected_price" value="2.25' in desk.look(markup="total", total="2.25").text


def test_another_rules_markup_can_be_taken(desk: Desk):
    rule = MarkupRule.objects.create(
        level=PriceLevel.SERVICE,
        service=desk.service,
        kind=MarkupKind.PERCENT,
        value=Decimal(60),
        set_at=factories.NOW,
    )
    panel = MarkupRule.objects.get(level=PriceLevel.PANEL)
    assert 'value="1.6' in desk.look().text
    assert 'name="expected_price" value="1.3' in desk.look(markup=f"rule-{panel.pk}").text
    assert f"rule-{rule.pk}" not in desk.look("order-form").text


def test_a_price_below_the_floor_is_lifted_and_the_quote_says_so(desk: Desk):
    text = desk.look(markup="total", total="0.50").text
    assert "Floor (panel, 5 %) lifted 0.50 to 1.05" in text
    assert 'name="expected_price" value="1.05' in text


def test_the_price_is_told_before_there_is_a_link(desk: Desk):
    assert 'name="expected_price" value="1.3' in desk.look(f_link="").text


def test_what_is_wrong_is_told_beside_while_typing_and_at_the_field_when_asked(desk: Desk):
    live = desk.look(f_quantity="3")
    assert live.status_code == 200 and "Between 10 and 10,000" in live.text
    asked = desk.look("order-form", f_quantity="3", act="check")
    assert 'id="id_f-quantity_error"' in asked.text


def test_a_percentage_that_is_none_is_told_at_its_field(desk: Desk):
    answer = desk.press(markup="percent", percent="a lot")
    assert answer.status_code == 422
    assert 'id="id_percent_error"' in answer.text and 'value="a lot"' in answer.text
    assert not Order.objects.exists()


@pytest.fixture
def blind(client: Client) -> Desk:
    """A member with a markup of their own and no sight of costs: list price 0.9955, cost 0.7777."""
    member = factories.staff(markup="28", sees_all_customers=True)
    Bound.objects.create(
        level=PriceLevel.STAFF, staff=member, floor_percent=7, set_at=factories.NOW
    )
    offer = factories.offer(factories.provider("Bulkhaus"), rate=Decimal("0.7777"))
    customer = factories.customer(balance="10", manager=member)
    return Desk(client, member, customer, factories.service(offer))


LOOKS: tuple[dict[str, str], ...] = (
    {},
    {"markup": "total", "total": "0.01"},
    {"markup": "total", "total": "0.84"},
    {"markup": "total", "total": "5"},
    {"markup": "percent", "percent": "0"},
    {"markup": "rule-1"},
)


@pytest.mark.parametrize("changes", LOOKS)
def test_who_does_not_see_costs_is_shown_none_and_no_markup_to_work_them_out(
    blind: Desk, changes: dict[str, str]
):
    answer = blind.look("order-form", **changes)
    listed = blind.client.get(URL, {"q": "insta"})
    secrets = ("Bulkhaus", "0.7777", "0.77<i>77", "Cost", "Profit", "28 %", "7 %", "floor", "Mine")
    for text in (answer.text, blind.look(**changes).text, listed.text):
        assert not [secret for secret in secrets if secret in text]
    assert "$0.99<i>" in listed.text


def test_who_does_not_see_costs_sells_no_lower_than_the_list_price_whatever_the_floor(blind: Desk):
    told = set()
    for total in ("0.99", "0.84", "0.80", "0.01"):
        refused = blind.press(markup="total", total=total, price=total)
        assert refused.status_code == 422 and 'id="id_total_error"' in refused.text
        told.add(re.sub(r"\s+", " ", refused.text).partition("Below the list price")[2][:60])
    assert len(told) == 1
    assert not Order.objects.exists()
    assert blind.press(markup="total", total="1.00", price="1.00").status_code == 302


def test_the_list_price_stands_beside_a_typed_total(desk: Desk):
    typed = desk.look(markup="total", total="2.25").text
    assert "List price" in typed and "$1.30<i>00</i>" in typed
    assert "List price" not in desk.look().text


def test_the_least_price_is_told_with_the_floor_that_makes_it(desk: Desk):
    text = desk.look().text
    assert "Least price" in text and "panel, 5\u00a0%" in text and "$1.05<i>00</i>" in text


def test_the_provider_whose_sales_are_stopped_is_named_to_who_may_read_it(
    desk: Desk, client: Client
):
    Provider.objects.update(not_sold=True)
    name = desk.service.offer.provider.name
    assert f"Selling from {name} is stopped." in desk.look().text
    Staff.objects.update(sees_cost=False)
    answer = desk.look("order-form")
    assert "Selling from its provider is stopped." in answer.text and name not in answer.text


# ── Placing ──────────────────────────────────────────────────────────────────────────────────


def test_placing_charges_what_was_shown_and_offers_what_comes_next(desk: Desk):
    answer = desk.press()
    order = Order.objects.get()
    assert answer["Location"] == f"{URL}?placed={order.pk}"
    assert (order.price, order.status) == (Decimal("1.3"), OrderStatus.WAITING)
    assert (order.placed_by, order.customer) == (desk.member.user, desk.customer)
    assert desk.balance == Decimal("8.7")
    after = desk.client.get(answer["Location"]).text
    assert f"?client={desk.customer.pk}" in after
    assert f"Your order {order.pk}: 1,000 × " in after


def test_the_message_holds_a_tracking_address_that_opens_and_neither_cost_nor_provider(desk: Desk):
    after = desk.client.get(desk.press()["Location"]).text
    message = re.search(r'<textarea[^>]* id="message"[^>]*>([^<]+)<', after)
    assert message
    address = re.search(r"Follow it here: http://testserver(/t/\S+/)", message[1])
    assert address
    assert Client().get(address[1]).status_code == 200
    for secret in (desk.service.offer.provider.name, "1.00", "30 %"):
        assert secret not in message[1]
    assert "Price $1.3000." in message[1]


def test_a_second_press_makes_no_second_address(desk: Desk):
    first, second = (desk.client.get(desk.press()["Location"]).text for _ in range(2))
    assert re.findall(r"/t/\S+/", first) == re.findall(r"/t/\S+/", second)


def test_an_order_stands_even_if_no_address_could_be_made(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    def busy(*args: Any, **values: Any) -> None:
        raise Busy

    monkeypatch.setattr(tracking, "make", busy)
    answer = desk.press()
    assert answer.status_code == 302
    assert "make one on the order" in desk.client.get(answer["Location"]).text


def test_the_message_of_an_order_without_an_address_says_where_to_make_one(desk: Desk):
    order = factories.order(desk.customer, desk.service)
    text = desk.client.get(URL, {"placed": order.pk}).text
    assert "/t/" not in text and "make one on the order" in text


def test_two_presses_make_one_order(desk: Desk):
    first, second = desk.press(), desk.press()
    assert first["Location"] == second["Location"]
    assert Order.objects.count() == 1
    assert desk.balance == Decimal("8.7")


def test_over_htmx_the_whole_page_goes_on_to_the_placed_order(desk: Desk):
    data = desk.form(act="place", expected_price="1.30")
    answer = desk.client.post(URL, data, **htmx("order-form"))
    assert answer["HX-Redirect"] == f"{URL}?placed={Order.objects.get().pk}"


def test_a_changed_form_pressed_again_says_so_and_then_places_another_order(desk: Desk):
    desk.press()
    refused = desk.press(f_quantity="2000", price="2.60", overlap_ok="1")
    assert refused.status_code == 422 and "has placed order" in refused.text
    assert 'name="client_key" value="form-1"' not in refused.text
    assert Order.objects.count() == 1


def test_a_risen_price_is_refused_with_both_figures_and_the_button_repeats_the_new_one(desk: Desk):
    Offer.objects.update(rate=Decimal("2"))
    answer = desk.press()
    assert answer.status_code == 422
    assert "The price changed from $1.3000 to $2.6000." in answer.text
    assert "Place order for" in answer.text and "$2.60<i>00</i>" in answer.text
    assert (Order.objects.count(), desk.balance) == (0, Decimal(10))
    desk.press(price="2.6")
    assert Order.objects.get().price == Decimal("2.6")


def test_a_fallen_price_is_charged_as_it_is(desk: Desk):
    desk.press(price="5")
    assert Order.objects.get().price == Decimal("1.3")


def test_a_price_of_eight_places_comes_back_with_every_digit(desk: Desk):
    Offer.objects.update(rate=Decimal("0.94987"))  # 1.2349 with the markup, on the step
    shown = re.search(r'name="expected_price" value="([^"]+)"', desk.look(f_quantity="13").text)
    assert shown and Decimal(shown[1]) == Decimal("0.0160537")
    assert desk.press(price=shown[1], f_quantity="13").status_code == 302


def test_nothing_is_placed_at_a_price_that_nobody_saw(desk: Desk):
    answer = desk.press(price="")
    assert answer.status_code == 422 and "Look at the price" in answer.text
    assert not Order.objects.exists()


def test_a_missing_link_is_told_at_its_field_and_what_was_typed_stays(desk: Desk):
    answer = desk.press(f_link="", f_quantity="2,500", price="3.25")
    assert answer.status_code == 422
    assert "Enter the link." in answer.text and 'id="id_f-link_error"' in answer.text
    assert 'value="2,500"' in answer.text
    assert not Order.objects.exists()


def test_a_short_balance_offers_to_take_what_is_missing(client: Client, member: Staff):
    desk = Desk(client, member, factories.customer(balance="1"), factories.service())
    text = desk.look().text
    assert "Take <span" in text and "$0.30<i>00</i>" in text and 'value="place"' not in text
    short = desk.press()
    assert short.status_code == 422 and "$0.3000 more is needed." in short.text
    assert desk.press("take", take="0.30").status_code == 302
    assert (desk.balance, Order.objects.count()) == (Decimal(0), 1)
    assert tills.held(member) == Decimal("0.3")


def test_cash_is_taken_once_however_often_it_is_pressed(client: Client, member: Staff):
    desk = Desk(client, member, factories.customer(), factories.service())
    desk.press("take", take="1.30")
    desk.press("take", take="1.30")
    assert (desk.balance, tills.held(member)) == (Decimal(0), Decimal("1.3"))


def test_cash_is_taken_in_whole_cents_and_the_rest_stays_with_the_client(
    client: Client, member: Staff
):
    desk = Desk(client, member, factories.customer(), factories.service())
    text = desk.look(f_quantity="1,001").text
    assert 'name="take" value="1.31' in text and "$0.00<i>87</i>" in text
    assert desk.press("take", price="1.3013", take="1.31", f_quantity="1,001").status_code == 302
    assert desk.balance == Decimal("0.0087")


def test_cash_that_is_handed_over_is_taken_whole_and_the_rest_stays_with_the_client(
    client: Client, member: Staff
):
    desk = Desk(client, member, factories.customer(balance="1"), factories.service())
    text = desk.look(cash="12").text
    assert 'name="take" value="12"' in text and "Take <span" in text
    assert "$11.70<i>00</i>" in text, "1.00 + 12.00 - 1.30"
    assert desk.press("take", take="12", cash="12").status_code == 302
    assert (desk.balance, tills.held(member)) == (Decimal("11.7"), Decimal(12))


def test_too_little_cash_leaves_nothing_to_press(client: Client, member: Staff):
    desk = Desk(client, member, factories.customer(), factories.service())
    text = desk.look(cash="1.29").text
    assert "More cash is needed" in text and 'id="place"' not in text
    assert desk.press("take", take="1.29", cash="1.29").status_code == 422
    assert (desk.balance, tills.held(member)) == (Decimal(0), Decimal(0))


@pytest.mark.parametrize("typed", ["a lot", "-5", "1e3", "1.005"])
def test_cash_that_is_no_amount_is_told_and_gives_no_price(desk: Desk, typed: str):
    assert 'name="expected_price"' not in desk.look(cash=typed).text
    assert 'id="id_cash_error"' in desk.press(cash=typed).text
    assert not Order.objects.exists()


def test_no_cash_is_taken_for_an_order_that_is_refused(client: Client, member: Staff):
    desk = Desk(client, member, factories.customer(), factories.service())
    assert desk.press("take", take="1.00").status_code == 422
    assert (desk.balance, tills.held(member)) == (Decimal(0), Decimal(0))


def test_an_open_order_on_the_link_is_shown_and_has_to_be_confirmed(desk: Desk):
    other = factories.order(factories.customer("Casa Verde"), desk.service)
    live = desk.look()
    assert str(other.pk) in live.text and "of Casa Verde" in live.text
    refused = desk.press()
    assert refused.status_code == 422 and 'id="id_overlap_error"' in refused.text
    assert desk.press(overlap_ok="1").status_code == 302


def test_an_overlap_with_a_client_who_is_not_ones_own_is_not_hinted_at(client: Client):
    member = factories.staff(sees_cost=True)
    desk = Desk(
        client, member, factories.customer(balance="9", manager=member), factories.service()
    )
    factories.order(factories.customer("Casa Verde"), desk.service)
    assert "Casa Verde" not in desk.look().text
    assert desk.press().status_code == 302


def test_a_big_order_is_confirmed_by_its_quantity(client: Client):
    member = factories.staff(sees_all_customers=True, big_order_limit=Decimal(1))
    desk = Desk(client, member, factories.customer(balance="10"), factories.service())
    assert "Retype the whole quantity" in desk.look().text
    refused = desk.press(confirm="100")
    assert refused.status_code == 422 and 'id="id_confirm_words"' in refused.text
    assert desk.press(confirm="1,000").status_code == 302


def test_an_order_of_ten_times_the_usual_is_confirmed_too(desk: Desk):
    for number in range(3):
        factories.order(
            desk.customer, desk.service, price=Decimal("0.05"), link=f"https://x.example/{number}"
        )
    assert "More than 10 times" in desk.look().text
    assert "More than 10 times" not in desk.look(f_quantity="100").text


def test_a_blocked_client_gets_no_quote(desk: Desk):
    Customer.objects.update(is_blocked=True)
    assert "blocked" in desk.look().text
    assert desk.press().status_code == 422
    assert not Order.objects.exists()


def test_a_paused_service_is_not_placed(desk: Desk):
    Service.objects.update(pause="staff")
    answer = desk.press()
    assert answer.status_code == 422 and "paused" in answer.text
    assert not Order.objects.exists()


def test_the_placed_order_of_a_client_one_may_not_see_is_not_shown(client: Client):
    order = factories.order()
    client.force_login(factories.staff().user)
    assert client.get(URL, {"placed": order.pk}).status_code == 404


def test_the_page_says_what_to_do_while_nothing_is_for_sale(client: Client):
    client.force_login(factories.staff().user)
    assert "An admin chooses what to sell" in client.get(URL).text
    client.force_login(factories.admin().user)
    assert reverse("staff:choose") in client.get(URL).text


# ── The link ─────────────────────────────────────────────────────────────────────────────────


def test_the_link_is_shown_as_it_will_be_sent(desk: Desk) -> None:
    shown = desk.look(f_link="tiktok.com/@nord").content.decode()
    text = " ".join(re.sub(r"<[^>]+>", "", shown).split())
    assert "Will be sent as https://tiktok.com/@nord: https:// is put before it" in text
    assert "Link, as senthttps://tiktok.com/@nord" in text
    assert "This service is for Instagram, and the link leads to TikTok (tiktok.com)." in text


def test_the_order_s_history_says_how_the_link_was_typed(desk: Desk) -> None:
    desk.press(f_link="instagram.com/nord")
    order = Order.objects.get()
    assert order.link == "https://instagram.com/nord"
    page = desk.client.get(f"/staff/orders/{order.pk}/?tab=timeline").content.decode()
    assert "typed as instagram.com/nord, https:// was put before it" in page
    assert ">https://instagram.com/nord</a>" in page

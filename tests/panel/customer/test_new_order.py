"""A customer's new order: the price told, the money taken once, and nothing typed ever lost."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders import favourites, kept_forms, placement
from orders.enums import OrderStatus
from orders.errors import Busy
from orders.models import (
    Customer,
    KeptForm,
    Offer,
    Order,
    Panel,
    Service,
    ServiceTime,
    Transfer,
)
from tests.support import factories

pytestmark = pytest.mark.django_db

NEW = "/my/new/"
LINK = "https://instagram.com/casaverde.pt"
QUOTE: dict[str, Any] = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "order-quote"}
RESULTS: dict[str, Any] = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "service-results"}


@pytest.fixture
def casa() -> Customer:
    return factories.customer("Casa Verde", balance="5", signs_in=True)


@pytest.fixture
def browser(casa: Customer, client: Client) -> Client:
    assert casa.user
    client.force_login(casa.user)
    return client


@pytest.fixture
def followers() -> Service:
    return factories.service(factories.offer(name="Instagram Followers, HQ"))


def said(response: Any) -> str:
    """The answer's text without tags, with every run of white space as one blank."""
    return " ".join(re.sub(r"<[^>]+>", "", response.content.decode()).split())


def filled(service: Service, act: str = "place", **changes: str) -> dict[str, str]:
    fields = {
        "act": act,
        "service": str(service.pk),
        "client_key": "a-form",
        "f-link": LINK,
        "f-quantity": "1,000",
        "expected_price": "1.30",
    }
    return fields | changes


# ── Choosing ─────────────────────────────────────────────────────────────────────────────────


def test_an_empty_shop_says_whom_to_ask(browser: Client) -> None:
    text = said(browser.get(NEW))
    assert "No services yet Contact us." in text
    assert "order-form" not in browser.get(NEW).content.decode()


def test_a_blocked_customer_is_told_so_plainly(browser: Client, followers: Service) -> None:
    Customer.objects.update(is_blocked=True)
    assert "Your account cannot place orders at the moment.Contact us" in said(browser.get(NEW))

    answer = browser.post(NEW, filled(followers), HTTP_HX_REQUEST="true")

    assert answer.status_code == 422
    assert "Your account cannot place orders at the moment." in said(answer)
    assert "client" not in said(answer).split("cannot place")[1][:300]
    assert not Order.objects.exists()


def test_the_search_finds_by_words_by_number_and_prefers_the_chosen_category(
    browser: Client, followers: Service
) -> None:
    tiktok = factories.service(factories.offer(name="TikTok Followers", category="TikTok"))
    factories.service(factories.offer(name="TikTok Views", category="TikTok"), pause="staff")

    def found(**query: str) -> list[int]:
        html = browser.get(NEW, query, **RESULTS).content.decode()
        return [int(number) for number in re.findall(r'id="service-(\d+)"', html)]

    assert found(q="followers") == [followers.pk, tiktok.pk]
    assert found(q="followers", category=str(tiktok.category_id)) == [tiktok.pk, followers.pk]
    assert found(q=str(tiktok.pk)) == [tiktok.pk]
    assert found(category=str(tiktok.category_id)) == [tiktok.pk]
    assert found(q="views") == []
    assert found(category="999999") == [followers.pk]


def test_starred_services_have_a_chip_and_come_first(
    browser: Client, casa: Customer, followers: Service
) -> None:
    other = factories.service(factories.offer(name="Instagram Followers, slow"))
    favourites.star(casa, other)
    html = browser.get(NEW).content.decode()
    assert re.search(r'value="favourites" aria-pressed="true"', html)
    assert re.findall(r'id="service-(\d+)"', html) == [str(other.pk)]

    listed = browser.get(NEW, {"q": "followers"}).content.decode()
    assert re.findall(r'id="service-(\d+)"', listed) == [str(other.pk), str(followers.pk)]


def test_times_are_told_only_where_they_were_measured(browser: Client, followers: Service) -> None:
    text = said(browser.get(NEW, {"service": followers.pk}))
    assert "Usually" not in text

    ServiceTime.objects.create(
        service=followers,
        measured_at=factories.NOW,
        completed=9,
        to_completion=11_400,
        started=9,
        to_start=300,
    )
    text = said(browser.get(NEW, {"service": followers.pk}))
    assert "Usually starts in about 5 min, done in about 3 h 10 min" in text


def test_a_service_that_is_not_available_gives_way_to_similar_ones(
    browser: Client, followers: Service
) -> None:
    gone = factories.service(factories.offer(name="Gone Followers"), pause="cost_rose")
    page = browser.get(NEW, {"service": gone.pk})
    text = said(page)
    assert "This service is not available right now. Similar:" in text
    assert "cost" not in text.lower()
    assert "Gone Followers" not in text
    assert f'id="service-{followers.pk}"' in page.content.decode()

    answer = browser.post(NEW, filled(gone))
    assert answer.status_code == 422
    assert not Order.objects.exists()


# ── The price ────────────────────────────────────────────────────────────────────────────────


def test_the_price_is_told_by_the_server_with_the_balance_after(
    browser: Client, followers: Service
) -> None:
    text = said(browser.post(NEW, filled(followers, act=""), **QUOTE))
    assert "$1.3000 × 1,000 ÷ 1,000$1.3000" in text
    assert "Balance $5.0000 $3.7000 left" in text
    assert "Place order for $1.3000" in text
    assert not Order.objects.exists()


def test_a_price_is_told_before_there_is_a_link(browser: Client, followers: Service) -> None:
    text = said(browser.post(NEW, filled(followers, act="", **{"f-link": ""}), **QUOTE))
    assert "Place order for $1.3000" in text


def test_the_least_price_of_an_order_is_named(browser: Client, followers: Service) -> None:
    Panel.objects.update(minimum_charge=Decimal(2))
    text = said(browser.post(NEW, filled(followers, act=""), **QUOTE))
    assert "÷ 1,000$1.3000 Least price of an order$2.0000" in text


def test_wrong_fields_are_told_where_they_are_and_kept(browser: Client, followers: Service) -> None:
    typed = {"f-link": "two words", "f-quantity": "7"}
    answer = browser.post(NEW, filled(followers, **typed))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="two words"' in html and 'value="7"' in html
    assert "Between 10 and 10,000 for this service." in said(answer)
    assert not Order.objects.exists()


# ── Placing ──────────────────────────────────────────────────────────────────────────────────


def test_one_press_places_it_charges_it_and_leads_to_its_page(
    browser: Client, casa: Customer, followers: Service
) -> None:
    page = browser.post(NEW, filled(followers), follow=True)

    order = Order.objects.get()
    assert page.redirect_chain == [(reverse("my:order", args=[order.pk]), 302)]
    assert (order.customer, order.price, order.placed_by) == (casa, Decimal("1.3"), casa.user)
    assert casa.wallet.balance == Decimal("3.7")
    text = said(page)
    assert f"Order {order.pk} is placed; $1.3000 was taken from your balance." in text
    assert "Starts soon. You can still cancel for a full refund." in text


def test_a_second_press_places_nothing_more(browser: Client, followers: Service) -> None:
    pages = [browser.post(NEW, filled(followers)) for _ in range(2)]
    assert pages[0]["Location"] == pages[1]["Location"]
    assert Order.objects.count() == 1


def test_a_form_that_was_changed_after_it_placed_an_order_says_so_once(
    browser: Client, followers: Service
) -> None:
    browser.post(NEW, filled(followers))
    changed = filled(followers, **{"f-quantity": "2000", "expected_price": "2.60"})
    changed["f-link"] = "https://instagram.com/another"
    answer = browser.post(NEW, changed)
    assert f"This form has placed order {Order.objects.get().pk} already." in said(answer)

    key = re.search(r'name="client_key" value="(\w+)"', answer.content.decode())
    assert key
    assert browser.post(NEW, changed | {"client_key": key[1]}).status_code == 302
    assert Order.objects.count() == 2


def test_a_risen_price_is_shown_with_both_figures_and_confirmed(
    browser: Client, followers: Service
) -> None:
    Offer.objects.update(rate=Decimal("1.2"))
    answer = browser.post(NEW, filled(followers))
    text = said(answer)
    assert answer.status_code == 422
    assert "The price changed from $1.3000 to $1.5600.Nothing was charged." in text
    assert "Place at $1.5600" in text and "Not now" in text
    assert not Transfer.objects.filter(kind="order").exists()

    price = re.search(r'name="expected_price" value="([\d.]+)"', answer.content.decode())
    assert price
    assert browser.post(NEW, filled(followers, expected_price=price[1])).status_code == 302
    assert Order.objects.get().price == Decimal("1.56")


def test_a_fallen_price_is_charged_at_once(browser: Client, followers: Service) -> None:
    browser.post(NEW, filled(followers, expected_price="9.99"))
    assert Order.objects.get().price == Decimal("1.3")


def test_no_price_was_seen_no_order_is_placed(browser: Client, followers: Service) -> None:
    for seen in ("", "NaN", "-1", "x"):
        answer = browser.post(NEW, filled(followers, expected_price=seen))
        assert "Look at the price, then press again." in said(answer)
    assert not Order.objects.exists()


def test_an_overlap_with_their_own_open_order_is_asked(
    browser: Client, casa: Customer, followers: Service
) -> None:
    factories.order(
        factories.customer("Stranger"), followers, status=OrderStatus.IN_PROGRESS, link=LINK
    )
    assert "Another order for this link" not in said(
        browser.post(NEW, filled(followers, act=""), **QUOTE)
    )

    own = factories.order(casa, followers, status=OrderStatus.IN_PROGRESS, link=LINK)
    answer = browser.post(NEW, filled(followers))
    text = said(answer)
    assert answer.status_code == 422
    assert "Another order for this link may be running; counts can overlap." in text
    assert f"Order {own.pk}: Instagram Followers, HQ" in text
    assert "Tick this to order anyway." in text

    assert browser.post(NEW, filled(followers, overlap_ok="1")).status_code == 302


def test_a_busy_moment_says_that_nothing_was_charged(
    browser: Client, followers: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*args: Any, **more: Any) -> None:
        raise Busy

    monkeypatch.setattr(placement, "place", busy)
    text = said(browser.post(NEW, filled(followers)))
    assert "Busy for a moment. Nothing was charged. Please press again." in text


# ── Short of funds ───────────────────────────────────────────────────────────────────────────

SHORT = {"f-quantity": "8000", "expected_price": "10.40"}


def test_without_the_money_the_form_is_kept_and_comes_back(
    browser: Client, casa: Customer, followers: Service
) -> None:
    answer = browser.post(NEW, filled(followers, **SHORT))
    text = said(answer)
    assert answer.status_code == 422
    assert "You need $5.4000 more." in text
    assert not Order.objects.exists()

    back = browser.post(NEW, filled(followers, act="top_up", **SHORT))
    token = KeptForm.objects.get().token
    assert back["Location"] == f"/my/top-up/?amount=5.40&next=%2Fmy%2Fnew%2F%3Fkept%3D{token}"
    html = browser.get(f"{NEW}?kept={token}").content.decode()
    assert f'value="{LINK}"' in html and 'value="8000"' in html
    assert "$10.40" in html


def test_nobody_else_opens_a_kept_form(client: Client, casa: Customer, followers: Service) -> None:
    token = kept_forms.keep(casa, followers.pk, {"link": LINK}, now=factories.NOW)
    stranger = factories.customer("Somebody", signs_in=True)
    assert stranger.user
    client.force_login(stranger.user)
    page = client.get(NEW, {"kept": token})
    assert LINK not in page.content.decode()
    assert "This form is not kept any more." in said(page)


def test_credit_counts_as_money(browser: Client, casa: Customer, followers: Service) -> None:
    Customer.objects.update(credit_limit=Decimal(20))
    assert browser.post(NEW, filled(followers, **SHORT)).status_code == 302


# ── Again ────────────────────────────────────────────────────────────────────────────────────


def test_an_order_is_ordered_again_from_its_own_fields(browser: Client, casa: Customer) -> None:
    offer = factories.offer(type_name="Custom Comments", service_type="custom_comments", least=1)
    order = factories.order(
        casa,
        factories.service(offer),
        details={"link": LINK, "comments": ["Lovely", "So green"]},
    )
    html = browser.get(NEW, {"again": order.pk}).content.decode()
    assert f'value="{LINK}"' in html
    assert "Lovely\nSo green</textarea>" in html
    assert not Order.objects.exclude(pk=order.pk).exists()


def test_nobody_elses_order_is_ordered_again(browser: Client, followers: Service) -> None:
    theirs = factories.order(factories.customer("Stranger"), followers, link="https://x.example/z")
    assert "x.example/z" not in browser.get(NEW, {"again": theirs.pk}).content.decode()


# ── How often the database is asked ──────────────────────────────────────────────────────────


def test_many_services_and_categories_ask_the_database_as_often_as_one(
    browser: Client, casa: Customer, followers: Service
) -> None:
    favourites.star(casa, followers)
    url = f"{NEW}?service={followers.pk}&q=followers"
    browser.get(url)
    with CaptureQueriesContext(connection) as one:
        browser.get(url)
    for number in range(12):
        more = factories.offer(followers.offer.provider, category=f"Shelf {number}")
        favourites.star(casa, factories.service(more, name=f"Followers {number}"))
    with CaptureQueriesContext(connection) as many:
        browser.get(url)
    assert len(many) == len(one)


# ── The link ─────────────────────────────────────────────────────────────────────────────────


def test_what_will_be_sent_is_shown_before_it_is_placed_and_on_the_order(
    browser: Client, followers: Service
) -> None:
    typed = {"f-link": " instagram.com/casaverde.pt "}
    told = said(browser.post(NEW, filled(followers, "", **typed), **QUOTE))
    assert "Will be sent as https://instagram.com/casaverde.pt: https:// is put before it" in told
    assert "Linkhttps://instagram.com/casaverde.pt " in told
    page = browser.post(NEW, filled(followers, **typed), follow=True)
    assert "Linkhttps://instagram.com/casaverde.pt " in said(page)
    assert Order.objects.get().link == LINK


def test_a_link_of_another_site_is_told_and_taken(browser: Client, followers: Service) -> None:
    other = {"f-link": "tiktok.com/@casa"}
    told = said(browser.post(NEW, filled(followers, "", **other), **QUOTE))
    assert "This service is for Instagram, and the link leads to TikTok (tiktok.com)." in told
    browser.post(NEW, filled(followers, **other))
    assert Order.objects.get().link == "https://tiktok.com/@casa"


def test_a_username_stays_one(browser: Client, followers: Service) -> None:
    name = {"f-link": "casa.verde"}
    told = said(browser.post(NEW, filled(followers, "", **name), **QUOTE))
    assert "Will be sent as casa.verde, a username." in told
    browser.post(NEW, filled(followers, **name))
    assert Order.objects.get().link == "casa.verde"


def test_a_link_is_shown_as_text_and_never_as_markup(browser: Client, followers: Service) -> None:
    evil = {"f-link": "evil.example/<img/src=x>"}
    page = browser.post(NEW, filled(followers, "", **evil), **QUOTE).content.decode()
    assert "<img" not in page
    assert "&lt;img/src=x&gt;" in page

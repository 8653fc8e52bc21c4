"""The list of services: what is listed, at whose price, in which order, page by page."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders import favourites
from orders.enums import MarkupKind, PriceLevel
from orders.models import Category, Customer, Favourite, MarkupRule, Service
from panel import paginator
from tests.support import factories

pytestmark = pytest.mark.django_db

LIST = "/my/services/"


@pytest.fixture
def casa() -> Customer:
    return factories.customer("Casa Verde", signs_in=True)


@pytest.fixture
def browser(casa: Customer, client: Client) -> Client:
    assert casa.user
    client.force_login(casa.user)
    return client


def shelf(category: str, *names: str) -> list[Service]:
    position = Category.objects.count()
    Category.objects.create(name=category, position=position)
    return [factories.service(factories.offer(name=name, category=category)) for name in names]


def listed(response: Any) -> list[int]:
    return [int(number) for number in re.findall(r'id="star-(\d+)"', response.content.decode())]


def links(response: Any) -> dict[str, str]:
    found = re.findall(r'href="(\?[^"]+)" rel="(prev|next)"', response.content.decode())
    return {name: url.replace("&amp;", "&") for url, name in found}


def test_shelves_stand_in_the_shops_order_and_stars_before_all(
    browser: Client, casa: Customer
) -> None:
    views = shelf("Zebra Views", "Views")
    likes = shelf("Apple Likes", "Likes", "Likes, slow")
    factories.service(factories.offer(name="Paused"), pause="staff")
    assert listed(browser.get(LIST)) == [row.pk for row in (*views, *likes)]

    favourites.star(casa, likes[1])
    page = browser.get(LIST)
    assert listed(page) == [likes[1].pk, views[0].pk, likes[0].pk]
    headings = re.findall(r'scope="rowgroup">([^<]+)<', page.content.decode())
    assert headings == ["Favourites", "Zebra Views", "Apple Likes"]
    assert listed(browser.get(LIST, {"category": "favourites"})) == [likes[1].pk]


def test_search_and_category_narrow_the_list(browser: Client) -> None:
    likes, views = shelf("Apple", "Likes", "Views")
    other = shelf("Pear", "Likes of pears")[0]
    assert listed(browser.get(LIST, {"q": "likes"})) == [likes.pk, other.pk]
    assert listed(browser.get(LIST, {"q": "likes", "category": str(other.category_id)})) == [
        other.pk
    ]
    assert listed(browser.get(LIST, {"q": f"#{views.pk}"})) == [views.pk]
    assert "No service fits" in browser.get(LIST, {"q": "nothing like this"}).content.decode()


def test_the_price_is_the_customers_own(browser: Client, casa: Customer) -> None:
    (likes,) = shelf("Apple", "Likes")
    MarkupRule.objects.create(
        level=PriceLevel.CUSTOMER_SERVICE,
        customer=casa,
        service=likes,
        kind=MarkupKind.FIXED_RATE,
        value=Decimal("7.7777"),
        set_at=factories.NOW,
    )
    assert "$7.77<i>77</i>" in browser.get(LIST).content.decode()


def test_pages_lead_through_every_service_once_and_back(
    browser: Client, casa: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row for name in "cab" for row in shelf(name, *(f"{name}{n}" for n in range(3)))]
    favourites.star(casa, rows[5])
    wanted = [rows[5].pk, *(row.pk for row in rows if row != rows[5])]
    monkeypatch.setattr(paginator.ordered_page, "__kwdefaults__", {"size": 4})

    pages, url = [], ""
    while True:
        page = browser.get(LIST + url)
        pages.append(listed(page))
        if "next" not in links(page):
            break
        url = links(page)["next"]
    assert pages == [wanted[:4], wanted[4:8], wanted[8:]]

    back = browser.get(LIST + links(page)["prev"])
    assert listed(back) == wanted[4:8]
    first = browser.get(LIST + links(back)["prev"])
    assert listed(first) == wanted[:4]
    assert "prev" not in links(first)
    assert listed(browser.get(LIST, {"after": "999999"})) == wanted[:4]


def test_a_star_is_turned_by_its_button(browser: Client, casa: Customer) -> None:
    (likes,) = shelf("Apple", "Likes")
    url = reverse("my:star_service", args=[likes.pk])
    answer = browser.post(url, {"on": "1"}, HTTP_HX_REQUEST="true")
    assert 'aria-pressed="true"' in answer.content.decode()
    assert favourites.favourites(casa) == {likes.pk}

    assert browser.post(url, {"on": "0"})["Location"] == LIST
    assert not Favourite.objects.exists()
    Service.objects.update(is_visible=False)
    assert browser.post(url, {"on": "1"}).status_code == 404


def test_many_services_ask_the_database_as_often_as_one(browser: Client, casa: Customer) -> None:
    rows = shelf("Apple", "Likes")
    favourites.star(casa, rows[0])
    browser.get(LIST)
    with CaptureQueriesContext(connection) as one:
        browser.get(LIST)
    for number in range(6):
        for row in shelf(f"Shelf {number}", "One", "Two"):
            favourites.star(casa, row)
    with CaptureQueriesContext(connection) as many:
        browser.get(LIST)
    assert len(many) == len(one)

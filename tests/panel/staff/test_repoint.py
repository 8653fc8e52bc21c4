"""Buying a service elsewhere: what fits is found, compared, and only then decided."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.enums import PauseReason
from orders.models import AuditEntry, Service
from tests.support import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Client:
    browser = Client()
    browser.force_login(make.admin().user)
    return browser


@pytest.fixture
def sold() -> Service:
    return make.service(make.offer(make.provider("Bulkhaus"), name="Old offer"))


def url(service: Service) -> str:
    return reverse("staff:repoint", args=[service.pk])


def test_offers_of_the_same_type_that_are_there_are_listed(ada: Client, sold: Service) -> None:
    make.offer(name="Another one")
    make.offer(name="Gone one", retired_at=make.NOW)
    make.offer(name="Of another type", service_type="package", type_name="Package")
    found = [choice.offer.name for choice in ada.get(url(sold)).context["choices"]]
    assert found == ["Another one"]


def test_the_same_category_comes_first(ada: Client, sold: Service) -> None:
    for category in ("TikTok", sold.offer.category, "YouTube"):
        make.offer(name=f"Of {category}", category=category)
    found = [choice.offer.name for choice in ada.get(url(sold)).context["choices"]]
    assert found == [f"Of {sold.offer.category}", "Of TikTok", "Of YouTube"]


def test_a_number_or_words_narrow_it(ada: Client, sold: Service) -> None:
    make.offer(name="Slow followers", upstream_id="778899")
    make.offer(name="Quick followers")
    for query, name in (("778899", "Slow"), ("quick foll", "Quick")):
        (choice,) = ada.get(url(sold), {"q": query}).context["choices"]
        assert choice.offer.name.startswith(name)
    assert "No offer fits" in ada.get(url(sold), {"q": "nothing of it"}).content.decode()


def test_the_chosen_one_stands_beside_the_present_one(ada: Client, sold: Service) -> None:
    other = make.offer(rate=Decimal("2"), most=500, cancel=False)
    answer = ada.get(url(sold), {"offer": other.pk})
    now, then = answer.context["now"], answer.context["chosen"]
    assert (now.price, then.price) == (Decimal("1.3"), Decimal("2.6"))
    assert then.cost == 2 and then.margin is not None
    assert "The other offer allows less" in answer.content.decode()


def test_it_is_bought_there_and_only_new_orders_change(ada: Client, sold: Service) -> None:
    order = make.order(of=sold)
    other = make.offer(rate=Decimal("2"))
    said = {"offer": other.pk, "rate": "2", "reason": "Better"}
    answer = ada.post(url(sold), said, follow=True)
    assert "is bought from the other offer now" in answer.content.decode()
    sold.refresh_from_db()
    assert (sold.offer_id, sold.accepted_cost) == (other.pk, 2)
    assert AuditEntry.objects.get(action="service.pointed_at").reason == "Better"
    before = order.offer_id
    order.refresh_from_db()
    assert order.offer_id == before != other.pk


@pytest.mark.parametrize("rate", ["1.9", "", "NaN"])
def test_a_rate_that_moved_since_is_not_taken(ada: Client, sold: Service, rate: str) -> None:
    other = make.offer(rate=Decimal("2"))
    answer = ada.post(url(sold), {"offer": other.pk, "rate": rate}, follow=True)
    assert "has moved since you looked" in answer.content.decode()
    sold.refresh_from_db()
    assert sold.offer_id != other.pk


def test_a_gone_offer_is_refused_in_words(ada: Client, sold: Service) -> None:
    other = make.offer(retired_at=make.NOW)
    answer = ada.post(url(sold), {"offer": other.pk, "rate": "1"}, follow=True)
    assert "This offer is gone" in answer.content.decode()


def test_a_paused_one_is_sold_again_from_a_good_offer(ada: Client, sold: Service) -> None:
    Service.objects.update(pause=PauseReason.GONE)
    other = make.offer()
    ada.post(url(sold), {"offer": other.pk, "rate": "1"})
    sold.refresh_from_db()
    assert sold.pause == ""


def test_it_is_for_admins(sold: Service) -> None:
    browser = Client()
    browser.force_login(make.staff(sees_cost=True).user)
    assert browser.get(url(sold)).status_code == 403
    assert browser.post(url(sold), {"offer": 1}).status_code == 403
    assert (
        "Buy elsewhere"
        not in browser.get(reverse("staff:service", args=[sold.pk])).content.decode()
    )


@pytest.mark.parametrize("query", ["offer=x", "offer=" + "9" * 30, "q=" + "9" * 300, "offer=0"])
def test_odd_addresses_do_no_harm(ada: Client, sold: Service, query: str) -> None:
    assert ada.get(f"{url(sold)}?{query}").status_code == 200


def test_many_offers_take_as_many_queries_as_one(ada: Client, sold: Service) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert ada.get(url(sold)).status_code == 200
        return len(seen)

    make.offer()
    queries()
    one = queries()
    for _ in range(55):
        make.offer()
    assert queries() == one
    assert len(ada.get(url(sold)).context["choices"]) == 50

"""Whose markup an order bears, and how much: told to who sees costs, and to nobody else."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from orders import placement, pricing
from orders.enums import MarkupKind, PriceLevel
from orders.models import Customer, Order, Staff
from tests.panel.test_privacy import told_by
from tests.support import factories as make

pytestmark = pytest.mark.django_db


def signed_in(member: Staff) -> Client:
    browser = Client()
    browser.force_login(member.user)
    return browser


@pytest.fixture
def mira() -> Staff:
    return make.staff("Mira Kovač", markup="35", sees_cost=True)


@pytest.fixture
def nord(mira: Staff) -> Customer:
    return make.customer("Nord", manager=mira, balance="100")


def placed(nord: Customer, by: Staff, link: str, typed: pricing.Markup | None = None) -> Order:
    fields = {"link": f"https://instagram.com/{link}", "quantity": 1000}
    service = make.service()
    return placement.place(nord, service.pk, fields, by=by.user, now=make.NOW, typed=typed).order


def sheet(browser: Client, nord: Customer, query: str = "") -> list[str]:
    answer = browser.get(reverse("staff:client_sheet", args=[nord.pk]) + query)
    return b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]


WORDS = ("35 %, Mira Kovač", "total $5.0000, Mira Kovač", "50 %, Mira Kovač")


def orders_of(nord: Customer, mira: Staff) -> list[Order]:
    """By her own markup, by a typed total, by a typed markup."""
    total = pricing.Markup(PriceLevel.TYPED_TOTAL, None, Decimal(5))
    percent = pricing.Markup(PriceLevel.TYPED, MarkupKind.PERCENT, Decimal(50))
    typed = ((None, "a"), (total, "b"), (percent, "c"))
    return [placed(nord, mira, link, markup) for markup, link in typed]


def test_the_list_and_each_order_say_it_to_who_sees_costs(nord: Customer, mira: Staff) -> None:
    orders, browser = orders_of(nord, mira), signed_in(mira)
    listed = told_by(browser.get(reverse("staff:orders"))).replace("\xa0", " ")
    for order, words in zip(orders, WORDS, strict=True):
        page = told_by(browser.get(reverse("staff:order", args=[order.pk]))).replace("\xa0", " ")
        assert words in listed and words in page


def test_a_rule_of_the_list_is_named_where_it_is_nobodys(mira: Staff) -> None:
    free = make.customer("Free", balance="100")
    order = placed(free, make.staff("No markup", sees_all_customers=True, sees_cost=True), "d")
    page = told_by(signed_in(make.admin()).get(reverse("staff:order", args=[order.pk])))
    assert "30 %, Panel" in page.replace("\xa0", " ")


def test_the_file_for_the_house_has_it_and_the_clients_has_not(nord: Customer, mira: Staff) -> None:
    orders_of(nord, mira)
    browser = signed_in(mira)
    theirs, inside = sheet(browser, nord), sheet(browser, nord, "?markups=1")
    assert not any("Mira Kovač,35" in line or "Markup" in line for line in theirs)
    assert inside[0].endswith("Markup,Markup of")
    assert [line.replace("\xa0", " ").split(",")[-2:] for line in inside[1:4]] == [
        ["50 %", "Mira Kovač"],
        ["total $5.0000", "Mira Kovač"],
        ["35 %", "Mira Kovač"],
    ]
    assert inside[4].endswith(",,"), "what is no charge has none"


def test_who_sees_no_costs_is_told_none_of_it(nord: Customer, mira: Staff) -> None:
    orders = orders_of(nord, mira)
    Staff.objects.filter(pk=mira.pk).update(sees_cost=False)
    browser = signed_in(mira)
    for address in (
        reverse("staff:orders"),
        *(reverse("staff:order", args=[order.pk]) for order in orders),
        reverse("staff:client", args=[nord.pk]),
        reverse("staff:client_statement", args=[nord.pk]),
    ):
        told = told_by(browser.get(address)).replace("\xa0", " ")
        assert not [words for words in (*WORDS, "With markups") if words in told]
    assert sheet(browser, nord, "?markups=1") == sheet(browser, nord)


def test_many_charges_cost_as_many_queries_as_one(nord: Customer, mira: Staff) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser, asked = signed_in(mira), []
    for round_ in range(2):
        placed(nord, mira, f"x{round_}")
        with CaptureQueriesContext(connection) as captured:
            sheet(browser, nord, "?markups=1")
        asked.append(len(captured))
        for number in range(3):
            placed(nord, mira, f"y{round_}{number}")
    assert asked[0] == asked[1]

"""An order in runs on its pages: the staff's, the customer's, and at the tracking address."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders import tracking
from orders.enums import OrderStatus
from orders.models import Order, Staff
from tests.support import factories

S = OrderStatus


@pytest.fixture
def drip(db: None) -> Order:
    """4 runs of 250 each hour: done, done in part, under way, one to come."""
    buyer = factories.customer("Casa Verde", balance="50", signs_in=True)
    order = factories.order(
        buyer,
        status=S.IN_PROGRESS,
        runs=4,
        quantity=250,
        remains=530,
        details={"link": "https://x.test/a", "quantity": 250, "runs": 4, "interval": 60},
    )
    charge = {"charge_upstream": Decimal("0.25")}
    factories.child(order, 1, status=S.COMPLETED, remains=0, upstream_id="77001", **charge)
    factories.child(order, 2, status=S.PARTIAL, remains=50, upstream_id="77002", flag="Provider!")
    factories.child(order, 3, status=S.IN_PROGRESS, remains=230, upstream_id="77003")
    return order


def page(of: Staff | Order, url: str) -> str:
    client = Client()
    user = of.user if isinstance(of, Staff) else of.customer.user
    assert user is not None
    client.force_login(user)
    return client.get(url).content.decode()


def test_staff_who_see_the_provider_see_each_run_with_its_number(drip: Order) -> None:
    html = page(factories.admin(), reverse("staff:order", args=[drip.pk]))
    assert "2 of 4 runs done" in html
    assert "4 runs of 250 every 60 minutes: 1,000 in all, about 3 h" in html
    for said in ("77001", "77002", "77003", "0.25", "Provider!"):
        assert said in html


def test_a_number_has_its_unit_where_its_name_does_not_say_it(drip: Order) -> None:
    for html in (
        page(factories.admin(), reverse("staff:order", args=[drip.pk])),
        page(drip, reverse("my:order", args=[drip.pk])),
    ):
        assert "60 minutes</" in html
        assert "4</" in html and "4 runs</" not in html


def test_staff_who_do_not_see_the_provider_see_the_runs_alone(drip: Order) -> None:
    member = factories.staff(sees_all_customers=True)
    html = page(member, reverse("staff:order", args=[drip.pk]))
    assert "2 of 4 runs done" in html
    assert "Done in part" in html
    for hidden in ("77001", "0.25", "Provider!"):
        assert hidden not in html


def test_the_customer_reads_how_far_each_run_is(drip: Order) -> None:
    html = page(drip, reverse("my:order", args=[drip.pk]))
    assert "2 of 4 runs done" in html
    for said in ("Run 1", "Done in part", "200", "of 250"):
        assert said in html
    for hidden in ("77001", "0.25", "Provider!"):
        assert hidden not in html


def test_the_tracking_address_tells_how_many_are_done(drip: Order) -> None:
    address = tracking.make(drip, by=factories.admin().user, now=factories.NOW)
    url = reverse("tracking", args=[tracking.key_of(address)])
    html = Client().get(url).content.decode()
    assert "2 of 4 runs done" in html
    assert "77001" not in html


def test_an_order_without_runs_says_nothing_of_them(drip: Order) -> None:
    other = factories.order(drip.customer)
    assert "runs" not in page(drip, reverse("my:order", args=[other.pk]))
    assert 'id="runs"' not in page(factories.admin(), reverse("staff:order", args=[other.pk]))


@pytest.mark.parametrize("face", ["staff", "my"])
def test_many_runs_take_as_many_queries_as_one(drip: Order, face: str) -> None:
    who = factories.admin() if face == "staff" else drip

    def counted() -> int:
        page(who, reverse(f"{face}:order", args=[drip.pk]))
        with CaptureQueriesContext(connection) as caught:
            page(who, reverse(f"{face}:order", args=[drip.pk]))
        return len(caught)

    few = counted()
    Order.objects.filter(pk=drip.pk).update(runs=60)
    for number in range(5, 50):
        factories.child(drip, number)
    assert counted() == few


def test_whoever_decides_reads_between_which_figures_it_lies(drip: Order) -> None:
    drip.children.filter(number=3).update(status=S.FAILED)
    Order.objects.filter(pk=drip.pk).update(status=S.PARTIAL, refund_unknown=True, remains=None)
    html = page(factories.admin(), reverse("staff:case", args=[drip.pk]))
    assert "2 of 4 runs have ended clearly; they leave 50." in html
    assert "So between 50 and 550 remain." in html


def test_a_number_of_a_run_finds_its_order(drip: Order) -> None:
    found = page(factories.admin(), f"{reverse('staff:orders')}?q=77003")
    assert f'href="{reverse("staff:order", args=[drip.pk])}"' in found

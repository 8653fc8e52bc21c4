"""A subscription on its pages: the staff's, the customer's, at the tracking address, in lists, in
the review, and by the API."""

import re
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
from tests.support.programs import program_of

S = OrderStatus


@pytest.fixture
def order(db: None) -> Order:
    """5 posts of 100 to 200: done, done in part, of unknown size, two to come."""
    buyer = factories.customer("Casa Verde", balance="50", signs_in=True)
    made = factories.subscription(
        buyer, status=S.IN_PROGRESS, upstream_status="Active", remains=710
    )
    charge = {"charge_upstream": Decimal("0.25")}
    done = {"status": S.COMPLETED, "remains": 0, "quantity": 180}
    factories.child(made, 1, upstream_id="77001", **done | charge)
    part = {"status": S.PARTIAL, "remains": 40, "quantity": 150}
    factories.child(made, 2, upstream_id="77002", flag="Provider!", **part)
    factories.child(made, 3, status=S.IN_PROGRESS, upstream_id="77003")
    return made


def page(of: Staff | Order, url: str) -> str:
    client = Client()
    user = of.user if isinstance(of, Staff) else of.customer.user
    assert user is not None
    client.force_login(user)
    return client.get(url).text


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_staff_who_see_the_provider_see_each_post_with_its_number(order: Order) -> None:
    html = page(factories.admin(), reverse("staff:order", args=[order.pk]))
    text = plain(html)
    assert "2 of 5 posts done" in text
    assert "5 posts of 100 to 200 each: up to 1,000 in all" in text
    assert "290 delivered of up to 1,000" in text
    assert '<span class="tag">Subscription</span>' in html
    for said in ("77001", "77002", "77003", "0.25", "Provider!", "110 of 150"):
        assert said in text
    assert "@ateliernord" not in html and "ateliernord" in text
    assert 'id="order-link"' not in html


def test_staff_who_do_not_see_the_provider_see_the_posts_alone(order: Order) -> None:
    member = factories.staff(sees_all_customers=True)
    html = page(member, reverse("staff:order", args=[order.pk]))
    assert "2 of 5 posts done" in plain(html)
    for hidden in ("77001", "0.25", "Provider!"):
        assert hidden not in html


def test_the_customer_reads_what_each_post_got(order: Order) -> None:
    html = page(order, reverse("my:order", args=[order.pk]))
    text = plain(html)
    for said in ("2 of 5 posts done", "Post 1", "110 of 150", "Active. 290 delivered so far."):
        assert said in text
    assert "Held for up to 1,000" in text
    for hidden in ("77001", "0.25", "Provider!", "<dt>Link</dt>"):
        assert hidden not in html


def test_the_tracking_address_tells_how_many_are_done(order: Order) -> None:
    address = tracking.make(order, by=factories.admin().user, now=factories.NOW)
    html = Client().get(reverse("tracking", args=[tracking.key_of(address)])).text
    assert "2 of 5 posts done" in html
    assert "77001" not in html and "ateliernord" not in html


@pytest.mark.parametrize(
    ("status", "upstream", "word"),
    [
        (S.PENDING, "", "Pending"),
        (S.IN_PROGRESS, "Active", "Active"),
        (S.PROCESSING, "Paused", "Paused"),
        (S.IN_PROGRESS, "Expired", "Active"),
        (S.PARTIAL, "Expired", "Expired"),
        (S.PARTIAL, "Completed", "Completed"),
        (S.COMPLETED, "Completed", "Completed"),
        (S.PARTIAL, "Canceled", "Canceled"),
        (S.CANCELED, "Canceled", "Canceled"),
        (S.CANCELED, "Expired", "Expired"),
        (S.PARTIAL, "Active", "Expired"),
        (S.CANCELED, "", "Canceled"),
        (S.REFUSED, "", "Canceled"),
        (S.FAILED, "Failed", "Processing"),
    ],
)
def test_everybody_reads_where_it_stands_in_one_word(
    order: Order, status: str, upstream: str, word: str
) -> None:
    Order.objects.filter(pk=order.pk).update(status=status, upstream_status=upstream, refunded=1)
    program = program_of(order.customer)
    assert program.call("status", order=order.pk)["status"] == word
    assert program.call("status", orders=f"{order.pk},0")[str(order.pk)]["status"] == word
    if upstream and status != S.FAILED:
        for who, url in (
            (factories.admin(), "staff:order"),
            (order, "my:order"),
        ):
            assert word in plain(page(who, reverse(url, args=[order.pk])))
        for who, url in ((factories.admin(), "staff:orders"), (order, "my:orders")):
            text = plain(page(who, reverse(url)))
            assert f"{word} " in text and "ateliernord" in text


def test_what_came_back_is_told_to_both(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(
        status=S.PARTIAL, upstream_status="Expired", refunded=Decimal("0.923"), remains=710
    )
    mine = plain(page(order, reverse("my:order", args=[order.pk])))
    assert "Expired. 290 delivered. $0.9230 returned to your balance." in mine
    theirs = plain(page(factories.admin(), reverse("staff:order", args=[order.pk])))
    assert "Expired, refund $0.9230" in theirs
    assert "What its posts did not get has been paid back." in theirs
    status = program_of(order.customer).call("status", order=order.pk)
    assert (status["charge"], status["remains"]) == ("0.377", "710")


def test_it_says_what_comes_next(order: Order) -> None:
    def next_step(**changed: object) -> str:
        Order.objects.filter(pk=order.pk).update(**changed)
        return plain(page(factories.admin(), reverse("staff:order", args=[order.pk])))

    assert "Each new post is served." in next_step()
    paused = next_step(status=S.PROCESSING, upstream_status="Paused")
    assert "The provider has paused it" in paused
    ended = next_step(status=S.IN_PROGRESS, upstream_status="Canceled")
    assert "it is settled once its last posts have ended" in ended


def test_whoever_decides_reads_between_which_figures_it_lies(order: Order) -> None:
    order.children.filter(number=3).update(status=S.COMPLETED)
    fields = {"status": S.PARTIAL, "refund_unknown": True, "remains": None}
    Order.objects.filter(pk=order.pk).update(upstream_status="Expired", **fields)
    html = plain(page(factories.admin(), reverse("staff:case", args=[order.pk])))
    assert "2 of 5 posts have ended clearly; they got 290." in html
    assert "Unclear: 1 of up to 200 each. Never told of: 2 of up to 200 each." in html
    assert "So between 110 and 710 of 1,000 remain." in html
    queue = plain(page(factories.admin(), reverse("staff:review")))
    assert "expired, refund open" in queue and "ateliernord" in queue


@pytest.mark.parametrize("face", ["staff", "my"])
def test_many_posts_take_as_many_queries_as_one(order: Order, face: str) -> None:
    who = factories.admin() if face == "staff" else order

    def counted() -> int:
        page(who, reverse(f"{face}:order", args=[order.pk]))
        with CaptureQueriesContext(connection) as caught:
            page(who, reverse(f"{face}:order", args=[order.pk]))
        return len(caught)

    few = counted()
    Order.objects.filter(pk=order.pk).update(runs=60)
    for number in range(4, 50):
        factories.child(order, number)
    assert counted() == few


def test_its_username_finds_it(order: Order) -> None:
    for who, url in ((factories.admin(), "staff:orders"), (order, "my:orders")):
        found = page(who, f"{reverse(url)}?q=%40AtelierNord")
        number = reverse(url.replace("orders", "order"), args=[order.pk])
        assert f'href="{number}"' in found

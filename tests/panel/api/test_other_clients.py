"""Programs that others wrote, against our endpoint over HTTP: every method that each of them has.

All of them read the body and take a top-level `error` for a failure; babismm and smmpy also give up
on any HTTP status but 2xx.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import requests
import smm as babismm
import smmpy
from django.utils import timezone
from safesmm import SafeSMM, SafeSMMError

from orders.enums import OrderStatus, RefillStatus
from orders.models import Cancellation, Order, Refill, Service
from tests.support import factories
from tests.support.programs import Program

pytestmark = pytest.mark.django_db(transaction=True)

LINK = "https://instagram.com/ateliernord"
WRONG = {"error": "Incorrect order ID"}


@pytest.fixture
def url(live_server: Any) -> str:
    return f"{live_server.url}/api/v2"


@pytest.fixture
def comments(followers: Service) -> Service:
    return factories.service(
        factories.offer(
            followers.offer.provider,
            type_name="Custom Comments",
            service_type="custom_comments",
            least=1,
        )
    )


@pytest.fixture
def ended(program: Program, followers: Service) -> Callable[[], Order]:
    """A completed order of the program's."""
    return lambda: factories.order(
        program.customer, followers, status=OrderStatus.COMPLETED, finished_at=timezone.now()
    )


def status_of(order: int, **values: str) -> dict[str, str]:
    standing = {"charge": "1.3", "start_count": "0", "status": "Pending", "remains": "1000"}
    return standing | {"currency": "USD"} | values


# ── safesmm ──────────────────────────────────────────────────────────────────────────────────


def test_safesmm(
    url: str,
    program: Program,
    followers: Service,
    comments: Service,
    ended: Callable[[], Order],
) -> None:
    client = SafeSMM(program.key, api_url=url)
    assert client.balance() == {"balance": "50", "currency": "USD"}
    assert [row["service"] for row in client.services()] == [followers.pk, comments.pk]

    one = client.add_order(followers.pk, LINK, 1000)["order"]
    drip = client.add_order(followers.pk, LINK, 100, runs=5, interval=30)["order"]
    said = client.add_order(comments.pk, LINK, comments="Great\nLove it")["order"]
    assert isinstance(one, int)
    assert Order.objects.get(pk=drip).delivery_total == 500
    assert Order.objects.get(pk=said).details["comments"] == ["Great", "Love it"]

    assert client.status(one) == status_of(one)
    assert client.multi_status([one, 999]) == {str(one): status_of(one), "999": WRONG}
    assert client.refill(ended().pk) == {"refill": str(Refill.objects.get().pk)}
    assert client.cancel(one) == [{"order": one, "cancel": 1}]
    assert client.cancel([drip, 999]) == [
        {"order": drip, "cancel": 1},
        {"order": 999, "cancel": WRONG},
    ]
    with pytest.raises(SafeSMMError, match="Incorrect order ID"):
        client.status(999)
    with pytest.raises(SafeSMMError, match="Invalid API key"):
        SafeSMM("wrong", api_url=url).balance()


# ── babismm, smmpy: the same methods ─────────────────────────────────────────────────────────


def babismm_client(url: str, key: str) -> Any:
    return babismm.SMM(url, key)


def smmpy_client(url: str, key: str) -> Any:
    return smmpy.smm(url, key)


@pytest.mark.parametrize("make", [babismm_client, smmpy_client])
@pytest.mark.parametrize("slash", ["", "/"])
def test_babismm_and_smmpy(
    make: Callable[[str, str], Any],
    slash: str,
    url: str,
    program: Program,
    followers: Service,
    comments: Service,
    ended: Callable[[], Order],
) -> None:
    client = make(url + slash, program.key)
    assert client.get_balance() == {"balance": "50", "currency": "USD"}
    assert [row["name"] for row in client.get_services()] == [followers.name, comments.name]

    one = client.add_order(followers.pk, LINK, 1000)["order"]
    drip = client.add_order(followers.pk, LINK, 100, runs=5, interval=30)["order"]
    said = client.add_order(comments.pk, LINK, 2, comments="Great\nLove it")["order"]
    assert Order.objects.get(pk=drip).delivery_total == 500
    assert Order.objects.get(pk=said).quantity == 2

    assert client.get_status(one) == status_of(one)
    several = client.get_multi_status([one, drip, 999])
    assert several == {
        str(one): status_of(one),
        str(drip): status_of(drip, charge="0.65", remains="500"),
        "999": WRONG,
    }

    first, second = ended().pk, ended().pk
    refill = client.create_refill(first)["refill"]
    assert isinstance(refill, str)
    more = client.create_multi_refill([second, 999])
    assert more == [
        {"order": second, "refill": Refill.objects.latest("pk").pk},
        {"order": 999, "refill": WRONG},
    ]
    Refill.objects.filter(pk=refill).update(status=RefillStatus.REJECTED)
    assert client.get_refill_status(refill) == {"status": "Rejected"}
    assert client.get_multi_refill_status([refill, 999]) == [
        {"refill": int(refill), "status": "Rejected"},
        {"refill": 999, "status": {"error": "Refill not found"}},
    ]

    Order.objects.filter(pk=one).update(status=OrderStatus.IN_PROGRESS, upstream_id="77")
    assert client.cancel_orders([one, drip, 999]) == [
        {"order": one, "cancel": 1},
        {"order": drip, "cancel": 1},
        {"order": 999, "cancel": WRONG},
    ]
    assert Cancellation.objects.get().order_id == one
    assert client.get_status(drip)["charge"] == "0"
    with pytest.raises(Exception, match="Incorrect order ID"):
        client.get_status(999)
    with pytest.raises(Exception, match=r"neworder\.error\.link_duplicate"):
        client.add_order(comments.pk, LINK, 2, comments="Great\nLove it")
    with pytest.raises(Exception, match="Not enough funds on balance"):
        client.add_order(followers.pk, LINK, 9999, runs=100, interval=1)
    with pytest.raises(Exception, match="Invalid API key"):
        make(url, "wrong").get_balance()


def test_babismm_hands_on_every_field_that_it_does_not_know(
    url: str, program: Program, followers: Service
) -> None:
    traffic = factories.service(
        factories.offer(
            followers.offer.provider,
            type_name="Web Traffic",
            service_type="web_traffic",
            least=100,
        )
    )
    with babismm.SMM(url, program.key) as client:
        said = {"country": "DE", "device": 5, "type_of_traffic": 1, "google_keyword": "shoes"}
        ids = [
            client.add_order(traffic.pk, LINK, 100, **said, request_id="r-1")["order"]
            for _ in range(2)
        ]
    order = Order.objects.get()
    assert ids == [order.pk] * 2
    assert {name: order.details[name] for name in said} == said | {
        "device": "5",
        "type_of_traffic": "1",
    }


# ── What PHP panels send ─────────────────────────────────────────────────────────────────────


def curl(url: str, **post: Any) -> Any:
    """PHP's curl with `http_build_query`: a form with spaces as plus signs, and an old browser's
    name."""
    agent = "Mozilla/4.0 (compatible; MSIE 5.01; Windows NT 5.0)"
    response = requests.post(
        url, data=post, headers={"User-Agent": agent}, allow_redirects=False, timeout=10
    )
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    return response.json()


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_form_that_php_panels_post(
    slash: str, url: str, program: Program, followers: Service
) -> None:
    account: dict[str, Any] = {"url": url + slash, "key": program.key}
    placed = curl(
        **account,
        action="add",
        service=str(followers.pk),
        link=f"{LINK}/?utm=a b&c=d".replace(" ", "%20"),
        quantity="100",
        runs="",
        interval="",
    )
    order = Order.objects.get()
    assert placed == {"order": order.pk}
    assert order.link == f"{LINK}/?utm=a%20b&c=d"
    assert Decimal(curl(**account, action="balance")["balance"]) == 50 - order.price
    assert curl(**account, action="status", order=placed["order"])["remains"] == "100"
    assert curl(url=url, action="status") == {"error": "Invalid API key"}

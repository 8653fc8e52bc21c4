"""An order of every type, from placing to its end at a provider over HTTP: what the provider's own
log holds is what was typed, and what it charged is what was reckoned with."""

import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from orders import placement, rounds, service_types
from orders.enums import OrderStatus
from orders.models import Customer, Order, Service
from tests.support import factories
from tests.support.simulator import RunningSimulator

pytestmark = pytest.mark.django_db

LINK = "https://instagram.com/p/Kept1"
PATIENCE = 60.0
"""Seconds until an order has to have ended."""


def lines(word: str, count: int) -> str:
    return "\n".join(f"{word} {number}" for number in range(count))


# By hand, so that no mistake of the declarations is repeated here: what is typed besides the link
# for `n`, the least of the service, what the provider reads of it, and how many units it bills.
TYPED: dict[str, Any] = {
    "default": lambda n: {"quantity": f"{n:,}"},
    "package": lambda n: {},
    "seo": lambda n: {"quantity": f"{n}", "keywords": "shoes\r\n\r\n red shoes \r\n"},
    "custom_comments": lambda n: {"comments": f"Très bien 👍🏽\r\n{lines('مرحبا', n)}\r\n"},
    "custom_comments_package": lambda n: {"comments": "same\nsame\n\n"},
    "mentions": lambda n: {"quantity": f"{n}", "usernames": "@ann\nhttps://x.com/bob"},
    "mentions_with_hashtags": lambda n: {
        "quantity": f"{n}",
        "usernames": "ann\n@bob",
        "hashtags": "#sun\nsea",
    },
    "mentions_custom_list": lambda n: {"usernames": lines("user", n)},
    "mentions_hashtag": lambda n: {"quantity": f"{n}", "hashtag": "#sunset"},
    "mentions_user_followers": lambda n: {"quantity": f"{n}", "username": "@ann"},
    "mentions_media_likers": lambda n: {"quantity": f"{n}", "media": f"{LINK}/2?a=1&b=2"},
    "comment_likes": lambda n: {"quantity": f"{n}", "username": "ann"},
    "comment_replies": lambda n: {"username": "@ann", "comments": lines("a & b = c", n)},
    "poll": lambda n: {"quantity": f"{n}", "answer_number": "0"},
    "invites_from_groups": lambda n: {"quantity": f"{n}", "groups": "t.me/a\nt.me/+Bcd"},
    "web_traffic": lambda n: {
        "quantity": f"{n}",
        "country": "PT",
        "device": "5",
        "type_of_traffic": "2",
        "google_keyword": "not asked for now",
        "referring_url": "https://example.com/?q=1",
    },
}
READ: dict[str, dict[str, str]] = {
    "seo": {"keywords": "shoes\nred shoes"},
    "custom_comments_package": {"comments": "same\nsame"},
}
LEFT_OUT = {"web_traffic": {"google_keyword"}}
BY_LINES = {
    "custom_comments": "comments",
    "mentions_custom_list": "usernames",
    "comment_replies": "comments",
}
PACKAGES = {"package", "custom_comments_package"}


def read(slug: str, typed: dict[str, str]) -> dict[str, str]:
    """What the provider has to find in the form."""
    tidy = {name: text.replace("\r\n", "\n").strip() for name, text in typed.items()}
    if "quantity" in tidy:
        tidy["quantity"] = tidy["quantity"].replace(",", "")
    kept = {name: text for name, text in tidy.items() if name not in LEFT_OUT.get(slug, ())}
    return kept | READ.get(slug, {})


@pytest.fixture(scope="module")
def upstream() -> Iterator[RunningSimulator]:
    with RunningSimulator(services=120, minutes=0.01) as running:
        yield running


@pytest.fixture
def buyer() -> Customer:
    return factories.customer(balance="100000")


@pytest.fixture
def service(upstream: RunningSimulator, slug: str) -> Service:
    """The pretend provider's own service of that type, however it spells the type."""
    rows = upstream.call("services")
    row = next(
        row for row in rows if service_types.find(row["type"]) is service_types.by_slug(slug)
    )
    offer = factories.offer(
        factories.provider(url=upstream.url, key=upstream.key),
        upstream_id=str(row["service"]),
        type_name=row["type"],
        service_type=slug,
        rate=Decimal(str(row["rate"])),
        least=int(row["min"]),
        most=int(row["max"]),
    )
    return factories.service(offer)


def ended(order: Order) -> Order:
    """The order once it has ended, with every periodic job run as often as that takes. Our clock
    is put forward each time, so that no pace of ours is waited for, only the provider."""
    until = time.monotonic() + PATIENCE
    now = timezone.now()
    while order.status not in (OrderStatus.COMPLETED, OrderStatus.PARTIAL, OrderStatus.CANCELED):
        assert time.monotonic() < until, order.status
        rounds.run_once(now)
        order.refresh_from_db()
        now += timedelta(minutes=1)
        time.sleep(0.1)
    return order


def test_every_type_that_is_sold_makes_the_journey() -> None:
    sold = {kind.slug for kind in service_types.ALL if kind.orderable}
    assert sold - {"subscriptions"} == TYPED.keys()


@pytest.mark.parametrize("slug", TYPED)
def test_it_is_placed_sent_and_finished(
    upstream: RunningSimulator, service: Service, buyer: Customer, slug: str
) -> None:
    least = service.offer.least
    typed = TYPED[slug](least)
    placed = placement.place(
        buyer, service.pk, {"link": f" {LINK} "} | typed, by=None, now=timezone.now()
    )
    order = ended(placed.order)

    bought = upstream.log()[-1]
    assert bought["params"] == {
        "service": service.offer.upstream_id,
        "link": LINK,
        **read(slug, typed),
    }
    assert order.status == OrderStatus.COMPLETED
    assert order.upstream_id == str(bought["order"])
    if slug in PACKAGES:
        assert (order.billable, order.price) == (1, order.rate)
    else:
        counted = BY_LINES.get(slug)
        text = read(slug, typed)[counted or "quantity"]
        units = len(text.split("\n")) if counted else int(text)
        assert (order.billable, bought["quantity"]) == (units, units)
        assert 0 <= order.price - order.rate * units / 1000 < Decimal("1e-7")
    assert Decimal(bought["charge"]) == order.charge_upstream
    assert order.cost == order.expected_cost
    call_command("check_ledger", "--json")

"""Each service type asks for its own parameters and bills its own amount."""

from decimal import Decimal

import pytest

from orders.upstream.simulator.kinds import KINDS

from .conftest import LINK, Provider

LISTS = {"usernames": "ann\nbob\ncid", "comments": "Nice!\r\nGreat\r\n\r\n"}
VALID = {
    "Default": {"quantity": 1000},
    "Package": {},
    "SEO": {"quantity": 1000, "keywords": "shoes\nred shoes"},
    "Custom Comments": {"comments": "\n".join(f"Comment {n}" for n in range(12))},
    "Custom Comments Package": {"comments": "Nice!\nGreat"},
    "Mentions": {"quantity": 1000, "usernames": "ann\nbob"},
    "Mentions with Hashtags": {"quantity": 1000, "usernames": "ann", "hashtags": "a\nb"},
    "Mentions Custom List": {"usernames": "\n".join(f"user{n}" for n in range(150))},
    "Mentions Hashtag": {"quantity": 1000, "hashtag": "shoes"},
    "Mentions User Followers": {"quantity": 1000, "username": "ann"},
    "Mentions Media Likers": {"quantity": 1000, "media": LINK},
    "Comment Likes": {"quantity": 1000, "username": "ann"},
    "Comment Replies": {"username": "ann", "comments": "\n".join(map(str, range(20)))},
    "Poll": {"quantity": 1000, "answer_number": 2},
    "Invites from Groups": {"quantity": 1000, "groups": "g1\ng2"},
    "Web Traffic": {"quantity": 1000, "country": "US", "device": 5, "type_of_traffic": 3},
    "Stream Gifts": {"quantity": 1000},
}
SUBSCRIPTION = {"username": "ann", "min": 100, "max": 200, "delay": 0}
BILLED = {"Custom Comments": 12, "Mentions Custom List": 150, "Comment Replies": 20}


def test_every_type_has_a_valid_example() -> None:
    assert VALID.keys() | {"Subscriptions"} == KINDS.keys()


@pytest.mark.parametrize("kind", VALID)
def test_a_valid_order_is_accepted_and_charged(provider: Provider, kind: str) -> None:
    service = provider.service(kind)
    before = provider.balance()
    assert "order" in provider.call("add", service=service.id, link=LINK, **VALID[kind])
    packaged = kind in ("Package", "Custom Comments Package")
    thousands = Decimal(1) if packaged else Decimal(BILLED.get(kind, 1000)) / 1000
    assert before - provider.balance() == service.rate * thousands


@pytest.mark.parametrize(
    ("kind", "field"), [(kind, field) for kind in VALID for field in KINDS[kind].fields]
)
def test_a_missing_parameter_is_refused(provider: Provider, kind: str, field: str) -> None:
    params = {"link": LINK, **VALID[kind]}
    del params[field]
    before = provider.balance()
    assert "error" in provider.call("add", service=provider.service(kind).id, **params)
    assert provider.balance() == before


@pytest.mark.parametrize("field", SUBSCRIPTION)
def test_a_subscription_needs_each_of_its_parameters(provider: Provider, field: str) -> None:
    params = {name: text for name, text in SUBSCRIPTION.items() if name != field}
    service = provider.service("Subscriptions")
    assert "error" in provider.call("add", service=service.id, **params)
    assert "order" in provider.call("add", service=service.id, **SUBSCRIPTION)


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"quantity": 49}, "Quantity less than minimal 50"),
        ({"quantity": 100_001}, "Quantity more than maximum 100000"),
        ({"quantity": "many"}, "neworder.error.min_quantity"),
        ({"link": "not a link"}, "neworder.error.link"),
        ({"link": ""}, "neworder.error.link"),
        ({"service": 1}, "Incorrect service ID"),
        ({"service": "abc"}, "Incorrect service ID"),
        ({"runs": 3}, "Missing required parameter"),
        ({"interval": 3}, "Missing required parameter"),
        ({"quantity": 100_000, "runs": 1000, "interval": 1}, "Not enough funds on balance"),
    ],
)
def test_refusals_use_the_classic_words(provider: Provider, params: dict, text: str) -> None:
    asked = {"service": 101, "link": LINK, "quantity": 100, **params}
    assert provider.call("add", **asked) == {"error": text}


def test_comments_without_a_line_are_refused_as_comments(provider: Provider) -> None:
    service = provider.service("Custom Comments")
    answer = provider.call("add", service=service.id, link=LINK, comments=" \n \r\n")
    assert answer == {"error": "neworder.error.comment"}


@pytest.mark.parametrize(("traffic", "needed"), [(1, "google_keyword"), (2, "referring_url")])
def test_traffic_needs_its_source(provider: Provider, traffic: int, needed: str) -> None:
    service = provider.service("Web Traffic")
    params = {"link": LINK, **VALID["Web Traffic"], "type_of_traffic": traffic}
    assert "error" in provider.call("add", service=service.id, **params)
    assert "order" in provider.call("add", service=service.id, **params, **{needed: "shoes"})

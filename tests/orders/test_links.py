"""Links: what is put before them, what is told beforehand, and what never happens silently."""

from typing import Any

import pytest

from orders import placement, service_types
from orders.errors import FieldErrors
from orders.models import Event, Order
from orders.service_types import LinkSight, by_slug, link_key, look
from orders.service_types.links import LONGEST_LINK, tidied, with_scheme
from tests.support import factories

DEFAULT, TRAFFIC = by_slug("default"), by_slug("web_traffic")


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("instagram.com/ateliernord", "https://instagram.com/ateliernord"),
        (" www.instagram.com/p/Abc/ \n", "https://www.instagram.com/p/Abc/"),
        ("\u200bt.me/casaverde\ufeff", "https://t.me/casaverde"),
        ("youtu.be/q8TzC1_xN0o?t=5", "https://youtu.be/q8TzC1_xN0o?t=5"),
        ("M.Facebook.com/Page", "https://M.Facebook.com/Page"),
        ("fb.watch/abc", "https://fb.watch/abc"),
        ("instagram.com", "https://instagram.com"),
        ("example.com:8080/x", "https://example.com:8080/x"),
        ("example.com?page=1", "https://example.com?page=1"),
        ("пример.рф/страница", "https://пример.рф/страница"),
        ("xn--e1afmkfd.xn--p1ai/a", "https://xn--e1afmkfd.xn--p1ai/a"),
    ],
)
def test_an_address_without_a_scheme_gets_one(typed: str, sent: str) -> None:
    assert with_scheme(typed) == sent
    assert with_scheme(sent) == sent
    assert link_key(tidied(typed)) == link_key(sent)


@pytest.mark.parametrize(
    "typed",
    [
        "https://instagram.com/x",
        "HTTP://Example.com/Page",
        "@ateliernord",
        "#sunset",
        "+49151234567",
        "ateliernord",
        "atelier.nord",
        "atelier..nord",
        "1.5",
        "user/photo",
        "192.168.0.1/x",
        "ftp://instagram.com/x",
        "javascript:alert(1)",
        "javascript:1/alert(1)",
        "javascript:alert(1)//instagram.com/x",
        "mailto:me@instagram.com",
        "instagram.com@evil.example/x",
        "instagram.com/a b",
        "-",
        "",
    ],
)
def test_everything_else_stays_as_it_was_typed(typed: str) -> None:
    assert with_scheme(typed) == typed


def test_a_name_with_a_dot_is_an_address_only_where_a_site_is_asked_for() -> None:
    assert with_scheme("atelier.nord", is_site=True) == "https://atelier.nord"
    assert look(TRAFFIC, "atelier.nord", "Traffic", "Web").sent == "https://atelier.nord"
    assert look(DEFAULT, "atelier.nord", "Followers", "Instagram") == LinkSight(
        "atelier.nord", is_name=True
    )


def test_no_scheme_makes_a_link_too_long() -> None:
    longest = "example.com/" + "x" * (LONGEST_LINK - len("example.com/"))
    assert with_scheme(longest) == longest


@pytest.mark.parametrize("link", ["javascript:1/alert(1)", "localhost:1", "data:1,x"])
def test_a_scheme_that_looks_like_a_port_is_no_link(link: str) -> None:
    limits = service_types.Limits(1, 10)
    with pytest.raises(FieldErrors):
        service_types.clean(by_slug("package"), {"link": link}, limits)


# ── What looks wrong ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("link", "name", "category"),
    [
        ("https://instagram.com/x", "Instagram Followers", "Instagram"),
        ("https://m.instagram.com/x", "Followers", "Instagram"),
        ("instagr.am/x", "IG Likes", "Other"),
        ("https://t.me/x", "Telegram Members", "Telegram"),
        ("https://youtu.be/x", "YouTube Views", "YouTube"),
        ("https://www.youtube.com./watch?v=1", "YT Views", "Video"),
        ("https://fb.watch/x", "Facebook Views", "Facebook"),
        ("https://vm.tiktok.com/x", "TikTok Views", "TikTok"),
        ("https://twitter.com/x", "X (Twitter) Followers", "X"),
        ("https://bit.ly/x", "Instagram Followers", "Instagram"),
        ("https://tiktok.com/@x", "Followers", "Everything"),
        ("https://tiktok.com/@x", "Instagram / TikTok Views", "Instagram"),
        ("https://tiktok.com/@x", "Website Traffic from Instagram", "Traffic"),
        ("@x", "Instagram Followers", "Instagram"),
        ("https://soundcloud.com/x", "Plays", "Spotify & SoundCloud"),
    ],
)
def test_a_link_that_may_well_fit_raises_no_warning(link: str, name: str, category: str) -> None:
    assert look(DEFAULT, link, name, category).warning == ""


@pytest.mark.parametrize(
    ("link", "name", "category", "told"),
    [
        ("tiktok.com/@x", "Instagram Followers", "Instagram", "leads to TikTok (tiktok.com)"),
        ("https://vm.tiktok.com/x", "Followers, fast", "Instagram", "is for Instagram"),
        ("https://instagram.com/x", "TikTok Views", "Instagram", "is for TikTok"),
        ("https://instagram.com.evil.example/x", "Instagram", "", "not its own site"),
        ("https://instagram-login.example", "Instagram Likes", "", "not its own site"),
        ("https://іnstagram.com/x", "Instagram Likes", "", "xn--nstagram-shh.com"),
        ("https://" + "ü" * 80 + ".com/x", "Instagram Likes", "", "cannot be written"),
    ],
)
def test_a_link_that_does_not_fit_is_told(link: str, name: str, category: str, told: str) -> None:
    sight = look(DEFAULT, link, name, category)
    assert told in sight.warning
    assert sight.sent.endswith(link)


@pytest.mark.parametrize("typed", ["", "  ", "a b", None, 7, ["x"], "javascript:alert(1)"])
def test_nothing_is_shown_of_what_is_no_link(typed: Any) -> None:
    assert look(DEFAULT, typed, "Instagram", "Instagram") == LinkSight()


# ── On the order ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_a_person_s_order_is_sent_with_a_scheme_and_says_what_was_typed() -> None:
    buyer = factories.customer(balance="10", signs_in=True)
    order = _placed(buyer, " instagram.com/Casa ", by=buyer.user)
    assert order.link == order.details["link"] == "https://instagram.com/Casa"
    assert order.link_key == "instagram.com/Casa"
    assert Event.objects.get(order=order).data["typed_link"] == "instagram.com/Casa"


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["https://instagram.com/Casa", "@casa", "casa.verde"])
def test_nothing_is_noted_where_nothing_was_changed(typed: str) -> None:
    buyer = factories.customer(balance="10", signs_in=True)
    order = _placed(buyer, typed, by=buyer.user)
    assert order.link == typed
    assert "typed_link" not in Event.objects.get(order=order).data


@pytest.mark.django_db
def test_a_program_s_link_is_sent_as_it_was_given() -> None:
    order = _placed(factories.customer(balance="10"), " instagram.com/Casa ", by=None)
    assert order.link == order.details["link"] == "instagram.com/Casa"
    assert "typed_link" not in Event.objects.get(order=order).data


def _placed(buyer: Any, link: str, *, by: Any) -> Order:
    fields = {"link": link, "quantity": "100"}
    return placement.place(buyer, factories.service().pk, fields, by=by, now=factories.NOW).order

"""Example links and pictures, as far as a name tells the site."""

import pytest

from panel.customer.sale.platforms import example_of, icon_of


@pytest.mark.parametrize(
    ("name", "category", "example"),
    [
        ("Instagram Followers, HQ", "Instagram", "https://instagram.com/yourname"),
        ("Instagram Reels Views", "Instagram", "https://instagram.com/p/Abc123"),
        ("Followers, slow", "TikTok", "https://tiktok.com/@yourname"),
        ("SoundCloud Plays", "Spotify & Music", ""),
        ("Threads Followers", "LinkedIn & Threads", "https://threads.net/@yourname"),
        ("Instagram Starter Package", "Instagram", ""),
        ("Followers", "Something else", ""),
    ],
)
def test_a_link_is_given_as_an_example_only_where_the_name_tells(
    name: str, category: str, example: str
) -> None:
    assert example_of(name, category) == example


def test_an_unknown_category_has_a_picture_too() -> None:
    assert (icon_of("YouTube Views"), icon_of("Other")) == ("play", "layers")

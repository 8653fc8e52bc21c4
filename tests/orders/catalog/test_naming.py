"""Words of a catalog that give the provider away."""

import pytest

from orders import catalog
from orders.models import Provider
from tests.support import factories

BULKHAUS = Provider(name="Bulkhaus", url="https://api.smm-giant.com/api/v2")
ACE = Provider(name="Ace", url="http://127.0.0.1:9/api/v2")


@pytest.mark.parametrize(
    "text",
    [
        "Bulkhaus Followers",
        "Followers [BULKHAUS]",
        "★ bulk-haus ★ Likes",
        "B u l k h a u s Views",
        "𝐁𝐮𝐥𝐤𝐡𝐚𝐮𝐬 Views",
        "Views (Bulkhaus.io)",
    ],
)
def test_its_name_is_found_however_it_is_written(text: str) -> None:
    assert catalog.provider_named_in(text, BULKHAUS) == "Bulkhaus"


def test_its_site_is_found() -> None:
    assert catalog.provider_named_in("Followers by SMMGIANT", BULKHAUS) == "smm-giant"


def test_a_short_name_counts_as_a_word_alone() -> None:
    assert catalog.provider_named_in("Likes, ACE quality", ACE) == "Ace"
    assert catalog.provider_named_in("Facebook Page Likes, place a link", ACE) == ""


@pytest.mark.parametrize("text", ["Instagram Followers, HQ", "", "API v2 panel", "متابعون"])
def test_other_words_give_nobody_away(text: str) -> None:
    assert catalog.provider_named_in(text, BULKHAUS) == ""
    assert catalog.provider_named_in(text, ACE) == ""
    assert catalog.provider_named_in(text, Provider(name="★", url="")) == ""


@pytest.mark.django_db
def test_a_category_gives_away_as_much_as_a_name() -> None:
    offer = factories.offer(factories.provider("Zebrahaus"), category="Zebrahaus exclusive")
    assert catalog.provider_named_by(factories.service(offer)) == "Zebrahaus"
    plain = factories.offer(offer.provider, category="Exclusive")
    assert catalog.provider_named_by(factories.service(plain)) == ""

"""Stars: one a service, of each customer their own, and not without end."""

import pytest

from orders import favourites
from orders.errors import Declined
from tests.support import factories

pytestmark = pytest.mark.django_db


def test_a_star_is_set_once_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    casa, other, service = factories.customer(), factories.customer(), factories.service()
    for _ in range(2):
        favourites.star(casa, service)
    assert favourites.favourites(casa) == {service.pk}
    assert favourites.favourites(other) == set()

    for _ in range(2):
        favourites.unstar(casa, service)
    assert favourites.favourites(casa) == set()


def test_there_is_an_end_to_stars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(favourites, "MOST", 1)
    casa = factories.customer()
    favourites.star(casa, factories.service())
    with pytest.raises(Declined, match="At most 1"):
        favourites.star(casa, factories.service())

"""The checks of many orders placed at once can fail."""

from decimal import Decimal
from uuid import uuid4

import pytest

from orders.enums import MassLineState
from orders.models import MassLine, MassOrder, Order
from tests.chaos.parcels import Item, Parcel, Sent, draw_parcels
from tests.chaos.plan import draw
from tests.chaos.planted import Play
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db
LINK = "https://instagram.com/p/many"


@pytest.fixture
def play() -> Play:
    """With one line that was placed, and one that was wrong."""
    play = Play()
    made = MassOrder.objects.create(
        customer=play.client,
        made_by=play.staff.user,
        token=uuid4(),
        made_at=NOW,
        confirmed_at=NOW,
    )
    order = play.buy(link=LINK, upstream_id="601", client_key=f"many:{made.token.hex}:1")
    play.facts.presses.pop()
    line = {"service_number": play.service.pk, "link": LINK, "price": order.price}
    MassLine.objects.create(
        mass_order=made, number=1, state=MassLineState.PLACED, order=order, **line
    )
    MassLine.objects.create(mass_order=made, number=2, state=MassLineState.NOT_PLACED, why="wrong")
    parcel = Parcel(0, 0, 0, (Item(0, 0, 1000, LINK),), stops=False)
    play.facts.sent.append(Sent(parcel, made.pk, is_placed=True, pressed=1))
    return play


def test_an_honest_parcel(play: Play) -> None:
    assert play.found() == []


def test_a_line_whose_order_it_does_not_hold(play: Play) -> None:
    MassLine.objects.filter(number=1).update(state=MassLineState.NOT_PLACED, order=None)
    assert play.found() == ["lines placed once"]


def test_an_order_under_a_key_that_no_line_has(play: Play) -> None:
    MassLine.objects.filter(number=1).update(number=7)
    assert play.found() == ["lines placed once"]
    assert "no line made order" in play.texts()


@pytest.mark.parametrize("wrong", [{"link": "another"}, {"price": Decimal("1.29999999")}])
def test_an_order_that_is_not_what_its_line_said(play: Play, wrong: dict[str, object]) -> None:
    MassLine.objects.filter(number=1).update(**wrong)
    assert play.found() == ["lines placed once"]


def test_a_line_that_waits_or_is_lost(play: Play) -> None:
    MassLine.objects.filter(number=2).update(state=MassLineState.WAITING, why="")
    assert play.found() == ["lines end"]
    MassLine.objects.filter(number=2).delete()
    assert "has 1 lines of 2" in play.texts()
    assert Order.objects.count() == 2


def test_a_seed_draws_the_same_parcels_again() -> None:
    assert draw_parcels(draw(7, 50, 1)) == draw_parcels(draw(7, 50, 1))
    links = [one.link for parcel in draw_parcels(draw(7, 200, 1)) for one in parcel.items]
    assert len(links) == len(set(links))

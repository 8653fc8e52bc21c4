"""Services bought elsewhere, many at once: as they were seen, all of them or none."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import catalog
from orders.catalog import Move
from orders.enums import PauseReason
from orders.errors import Declined, StateChanged
from orders.models import AuditEntry, Offer, Service
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db


def sold(**fields: object) -> Service:
    return factories.service(factories.offer(), **fields)


def move(service: Service, offer: Offer) -> Move:
    return Move(service.pk, offer.pk, offer.rate, service.offer_id)


def point(*moves: Move) -> list[Service]:
    return catalog.point_many(moves, by=None, now=NOW, reason="Cheaper")


def test_each_is_bought_at_its_own_offer_at_todays_cost_of_it() -> None:
    first, second = sold(), sold()
    dear, cheap = factories.offer(rate=Decimal(3)), factories.offer(rate=Decimal("0.2"))
    order = factories.order(of=first)

    point(move(first, dear), move(second, cheap))

    first.refresh_from_db(), second.refresh_from_db(), order.refresh_from_db()
    assert (first.offer, first.accepted_cost, first.pause) == (dear, 3, "")
    assert (second.offer, second.accepted_cost) == (cheap, Decimal("0.2"))
    assert order.offer_id not in (dear.pk, cheap.pk)
    lines = AuditEntry.objects.filter(action="service.pointed_at").order_by("pk")
    assert [line.after["offer"] for line in lines] == [dear.pk, cheap.pk]
    assert {line.reason for line in lines} == {"Cheaper"}


@pytest.mark.parametrize("wrong", ["retired", "type", "rate", "moved", "gone"])
def test_one_that_does_not_fit_any_more_changes_none(wrong: str) -> None:
    first, second = sold(), sold()
    here, there = factories.offer(), factories.offer()
    said = [move(first, here), move(second, there)]
    if wrong == "retired":
        Offer.objects.filter(pk=there.pk).update(retired_at=NOW)
    elif wrong == "type":
        Offer.objects.filter(pk=there.pk).update(service_type="package", type_name="Package")
    elif wrong == "rate":
        Offer.objects.filter(pk=there.pk).update(rate=Decimal("1.00000001"))
    elif wrong == "moved":
        Service.objects.filter(pk=second.pk).update(offer=factories.offer())
    else:
        said[1] = Move(second.pk, 999_999, Decimal(1))
    with pytest.raises(StateChanged if wrong in ("rate", "moved", "gone") else Declined):
        point(*said)
    first.refresh_from_db()
    assert first.offer_id != here.pk
    assert not AuditEntry.objects.exists()


def test_what_a_person_paused_stays_paused_and_what_was_gone_is_sold_again() -> None:
    by_hand = sold(pause=PauseReason.STAFF, pause_detail="Complaints", paused_at=NOW)
    gone = sold(pause=PauseReason.GONE, paused_at=NOW)
    point(move(by_hand, factories.offer()), move(gone, factories.offer()))
    by_hand.refresh_from_db(), gone.refresh_from_db()
    assert (by_hand.pause, by_hand.pause_detail) == (PauseReason.STAFF, "Complaints")
    assert (gone.pause, gone.paused_at) == ("", None)


def test_a_hundred_need_no_more_readings_than_one() -> None:
    def reads(moves: list[Move]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            point(*moves)
        return sum(query["sql"].startswith("SELECT") for query in seen)

    one = reads([move(sold(), factories.offer())])
    assert reads([move(sold(), factories.offer()) for _ in range(20)]) == one


def test_too_many_or_none_are_refused() -> None:
    with pytest.raises(Declined, match="Nothing"):
        point()
    with pytest.raises(Declined, match="At most"):
        point(*[Move(n, 1, Decimal(1)) for n in range(catalog.MOST_POINTED + 1)])


# ── What is proposed ─────────────────────────────────────────────────────────────────────────


def proposed(service: Service, provider: int | None = None) -> list[str]:
    among = catalog.candidates([service.offer.service_type], provider)
    numbers = catalog.alike([service], among)[service.pk]
    names = dict(Offer.objects.values_list("pk", "name"))
    return [names[number] for number in numbers]


def test_the_likest_of_the_same_site_and_type_comes_first() -> None:
    service = factories.service(
        factories.offer(name="Instagram Followers Refill 30 days"), name="Instagram Followers 30d"
    )
    factories.offer(name="IG Followers | 30 days refill", category="Instagram")
    factories.offer(name="Instagram Likes fast", category="Instagram")
    factories.offer(name="TikTok Followers Refill 30 days", category="TikTok")
    factories.offer(
        name="Instagram Followers Refill 30 days", service_type="package", type_name="Package"
    )
    factories.offer(name="Instagram Followers Refill 30 days", retired_at=NOW)
    factories.offer(name="Qqq", category="Zzz")
    found = proposed(service)
    assert found[0] == "IG Followers | 30 days refill"
    assert set(found) == {"IG Followers | 30 days refill", "Instagram Likes fast"}


def test_one_provider_alone_may_be_asked_for() -> None:
    service = factories.service(factories.offer(name="Telegram Members"))
    other = factories.offer(name="Telegram Members cheap")
    factories.offer(name="Telegram Members dear")
    assert proposed(service, other.provider_id) == ["Telegram Members cheap"]

"""What a name tells of the refill window: a proposal, taken by a person alone."""

import pytest

from orders import catalog
from orders.catalog import bulk, windows
from orders.models import Service
from tests.support import factories

NOW = factories.NOW


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("Instagram Followers [R30]", 30),
        ("Followers | R60 | Fast", 60),
        ("Followers r90", 90),
        ("Followers R 30", 30),
        ("Followers - 30 Days Refill", 30),
        ("Followers (30 day guaranteed)", 30),
        ("Followers 365 days auto-refill", 365),
        ("Likes [Refill: 30D]", 30),
        ("Likes Refill 7 days", 7),
        ("Likes ♻️ 60 days", 60),
        ("Likes 30D Refill | R30", 30),
        ("Likes, R30, 90 days refill", None),
        ("Likes, no refill", None),
        ("Likes, lifetime refill", None),
        ("Views for 30 days", None),
        ("YouTube 4R30K views", None),
        ("R2D2 fans", None),
        ("Followers R999", None),
        ("Followers R0", None),
        ("Followers R3000", None),
        ("Followers 1000 refill", None),
        ("", None),
    ],
)
def test_the_days_that_a_name_promises(name: str, days: int | None) -> None:
    assert windows.days_in(name) == days


def service(name: str, **offer: object) -> Service:
    return factories.service(factories.offer(name=name, **offer))


@pytest.mark.django_db
def test_a_name_proposes_only_where_nobody_has_said() -> None:
    assert catalog.proposed_refill_days(service("Followers R30")) == 30
    assert catalog.proposed_refill_days(service("Followers R30", refill=False)) is None
    assert catalog.proposed_refill_days(service("Followers R30", refill_days=60)) is None
    ours = service("Followers R30")
    ours.refill_days = 14
    assert catalog.proposed_refill_days(ours) is None
    renamed = service("Followers R30")
    renamed.name = "Followers, our best"
    assert catalog.proposed_refill_days(renamed) == 30


@pytest.mark.django_db
def test_many_take_what_their_names_promise_and_the_others_stay() -> None:
    named, other = service("Followers R30"), service("Followers R90")
    silent, known = service("Followers"), service("Followers R30", refill_days=60)
    boss, change = factories.admin().user, bulk.refilled_as_named()
    ids = [row.pk for row in (named, other, silent, known)]
    assert catalog.change_many(ids, change, by=boss, now=NOW) == 2
    days = dict(Service.objects.values_list("pk", "refill_days"))
    assert days == {named.pk: 30, other.pk: 90, silent.pk: None, known.pk: None}

"""Many services changed alike, with a line in the audit trail for each; all of them or none."""

from decimal import Decimal

import pytest

from orders import catalog
from orders.catalog import bulk
from orders.enums import PauseReason
from orders.errors import Declined, FieldErrors, StateChanged
from orders.models import AuditEntry, Category, Service
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db


def change(what: catalog.Bulk, *rows: Service) -> int:
    ids = [row.pk for row in rows]
    changed = catalog.change_many(ids, what, by=None, now=NOW, reason="Tidy")
    for row in rows:
        row.refresh_from_db()
    return changed


def test_all_go_on_one_shelf_and_stand_last_there() -> None:
    shelf = Category.objects.create(name="Best sellers", position=3)
    factories.service(category=shelf, position=40)
    first, there = factories.service(), factories.service(category=shelf, position=20)
    assert change(bulk.shelved(shelf), first, there) == 1
    assert (first.category, first.position, there.position) == (shelf, 50, 20)
    line = AuditEntry.objects.get(action="service.shelved")
    assert line.after["category"] == f"category:{shelf.pk}" and line.reason == "Tidy"


def test_names_are_replaced_where_they_hold_it() -> None:
    one, other = factories.service(name="IG Followers  [HQ]"), factories.service(name="Likes")
    assert change(bulk.renamed("[HQ]", ""), one, other) == 1
    assert (one.name, other.name) == ("IG Followers", "Likes")
    with pytest.raises(FieldErrors, match="what is to be replaced"):
        bulk.renamed("", "x")


@pytest.mark.parametrize(("replace", "words"), [("", "without a name"), ("x" * 501, "too long")])
def test_a_name_that_cannot_be_changes_none(replace: str, words: str) -> None:
    first, second = factories.service(name="A Likes"), factories.service(name="Likes")
    with pytest.raises(FieldErrors, match=words):
        change(bulk.renamed("Likes", replace), first, second)
    first.refresh_from_db()
    assert first.name == "A Likes"
    assert not AuditEntry.objects.exists()


def test_words_and_refill_window() -> None:
    one = factories.service()
    change(bulk.described(" Starts soon. "), one)
    change(bulk.refilled(45), one)
    assert (one.description, one.refill_days) == ("Starts soon.", 45)
    assert change(bulk.refilled(45), one) == 0
    change(bulk.refilled(None), one)
    assert one.refill_days is None


def test_paused_until_a_person_resumes_and_only_what_people_paused() -> None:
    one = factories.service()
    rose = factories.service(pause=PauseReason.COST_ROSE, paused_at=NOW)
    with pytest.raises(FieldErrors):
        bulk.paused(" ", NOW)
    assert change(bulk.paused("Holiday", NOW), one) == 1
    assert (one.pause, one.pause_detail, one.paused_at) == (PauseReason.STAFF, "Holiday", NOW)
    assert change(bulk.resumed(NOW), one, rose) == 1
    assert (one.pause, one.paused_at, rose.pause) == ("", None, PauseReason.COST_ROSE)


def test_what_is_resumed_stays_paused_where_its_cost_rose_meanwhile() -> None:
    one = factories.service(pause=PauseReason.STAFF, paused_at=NOW, accepted_cost=Decimal("0.1"))
    change(bulk.resumed(NOW), one)
    assert one.pause == PauseReason.COST_ROSE


def test_none_or_too_many_are_refused() -> None:
    with pytest.raises(Declined, match="Nothing"):
        catalog.change_many([], bulk.refilled(3), by=None, now=NOW)
    with pytest.raises(Declined, match="At most"):
        most = list(range(catalog.MOST_CHANGED + 1))
        catalog.change_many(most, bulk.refilled(3), by=None, now=NOW)


def test_what_is_not_as_it_was_seen_is_not_changed() -> None:
    one, other = factories.service(name="IG Likes"), factories.service(name="IG Views")
    what, ids = bulk.renamed("IG", "Instagram"), [one.pk, other.pk]
    seen = catalog.preview(ids, what)
    assert [(each.before, each.after) for each in seen] == [
        ({"name": "IG Likes"}, {"name": "Instagram Likes"}),
        ({"name": "IG Views"}, {"name": "Instagram Views"}),
    ]
    other.refresh_from_db()
    assert other.name == "IG Views"
    Service.objects.filter(pk=other.pk).update(name="Views")
    with pytest.raises(StateChanged, match="1 would change, not 2"):
        catalog.change_many(ids, what, by=None, now=NOW, expected=len(seen))


def test_hidden_and_shown_but_for_what_cannot_be_ordered() -> None:
    odd = factories.offer(type_name="Strange", service_type="")
    one, strange = factories.service(is_visible=False), factories.service(odd, is_visible=False)
    assert change(bulk.shown(), one, strange) == 1
    assert (one.is_visible, strange.is_visible) == (True, False)
    assert change(bulk.hidden(), one, strange) == 1
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["service.shown", "service.hidden"]

"""The order of shelves and services, by single steps; and that readings leave it alone."""

import pytest

from orders import catalog
from orders.catalog import Step
from orders.errors import StateChanged
from orders.models import AuditEntry, Category, Service
from orders.shop import listed
from tests.orders.catalog.conftest import Reader, Upstream, service
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db


def shelf_of(count: int) -> list[Service]:
    shelf = Category.objects.create(name="Shelf", position=1)
    return [factories.service(category=shelf, name=f"S{n}") for n in range(count)]


def order() -> list[str]:
    rows = Service.objects.order_by("category__position", "category__name", "position", "pk")
    return list(rows.values_list("name", flat=True))


@pytest.mark.parametrize(
    ("step", "place", "names"),
    [
        (Step.UP, 2, "S0 S2 S1 S3"),
        (Step.DOWN, 4, "S0 S1 S3 S2"),
        (Step.FIRST, 1, "S2 S0 S1 S3"),
        (Step.LAST, 4, "S0 S1 S3 S2"),
        (2, 2, "S0 S2 S1 S3"),
        (0, 1, "S2 S0 S1 S3"),
        (99, 4, "S0 S1 S3 S2"),
    ],
)
def test_a_service_moves_on_its_shelf(step: Step | int, place: int, names: str) -> None:
    rows = shelf_of(4)
    assert catalog.move_service(rows[2], step, by=None, now=NOW) == place
    assert order() == names.split()
    line = AuditEntry.objects.get()
    assert (line.action, line.before, line.after) == (
        "service.moved",
        {"place": 3},
        {"place": place},
    )


def test_at_the_end_nothing_moves_and_nothing_is_written() -> None:
    rows = shelf_of(2)
    assert catalog.move_service(rows[0], Step.UP, by=None, now=NOW) == 1
    assert not AuditEntry.objects.exists()


def test_one_that_is_on_another_shelf_by_now_is_told() -> None:
    rows = shelf_of(2)
    other = Category.objects.create(name="Other shelf")
    stale = Service.objects.get(pk=rows[0].pk)
    Service.objects.filter(pk=rows[0].pk).update(category=other)
    with pytest.raises(StateChanged):
        catalog.move_service(stale, Step.LAST, by=None, now=NOW)


def test_shelves_move_too_and_the_shop_follows() -> None:
    factories.panel_prices()
    first = factories.service(category=Category.objects.create(name="A", position=1))
    second = factories.service(category=Category.objects.create(name="B", position=2))
    buyer = factories.customer()
    assert [row.service for row in listed(buyer)] == [first.pk, second.pk]
    catalog.move_category(second.category, Step.UP, by=None, now=NOW)
    assert [row.service for row in listed(buyer)] == [second.pk, first.pk]


def test_every_decision_survives_every_reading(read: Reader, upstream: Upstream) -> None:
    """Name, words, shelf, refill window, order, hidden and paused: all were changed by people,
    then the provider changes all of its own; what is new stands last."""
    upstream.lists(1, 2, 3)
    read()
    one = service(1)
    ours = Category.objects.create(name="Our shelf")
    catalog.describe(one, None, NOW, name="Ours", description="Our words")
    change = [one.pk, service(2).pk, service(3).pk]
    bulk = catalog.bulk
    for what in (bulk.shelved(ours), bulk.refilled(7), bulk.paused("Holiday", NOW)):
        catalog.change_many(change, what, by=None, now=NOW)
    catalog.hide(one, None, NOW)
    catalog.move_service(service(3), Step.FIRST, by=None, now=NOW)
    kept = ("name", "description", "category_id", "refill_days", "position", "is_visible", "pause")
    before = Service.objects.order_by("pk").values_list(*kept).first()
    order = list(Service.objects.order_by("position", "pk").values_list("pk", flat=True))

    upstream.lists(
        1, 2, 3, category="Theirs", rate="9", description="Theirs", refill_days=3, max=77
    )
    upstream.lists(1, name="Theirs")
    read()
    upstream.drops(1, 2)
    read()
    upstream.lists(1, 2, 4, category="Our shelf")
    read()

    assert Service.objects.order_by("pk").values_list(*kept).first() == before
    by_place = list(Service.objects.order_by("position", "pk").values_list("pk", flat=True))
    assert by_place == [*order, service(4).pk]

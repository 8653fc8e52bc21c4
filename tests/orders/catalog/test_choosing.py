"""Putting many services on sale, or hiding them, at once."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import catalog
from orders.models import AuditEntry, Service
from tests.support import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def hidden() -> list[Service]:
    offer = make.offer()
    return [make.service(offer, is_visible=False) for _ in range(5)]


def test_all_go_on_sale_and_each_keeps_who_and_why(hidden: list[Service], now: datetime) -> None:
    ada = make.admin()
    chosen = catalog.choose(Service.objects.all(), True, by=ada.user, now=now, reason="Opening")
    assert (chosen.looked_at, chosen.changed, chosen.refused) == (5, 5, 0)
    assert not Service.objects.filter(is_visible=False).exists()
    kept = AuditEntry.objects.order_by("pk")
    assert [line.subject for line in kept] == [f"service:{service.pk}" for service in hidden]
    assert {(line.action, line.person, line.reason) for line in kept} == {
        ("service.shown", ada.user, "Opening")
    }
    assert kept[0].before == {"is_visible": False} and kept[0].after == {"is_visible": True}


def test_what_is_so_already_is_not_written(hidden: list[Service], now: datetime) -> None:
    Service.objects.filter(pk=hidden[0].pk).update(is_visible=True)
    chosen = catalog.choose(Service.objects.all(), False, by=None, now=now)
    assert (chosen.looked_at, chosen.changed) == (5, 1)
    assert AuditEntry.objects.get().action == "service.hidden"


def test_a_type_that_cannot_be_ordered_stays_hidden_and_is_counted(now: datetime) -> None:
    offer = make.offer(type_name="Teleport", service_type="")
    odd = make.service(offer, is_visible=False)
    chosen = catalog.choose(Service.objects.all(), True, by=None, now=now)
    assert (chosen.changed, chosen.refused) == (0, 1)
    odd.refresh_from_db()
    assert not odd.is_visible and not AuditEntry.objects.exists()


def test_it_goes_on_from_where_a_batch_ended(hidden: list[Service], now: datetime) -> None:
    waiting = Service.objects.filter(is_visible=False)
    first = catalog.choose(waiting, True, by=None, now=now, limit=3)
    assert (first.looked_at, first.last) == (3, hidden[2].pk)
    assert first.last is not None
    second = catalog.choose(waiting, True, by=None, now=now, limit=3, after=first.last)
    assert (second.looked_at, second.changed) == (2, 2)
    nothing = catalog.choose(waiting, True, by=None, now=now)
    assert (nothing.looked_at, nothing.last) == (0, None)


def test_many_take_as_many_queries_as_one(hidden: list[Service], now: datetime) -> None:
    def queries(services: list[Service]) -> int:
        wanted = Service.objects.filter(pk__in=[service.pk for service in services])
        with CaptureQueriesContext(connection) as seen:
            assert catalog.choose(wanted, True, by=None, now=now).changed == len(services)
        return len(seen)

    assert queries(hidden[:1]) == queries(hidden[1:])


def test_shelves_count_what_stands_there_and_what_is_on_sale() -> None:
    gram = make.offer(category="Instagram")
    make.service(gram)
    make.service(gram, is_visible=False)
    make.service(make.offer(category="TikTok"), is_visible=False)
    stock = {shelf.name: shelf for shelf in catalog.stock(Service.objects.all())}
    assert (stock["Instagram"].services, stock["Instagram"].on_sale) == (2, 1)
    assert (stock["TikTok"].services, stock["TikTok"].on_sale) == (1, 0)

"""How long services take: medians of our own completed orders, and nothing without enough."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.celery import TIMETABLE
from orders import history, rounds, speeds
from orders.enums import EventKind, OrderStatus
from orders.models import Customer, Order, Service, ServiceTime
from tests.support import factories

pytestmark = pytest.mark.django_db
NOW = factories.NOW


@pytest.fixture
def casa() -> Customer:
    return factories.customer()


@pytest.fixture
def followers() -> Service:
    return factories.service()


def done(of: Service, buyer: Customer, minutes: int, *, starts: int | None = None) -> Order:
    """An order that was completed so many minutes after it was placed, seen at its start or not."""
    order = factories.order(
        buyer,
        of,
        status=OrderStatus.COMPLETED,
        placed_at=NOW,
        finished_at=NOW + timedelta(minutes=minutes),
    )
    if starts is not None:
        at = NOW + timedelta(minutes=starts)
        history.note(order.pk, EventKind.STATUS, at, status=OrderStatus.IN_PROGRESS)
        later = at + timedelta(minutes=1)
        history.note(order.pk, EventKind.STATUS, later, status=OrderStatus.IN_PROGRESS)
    return order


def test_the_median_of_completed_orders_is_told(casa: Customer, followers: Service) -> None:
    for minutes in (10, 20, 30, 40, 5000):
        done(followers, casa, minutes, starts=minutes // 10)

    assert speeds.measure(NOW) == "1 services"

    assert speeds.speeds([followers.pk]) == {followers.pk: speeds.Speed(180, 1800)}


def test_too_few_orders_tell_nothing(casa: Customer, followers: Service) -> None:
    for starts in (5, 5, 5, 5, None):
        done(followers, casa, 10, starts=starts)
    speeds.measure(NOW)
    assert speeds.speeds([followers.pk]) == {followers.pk: speeds.Speed(None, 600)}

    Order.objects.filter(pk=Order.objects.latest("pk").pk).update(status=OrderStatus.PARTIAL)
    speeds.measure(NOW)
    assert speeds.speeds([followers.pk]) == {followers.pk: speeds.UNKNOWN}


def test_only_the_latest_orders_count(
    casa: Customer, followers: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(6):
        done(followers, casa, 500)
    for _ in range(5):
        done(followers, casa, 10)
    monkeypatch.setattr(speeds, "LATEST", 5)
    speeds.measure(NOW)
    assert speeds.speeds([followers.pk])[followers.pk].to_completion == 600

    for _ in range(3):  # they run, and stand before the completed ones
        factories.order(casa, followers, status=OrderStatus.IN_PROGRESS)
    monkeypatch.setattr(speeds, "LOOKED_AT", 7)
    speeds.measure(NOW)
    assert speeds.speeds([followers.pk])[followers.pk].to_completion is None


def test_every_sold_service_has_its_turn_and_no_other(
    casa: Customer, followers: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [factories.service(followers.offer) for _ in range(3)]
    for service in (followers, *others[:2]):
        done(service, casa, 10)
    monkeypatch.setattr(speeds, "A_RUN", 2)
    for run in range(3):
        speeds.measure(NOW + timedelta(minutes=run))

    rows = dict(ServiceTime.objects.values_list("service_id", "measured_at"))
    assert rows == {
        followers.pk: NOW + timedelta(minutes=2),
        others[0].pk: NOW + timedelta(minutes=2),
        others[1].pk: NOW + timedelta(minutes=1),
    }


def test_a_run_is_bounded_and_safe_to_repeat(casa: Customer, followers: Service) -> None:
    for _ in range(6):
        done(followers, casa, 10, starts=1)
    assert speeds.measure(NOW, budget_seconds=0) == "0 services"
    for _ in range(2):
        speeds.measure(NOW)
    assert ServiceTime.objects.get().completed == 6
    with CaptureQueriesContext(connection) as asked:
        speeds.measure(NOW)
    assert len(asked) <= 4


def test_the_job_is_in_the_timetable() -> None:
    assert "orders.measure_speeds" in rounds.JOBS
    assert "orders.measure_speeds" in TIMETABLE

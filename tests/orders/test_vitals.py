"""What monitors are told."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import machinery
from orders.enums import OrderStatus, ProviderHold
from orders.models import Heartbeat, ProviderState, Sweep
from orders.vitals import vitals
from tests.support import factories

pytestmark = pytest.mark.django_db

NOW = factories.NOW


def alive(**ages: int) -> None:
    for job in (*machinery.BEATS, machinery.BEAT):
        age = timedelta(seconds=ages.get(job.removeprefix("orders."), 1))
        Heartbeat.objects.create(job=job, began_at=NOW - age)


def test_all_is_well() -> None:
    alive()
    factories.provider()
    found = vitals(NOW)
    assert (found.wrong, found.as_json()["ok"]) == ([], True)
    assert found.as_json()["beat"] == {"seconds_ago": 1, "late": False}
    assert set(found.as_json()["jobs"]) == {
        name.removeprefix("orders.") for name in machinery.BEATS
    }


def test_what_never_happened_is_late_and_has_no_age() -> None:
    found = vitals(NOW)
    assert "beat" in found.wrong
    assert "job submit_due" in found.wrong
    assert found.as_json()["jobs"]["submit_due"] == {"seconds_ago": None, "late": True}


def test_beat_and_each_job_by_their_own_pace() -> None:
    alive(beat=61, submit_due=41, prune=3600)
    assert vitals(NOW).wrong == ["beat", "job submit_due"]


def test_a_job_that_has_never_begun_is_given_its_time_from_the_first_sign() -> None:
    machinery.ticked(NOW)
    assert "job prune" not in vitals(NOW + timedelta(seconds=7200)).wrong
    assert "job submit_due" in vitals(NOW + timedelta(seconds=41)).wrong
    machinery.ticked(NOW + timedelta(seconds=7231))
    late = vitals(NOW + timedelta(seconds=7231))
    assert "job prune" in late.wrong
    assert late.as_json()["jobs"]["prune"] == {"seconds_ago": None, "late": True}


def test_the_oldest_waiting_and_the_oldest_unchecked() -> None:
    alive()
    factories.order(status=OrderStatus.WAITING, waiting_since=NOW - timedelta(minutes=9))
    assert vitals(NOW).as_json()["oldest_waiting"] == {"seconds_ago": 540, "late": False}
    long_ago = (NOW - timedelta(minutes=11)).isoformat()
    factories.order(status=OrderStatus.WAITING, waiting_since=NOW - timedelta(minutes=11))
    provider = factories.provider()
    Sweep.objects.create(provider=provider, started={"1": long_ago}, rounds={"1": long_ago})
    found = vitals(NOW)
    assert found.wrong == ["oldest waiting", "oldest unchecked"]
    assert found.as_json()["oldest_unchecked"] == {"seconds_ago": 660, "late": True}


def test_held_and_rested_providers_are_counted() -> None:
    alive()
    factories.provider()
    for values in (
        {"hold": ProviderHold.FUNDS},
        {"rested_until": NOW + timedelta(seconds=1)},
        {"rested_until": NOW - timedelta(seconds=1)},
    ):
        ProviderState.objects.filter(pk=factories.provider().pk).update(**values)
    found = vitals(NOW)
    assert (found.providers_held, found.providers_rested) == (1, 1)
    assert found.wrong == ["providers held", "providers rested"]


def test_strangers_learn_no_name_no_amount_and_no_number_of_orders() -> None:
    alive()
    order = factories.order(
        factories.customer("Casa Planted"),
        status=OrderStatus.WAITING,
        price=Decimal("71.9371"),
        waiting_since=NOW,
    )
    ProviderState.objects.filter(pk=order.provider_id).update(
        hold=ProviderHold.KEY, hold_detail="planted words", balance="83.1"
    )
    said = str(vitals(NOW).as_json())
    for secret in ("Casa", "71.9", order.provider.name, "planted", "83.1", order.link):
        assert secret not in said


def test_many_rows_cost_as_many_queries_as_one() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            vitals(NOW)
        return len(captured)

    def plant() -> None:
        order = factories.order(status=OrderStatus.WAITING)
        Sweep.objects.create(provider=order.provider)

    alive()
    plant()
    one = queries()
    for _ in range(5):
        plant()
    assert queries() == one == 4

"""Planted violations in orders that are delivered in runs."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from orders import ledger
from orders.enums import Decision, EventKind, OrderStatus
from orders.models import Child, Event, Order, Submission
from tests.chaos.books import Books
from tests.chaos.facts import Standing
from tests.chaos.planted import Play
from tests.chaos.runs import summed
from tests.chaos.table import _in_runs
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db
S = OrderStatus
RUNS, REFUNDS = "runs add up", "refunds follow"
PRICE = Decimal("1.3")


@pytest.fixture
def play() -> Play:
    """Three runs of 500: one was done, one ended in part, one never began. 700 are left."""
    play = Play()
    order = play.buy(
        S.PARTIAL,
        "https://instagram.com/p/runs",
        upstream_id="700",
        runs=3,
        quantity=500,
        billable=1500,
        delivery_total=1500,
        remains=700,
        charge_upstream=Decimal("0.53333334"),
    )
    play.order = order
    del play.facts.standings[play.provider.pk, "700"]
    play.facts.families[play.provider.pk, "700"] = {
        "701": Standing(S.COMPLETED, 0, Decimal(1) / 3),
        "702": Standing(S.PARTIAL, 200, Decimal("0.2")),
    }
    factories.child(order, 1, upstream_id="701", status=S.COMPLETED)
    factories.child(order, 2, upstream_id="702", status=S.PARTIAL, remains=200)
    refund(order, "0.60666667")
    return play


def refund(order: Order, amount: str) -> None:
    order.refresh_from_db()
    ledger.refund(order, Decimal(amount), by=None, memo="Its runs owe it", at=NOW)


def family(play: Play) -> dict[str, Standing]:
    return play.facts.families[play.provider.pk, "700"]


def test_an_order_that_ended_as_its_runs_is_honest(play: Play) -> None:
    assert play.found() == []
    said = "1 partial; 2 of 3 runs began: 1 completed, 1 partial"
    assert _in_runs(Books(play.facts)) == said


def test_a_run_that_left_something_else(play: Play) -> None:
    family(play)["702"] = Standing(S.PARTIAL, 300, Decimal("0.2"))
    assert play.found() == [RUNS]
    assert f"order {play.order.pk}: 700 remain, its runs leave 800" in play.texts()
    assert "its runs owe" in play.texts()


def test_a_run_that_never_began_and_was_not_paid_back(play: Play) -> None:
    """What the books hold agrees with itself, and not with the provider."""
    Order.objects.filter(pk=play.order.pk).update(remains=200, refunded=0)
    assert RUNS in play.found()


def test_more_was_paid_back_than_the_runs_owe(play: Play) -> None:
    refund(play.order, "0.7")
    assert play.found() == [REFUNDS, RUNS]


def test_runs_that_ended_otherwise_than_their_order(play: Play) -> None:
    for upstream_id in ("701", "702"):
        family(play)[upstream_id] = Standing(S.CANCELED, 500, Decimal(0))
    Child.objects.update(status=S.CANCELED)
    assert play.found() == [RUNS]
    assert f"order {play.order.pk} is partial, its runs make it canceled" in play.texts()


def test_a_charge_that_is_not_that_of_the_runs(play: Play) -> None:
    Order.objects.filter(pk=play.order.pk).update(charge_upstream=Decimal("0.54"))
    assert play.found() == [RUNS]


@pytest.mark.parametrize("known", [{"upstream_id": "999"}, {"status": S.CANCELED}])
def test_a_run_that_is_known_otherwise(play: Play, known: dict[str, str]) -> None:
    Child.objects.filter(number=2).update(**known)
    assert play.found() == [RUNS]


def test_a_run_that_nobody_knows_and_one_too_many(play: Play) -> None:
    Child.objects.filter(number=2).delete()
    assert play.found() == [RUNS]
    factories.child(play.order, 2, upstream_id="702", status=S.PARTIAL, remains=200)
    factories.child(play.order, 3, upstream_id="703", status=S.COMPLETED)
    assert play.found() == [RUNS]


def test_runs_of_an_order_that_has_none(play: Play) -> None:
    other = play.buy(link="https://instagram.com/p/3", upstream_id="800")
    factories.child(other, 1, upstream_id="801", status=S.COMPLETED)
    assert play.found() == [RUNS]
    assert "runs that no provider knows" in play.texts()


def test_a_provider_that_does_not_know_the_whole(play: Play) -> None:
    play.facts.families.clear()
    assert play.found() == ["honest states", RUNS]


def test_a_failed_run_counts_as_not_delivered_and_may_be_refunded_whole(play: Play) -> None:
    family(play)["702"] = Standing(S.FAILED, 100, Decimal("0.2"))
    Child.objects.filter(number=2).update(status=S.FAILED)
    Order.objects.filter(pk=play.order.pk).update(remains=1000)
    refund(play.order, "0.86666667")
    assert play.found() == []
    Order.objects.filter(pk=play.order.pk).update(status=S.CANCELED)
    refund(play.order, "1.3")
    Event.objects.create(
        order=play.order, kind=EventKind.DECIDED, at=NOW, data={"decision": Decision.REFUND}
    )
    assert play.found() == []


def test_what_more_was_delivered_of_one_run_does_not_count_for_another() -> None:
    runs = [
        Standing(S.COMPLETED, -40, Decimal(1)),
        Standing(S.PARTIAL, 40, Decimal(1)),
        Standing(S.PARTIAL, -5, Decimal(1)),
    ]
    found = summed(100, 3, runs)
    assert (found.undelivered, found.charge, found.status) == (40, 3, S.PARTIAL)
    assert summed(100, 4, runs[:1]).undelivered == 300


def test_who_is_answered_with_the_id_of_a_run_is_told_whose_it_is(play: Play) -> None:
    order = play.buy(link="https://instagram.com/p/taken", upstream_id="900")
    play.facts.accepted[-1] = replace(play.facts.accepted[-1], said="702")
    Submission.objects.filter(order=order).update(reason="id_taken", answered_at=NOW)
    line = {"order": order, "kind": EventKind.UNCONFIRMED, "at": NOW + timedelta(minutes=2)}
    told = Event.objects.create(
        detail=f"Answered with id 702, which order {play.order.pk} holds.", **line
    )
    assert "taken ids told" not in play.found()
    told.delete()
    Event.objects.create(detail="Answered with id 702, which order unknown holds.", **line)
    assert "taken ids told" in play.found()

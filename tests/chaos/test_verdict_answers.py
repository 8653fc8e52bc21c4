"""Planted violations in what became of lost, strange and late answers."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from orders import history
from orders.enums import EventKind, OrderStatus
from orders.models import Event, Order, Submission
from tests.chaos.facts import LATE_ID, alarms_in
from tests.chaos.planted import Play
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def play() -> Play:
    return Play()


@pytest.mark.parametrize(
    ("fields", "is_wrong"),
    [
        ({"reason": "timeout", "answered_at": NOW}, False),
        ({"reason": "worker_gone"}, False),
        ({"reason": "", "answered_at": NOW}, True),
        ({"reason": "bored", "answered_at": NOW}, True),
        ({"reason": "timeout"}, True),
        ({"reason": "worker_gone", "expires_at": NOW + timedelta(minutes=5)}, True),
    ],
)
def test_what_made_an_order_unconfirmed(play: Play, fields: dict[str, Any], is_wrong: bool) -> None:
    Submission.objects.update(**fields)
    at = NOW + timedelta(seconds=70)
    history.note(play.order.pk, EventKind.UNCONFIRMED, at, status=OrderStatus.UNCONFIRMED)
    assert play.found() == (["unconfirmed explained"] if is_wrong else [])


def _answered_with_another_id(play: Play, **fields: Any) -> Order:
    """One whose provider said "501", which the first order holds; a person found it."""
    order = play.buy(link="https://instagram.com/p/2", upstream_id="502")
    Submission.objects.filter(order=order).update(reason="id_taken", answered_at=NOW)
    Submission.objects.filter(order=order).update(**fields)
    play.facts.accepted.pop()
    play.accepted(order, "502", said="501")
    detail = f"Answered with id 501, which order {play.order.pk} holds."
    at = NOW + timedelta(seconds=70)
    history.note(order.pk, EventKind.UNCONFIRMED, at, status=OrderStatus.UNCONFIRMED, detail=detail)
    return order


def test_an_id_that_another_order_holds_is_honest_once_it_is_told(play: Play) -> None:
    _answered_with_another_id(play)
    assert play.found() == []


def test_an_id_of_another_order_that_was_believed(play: Play) -> None:
    order = _answered_with_another_id(play, reason="")
    assert "taken ids told" in play.found()
    assert f"order {order.pk} was answered with 501, another one's: its submission 1 is" in (
        play.texts()
    )


def test_an_id_of_another_order_that_its_history_does_not_name(play: Play) -> None:
    order = _answered_with_another_id(play)
    Event.objects.filter(order=order).update(detail="Answered with id 501.")
    assert play.found() == ["taken ids told"]


def test_an_id_of_another_order_whose_answer_was_lost_is_honest(play: Play) -> None:
    _answered_with_another_id(play, reason="timeout")
    assert play.found() == []


def test_an_id_said_to_be_taken_that_nobody_had_answered(play: Play) -> None:
    _answered_with_another_id(play)
    play.facts.accepted[-1] = replace(play.facts.accepted[-1], said="")
    assert play.found() == ["taken ids told"]


@pytest.mark.parametrize("missing", ["", "history", "log", "flag"])
def test_a_late_id(play: Play, missing: str) -> None:
    Submission.objects.update(late_upstream_id="500")
    if missing != "history":
        history.note(play.order.pk, EventKind.LATE_ANSWER, NOW, upstream_id="500")
    if missing != "log":
        play.facts.alarms.add((play.order.pk, "500"))
    if missing != "flag":
        Order.objects.update(flag="Came after the decision: the provider made order 500.")
    assert play.found() == (["late ids alarmed"] if missing else [])


def test_the_alarm_is_found_in_a_log_among_other_lines(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    line = {"event": LATE_ID, "order": 7, "upstream_id": "500", "level": "error"}
    log.write_text(f'words\n{{"event": "else"}}\n{json.dumps(line)}\n{json.dumps(line)[:30]}')
    assert set(alarms_in(log)) == {(7, "500")}

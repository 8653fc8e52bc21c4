"""What moves a provider's balance is booked when we learn of it, and sums up to what it keeps."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from orders import movements, progress, review, statuses
from orders.enums import Decision, MovementKind, OrderStatus, SubmissionOutcome
from orders.models import Movement, Order, Submission
from orders.progress import Report
from orders.submission import answers
from orders.upstream.client import Added
from orders.upstream.errors import AnswerUnknown, Exchange
from tests.support import factories

pytestmark = pytest.mark.django_db

NOW = factories.NOW
LATER = NOW + timedelta(minutes=30)


def submitted(order: Order, outcome: SubmissionOutcome = SubmissionOutcome.OPEN) -> Submission:
    return Submission.objects.create(
        order=order,
        provider=order.provider,
        number=1,
        outcome=outcome,
        claimed_at=NOW - timedelta(seconds=40),
        sent_at=None if outcome == SubmissionOutcome.OPEN else NOW - timedelta(seconds=35),
        expires_at=NOW + timedelta(seconds=20),
    )


def bought(**fields: Any) -> Order:
    """An order whose charge of 1 is booked."""
    order = factories.order(status=OrderStatus.IN_PROGRESS, **fields)
    movements.charged(order, submitted(order, SubmissionOutcome.CREATED), now=NOW)
    return order


def tell(order: Order, word: str, charge: str | None, remains: int | None = None, at: Any = LATER):
    figure = None if charge is None else Decimal(charge)
    report = Report(order.pk, word, figure, "", None, remains, "", at)
    progress.apply([report], now=at)


def booked(order: Order) -> list[tuple[str, Decimal]]:
    return [(row.kind, row.amount) for row in order.movements.order_by("pk")]


def total(order: Order) -> Decimal:
    return order.movements.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


# ── Charges ──────────────────────────────────────────────────────────────────────────────────


def test_an_accepted_order_is_charged_as_quoted_between_first_byte_and_answer() -> None:
    order = factories.order(status=OrderStatus.SENDING)
    submission = submitted(order)
    exchange = Exchange(200, '{"order": 7}', 12, 3000, True)
    answers.record(submission.pk, Added("7", None, "", exchange), NOW)
    (row,) = order.movements.all()
    assert (row.kind, row.amount, row.provider_id) == ("charge", Decimal(-1), order.provider_id)
    assert (row.begun_at, row.at) == (NOW - timedelta(seconds=3), NOW)


def test_an_unknown_answer_books_nothing_until_a_person_finds_it() -> None:
    order = factories.order(status=OrderStatus.SENDING)
    submission = submitted(order)
    answers.record(submission.pk, AnswerUnknown("timeout", None), NOW)
    assert booked(order) == []
    boss = factories.admin().user
    ruling = review.Ruling(
        Decision.FOUND, "there", boss, "777", seen_at=factories.seen(order, boss, LATER)
    )
    review.decide(order, ruling, now=LATER)
    (row,) = order.movements.all()
    assert (row.amount, row.at, row.recorded_at) == (Decimal(-1), NOW, LATER)


def test_an_id_that_comes_after_the_decision_is_a_charge_all_the_same() -> None:
    order = factories.order(status=OrderStatus.UNCONFIRMED)
    submission = submitted(order, SubmissionOutcome.UNKNOWN)
    boss = factories.admin().user
    review.decide(order, review.Ruling(Decision.GIVE_UP, "gone", boss), now=NOW)
    answers.record(submission.pk, Added("777", None, "", Exchange(200, "", 0, 1, True)), LATER)
    assert booked(order) == [("charge", Decimal(-1))]


# ── What reports say ─────────────────────────────────────────────────────────────────────────


def test_a_first_charge_that_is_not_the_quoted_one_was_taken_with_the_order() -> None:
    order = bought()
    tell(order, "In progress", "1.2", 400)
    charge, correction = order.movements.order_by("pk")
    assert (correction.kind, correction.amount) == ("correction", Decimal("-0.2"))
    assert (correction.begun_at, correction.at) == (charge.begun_at, charge.at)
    assert correction.recorded_at == LATER


def test_a_charge_as_quoted_books_nothing_more() -> None:
    order = bought()
    tell(order, "In progress", "1", 400)
    tell(order, "Completed", "1.00", 0, LATER + timedelta(minutes=1))
    assert booked(order) == [("charge", Decimal(-1))]


@pytest.mark.parametrize(
    ("word", "charge", "remains", "kept"),
    [
        ("Canceled", "0", 1000, "0"),  # lowered to the net
        ("Canceled", "1", 1000, "0"),  # left whole, though it pays back
        ("Refunded", None, 1000, "0"),
        ("Partial", "0.75", 250, "0.75"),
        ("Partial", "1", 250, "0.75"),
        ("Partial", None, 250, "0.75"),
        ("Partial", "1", None, "1"),  # nobody says how much is left
        ("Failed", "1", 1000, "1"),
    ],
)
def test_what_comes_back_is_booked_however_the_provider_tells_its_charge(
    word: str, charge: str | None, remains: int | None, kept: str
) -> None:
    order = bought()
    tell(order, "In progress", "1", 1000, NOW + timedelta(minutes=1))
    tell(order, word, charge, remains)
    assert total(order) == -Decimal(kept)
    if Decimal(kept) < 1:
        returned = order.movements.order_by("pk").last()
        assert returned is not None and returned.kind == MovementKind.RETURN
        assert returned.at == LATER
        assert NOW < returned.begun_at < LATER


def test_movements_always_sum_up_to_what_the_provider_keeps() -> None:
    order = bought()
    story = [
        ("Pending", "0", None),
        ("In progress", "1.2", 700),
        ("Completed", "1.2", 0),
        ("Partial", "0.84", 300),
        ("Canceled", "0.84", 1000),
    ]
    for minutes, (word, charge, remains) in enumerate(story, 1):
        tell(order, word, charge, remains, NOW + timedelta(minutes=minutes))
        order.refresh_from_db()
        kept = statuses.charge_kept(
            order.upstream_status,
            order.expected_charge_upstream,
            order.charge_upstream,
            order.remains,
            order.delivery_total,
        )
        assert total(order) == -kept, word
    assert total(order) == 0


def test_a_person_who_says_how_much_remains_says_how_much_came_back() -> None:
    order = bought()
    tell(order, "Partial", "1", None)
    order.refresh_from_db()
    ruling = review.Ruling(Decision.PARTIAL, "they say 250", factories.admin().user, remains=250)
    review.decide(order, ruling, now=LATER + timedelta(minutes=1))
    assert total(order) == Decimal("-0.75")


def test_reports_of_many_orders_ask_as_much_as_of_one() -> None:
    def count(orders: list[Order]) -> int:
        reports = [
            Report(order.pk, "In progress", Decimal("0.8"), "", None, 400, "", LATER)
            for order in orders
        ]
        with CaptureQueriesContext(connection) as queries:
            progress.apply(reports, now=LATER)
        return len(queries)

    service = factories.service()
    assert count([bought(of=service)]) == count([bought(of=service) for _ in range(5)])


# ── For good ─────────────────────────────────────────────────────────────────────────────────


def test_a_movement_can_neither_be_changed_nor_deleted() -> None:
    row = bought().movements.get()
    for change in (lambda: Movement.objects.update(amount=-2), row.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()

"""Claims that expire, answers that come late, and what forbids sending."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from orders import review, submission
from orders.enums import (
    Decision,
    EventKind,
    HoldReason,
    OrderStatus,
    PauseReason,
    SubmissionOutcome,
)
from orders.errors import NotAllowed, StateChanged
from orders.models import Event, Offer, Order, Panel, Provider, ProviderState, Service, Submission
from orders.moments import Stopwatch
from orders.submission import answers, claims
from orders.upstream.client import Added
from orders.upstream.errors import AnswerUnknown, Exchange, NotSent
from tests.support import factories
from tests.support.simulator import RunningSimulator

pytestmark = pytest.mark.django_db

Waiting = Callable[..., Order]
Later = Callable[..., datetime]

HEARD = Exchange(http_status=200, body='{"order": 777}', body_bytes=14, elapsed_ms=40, written=True)


def added(upstream_id: str) -> Added:
    return Added(upstream_id=upstream_id, charge=None, currency="", exchange=HEARD)


def expired_claim(order: Order, moment: datetime) -> Submission:
    claim = claims.claim(order.pk, moment)
    assert claim is not None
    Submission.objects.filter(pk=claim.submission.pk).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )
    assert submission.expire_claims(moment) == 1
    order.refresh_from_db()
    return claim.submission


def test_only_one_of_two_claims_is_given(waiting: Waiting, moment: datetime) -> None:
    order = waiting()

    assert claims.claim(order.pk, moment) is not None
    assert claims.claim(order.pk, moment) is None


def test_an_open_claim_is_left_alone_until_it_expires(waiting: Waiting, moment: datetime) -> None:
    claims.claim(waiting().pk, moment)

    assert submission.expire_claims(moment + timedelta(days=1)) == 0, "leases read the real clock"


def test_an_expired_claim_is_unconfirmed(waiting: Waiting, moment: datetime) -> None:
    order = waiting()
    expired_claim(order, moment)

    assert order.status == OrderStatus.UNCONFIRMED
    assert Submission.objects.get(order=order).reason == "worker_gone"


class Hung(Stopwatch):
    """The database hangs for 20 seconds."""

    @property
    def seconds(self) -> float:
        return 20.0


def test_an_expiry_is_stamped_with_its_own_moment(
    waiting: Waiting, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a claim would look given up before it ran out."""
    order = waiting()
    monkeypatch.setattr(answers, "Stopwatch", Hung)
    expired_claim(order, moment)

    assert order.status_at == moment + timedelta(seconds=20)


def test_a_claim_is_stamped_with_its_own_moment(
    waiting: Waiting, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would look older than another worker's, made and dismissed meanwhile."""
    monkeypatch.setattr(claims, "Stopwatch", Hung)
    claim = claims.claim(waiting().pk, moment)

    assert claim is not None
    assert claim.submission.claimed_at == moment + timedelta(seconds=20)


def test_an_answer_is_not_stamped_before_a_claim_that_took_long(
    waiting: Waiting, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = claims.claim

    def slow(order_id: int, now: datetime, *, probing: bool = False) -> claims.Claim | None:
        made = claim(order_id, now, probing=probing)
        time.sleep(0.3)
        return made

    monkeypatch.setattr(claims, "claim", slow)
    order = waiting()
    assert submission.submit_order(order.pk, moment) == SubmissionOutcome.CREATED

    answered_at = Submission.objects.get(order=order).answered_at
    assert answered_at is not None
    assert answered_at >= moment + timedelta(seconds=0.3)


def test_a_late_id_resolves_its_own_order(waiting: Waiting, moment: datetime) -> None:
    order = waiting()
    late = expired_claim(order, moment)

    assert answers.record(late.pk, added("777"), moment) == SubmissionOutcome.CREATED

    order.refresh_from_db()
    assert (order.status, order.upstream_id) == (OrderStatus.PENDING, "777")


def test_a_late_id_that_another_order_holds_is_told_to_whoever_decides(
    waiting: Waiting, moment: datetime
) -> None:
    holder, order = waiting(), waiting()
    Order.objects.filter(pk=holder.pk).update(status=OrderStatus.PENDING, upstream_id="777")
    late = expired_claim(order, moment)

    assert answers.record(late.pk, added("777"), moment) == SubmissionOutcome.UNKNOWN

    told = Event.objects.filter(order=order, kind=EventKind.UNCONFIRMED).order_by("pk")
    assert [one.detail for one in told] == [
        "The worker that sent it is gone; its answer was never seen.",
        f"Answered with id 777, which order {holder.pk} holds.",
    ]


def test_a_stalled_worker_that_never_wrote_puts_the_order_back(
    waiting: Waiting, moment: datetime
) -> None:
    order = waiting()
    late = expired_claim(order, moment)

    answers.record(late.pk, NotSent("late"), moment)

    order.refresh_from_db()
    assert order.status == OrderStatus.WAITING


def test_an_id_after_a_decision_is_kept_apart_and_raises_the_alarm(
    waiting: Waiting, moment: datetime
) -> None:
    order = waiting()
    late = expired_claim(order, moment)
    boss = factories.owner(daily_limit=Decimal(1000))
    review.decide(order, review.Ruling(Decision.GIVE_UP, "not there", boss.user), now=moment)

    answers.record(late.pk, added("777"), moment)

    order.refresh_from_db()
    late.refresh_from_db()
    assert order.status == OrderStatus.CANCELED
    assert order.upstream_id is None
    assert order.refunded == order.price
    assert late.outcome == SubmissionOutcome.DISMISSED
    assert late.late_upstream_id == "777"
    assert "777" in order.flag
    assert Event.objects.filter(order=order, kind=EventKind.LATE_ANSWER).count() == 1


def test_an_answer_of_the_first_sending_does_not_touch_the_second(
    waiting: Waiting, simulator: RunningSimulator, moment: datetime
) -> None:
    order = waiting()
    first = expired_claim(order, moment)
    boss = factories.owner()
    ruling = review.Ruling(
        Decision.SEND_ANEW,
        "not there",
        boss.user,
        seen_at=factories.seen(order, boss.user, moment),
    )
    review.decide(order, ruling, now=moment)
    second = claims.claim(order.pk, moment)
    assert second is not None

    answers.record(first.pk, added("777"), moment)

    order.refresh_from_db()
    assert order.status == OrderStatus.SENDING
    assert order.upstream_id is None
    assert "777" in order.flag


def test_the_same_unknown_answer_twice_counts_once(
    waiting: Waiting, bulkhaus: Provider, moment: datetime
) -> None:
    claim = claims.claim(waiting().pk, moment)
    assert claim is not None
    for _ in range(2):
        answers.record(claim.submission.pk, AnswerUnknown("timeout", HEARD), moment)

    assert ProviderState.objects.get(provider=bulkhaus).unknown_streak == 1


def test_a_rise_of_the_cost_holds_the_order_until_an_admin_allows_the_loss(
    waiting: Waiting, followers: Service, simulator: RunningSimulator, moment: datetime
) -> None:
    order = waiting()
    offer = followers.offer
    offer.rate *= 3
    offer.save()
    submission.submit_due(moment)
    order.refresh_from_db()
    assert (order.status, order.hold) == (OrderStatus.WAITING, HoldReason.PRICE)
    assert simulator.log() == []

    clerk, seen = factories.staff(), order.expected_cost * 3 - order.price
    with pytest.raises(NotAllowed):
        submission.allow_loss(order, seen=seen, by=clerk.user, now=moment, reason="please")
    owner = factories.owner().user
    loss = submission.allow_loss(order, seen=seen, by=owner, now=moment, reason="promised")
    assert loss == seen
    submission.submit_due(moment)

    order.refresh_from_db()
    assert order.status == OrderStatus.PENDING


def test_a_permission_covers_no_more_than_the_loss_that_was_seen(
    waiting: Waiting, followers: Service, moment: datetime
) -> None:
    order = waiting()
    offer = followers.offer
    offer.rate *= 3
    offer.save()
    submission.submit_due(moment)
    owner, seen = factories.owner().user, order.expected_cost * 3 - order.price
    with pytest.raises(StateChanged, match="grown"):
        submission.allow_loss(order, seen=seen / 2, by=owner, now=moment, reason="promised")
    submission.allow_loss(order, seen=seen, by=owner, now=moment, reason="promised")
    offer.rate *= 2
    offer.save()

    assert submission.submit_order(order.pk, moment) == ""
    order.refresh_from_db()
    assert order.hold == HoldReason.PRICE


def test_nothing_is_sent_on_a_cost_that_is_not_fresh(
    waiting: Waiting, bulkhaus: Provider, moment: datetime
) -> None:
    order = waiting()
    ProviderState.objects.filter(provider=bulkhaus).update(
        catalog_read_at=moment - timedelta(hours=2)
    )

    assert submission.submit_due(moment).total == 0
    assert claims.claim(order.pk, moment) is None


def test_a_stopped_provider_or_panel_sends_nothing(
    waiting: Waiting, bulkhaus: Provider, moment: datetime
) -> None:
    order = waiting()
    Provider.objects.update(not_sent=True)
    assert claims.claim(order.pk, moment) is None
    Provider.objects.update(not_sent=False)
    Panel.objects.update(not_sent=True)
    assert claims.claim(order.pk, moment) is None
    Panel.objects.update(not_sent=False)
    assert claims.claim(order.pk, moment) is not None


def test_an_order_of_a_paused_service_waits(
    waiting: Waiting, followers: Service, moment: datetime
) -> None:
    order = waiting()
    Service.objects.update(pause=PauseReason.STAFF)

    assert claims.claim(order.pk, moment) is None
    order.refresh_from_db()
    assert order.hold == HoldReason.SERVICE_PAUSED


def test_an_order_is_judged_by_its_own_offer_and_not_by_where_its_service_is_bought_now(
    waiting: Waiting, followers: Service, bulkhaus: Provider, moment: datetime
) -> None:
    first, second, third = waiting(), waiting(), waiting()
    Service.objects.update(offer=factories.offer(bulkhaus), pause=PauseReason.GONE)
    assert claims.claim(first.pk, moment) is not None

    Service.objects.update(pause=PauseReason.STAFF)
    assert claims.claim(second.pk, moment) is None

    Service.objects.update(pause="")
    Offer.objects.filter(pk=followers.offer.pk).update(service_type="comments")
    assert claims.claim(third.pk, moment) is None
    third.refresh_from_db()
    assert (third.hold, third.hold_detail) == ("service_paused", "Provider changed its type")


def test_a_held_order_is_sent_when_it_is_released(
    waiting: Waiting, simulator: RunningSimulator, moment: datetime
) -> None:
    order, clerk = waiting(), factories.staff(sees_all_customers=True)
    submission.hold(order, by=clerk.user, now=moment, reason="asks the client first")
    submission.submit_due(moment)
    assert simulator.log() == []

    submission.release(order, by=clerk.user, now=moment)
    submission.submit_due(moment)
    assert len(simulator.log()) == 1


def test_what_waits_for_two_days_is_canceled_and_refunded(waiting: Waiting, later: Later) -> None:
    order = waiting()
    Order.objects.update(waiting_since=later())

    assert submission.expire_waiting(later(hours=47)) == 0
    assert submission.expire_waiting(later(hours=49)) == 1
    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELED
    assert order.refunded == order.price
    assert Event.objects.filter(order=order, kind=EventKind.EXPIRED).exists()

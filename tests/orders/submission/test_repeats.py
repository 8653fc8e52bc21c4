"""A lost answer asked for again with the same key: only where that is declared to be harmless."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from orders import providers, review, sql, submission
from orders.enums import OrderStatus, ProviderHold, RefusalFamily, SubmissionOutcome
from orders.models import Event, Order, Provider, ProviderState, Submission, Transfer
from orders.submission import Outlook, answers, repeating, repeats
from orders.upstream.errors import AnswerUnknown, Exchange, NotSent, Refused
from orders.upstream.replies import Added
from tests.support.simulator import RunningSimulator

pytestmark = pytest.mark.django_db

FIELD = "request_id"
Waiting = Callable[..., Order]
Later = Callable[..., datetime]


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    """A provider that remembers keys: the same one is answered with the same order."""
    with RunningSimulator(idempotency_field=FIELD, services=20) as running:
        yield running


@pytest.fixture
def bulkhaus(bulkhaus: Provider) -> Provider:
    # Patient: none of these answers is lost by being late, however busy the machine is.
    patience = {"connect_timeout": 20, "read_timeout": 20, "total_timeout": 20}
    values = patience | {"idempotency_field": FIELD}
    providers.change(bulkhaus, by=None, now=timezone.now(), **values)
    return bulkhaus


def lose(order: Order, now: datetime) -> Submission:
    """Send it, and lose the answer."""
    submission.submit_order(order.pk, now)
    order.refresh_from_db()
    assert order.status == OrderStatus.UNCONFIRMED
    ProviderState.objects.update(hold="", unknown_streak=0, probe_after=None)
    return Submission.objects.get(order=order)


def keys(simulator: RunningSimulator) -> list[str]:
    return [entry["params"][FIELD] for entry in simulator.log()]


def test_the_order_that_was_made_is_found_by_its_key_and_none_is_made_again(
    waiting: Waiting, simulator: RunningSimulator, moment: datetime, later: Later
) -> None:
    order = waiting("fault-reset-after-once")
    lost, paid = lose(order, moment), Transfer.objects.count()

    assert submission.repeat_lost(later(seconds=10)).total == 0, "not at once"
    assert str(submission.repeat_lost(later(minutes=1))) == "1 created"

    order.refresh_from_db()
    assert [str(entry["order"]) for entry in simulator.log()] == [order.upstream_id]
    assert simulator.counts()["add"] == 2
    assert keys(simulator) == [lost.idempotency_key]
    assert order.status == OrderStatus.PENDING
    assert Submission.objects.get(order=order).outcome == SubmissionOutcome.CREATED
    assert Transfer.objects.count() == paid
    assert submission.repeat_lost(later(hours=1)).total == 0


def test_what_never_arrived_is_made_by_the_repeat(
    waiting: Waiting, simulator: RunningSimulator, moment: datetime, later: Later
) -> None:
    order = waiting("fault-html-502-before-once")
    lose(order, moment)
    assert simulator.log() == []

    submission.repeat_lost(later(minutes=1))

    order.refresh_from_db()
    assert [str(entry["order"]) for entry in simulator.log()] == [order.upstream_id]


def test_every_submission_has_a_key_of_its_own_that_no_number_makes(
    waiting: Waiting, simulator: RunningSimulator, moment: datetime
) -> None:
    for order in (waiting(), waiting()):
        submission.submit_order(order.pk, moment)
    first, second = keys(simulator)
    assert first != second
    assert all(len(key) == 32 for key in (first, second))


# ── Never elsewhere ──────────────────────────────────────────────────────────────────────────


def test_without_a_declared_field_nothing_is_ever_repeated(
    waiting: Waiting, bulkhaus: Provider, moment: datetime, later: Later
) -> None:
    with RunningSimulator(services=20) as plain:
        providers.change(bulkhaus, by=None, now=moment, idempotency_field="", url=plain.url)
        order = waiting("fault-reset-after-once")
        lost = lose(order, moment)
        assert (lost.idempotency_key, lost.repeat_after) == ("", None)
        # Declared afterwards: this one went without a key, and still is never repeated.
        providers.change(bulkhaus, by=None, now=moment, idempotency_field=FIELD)
        for minutes in (1, 10, 30):
            assert submission.repeat_lost(later(minutes=minutes)).total == 0
        assert plain.counts()["add"] == 1
    assert submission.outlook(lost, bulkhaus, moment) == Outlook.NO_KEY


@pytest.mark.parametrize(
    "changes",
    [
        [{"idempotency_field": ""}],
        [{"idempotency_field": "token"}],
        [{"idempotency_field": ""}, {"idempotency_field": FIELD}],
        [{"extra_parameters": {"shop": "2"}}],
        [{"url": "https://other.example/api/v2"}],
        ["key"],
    ],
)
def test_another_account_or_another_field_in_between_ends_the_repeating(
    changes: list[Any],
    waiting: Waiting,
    bulkhaus: Provider,
    simulator: RunningSimulator,
    moment: datetime,
    later: Later,
) -> None:
    order = waiting("fault-reset-after-once")
    lost = lose(order, moment)
    for change in changes:
        if change == "key":
            providers.change_key(bulkhaus, "another-key", by=None, now=moment, tested=False)
        else:
            providers.change(bulkhaus, by=None, now=moment, **change)
    bulkhaus.refresh_from_db()
    assert submission.outlook(lost, bulkhaus, moment) == Outlook.ACCOUNT_CHANGED

    assert submission.repeat_lost(later(minutes=1)).total == 0

    order.refresh_from_db()
    lost.refresh_from_db()
    assert (order.status, lost.repeat_after) == (OrderStatus.UNCONFIRMED, None)
    assert simulator.counts()["add"] == 1


def test_other_changes_of_the_profile_do_not_matter(
    waiting: Waiting, bulkhaus: Provider, moment: datetime, later: Later
) -> None:
    lose(waiting("fault-reset-after-once"), moment)
    providers.change(bulkhaus, by=None, now=moment, batch_size=50, requests_at_once=2)
    assert submission.repeat_lost(later(minutes=1)).outcomes["created"] == 1


@pytest.mark.parametrize("stop", ["switch", "panel", "hold", "pause", "price"])
def test_what_stops_a_first_sending_stops_a_repeat(
    stop: str,
    waiting: Waiting,
    bulkhaus: Provider,
    simulator: RunningSimulator,
    moment: datetime,
    later: Later,
) -> None:
    order = waiting("fault-reset-after-once")
    lose(order, moment)
    if stop == "switch":
        Provider.objects.update(not_sent=True)
    elif stop == "panel":
        from orders.models import Panel

        Panel.objects.update_or_create(pk=1, defaults={"not_sent": True})
    elif stop == "hold":
        ProviderState.objects.update(hold=ProviderHold.FUNDS)
    elif stop == "pause":
        type(order.service).objects.update(pause="staff")
    else:
        type(order.offer).objects.update(rate=order.price * 10)

    assert submission.repeat_lost(later(minutes=1)).total == 0
    order.refresh_from_db()
    assert order.status == OrderStatus.UNCONFIRMED
    assert simulator.counts()["add"] == 1


# ── However it ends ──────────────────────────────────────────────────────────────────────────


def test_a_worker_that_dies_before_it_repeats_leaves_it_unconfirmed_and_repeatable(
    waiting: Waiting, simulator: RunningSimulator, moment: datetime, later: Later
) -> None:
    order = waiting("fault-reset-after-once")
    lost = lose(order, moment)
    assert repeating._claim(lost.pk, later(minutes=1), False)
    order.refresh_from_db()
    assert order.status == OrderStatus.SENDING
    assert review.choices(order) == (), "nobody decides while it is on its way"

    Submission.objects.update(expires_at=moment - timedelta(seconds=1))
    assert submission.expire_claims(later(minutes=2)) == 1
    order.refresh_from_db()
    assert order.status == OrderStatus.UNCONFIRMED

    assert submission.repeat_lost(later(minutes=5)).outcomes["created"] == 1
    order.refresh_from_db()
    assert [str(entry["order"]) for entry in simulator.log()] == [order.upstream_id]


def test_a_worker_that_dies_with_the_answer_in_hand_is_made_good(
    waiting: Waiting,
    simulator: RunningSimulator,
    moment: datetime,
    later: Later,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = waiting()

    def die(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(sql, "insist", die)
    with pytest.raises(KeyboardInterrupt):
        submission.submit_order(order.pk, moment)
    monkeypatch.undo()
    Submission.objects.update(expires_at=moment - timedelta(seconds=1))
    submission.expire_claims(moment)

    assert submission.repeat_lost(later(minutes=1)).outcomes["created"] == 1
    order.refresh_from_db()
    assert [str(entry["order"]) for entry in simulator.log()] == [order.upstream_id]


NO_ID = [
    (NotSent("connect"), 1, ProviderHold.DOWN),
    (NotSent("late"), 1, ""),
    (AnswerUnknown("timeout", Exchange(None, "", 0, 9, True)), 1, ""),
    (
        Refused(RefusalFamily.FUNDS, "Not enough funds", Exchange(200, "{}", 2, 9, True)),
        1,
        ProviderHold.FUNDS,
    ),
    (Refused(RefusalFamily.LINK, "Bad link", Exchange(200, "{}", 2, 9, True)), 0, ""),
    (Refused(RefusalFamily.SERVICE, "Disabled", Exchange(200, "{}", 2, 9, True)), 0, ""),
    (Refused(RefusalFamily.DUPLICATE, "Active", Exchange(200, "{}", 2, 9, True)), 0, ""),
]


@pytest.mark.parametrize(("answer", "again", "hold"), NO_ID)
def test_without_an_id_a_repeat_proves_nothing(
    answer: Any, again: int, hold: str, waiting: Waiting, moment: datetime, later: Later
) -> None:
    order = waiting("fault-reset-after-once")
    lost, paid = lose(order, moment), Transfer.objects.count()
    assert repeating._claim(lost.pk, later(minutes=1), False)

    assert answers.record(lost.pk, answer, later(minutes=1), repeat=1) == "unknown"

    order.refresh_from_db()
    lost.refresh_from_db()
    assert (order.status, order.refunded) == (OrderStatus.UNCONFIRMED, 0)
    assert bool(lost.repeat_after) is bool(again)
    assert ProviderState.objects.get().hold == hold
    assert "Still not known" in Event.objects.filter(order=order).latest("pk").detail
    assert Transfer.objects.count() == paid


@pytest.mark.parametrize(
    "answer",
    [
        NotSent("late"),
        Refused(RefusalFamily.LINK, "Bad link", Exchange(200, "{}", 2, 9, True)),
        AnswerUnknown("timeout", None),
    ],
)
def test_the_first_sending_cannot_undo_its_repeat_by_answering_late(
    answer: Any, waiting: Waiting, moment: datetime, later: Later
) -> None:
    order = waiting("fault-reset-after-once")
    lost = lose(order, moment)
    assert repeating._claim(lost.pk, later(minutes=1), False)

    answers.record(lost.pk, answer, later(minutes=1))

    order.refresh_from_db()
    lost.refresh_from_db()
    assert (order.status, lost.outcome) == (OrderStatus.SENDING, SubmissionOutcome.OPEN)


def test_the_first_sendings_late_id_counts_and_the_repeats_other_id_is_an_alarm(
    waiting: Waiting, moment: datetime, later: Later
) -> None:
    order = waiting("fault-reset-after-once")
    lost = lose(order, moment)
    assert repeating._claim(lost.pk, later(minutes=1), False)
    seen = Exchange(200, "{}", 2, 9, True)

    assert answers.record(lost.pk, Added("501", None, "", seen), later(minutes=1)) == "created"
    answers.record(lost.pk, Added("501", None, "", seen), later(minutes=1), repeat=1)
    order.refresh_from_db()
    assert (order.upstream_id, order.flag) == ("501", "")

    answers.record(lost.pk, Added("502", None, "", seen), later(minutes=1), repeat=1)
    order.refresh_from_db()
    assert order.upstream_id == "501"
    assert "502" in order.flag


def test_it_is_repeated_a_few_times_within_an_hour_and_then_left_to_people(
    waiting: Waiting, simulator: RunningSimulator, moment: datetime, later: Later
) -> None:
    order = waiting("fault-html-502-after")
    lost = lose(order, moment)
    for minutes in range(1, 180):
        ProviderState.objects.update(hold="", unknown_streak=0, probe_after=None)
        submission.repeat_lost(later(minutes=minutes))
    lost.refresh_from_db()
    assert lost.repeats == repeats.MOST
    assert simulator.counts()["add"] == 1 + repeats.MOST
    assert len(simulator.log()) == 1
    assert submission.outlook(lost, order.provider, later(hours=3)) == Outlook.DONE


def test_after_an_hour_the_key_is_not_relied_on(
    waiting: Waiting, simulator: RunningSimulator, moment: datetime, later: Later
) -> None:
    lost = lose(waiting("fault-reset-after-once"), moment)
    assert submission.outlook(lost, lost.provider, later(minutes=61)) == Outlook.DONE
    assert submission.repeat_lost(later(minutes=61)).total == 0
    assert simulator.counts()["add"] == 1


def test_what_a_person_decided_is_not_repeated(
    waiting: Waiting, simulator: RunningSimulator, moment: datetime, later: Later
) -> None:
    lost = lose(waiting("fault-reset-after-once"), moment)
    Submission.objects.filter(pk=lost.pk).update(outcome=SubmissionOutcome.DISMISSED)
    Order.objects.update(status=OrderStatus.WAITING, hold="staff")
    assert submission.repeat_lost(later(minutes=1)).total == 0
    assert simulator.counts()["add"] == 1


def test_an_id_that_another_order_holds_is_not_asked_for_again(
    waiting: Waiting, simulator: RunningSimulator, moment: datetime
) -> None:
    first = waiting()
    submission.submit_order(first.pk, moment)
    lost = lose(waiting("fault-taken-id"), moment)
    assert (lost.reason, lost.repeat_after) == ("id_taken", None)


def test_a_held_provider_is_probed_with_what_can_do_no_harm(
    waiting: Waiting, simulator: RunningSimulator, moment: datetime, later: Later
) -> None:
    lost = lose(waiting("fault-reset-after-once"), moment)
    other = waiting()
    ProviderState.objects.update(hold=ProviderHold.DOWN, probe_after=moment)

    assert submission.probe_providers(later(minutes=1)) == 1

    lost.refresh_from_db()
    other.refresh_from_db()
    assert (lost.outcome, other.status) == (SubmissionOutcome.CREATED, OrderStatus.WAITING)
    assert ProviderState.objects.get().hold == ""


def test_two_workers_repeat_one_once(
    waiting: Waiting, moment: datetime, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = lose(waiting("fault-reset-after-once"), moment)
    begun: list[Any] = []
    monkeypatch.setattr(repeating, "send", lambda claim, watch: begun.append(claim) or "sent")
    for _ in range(2):
        repeating.repeat(lost.pk, later(minutes=1))
    assert len(begun) == 1


def test_repeats_keep_the_first_moment_and_answer_as_evidence(
    waiting: Waiting, moment: datetime, later: Later
) -> None:
    lost = lose(waiting("fault-html-502-after"), moment)
    submission.repeat_lost(later(minutes=1))
    again = Submission.objects.get(pk=lost.pk)
    assert again.repeats == 1
    assert (again.sent_at, again.answer, again.claimed_at) == (
        lost.sent_at,
        lost.answer,
        lost.claimed_at,
    )


# ── What each guard keeps from happening ─────────────────────────────────────────────────────


def claimed_again(lost: Submission, now: datetime, patch: pytest.MonkeyPatch) -> None:
    """A repeat that is on its way."""
    patch.setattr(repeating, "send", lambda claim, watch: "under way")
    assert repeating.repeat(lost.pk, now) == "under way"


def test_a_repeat_on_its_way_has_a_lease_of_its_own(
    waiting: Waiting, moment: datetime, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or it would be given up, and sent a third time, while its answer is waited for."""
    lost = lose(waiting("fault-reset-after-once"), moment)
    Submission.objects.update(expires_at=moment - timedelta(minutes=1))
    claimed_again(lost, later(minutes=1), monkeypatch)
    assert submission.expire_claims(later(minutes=1)) == 0
    assert Submission.objects.get().outcome == SubmissionOutcome.OPEN


def test_what_a_later_answer_looks_like_is_not_kept_as_that_of_the_first(
    waiting: Waiting, moment: datetime, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = lose(waiting("fault-html-502-after"), moment)
    claimed_again(lost, later(minutes=1), monkeypatch)
    said = Exchange(503, "Away", 4, 7, written=True)
    answers.record(lost.pk, AnswerUnknown("html", said), later(minutes=1), repeat=1)
    again = Submission.objects.get()
    assert (again.http_status, again.answer) == (lost.http_status, lost.answer)
    assert lost.answer != "Away"


def test_a_late_first_answer_with_anothers_id_ends_the_repeating(
    waiting: Waiting, moment: datetime, later: Later
) -> None:
    first = waiting()
    submission.submit_order(first.pk, moment)
    first.refresh_from_db()
    lost = lose(waiting("fault-reset-after-once"), moment)
    assert lost.repeat_after is not None
    theirs = Added(str(first.upstream_id), None, "", Exchange(200, "{}", 2, 5, written=True))
    answers.record(lost.pk, theirs, later(seconds=5))
    assert Submission.objects.get(pk=lost.pk).repeat_after is None


@pytest.mark.parametrize(("ago", "again"), [(59, True), (60, False)])
def test_no_repeat_is_planned_for_when_the_key_may_be_forgotten(ago: int, again: bool) -> None:
    now = timezone.now()
    sent = Submission(idempotency_key="k", repeats=0, claimed_at=now - timedelta(minutes=ago))
    assert (repeats.next_after(sent, now) is not None) == again


def test_a_provider_that_wants_no_key_any_more_is_not_the_one_that_got_it() -> None:
    sent = Submission(idempotency_key="k", account_version=1)
    assert repeats.is_same_account(sent, Provider(idempotency_field="key", account_version=1))
    assert not repeats.is_same_account(sent, Provider(account_version=1))


def test_a_probe_repeats_nothing_where_a_person_stopped_sending(
    waiting: Waiting, simulator: RunningSimulator, moment: datetime, later: Later
) -> None:
    lost = lose(waiting("fault-reset-after-once"), moment)
    ProviderState.objects.update(hold=ProviderHold.DOWN, probe_after=moment)
    Provider.objects.update(not_sent=True)
    assert repeating.repeat(lost.pk, later(minutes=1), probing=True) == ""
    assert simulator.counts()["add"] == 1


def test_a_probe_takes_up_nothing_that_another_account_was_told(
    waiting: Waiting, bulkhaus: Provider, moment: datetime, later: Later
) -> None:
    lost = lose(waiting("fault-reset-after-once"), moment)
    assert repeating.oldest_due(Provider.objects.get(), later(minutes=1)) == lost
    Provider.objects.update(account_version=bulkhaus.account_version + 7)
    assert repeating.oldest_due(Provider.objects.get(), later(minutes=1)) is None

"""Refills: offered by rule, sent once, followed to the end."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from orders import followups, refills
from orders.enums import EventKind, OrderStatus, ProviderHold, RefillStatus, RefusalFamily
from orders.errors import Declined, FieldErrors, NotAllowed, StateChanged
from orders.models import Event, Order, Panel, Provider, ProviderState, Refill, Staff, User
from orders.refills import following
from orders.upstream.errors import AnswerUnknown, NotSent, Refused, Unreadable
from orders.upstream.replies import ItemError, RefillReply, RefillStatusReply
from tests.support import factories
from tests.support.pretend import PretendClient
from tests.support.simulator import RunningSimulator

S, R = OrderStatus, RefillStatus
NOW = factories.NOW
SOON = NOW + timedelta(minutes=10)


@pytest.fixture
def mira(db: None) -> Staff:
    return factories.admin("Mira Kovač")


@pytest.fixture
def by(mira: Staff) -> User:
    return mira.user


@pytest.fixture
def completed(db: None) -> Callable[..., Order]:
    """Completed orders of one customer, each asked about by its own id."""
    service = factories.service(factories.offer(refill_days=30))
    buyer = factories.customer(balance="100")
    ended = {"status": S.COMPLETED, "finished_at": NOW - timedelta(days=3)}
    return lambda **more: factories.order(buyer, service, **ended | more)


@pytest.fixture
def requested(completed: Callable[..., Order], by: User) -> Callable[[], Refill]:
    return lambda: refills.request(completed(), by=by, now=NOW)


def fresh(refill: Refill) -> Refill:
    return Refill.objects.select_related("order").get(pk=refill.pk)


def numbered(order: Order, upstream_id: str, status: RefillStatus = R.COMPLETED) -> Refill:
    """One that was sent and got this number."""
    return Refill.objects.create(
        order=order,
        provider=order.provider,
        upstream_id=upstream_id,
        status=status,
        asked_at=NOW,
        changed_at=NOW,
    )


def accept(client: PretendClient, *found: Refill) -> None:
    """The provider takes them, each under a number of its own."""
    for refill in found:
        client.replies[refill.order.upstream_id] = RefillReply(f"r{refill.pk}")


# ── When one is offered ──────────────────────────────────────────────────────────────────────


def test_a_completed_order_can_be_refilled(completed: Callable[..., Order], by: User) -> None:
    order = completed()
    assert refills.why_not_refill(order, NOW) == ""
    refill = refills.request(order, by=by, now=NOW)
    assert (refill.status, refill.asked_by) == (R.REQUESTED, by)
    event = Event.objects.get(order=order, kind=EventKind.REFILL)
    assert (event.person, event.data) == (by, {"refill": refill.pk, "now": "requested"})


def test_the_reason_why_not_is_told(completed: Callable[..., Order], by: User) -> None:
    order = completed()
    running = completed(status=S.IN_PROGRESS, finished_at=None)
    assert "once the order is completed" in refills.why_not_refill(running, NOW)
    late = refills.why_not_refill(order, NOW + timedelta(days=28))
    assert late == "The 30 days for refills ended on 20 Dec 2026."
    refills.request(order, by=by, now=NOW)
    assert "not finished yet" in refills.why_not_refill(order, NOW)
    order.offer.refill = False
    assert refills.why_not_refill(order, NOW) == "No refill on this service."


def test_the_house_may_shorten_the_time(completed: Callable[..., Order]) -> None:
    order = completed()
    order.service.refill_days = 2
    assert refills.refill_until(order) == NOW - timedelta(days=1)
    assert refills.why_not_refill(order, NOW)
    order.service.refill_days = order.offer.refill_days = None
    assert refills.refill_until(order) is None
    assert refills.why_not_refill(order, NOW + timedelta(days=900)) == ""


def test_two_requests_are_one(completed: Callable[..., Order], by: User) -> None:
    order = completed()
    refills.request(order, by=by, now=NOW)
    with pytest.raises(Declined, match="not finished"):
        refills.request(order, by=by, now=NOW)
    assert Refill.objects.count() == 1


def test_nobody_asks_for_a_strangers_order(completed: Callable[..., Order]) -> None:
    stranger = factories.customer("Somebody else", signs_in=True)
    with pytest.raises(NotAllowed):
        refills.request(completed(), by=stranger.user, now=NOW)


# ── Sending ──────────────────────────────────────────────────────────────────────────────────


def test_refills_are_sent_a_hundred_at_a_time(
    pretend: PretendClient, requested: Callable[[], Refill]
) -> None:
    found = [requested() for _ in range(120)]
    accept(pretend, *found)
    assert refills.send_requested(SOON) == 120
    assert [(action, len(ids)) for action, ids in pretend.requests] == [
        ("refill", 100),
        ("refill", 20),
    ]
    assert fresh(found[0]).upstream_id == f"r{found[0].pk}"
    assert set(Refill.objects.values_list("status", flat=True)) == {R.PENDING}
    assert refills.send_requested(SOON) == 0


def test_a_refusal_is_kept_in_the_providers_words(
    pretend: PretendClient, requested: Callable[[], Refill]
) -> None:
    good, bad = requested(), requested()
    accept(pretend, good)
    pretend.replies[bad.order.upstream_id or ""] = ItemError("Refill days are over")
    refills.send_requested(SOON)
    assert fresh(good).status == R.PENDING
    assert (fresh(bad).status, fresh(bad).answer) == (R.REJECTED, "Refill days are over")
    assert fresh(bad).ended_at
    event = Event.objects.filter(order=bad.order).last()
    assert event
    assert (event.detail, event.data["now"]) == ("Refill days are over", "rejected")


def test_a_lost_answer_is_never_sent_again(
    pretend: PretendClient, requested: Callable[[], Refill]
) -> None:
    refill = requested()

    def lose(ids: Sequence[str]) -> None:
        raise AnswerUnknown("timeout")

    pretend.trouble = lose
    refills.send_requested(SOON)
    assert fresh(refill).status == R.UNKNOWN
    pretend.trouble = lambda ids: None
    ProviderState.objects.update(rested_until=None)
    assert refills.send_requested(SOON) == 0
    assert len(pretend.requests) == 1


def test_an_id_that_the_answer_leaves_out_is_unknown(
    pretend: PretendClient, requested: Callable[[], Refill]
) -> None:
    first, second = requested(), requested()
    accept(pretend, first)
    refills.send_requested(SOON)
    assert (fresh(first).status, fresh(second).status) == (R.PENDING, R.UNKNOWN)


def test_one_refusal_beside_an_omission_sends_nothing_again(
    pretend: PretendClient, requested: Callable[[], Refill]
) -> None:
    first, second = requested(), requested()
    pretend.replies[first.order.upstream_id or ""] = ItemError("Incorrect order ID")
    refills.send_requested(SOON)
    assert len(pretend.requests) == 1
    assert (fresh(first).status, fresh(second).status) == (R.REJECTED, R.UNKNOWN)


@pytest.mark.parametrize(
    "error", [NotSent("connect"), Refused(RefusalFamily.KEY, "Invalid API key")]
)
def test_what_was_not_taken_goes_back_and_is_sent_later(
    pretend: PretendClient, requested: Callable[[], Refill], error: Exception
) -> None:
    refill = requested()

    def fail(ids: Sequence[str]) -> None:
        raise error

    pretend.trouble = fail
    assert refills.send_requested(SOON) == 0
    assert (fresh(refill).status, fresh(refill).claim) == (R.REQUESTED, None)
    pretend.trouble = lambda ids: None
    accept(pretend, refill)
    assert refills.send_requested(SOON) == 1
    assert fresh(refill).status == R.PENDING


def test_a_provider_that_knows_the_single_form_only_is_asked_singly(
    pretend: PretendClient, requested: Callable[[], Refill]
) -> None:
    found = [requested() for _ in range(3)]
    accept(pretend, *found)

    def no_batches(ids: Sequence[str]) -> None:
        if len(ids) > 1:
            raise Refused(RefusalFamily.REQUEST, "Incorrect request")

    pretend.trouble = no_batches
    refills.send_requested(SOON)
    assert [fresh(refill).status for refill in found] == [R.PENDING] * 3
    assert [len(ids) for ids in pretend.asked] == [3, 1, 1, 1]


def test_a_lost_answer_among_single_ones_leaves_the_rest_waiting(
    pretend: PretendClient, requested: Callable[[], Refill]
) -> None:
    first, second, third = (requested() for _ in range(3))
    accept(pretend, first, third)

    def trouble(ids: Sequence[str]) -> None:
        if len(ids) > 1:
            raise Refused(RefusalFamily.REQUEST, "Incorrect request")
        if ids == [second.order.upstream_id]:
            raise AnswerUnknown("reset")

    pretend.trouble = trouble
    refills.send_requested(SOON)
    found = [fresh(refill).status for refill in (first, second, third)]
    assert found == [R.PENDING, R.UNKNOWN, R.REQUESTED]


def test_a_claim_whose_sender_is_gone_is_unknown(
    pretend: PretendClient, requested: Callable[[], Refill]
) -> None:
    refill = requested()
    past = timezone.now() - timedelta(seconds=1)
    Refill.objects.update(status=R.SENDING, claim_expires_at=past)
    assert refills.send_requested(SOON) == 0
    assert fresh(refill).status == R.UNKNOWN
    assert pretend.requests == []


def test_an_answer_that_comes_after_its_claim_ran_out_still_counts(
    pretend: PretendClient, requested: Callable[[], Refill]
) -> None:
    refill = requested()
    accept(pretend, refill)

    def slow(ids: Sequence[str]) -> None:
        Refill.objects.update(claim_expires_at=timezone.now() - timedelta(seconds=1))
        assert followups.expire_claims(refills.KIND, SOON) == 1
        assert fresh(refill).status == R.UNKNOWN

    pretend.trouble = slow
    refills.send_requested(SOON)
    assert fresh(refill).status == R.PENDING


def test_an_answer_that_comes_after_a_person_settled_changes_nothing(
    pretend: PretendClient, requested: Callable[[], Refill], by: User
) -> None:
    refill = requested()
    accept(pretend, refill)

    def slow(ids: Sequence[str]) -> None:
        Refill.objects.update(status=R.UNKNOWN)
        refills.settle(refill, by=by, now=SOON, reason="Not in their panel")

    pretend.trouble = slow
    refills.send_requested(SOON)
    assert fresh(refill).status == R.FAILED


def test_nothing_is_sent_to_a_stopped_or_silent_provider(
    pretend: PretendClient, requested: Callable[[], Refill]
) -> None:
    refill = requested()
    accept(pretend, refill)
    Panel.objects.update(not_sent=True)
    assert refills.send_requested(SOON) == 0
    Panel.objects.update(not_sent=False)
    Provider.objects.update(not_sent=True)
    assert refills.send_requested(SOON) == 0
    Provider.objects.update(not_sent=False)
    ProviderState.objects.update(hold=ProviderHold.KEY)
    assert refills.send_requested(SOON) == 0
    ProviderState.objects.update(hold=ProviderHold.FUNDS)
    assert refills.send_requested(SOON) == 1, "a refill costs nothing"


# ── A person settles ─────────────────────────────────────────────────────────────────────────


@pytest.fixture
def lost(requested: Callable[[], Refill]) -> Refill:
    refill = requested()
    Refill.objects.update(status=R.UNKNOWN)
    return refill


def test_a_lost_refill_was_taken_after_all(lost: Refill, by: User) -> None:
    settled = refills.settle(lost, by=by, now=SOON, reason="Seen in their panel", upstream_id="77")
    assert (settled.status, settled.upstream_id) == (R.PENDING, "77")
    event = Event.objects.filter(order=lost.order).last()
    assert event
    assert (event.person, event.detail) == (by, "Seen in their panel")


def test_a_lost_refill_that_never_arrived_may_be_asked_for_again(lost: Refill, by: User) -> None:
    refills.settle(lost, by=by, now=SOON, reason="Not in their panel")
    assert fresh(lost).status == R.FAILED
    refills.request(lost.order, by=by, now=SOON)


def test_settling_wants_a_reason_and_a_refill_that_is_open(lost: Refill, by: User) -> None:
    with pytest.raises(FieldErrors):
        refills.settle(lost, by=by, now=SOON, reason=" ")
    refills.settle(lost, by=by, now=SOON, reason="Not there")
    with pytest.raises(StateChanged):
        refills.settle(lost, by=by, now=SOON, reason="Not there")


@pytest.mark.parametrize("status", [R.PENDING, R.COMPLETED, R.REJECTED])
def test_a_number_that_another_refill_has_cannot_be_typed(
    lost: Refill, by: User, completed: Callable[..., Order], status: RefillStatus
) -> None:
    other = numbered(completed(), "77", status)
    with pytest.raises(FieldErrors) as refused:
        refills.settle(lost, by=by, now=SOON, reason="Seen there", upstream_id=" 77 ")
    said = f"The refill of order {other.order_id} already has this number."
    assert refused.value.errors == {"upstream_id": said}
    assert (fresh(lost).status, fresh(lost).upstream_id) == (R.UNKNOWN, "")
    refills.settle(lost, by=by, now=SOON, reason="Seen there", upstream_id="78")
    assert fresh(lost).upstream_id == "78"


def test_a_customer_settles_nothing(lost: Refill) -> None:
    buyer = lost.order.customer
    buyer.user = factories.user()
    buyer.save()
    with pytest.raises(NotAllowed):
        refills.settle(lost, by=buyer.user, now=SOON, reason="I say so")


# ── Following ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def pending(requested: Callable[[], Refill]) -> Callable[[], Refill]:
    def make() -> Refill:
        refill = requested()
        Refill.objects.filter(pk=refill.pk).update(status=R.PENDING, upstream_id=f"r{refill.pk}")
        return fresh(refill)

    return make


def test_refills_are_polled_a_hundred_at_a_time_until_they_end(
    pretend: PretendClient, pending: Callable[[], Refill]
) -> None:
    found = [pending() for _ in range(130)]
    pretend.replies = {refill.upstream_id: RefillStatusReply("Completed") for refill in found}
    pretend.replies[found[3].upstream_id] = RefillStatusReply("Rejected")
    pretend.replies[found[4].upstream_id] = RefillStatusReply("In progress")
    assert refills.poll(SOON) == 130
    assert sorted(len(ids) for ids in pretend.asked) == [30, 100]
    assert fresh(found[3]).status == R.REJECTED
    assert fresh(found[0]).ended_at
    assert (fresh(found[4]).status, fresh(found[4]).ended_at) == (R.IN_PROGRESS, None)
    pretend.requests.clear()
    refills.poll(SOON + timedelta(minutes=6))
    assert pretend.asked == [[found[4].upstream_id]]


def test_refills_have_a_pace(pretend: PretendClient, pending: Callable[[], Refill]) -> None:
    refill = pending()
    pretend.replies[refill.upstream_id] = RefillStatusReply("Pending")
    refills.poll(SOON)
    refills.poll(SOON + timedelta(minutes=1))
    assert len(pretend.requests) == 1
    refills.poll(SOON + timedelta(minutes=1), all_now=True)
    assert len(pretend.requests) == 2


def test_unknown_words_and_item_errors_end_nothing(
    pretend: PretendClient, pending: Callable[[], Refill]
) -> None:
    odd, gone, good = pending(), pending(), pending()
    pretend.replies = {
        odd.upstream_id: RefillStatusReply("Sideways"),
        gone.upstream_id: ItemError("Refill not found"),
        good.upstream_id: RefillStatusReply("Completed"),
    }
    refills.poll(SOON)
    assert (fresh(odd).status, fresh(odd).answer) == (R.PENDING, "Sideways")
    assert (fresh(gone).status, fresh(gone).answer) == (R.PENDING, "Refill not found")
    assert fresh(good).status == R.COMPLETED


def test_one_rotten_refill_does_not_spoil_the_others(
    pretend: PretendClient, pending: Callable[[], Refill]
) -> None:
    found = [pending() for _ in range(20)]
    pretend.replies = {refill.upstream_id: RefillStatusReply("Completed") for refill in found}

    def spoil(ids: Sequence[str]) -> None:
        if found[5].upstream_id in ids:
            raise Unreadable("html")

    pretend.trouble = spoil
    assert refills.poll(SOON) == 20
    rotten = fresh(found[5])
    assert (rotten.status, rotten.answer) == (R.PENDING, "What was said about it cannot be read.")
    assert fresh(found[6]).status == R.COMPLETED


def test_a_refill_that_is_left_out_says_so(
    pretend: PretendClient, pending: Callable[[], Refill]
) -> None:
    refill = pending()
    pretend.replies = {}
    assert refills.poll(SOON) == 1
    assert (fresh(refill).status, fresh(refill).answer) == (R.PENDING, "Nothing was said about it.")
    pretend.replies = {refill.upstream_id: RefillStatusReply("Pending")}
    refills.poll(SOON + timedelta(minutes=10))
    assert fresh(refill).answer == ""


def test_a_number_that_another_refill_has_is_not_taken_over(
    pretend: PretendClient, requested: Callable[[], Refill]
) -> None:
    """Both would be asked about as one, and one's end would be taken for the other's."""
    first, second, third = requested(), requested(), requested()
    accept(pretend, third)
    for refill in (first, second):
        pretend.replies[refill.order.upstream_id] = RefillReply("77")
    refills.send_requested(SOON)
    assert [fresh(one).upstream_id for one in (first, second)] == ["77", ""]
    told = f"Answered with number 77, which that of order {first.order_id} has."
    assert (fresh(second).status, fresh(second).answer) == (R.PENDING, told)
    assert list(Refill.objects.filter(refills.LOST)) == [second], "a person says what became of it"
    assert fresh(third).upstream_id


def test_nor_one_that_a_refill_had_which_has_ended(
    pretend: PretendClient, requested: Callable[[], Refill], completed: Callable[..., Order]
) -> None:
    """It would end with the first answer about it."""
    ended = numbered(completed(), "77")
    again = requested()
    pretend.replies[again.order.upstream_id] = RefillReply("77")
    refills.send_requested(SOON)
    told = f"Answered with number 77, which that of order {ended.order_id} has."
    assert (fresh(again).status, fresh(again).upstream_id) == (R.PENDING, "")
    assert fresh(again).answer == told


def test_a_number_of_another_provider_is_another_number(
    pretend: PretendClient, requested: Callable[[], Refill]
) -> None:
    elsewhere = factories.order(
        of=factories.service(factories.offer(factories.provider("Elsewhere")))
    )
    numbered(elsewhere, "77")
    refill = requested()
    pretend.replies[refill.order.upstream_id] = RefillReply("77")
    refills.send_requested(SOON)
    assert fresh(refill).upstream_id == "77"


def test_from_request_to_completion_against_the_simulator(
    simulator: RunningSimulator, by: User
) -> None:
    row = next(
        row
        for row in simulator.call("services")
        if row["type"] == "Default" and row["refill"] and int(row["min"]) <= 1000 <= int(row["max"])
    )
    bulkhaus = factories.provider(url=simulator.url, key=simulator.key)
    offer = factories.offer(bulkhaus, upstream_id=str(row["service"]), rate=Decimal(row["rate"]))
    link = "https://instagram.com/p/1"
    added = simulator.call("add", service=row["service"], link=link, quantity=1000)
    upstream_id = str(added["order"])
    simulator.set_order(upstream_id, status="Completed", remains=0)
    simulator.set_clock(timezone.now() + timedelta(days=1))
    order = factories.order(
        of=factories.service(offer), status=S.COMPLETED, upstream_id=upstream_id, finished_at=NOW
    )
    refill = refills.request(order, by=by, now=NOW)
    assert refills.send_requested(timezone.now()) == 1
    assert fresh(refill).status == R.PENDING
    simulator.set_clock(timezone.now() + timedelta(days=3))
    assert refills.poll(timezone.now()) == 1
    assert fresh(refill).status == R.COMPLETED
    story = [event.data["now"] for event in Event.objects.filter(order=order).order_by("pk")]
    assert story == ["requested", "pending", "completed"]


# ── Numbers that were wrong ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [R.PENDING, R.IN_PROGRESS, R.COMPLETED, R.REJECTED, R.FAILED])
def test_a_wrong_number_is_corrected_and_followed_from_the_beginning(
    completed: Callable[..., Order], status: R
) -> None:
    refill, boss = numbered(completed(), "r-1", status), factories.admin().user
    refills.renumber(refill, upstream_id=" r-2 ", by=boss, now=SOON, reason="It was another's")
    assert (refill.upstream_id, refill.status, refill.ended_at) == ("r-2", R.PENDING, None)
    event = Event.objects.get(order=refill.order, kind=EventKind.REFILL)
    assert event.detail == "Its number was r-1: It was another's"
    assert list(following._to_poll()) == [refill]


def test_an_answer_about_the_wrong_number_comes_too_late(
    completed: Callable[..., Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    refill, boss = numbered(completed(), "r-1", R.PENDING), factories.admin().user
    asked = (refill.pk, refill.order_id, "r-1", R.PENDING, "")
    refills.renumber(refill, upstream_id="r-2", by=boss, now=SOON, reason="x")
    assert following._apply(asked, RefillStatusReply("Completed"), SOON) == 0
    refill.refresh_from_db()
    assert (refill.status, refill.upstream_id) == (R.PENDING, "r-2")


def test_a_number_is_corrected_with_care(completed: Callable[..., Order]) -> None:
    order, boss = completed(), factories.admin().user
    blind = factories.staff(sees_all_customers=True).user
    refill = numbered(order, "r-1", R.PENDING)
    other = numbered(completed(), "r-9")
    lost = numbered(completed(), "", R.UNKNOWN)

    def wrong(row: Refill, who: User = boss, **said: str) -> dict[str, str]:
        given = {"upstream_id": "r-2", "reason": "x"} | said
        with pytest.raises(FieldErrors) as caught:
            refills.renumber(row, by=who, now=SOON, **given)
        return caught.value.errors

    assert wrong(refill, reason=" ").keys() == {"reason"}
    assert wrong(refill, upstream_id="").keys() == {"upstream_id"}
    assert wrong(refill, upstream_id="r-1")["upstream_id"] == "It has this number already."
    assert str(other.order_id) in wrong(refill, upstream_id="r-9")["upstream_id"]
    with pytest.raises(StateChanged):
        refills.renumber(lost, upstream_id="r-5", by=boss, now=SOON, reason="x")
    with pytest.raises(NotAllowed):
        refills.renumber(refill, upstream_id="r-5", by=blind, now=SOON, reason="x")


def test_an_ended_one_is_not_followed_beside_another(completed: Callable[..., Order]) -> None:
    order, boss = completed(), factories.admin().user
    ended = numbered(order, "r-1", R.REJECTED)
    refills.request(order, by=boss, now=NOW)
    with pytest.raises(StateChanged, match="not finished yet"):
        refills.renumber(ended, upstream_id="r-2", by=boss, now=SOON, reason="x")
    ended.refresh_from_db()
    assert (ended.status, ended.upstream_id) == (R.REJECTED, "r-1")


def test_the_rule_that_refuses_is_named(completed: Callable[..., Order]) -> None:
    order = completed()
    rule = refills.window(order)
    assert rule == refills.Window(30, is_ours=False)
    order.service.refill_days = 2
    assert refills.window(order) == refills.Window(2, is_ours=True)
    assert refills.why_not_refill(order, NOW).startswith("The 2 days for refills ended on ")

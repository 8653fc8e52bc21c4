"""What is asked for twice at once: refills, cancel requests, addresses, an owner, a client.

Each race is run twice: with its guard, and with the guard taken away to show that it is needed.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError
from django.db.models import Model

from orders import (
    cancellations,
    first_run,
    followups,
    members,
    people,
    progress,
    refills,
    sql,
    tracking,
)
from orders.enums import CancellationStatus, OrderStatus, RefillStatus
from orders.errors import Declined, FieldErrors, StateChanged
from orders.followups import answers, claims
from orders.models import Cancellation, Customer, Order, Refill, Staff, TrackingAddress, User
from orders.refills import asking, following, settling
from orders.upstream.replies import CancelReply, RefillReply, RefillStatusReply
from tests.support import factories
from tests.support.guards import Guards
from tests.support.pretend import PretendClient
from tests.support.racing import after, before, race

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NOW = factories.NOW
S = OrderStatus


@pytest.fixture
def admin() -> User:
    return factories.admin().user


# ── A refill ─────────────────────────────────────────────────────────────────────────────────


def refill_asked_twice(order: Order, by: User) -> list[Any]:
    def ask() -> Refill:
        return refills.request(order, by=by, now=NOW)

    return race(ask, ask, at=after(asking, "refusal_of"))


def test_a_refill_that_is_asked_for_twice_is_one(
    order_of: Callable[..., Order], admin: User
) -> None:
    order = order_of(status=S.COMPLETED, finished_at=NOW)
    first, second = refill_asked_twice(order, admin)
    assert Refill.objects.get() == first
    assert isinstance(second, Declined)


def test_without_the_index_two_refills_are_asked_for(
    guards: Guards, order_of: Callable[..., Order], admin: User
) -> None:
    guards.drop("one_refill_in_flight_per_order")
    refill_asked_twice(order_of(status=S.COMPLETED, finished_at=NOW), admin)
    assert Refill.objects.count() == 2


def sent_by_two(
    order_of: Callable[..., Order], admin: User, pretend: PretendClient
) -> list[list[str]]:
    """Both senders have read which refills are to be sent."""
    order = order_of(status=S.COMPLETED, finished_at=NOW)
    refills.request(order, by=admin, now=NOW)
    pretend.replies[str(order.upstream_id)] = RefillReply("r1")
    race(
        lambda: refills.send_requested(NOW),
        lambda: refills.send_requested(NOW),
        at=after(claims, "_oldest"),
    )
    return [ids for action, ids in pretend.requests if action == "refill"]


def test_a_refill_is_sent_by_one_of_two(
    order_of: Callable[..., Order], admin: User, pretend: PretendClient
) -> None:
    assert len(sent_by_two(order_of, admin, pretend)) == 1


def test_without_the_condition_a_refill_is_sent_by_both(
    order_of: Callable[..., Order],
    admin: User,
    pretend: PretendClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(claims, "_still_asked", lambda kind, ids: Refill.objects.filter(pk__in=ids))
    assert len(sent_by_two(order_of, admin, pretend)) == 2


def answered_with_one_number(order_of: Callable[..., Order], admin: User) -> list[Any]:
    """Two batches are under way, and the provider gives both the same number."""

    def one() -> Callable[[], None]:
        order = order_of(status=S.COMPLETED, finished_at=NOW)
        refills.request(order, by=admin, now=NOW)
        batch = followups.claim(refills.KIND, order.provider)
        assert batch is not None
        answers = {str(order.upstream_id): RefillReply("77")}
        return lambda: followups.record(refills.KIND, batch, answers, NOW)

    return race(one(), one(), at=before(answers, "tell"))


def test_of_two_refills_answered_with_one_number_one_has_it(
    order_of: Callable[..., Order], admin: User
) -> None:
    assert answered_with_one_number(order_of, admin) == [None, None]
    first, second = Refill.objects.order_by("pk")
    assert (first.upstream_id, second.upstream_id) == ("77", "")
    assert second.answer == f"Answered with number 77, which that of order {first.order_id} has."
    assert list(Refill.objects.filter(refills.LOST)) == [second]


def test_without_the_index_two_refills_are_followed_by_one_number(
    guards: Guards, order_of: Callable[..., Order], admin: User
) -> None:
    guards.drop("refill_number_once_per_provider")
    answered_with_one_number(order_of, admin)
    assert Refill.objects.filter(upstream_id="77").count() == 2


def number_typed_twice(order_of: Callable[..., Order], admin: User) -> list[Any]:
    """Two people, or one with two pages open, settle two lost refills with one number."""

    def one() -> Callable[[], Refill]:
        order = order_of(status=S.COMPLETED, finished_at=NOW)
        lost = refills.request(order, by=admin, now=NOW)
        Refill.objects.filter(pk=lost.pk).update(status=RefillStatus.UNKNOWN)
        return lambda: refills.settle(lost, by=admin, now=NOW, reason="Seen", upstream_id="77")

    return race(one(), one(), at=after(settling, "_check_number"))


def test_of_two_who_type_one_number_the_second_is_told(
    order_of: Callable[..., Order], admin: User
) -> None:
    first, second = number_typed_twice(order_of, admin)
    assert first.upstream_id == "77"
    assert isinstance(second, FieldErrors) and str(first.order_id) in second.errors["upstream_id"]
    assert Refill.objects.filter(upstream_id="77").count() == 1


def renumbered_under_an_answer(order: Order, admin: User) -> list[Any]:
    """A poll has read an answer about a number; before it is written, the number is corrected."""
    refill = refills.request(order, by=admin, now=NOW)
    Refill.objects.update(status=RefillStatus.PENDING, upstream_id="77")
    refill.refresh_from_db()
    row = (refill.pk, order.pk, "77", RefillStatus.PENDING, "")
    told = {"upstream_id": "78", "by": admin, "now": NOW, "reason": "Another's"}
    return race(
        lambda: following._apply(row, RefillStatusReply("Completed"), NOW),
        lambda: refills.renumber(refill, **told),
        at=[before(following, "_still_followed"), None],
    )


def test_an_answer_about_a_number_that_was_corrected_meanwhile_changes_nothing(
    order_of: Callable[..., Order], admin: User
) -> None:
    renumbered_under_an_answer(order_of(status=S.COMPLETED, finished_at=NOW), admin)
    refill = Refill.objects.get()
    assert (refill.status, refill.upstream_id) == (RefillStatus.PENDING, "78")


def test_without_the_number_in_the_condition_another_ones_end_is_taken(
    order_of: Callable[..., Order], admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        following, "_still_followed", lambda row: Refill.objects.filter(pk=row[0], status=row[3])
    )
    renumbered_under_an_answer(order_of(status=S.COMPLETED, finished_at=NOW), admin)
    assert Refill.objects.get().status == RefillStatus.COMPLETED


# ── A cancel request ─────────────────────────────────────────────────────────────────────────


def cancel_asked_twice(order: Order, by: User) -> list[Any]:
    def ask() -> Cancellation | None:
        return cancellations.request(order, by=by, now=NOW)

    return race(ask, ask, at=after(cancellations, "_why_not"))


def test_a_cancel_that_is_asked_for_twice_is_one_request(
    order_of: Callable[..., Order], admin: User
) -> None:
    first, second = cancel_asked_twice(order_of(), admin)
    assert Cancellation.objects.get() == first
    assert isinstance(second, Declined)


def test_without_the_index_two_cancels_are_requested(
    guards: Guards, order_of: Callable[..., Order], admin: User
) -> None:
    guards.drop("one_cancellation_in_flight_per_order")
    cancel_asked_twice(order_of(), admin)
    assert Cancellation.objects.count() == 2


# ── A tracking address ───────────────────────────────────────────────────────────────────────

LOOKED = after(tracking, "address_of")


def address_made_twice(order: Order, by: User) -> list[Any]:
    def make() -> TrackingAddress:
        return tracking.make(order, by=by, now=NOW)

    return race(make, make, at=LOOKED)


def test_an_address_that_is_made_twice_is_one(order_of: Callable[..., Order], admin: User) -> None:
    first, second = address_made_twice(order_of(), admin)
    assert first == second == TrackingAddress.objects.get()


def test_without_the_index_an_order_has_two_addresses(
    guards: Guards, order_of: Callable[..., Order], admin: User
) -> None:
    """Revoking the one that a person sees would then have to close both."""
    guards.drop("one_tracking_address_per_order")
    first, second = address_made_twice(order_of(), admin)
    assert first != second


def test_an_address_that_is_replaced_by_two_is_replaced_once(
    order_of: Callable[..., Order], admin: User
) -> None:
    order = order_of()
    old = tracking.key_of(tracking.make(order, by=admin, now=NOW))

    def replace() -> TrackingAddress:
        return tracking.replace(order, by=admin, now=NOW)

    first, second = race(replace, replace, at=after(tracking, "_revoke"))
    assert isinstance(second, StateChanged)
    assert tracking.order_with(tracking.key_of(first)) == order.pk
    assert tracking.order_with(old) is None


def test_without_its_condition_and_the_index_two_are_made_in_its_place(
    guards: Guards, order_of: Callable[..., Order], admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the one that the first person hands out cannot be closed with the second one's."""
    order = order_of()
    tracking.make(order, by=admin, now=NOW)
    every = TrackingAddress.objects.filter
    monkeypatch.setattr(tracking, "_acting", lambda order_id: every(order_id=order_id))
    guards.drop("one_tracking_address_per_order")
    replace = partial(tracking.replace, order, by=admin, now=NOW)
    first, second = race(replace, replace, at=after(tracking, "_revoke"))
    assert isinstance(second, TrackingAddress) and first != second


def test_an_address_asked_for_while_it_is_revoked_is_closed_from_then_on(
    order_of: Callable[..., Order], admin: User
) -> None:
    """Who asked before the revoking was committed sees the order once more, and never again."""
    order = order_of()
    key = tracking.key_of(tracking.make(order, by=admin, now=NOW))
    _, seen = race(
        lambda: tracking.revoke(order, by=admin, now=NOW),
        lambda: tracking.order_with(key),
        at=[after(tracking, "_revoke"), None],
    )
    assert seen == order.pk
    assert tracking.order_with(key) is None


# ── The owner ────────────────────────────────────────────────────────────────────────────────


def owned_by_two() -> list[Any]:
    def own(name: str) -> Callable[[], Staff]:
        return lambda: first_run.make_owner(
            first_run.setup_code(),
            email=f"{name}@example.com",
            password=factories.PASSWORD,
            name=name,
            now=NOW,
        )

    return race(own("ada"), own("abel"), at=after(members, "check"))


def test_of_two_who_set_up_a_panel_one_owns_it() -> None:
    first, second = owned_by_two()
    assert Staff.objects.get() == first
    assert isinstance(second, first_run.OwnerThere)
    assert User.objects.count() == 1


def test_without_the_index_a_panel_has_two_owners(guards: Guards) -> None:
    guards.drop("one_owner")
    owned_by_two()
    assert Staff.objects.filter(is_owner=True).count() == 2


# ── A client, a sign-in ──────────────────────────────────────────────────────────────────────


def added_twice(admin: User, **contact: str) -> list[Any]:
    def add() -> Customer:
        return people.add_customer(name="Rosa", by=admin, now=NOW, **contact)

    return race(add, add, at=after(people, "check"))


def test_a_phone_number_belongs_to_one_client(admin: User) -> None:
    first, second = added_twice(admin, phone="+47 2241 0730")
    assert Customer.objects.get() == first
    assert isinstance(second, FieldErrors)


def test_without_the_index_a_phone_number_belongs_to_two(guards: Guards, admin: User) -> None:
    guards.drop("customer_phone_once")
    added_twice(admin, phone="+47 2241 0730")
    assert Customer.objects.count() == 2


def staff_added_twice() -> list[Any]:
    def add() -> Staff:
        return people.add_staff(email="tom@example.com", password=None, by=None, now=NOW)

    return race(add, add, at=before(User.objects, "create_user"))


def test_an_address_signs_one_person_in_and_the_second_is_told() -> None:
    first, second = staff_added_twice()
    assert Staff.objects.get() == first
    assert isinstance(second, FieldErrors)
    assert "email" in second.errors


def test_without_the_index_an_address_signs_two_people_in(guards: Guards) -> None:
    guards.drop("orders_user_email_key")
    first, second = staff_added_twice()
    assert isinstance(second, Staff) and first != second


# ── Answers about many against reports about the same orders ─────────────────────────────────


class RowByRow:
    """Locks orders as one statement does, but so slowly that a test can stand in the middle."""

    def __init__(self, lock: Callable[[type[Model], list[int]], None]):
        self.lock = lock

    def __call__(self, model: type[Model], ids: Iterable[int]) -> None:
        for pk in sorted(ids):
            self.lock(model, [pk])


def answered_while_reports_come(
    order_of: Callable[..., Order], admin: User, patch: pytest.MonkeyPatch
) -> list[Any]:
    """A batch of cancel requests was answered, the later order's first. Reports about both orders
    have locked the earlier one. The lines of history refer to their orders, and the database
    makes sure of that, with locks of its own, when they are committed."""
    early, late = order_of(), order_of()
    for order in (late, early):
        cancellations.request(order, by=admin, now=NOW)
    batch = followups.claim(cancellations.KIND, early.provider)
    assert batch is not None
    answers = {str(order.upstream_id): CancelReply("") for order in (early, late)}
    news = [canceled(order) for order in (early, late)]
    slowly = RowByRow(sql.hold)
    patch.setattr(sql, "hold", slowly)
    return race(
        lambda: progress.apply(news, now=NOW),
        lambda: followups.record(cancellations.KIND, batch, answers, NOW),
        at=[after(slowly, "lock"), None],
    )


def canceled(order: Order) -> progress.Report:
    return progress.Report(order.pk, "Canceled", Decimal(0), "USD", 5, 1000, "", NOW)


def accepted() -> int:
    return Cancellation.objects.filter(status=CancellationStatus.ACCEPTED).count()


def test_answers_and_reports_lock_orders_in_one_order(
    order_of: Callable[..., Order], admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.sql.transactions.DEADLOCK_TRIES", 1)
    monkeypatch.setattr("orders.sql.transactions.INSISTING_PAUSES", ())
    applied, recorded = answered_while_reports_come(order_of, admin, monkeypatch)
    assert (recorded, applied.refunds) == (None, 2)
    assert accepted() == 2


def test_answers_are_written_down_although_a_deadlock_ended_them(
    order_of: Callable[..., Order], admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two layers more: a transaction that a deadlock ended is done again, and then once more."""
    monkeypatch.setattr(answers, "sorted", lambda items, **_: items, raising=False)
    applied, recorded = answered_while_reports_come(order_of, admin, monkeypatch)
    assert (recorded, applied.refunds) == (None, 2)
    assert accepted() == 2


def test_without_all_that_the_answers_of_a_whole_batch_are_lost(
    order_of: Callable[..., Order], admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "sorted", lambda items, **_: items, raising=False)
    monkeypatch.setattr("orders.sql.transactions.DEADLOCK_TRIES", 1)
    monkeypatch.setattr("orders.sql.transactions.INSISTING_PAUSES", ())
    results = answered_while_reports_come(order_of, admin, monkeypatch)
    assert any(isinstance(one, OperationalError) for one in results)

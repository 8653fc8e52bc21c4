"""Who writes at one moment, and who makes keys: the one waits for the other.

Each race is run with its guard, and with the guard taken away to show that it is needed.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from orders import api_keys, messages
from orders.errors import FieldErrors
from orders.models import ApiKey, Conversation, Customer, Message, User
from tests.support import factories
from tests.support.guards import Guards
from tests.support.racing import after, before, race

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
NOW = factories.NOW


@pytest.fixture
def casa() -> Customer:
    return factories.customer("Casa Verde", signs_in=True)


def user_of(customer: Customer) -> User:
    assert customer.user is not None
    return customer.user


# ── A question and an answer ─────────────────────────────────────────────────────────────────


def asked_while_answered(casa: Customer) -> Conversation:
    """Staff answer an old question; meanwhile the client asks something else."""
    order, mira = factories.order(casa), factories.staff(sees_all_customers=True).user
    messages.write(order, "Where is it?", by=user_of(casa), now=NOW)

    def writing(by: User, minutes: int) -> Callable[[], Message]:
        at = NOW + timedelta(minutes=minutes)
        return lambda: messages.write(order, f"At {minutes}", by=by, now=at)

    race(writing(mira, 1), writing(user_of(casa), 2), at=before(messages, "_turn"))
    return Conversation.objects.get(order=order)


def test_a_question_that_comes_while_staff_answer_waits_for_them(casa: Customer) -> None:
    conversation = asked_while_answered(casa)
    assert conversation.waits_for_staff
    assert conversation.waiting_since == NOW + timedelta(minutes=2)


def test_without_the_conversations_lock_it_waits_since_the_question_before(
    casa: Customer, guards: Guards
) -> None:
    guards.lift_row_locks(Conversation)
    conversation = asked_while_answered(casa)
    assert conversation.waiting_since != NOW + timedelta(minutes=2)


# ── The same form twice ──────────────────────────────────────────────────────────────────────


def sent_twice(casa: Customer) -> list[Any]:
    order = factories.order(casa)
    messages.write(order, "Hello", by=user_of(casa), now=NOW)

    def press() -> Message:
        return messages.write(order, "Where is it?", by=user_of(casa), now=NOW, key="form")

    return race(press, press, at=after(messages, "_within_limit"))


def test_a_message_that_is_sent_twice_at_once_is_one(casa: Customer) -> None:
    first, second = sent_twice(casa)
    assert first.pk == second.pk
    assert Message.objects.filter(key="form").count() == 1


def test_the_index_alone_keeps_a_message_from_being_there_twice(
    casa: Customer, guards: Guards
) -> None:
    guards.lift_row_locks(Conversation)
    _, second = sent_twice(casa)
    assert isinstance(second, IntegrityError)
    assert Message.objects.filter(key="form").count() == 1


def test_the_lock_alone_keeps_a_message_from_being_there_twice(
    casa: Customer, guards: Guards
) -> None:
    guards.drop("message_once_per_form")
    first, second = sent_twice(casa)
    assert first.pk == second.pk
    assert Message.objects.filter(key="form").count() == 1


def test_without_lock_and_index_it_is_there_twice(casa: Customer, guards: Guards) -> None:
    guards.lift_row_locks(Conversation)
    guards.drop("message_once_per_form")
    sent_twice(casa)
    assert Message.objects.filter(key="form").count() == 2


# ── A customer's last key ────────────────────────────────────────────────────────────────────


def two_last_keys(casa: Customer) -> list[Any]:
    for number in range(api_keys.MOST - 1):
        api_keys.make(casa, f"Shop {number}", by=None, now=NOW)

    def make(name: str) -> Callable[[], Any]:
        return lambda: api_keys.make(casa, name, by=user_of(casa), now=NOW)

    return race(make("One"), make("Two"), at=after(api_keys, "_check"))


def test_of_two_last_keys_one_is_made(casa: Customer) -> None:
    _, second = two_last_keys(casa)
    assert isinstance(second, FieldErrors)
    assert ApiKey.objects.filter(customer=casa).count() == api_keys.MOST


def test_without_the_customers_lock_there_is_a_key_too_many(casa: Customer, guards: Guards) -> None:
    guards.lift_row_locks(Customer)
    two_last_keys(casa)
    assert ApiKey.objects.filter(customer=casa).count() == api_keys.MOST + 1

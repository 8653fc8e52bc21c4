"""Messages on an order: who may write, whose turn it is, one a press, not too many."""

from datetime import timedelta

import pytest

from orders import messages
from orders.errors import Declined, FieldErrors, NotAllowed, StateChanged
from orders.models import Conversation, Message, Notice, Order, Staff, User
from orders.people import person_of
from tests.support import factories

pytestmark = pytest.mark.django_db

NOW = factories.NOW
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def mira() -> Staff:
    return factories.staff("Mira Kovač")


@pytest.fixture
def order(mira: Staff) -> Order:
    return factories.order(factories.customer(manager=mira, signs_in=True))


def buyer(order: Order) -> User:
    assert order.customer.user
    return order.customer.user


def ask(order: Order, text: str = "When does it start?", **more: object) -> Message:
    values = {"by": buyer(order), "now": NOW} | more
    return messages.write(order, text, **values)  # type: ignore[arg-type]


def test_a_customers_message_waits_until_somebody_answers(order: Order, mira: Staff) -> None:
    ask(order)
    ask(order, "Hello?", now=LATER)
    talk = Conversation.objects.get()
    assert talk.waits_for_staff and talk.waiting_since == NOW
    messages.write(order, "Within the hour.", by=mira.user, now=LATER)
    talk.refresh_from_db()
    assert not talk.waits_for_staff and talk.waiting_since is None
    assert [m.from_customer for m in messages.of(order)] == [True, True, False]


def test_a_second_press_writes_nothing(order: Order) -> None:
    first = ask(order, key="form-1")
    assert ask(order, key="form-1", now=LATER) == first
    assert Message.objects.count() == 1
    assert ask(order, key="form-2") != first


def test_the_same_key_on_another_order_is_another_message(order: Order) -> None:
    other = factories.order(order.customer, order.service)
    assert ask(order, key="same") != ask(other, key="same")


def test_nobody_writes_on_anothers_order(order: Order) -> None:
    stranger = factories.customer(signs_in=True).user
    other_member = factories.staff("Tom")
    for somebody in (stranger, other_member.user):
        assert somebody
        with pytest.raises(NotAllowed):
            messages.write(order, "x", by=somebody, now=NOW)
    assert not Message.objects.exists()


@pytest.mark.parametrize("text", ["", "   \n ", "x" * 2001, "a\x00b"])
def test_what_cannot_be_kept_is_refused_with_words(order: Order, text: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        ask(order, text)
    assert refused.value.errors["text"].endswith((".", "…"))
    assert not Message.objects.exists()


def test_a_customer_is_stopped_after_twenty_an_hour_and_staff_is_not(
    order: Order, mira: Staff
) -> None:
    for number in range(messages.MOST_AN_HOUR):
        ask(order, key=str(number))
    with pytest.raises(Declined, match="We have them all"):
        ask(order, key="one more")
    assert ask(order, key="0") is not None  # a second press is no message more
    messages.write(order, "Yes.", by=mira.user, now=NOW)
    ask(order, key="next hour", now=NOW + timedelta(minutes=61))


def test_closing_needs_no_answer_and_stands_in_the_history(order: Order, mira: Staff) -> None:
    ask(order, "Thanks!")
    messages.close(order, by=mira.user, now=LATER)
    assert not Conversation.objects.get().waits_for_staff
    assert "needs no answer" in order.events.get().detail
    with pytest.raises(StateChanged):
        messages.close(order, by=mira.user, now=LATER)


def test_only_staff_who_see_the_order_close_and_list_it(order: Order, mira: Staff) -> None:
    ask(order)
    tom = factories.staff("Tom")
    with pytest.raises(NotAllowed):
        messages.close(order, by=tom.user, now=LATER)
    with pytest.raises(NotAllowed):
        messages.close(order, by=buyer(order), now=LATER)
    assert not messages.to_answer(person_of(tom.user)).exists()
    assert not messages.visible(person_of(tom.user)).exists()
    assert messages.to_answer(person_of(mira.user)).count() == 1
    assert messages.visible(person_of(factories.admin().user)).count() == 1


def test_an_answer_is_news_and_a_message_of_the_customer_is_not(order: Order, mira: Staff) -> None:
    ask(order)
    assert not Notice.objects.exists()
    answer = messages.write(order, "Soon.", by=mira.user, now=LATER)
    notice = Notice.objects.get()
    assert notice.kind == "answered" and notice.reference == f"message:{answer.pk}"


def test_who_has_no_sign_in_gets_no_e_mail(mira: Staff) -> None:
    order = factories.order(factories.customer(manager=mira))
    messages.write(order, "For the record.", by=mira.user, now=NOW)
    assert not Notice.objects.exists()


def test_an_answer_is_new_until_its_customer_has_looked(order: Order, mira: Staff) -> None:
    ask(order)
    assert not messages.seen_by_customer(order, messages.of(order), NOW)
    messages.write(order, "Soon.", by=mira.user, now=LATER)
    assert messages.seen_by_customer(order, messages.of(order), LATER)
    assert not messages.seen_by_customer(order, messages.of(order), LATER)
    messages.write(order, "Now.", by=mira.user, now=LATER + timedelta(minutes=1))
    assert messages.seen_by_customer(order, messages.of(order), LATER + timedelta(minutes=2))

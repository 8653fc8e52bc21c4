"""What customers and staff write to each other about an order."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orders import history, news, persons, sql
from orders.enums import EventKind, NoticeKind
from orders.errors import Declined, FieldErrors, StateChanged
from orders.models import Conversation, Message, Notice, Order, User
from orders.persons import Person, visible_orders
from orders.spelling import count

LONGEST = 2000
MOST_AN_HOUR = 20
"""Messages that one customer may write in an hour; staff may write any number."""
MOST_SHOWN = 200
"""The latest messages of a conversation that a page shows."""


def write(order: Order, text: str, *, by: User, now: datetime, key: str | None = None) -> Message:
    """Add a message, by the order's customer or by staff who see the order.

    `key` is the form's: a second press returns the message of the first. A customer's message
    waits for an answer; one of the staff answers, and the customer is told by e-mail. Raises
    `FieldErrors`, `Declined` (too many) or `NotAllowed`.
    """
    persons.require_sight(by, order.customer)
    text, key = _checked(text), key or uuid4().hex
    from_customer = persons.staff_of(by) is None
    with sql.short_transaction():
        conversation = _locked(order)
        if earlier := conversation.messages.filter(key=key[:40]).first():
            return earlier
        if from_customer:
            _within_limit(by, now)
        message = Message.objects.create(
            conversation=conversation,
            author=by,
            from_customer=from_customer,
            text=text,
            at=now,
            key=key[:40],
        )
        _turn(conversation, message)
        if not from_customer and order.customer.user and order.customer.user.is_active:
            _tell(order, message)
    return message


def close(order: Order, *, by: User, now: datetime) -> None:
    """Nothing needs to be answered: the conversation no longer waits for staff.

    Stands in the order's history. Raises `NotAllowed`, or `StateChanged` when it does not wait.
    """
    persons.require_staff(by)
    persons.require_sight(by, order.customer)
    with sql.short_transaction():
        waiting = Conversation.objects.filter(order=order, waits_for_staff=True)
        if not waiting.update(waits_for_staff=False, waiting_since=None):
            raise StateChanged(_("Somebody has answered in the meantime; look at it again."))
        detail = gettext_noop("The client's message needs no answer.")
        history.note(order.pk, EventKind.NOTE, now, person_id=by.pk, detail=detail)


def of(order: Order) -> list[Message]:
    """The latest messages, oldest first, with their authors; one query."""
    found = Message.objects.filter(conversation__order=order).select_related("author")
    return list(found.order_by("-pk")[:MOST_SHOWN])[::-1]


def seen_by_customer(order: Order, messages: list[Message], now: datetime) -> bool:
    """Note that the customer has these before their eyes; whether an answer among them is new."""
    answers = [message.at for message in messages if not message.from_customer]
    if not answers:
        return False
    unread = Conversation.objects.filter(order=order).exclude(read_by_customer_at__gte=max(answers))
    return bool(unread.update(read_by_customer_at=max(now, *answers)))


def to_answer(who: Person) -> QuerySet[Conversation]:
    """Conversations that wait for staff, of orders that this person may see."""
    waiting = Conversation.objects.filter(waits_for_staff=True)
    return waiting if who.sees_all else waiting.filter(order__in=visible_orders(who))


def visible(who: Person) -> QuerySet[Message]:
    """Every message on an order that this person may see."""
    found = Message.objects.all()
    return found if who.sees_all else found.filter(conversation__order__in=visible_orders(who))


def _checked(text: str) -> str:
    text = text.strip()
    if not text:
        raise FieldErrors({"text": _("Type your message.")})
    if len(text) > LONGEST:
        raise FieldErrors(
            {
                "text": _("At most %(longest)s characters; this has %(text)s.")
                % {"longest": count(LONGEST), "text": count(len(text))}
            }
        )
    if "\x00" in text:  # PostgreSQL stores none
        raise FieldErrors({"text": _("This holds a character that cannot be kept.")})
    return text


def _locked(order: Order) -> Conversation:
    row, _ = Conversation.objects.get_or_create(order=order)
    return Conversation.objects.select_for_update().get(pk=row.pk)


def _within_limit(by: User, now: datetime) -> None:
    lately = Message.objects.filter(author=by, from_customer=True, at__gt=now - timedelta(hours=1))
    if lately.count() >= MOST_AN_HOUR:
        raise Declined(_("That is many messages within an hour. We have them all; please wait."))


def _turn(conversation: Conversation, message: Message) -> None:
    """Whose turn it is now, and since when."""
    if not message.from_customer:
        conversation.waits_for_staff, conversation.waiting_since = False, None
    elif not conversation.waits_for_staff:
        conversation.waits_for_staff, conversation.waiting_since = True, message.at
    conversation.last_at = message.at
    conversation.save()


def _tell(order: Order, message: Message) -> None:
    kind = NoticeKind.ANSWERED
    if news.wants(kind, order.customer):
        row = news.notice(order.customer_id, kind, f"message:{message.pk}", message.at, order.pk)
        Notice.objects.bulk_create([row])

"""The e-mails to customers, in their words. `orders.notices` decides who gets one, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders import languages, messages, panel_settings
from orders.enums import NoticeKind, OrderStatus
from orders.models import Account, Customer, Notice, Order, Panel
from orders.notices import Letter
from orders.statuses import Standing
from panel.customer.order_rows import joined
from panel.customer.order_words import reading
from panel.delivery import subscription_of
from panel.display import in_currency, money_text

MOST_ORDERS = 20
"""Orders that one letter tells of; the rest it counts."""
MOST_QUOTED = 500
"""Characters of an answer that a letter quotes."""

TEMPLATE = "mail/news.txt"

ANSWERED = gettext_lazy("Order %(number)s: we answered you")
NEWS = gettext_lazy("News of order %(number)s")
SUBJECTS: Mapping[str, Promise] = {
    OrderStatus.WAITING: gettext_lazy("Order %(number)s: queued"),
    OrderStatus.SENDING: gettext_lazy("Order %(number)s: queued"),
    OrderStatus.UNCONFIRMED: gettext_lazy("Order %(number)s: being checked"),
    OrderStatus.PENDING: gettext_lazy("Order %(number)s: accepted"),
    OrderStatus.PROCESSING: gettext_lazy("Order %(number)s: accepted"),
    OrderStatus.IN_PROGRESS: gettext_lazy("Order %(number)s: running"),
    OrderStatus.COMPLETED: gettext_lazy("Order %(number)s: completed"),
    OrderStatus.PARTIAL: gettext_lazy("Order %(number)s: partly delivered"),
    OrderStatus.CANCELED: gettext_lazy("Order %(number)s: canceled"),
    OrderStatus.REFUSED: gettext_lazy("Order %(number)s: not accepted"),
    OrderStatus.FAILED: gettext_lazy("Order %(number)s: stopped"),
    Standing.ACTIVE: gettext_lazy("Order %(number)s: active"),
    Standing.PAUSED: gettext_lazy("Order %(number)s: paused"),
    Standing.EXPIRED: gettext_lazy("Order %(number)s: expired"),
    Standing.COMPLETED: gettext_lazy("Order %(number)s: completed"),
    Standing.CANCELED: gettext_lazy("Order %(number)s: canceled"),
}
"""What a letter about one order is called, by where the order or its subscription stands."""


@dataclass(frozen=True)
class Told:
    """One order in a letter."""

    number: int
    service: str
    state: str
    said: str
    answer: str
    url: str


def news(customer: Customer, notices: Sequence[Notice]) -> Letter:
    """One letter for all that a customer is to be told: each order as it stands now."""
    panel = panel_settings.current()
    zone, language = ZoneInfo(panel.time_zone), languages.of(customer.user, panel)
    with in_currency(panel.currency), timezone.override(zone), translation.override(language):
        told = _orders(notices, panel)
        low = _low_balance(customer, notices)
        context = {
            "name": customer.name,
            "panel": panel.name,
            "orders": told[:MOST_ORDERS],
            "more": max(len(told) - MOST_ORDERS, 0),
            "orders_url": _address("my:orders"),
            "low": low,
            "choices_url": _address("my:notices"),
        }
        return Letter(_subject(told, low), render_to_string(TEMPLATE, context).strip() + "\n")


def _address(name: str, **words: object) -> str:
    return settings.PUBLIC_URL.rstrip("/") + reverse(name, kwargs=words or None)


def _subject(told: list[Told], low: str) -> str:
    if not told:
        return _("Your balance is low")
    if len(told) > 1:
        count = {"count": len(told)}
        return ngettext("News of %(count)s order", "News of %(count)s orders", len(told)) % count
    only = told[0]
    about = ANSWERED if only.answer else SUBJECTS.get(only.state, NEWS)
    return str(about) % {"number": only.number}


def _orders(notices: Sequence[Notice], panel: Panel) -> list[Told]:
    numbers = {notice.order_id for notice in notices if notice.order_id}
    answered = {n.order_id for n in notices if n.kind == NoticeKind.ANSWERED}
    found = joined(Order.objects.filter(pk__in=numbers)).order_by("pk")
    return [_told(order, panel, order.pk in answered) for order in found]


def _told(order: Order, panel: Panel, is_answered: bool) -> Told:
    said = reading(order, panel, timezone.now())
    answer = _latest_answer(order) if is_answered else ""
    return Told(
        number=order.pk,
        service=" ".join(order.service.name.split()),
        state=subscription_of(order) or order.status,
        said=f"{said.title}{said.joint if said.sentence else '.'}{said.sentence}",
        answer=answer,
        url=_address("my:order", number=order.pk),
    )


def _latest_answer(order: Order) -> str:
    answers = [message.text for message in messages.of(order) if not message.from_customer]
    text = answers[-1] if answers else ""
    return text if len(text) <= MOST_QUOTED else text[: MOST_QUOTED - 1].rstrip() + "…"


def _low_balance(customer: Customer, notices: Sequence[Notice]) -> str:
    if all(notice.kind != NoticeKind.LOW_BALANCE for notice in notices):
        return ""
    balance = Account.objects.get(customer=customer).balance
    under = customer.notice_choices.low_balance_under
    return _("Your balance is %(balance)s, under the %(under)s that you chose.") % {
        "balance": money_text(balance),
        "under": money_text(under),
    }

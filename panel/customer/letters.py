"""The e-mails to customers, in their words. `orders.notices` decides who gets one, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from orders import languages, messages, panel_settings
from orders.enums import NoticeKind
from orders.models import Account, Customer, Notice, Order, Panel
from orders.notices import Letter
from panel.customer.order_rows import joined
from panel.customer.order_words import reading
from panel.display import in_currency, money_text

MOST_ORDERS = 20
"""Orders that one letter tells of; the rest it counts."""
MOST_QUOTED = 500
"""Characters of an answer that a letter quotes."""

TEMPLATE = "mail/news.txt"


@dataclass(frozen=True)
class Told:
    """One order in a letter."""

    number: int
    service: str
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
        return "Your balance is low"
    if len(told) > 1:
        return f"News of {len(told)} orders"
    only = told[0]
    words = "we answered you" if only.answer else only.said.split(".")[0].lower()
    return f"Order {only.number}: {words}"


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
    return f"Your balance is {money_text(balance)}, under the {money_text(under)} that you chose."

"""The seven actions of API v2, each from parameters to an answer as the reference shows it.

Whatever an action reads or changes is the caller's own; another customer's number is answered like
one that does not exist.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from orders import (
    cancellations,
    placement,
    refills,
    service_types,
    shop,
    sql,
    statuses,
)
from orders.enums import OrderStatus
from orders.errors import Declined
from orders.models import Account, Order, Refill
from orders.money import ZERO, from_units
from panel.api import limits
from panel.api.caller import Caller
from panel.api.ids import Ids, ids, number, shown
from panel.api.parsing import Parameters
from panel.api.refusals import Refusal, text_of
from panel.api_errors import ORDER, REFILL, SERVICE
from panel.api_rows import figure, service_row

SAME_AGAIN = timedelta(seconds=60)
"""Without a `request_id` the very same order counts as a repeat for so long."""

LONGEST_REQUEST_ID = 80

Answer = dict[str, Any] | list[dict[str, Any]]


@dataclass(frozen=True)
class Action:
    """What a call may ask for; only what reads may also come by GET."""

    run: Callable[[Caller, Parameters], Answer]
    reads: bool


def services(caller: Caller, said: Parameters) -> Answer:
    """All that the caller can buy, at their own rate."""
    limits.spend_list(caller.key.pk)
    return [service_row(row) for row in shop.listed(caller.customer, caller.panel)]


def add(caller: Caller, said: Parameters) -> Answer:
    """Place an order. A `request_id` that comes again gets the first order."""
    service = number(said.get("service"))
    if service is None:
        raise Refusal(SERVICE)
    fields = service_types.field_names()
    again_ok = "request_id" in said or caller.customer.repeats_ok
    placed = placement.place(
        caller.customer,
        service,
        {name: value for name, value in said.items() if name in fields},
        by=None,
        now=caller.now,
        client_key=_client_key(said.get("request_id")),
        overlap_ok=True,
        api_key=caller.key,
        not_again_within=None if again_ok else SAME_AGAIN,
    )
    return {"order": placed.order.pk}


def _client_key(request_id: str | None) -> str | None:
    if request_id is None or len(request_id) <= LONGEST_REQUEST_ID:
        return request_id
    return f"sha256:{hashlib.sha256(request_id.encode()).hexdigest()}"


_STANDING = (
    *("id", "status", "price", "refunded", "start_count", "remains"),
    *("delivery_total", "quantity", "least_per_post", "upstream_status"),
)


def status(caller: Caller, said: Parameters) -> Answer:
    """How orders stand, from our own database."""
    asked = ids(said, "order")
    mine = {"customer_id": caller.customer_id}
    rows = sql.bare_rows(Order, _STANDING, asked.numbers, mine)
    found = {str(row[0]): _standing(caller.panel.currency, *row[1:]) for row in rows}
    if asked.many:
        return {word: found.get(word) or {"error": ORDER} for word in asked.words}
    return _only(asked, found, ORDER)


def _standing(
    currency: str,
    status: str,
    price: int,
    refunded: int,
    start_count: int | None,
    remains: int | None,
    delivery_total: int | None,
    quantity: int,
    least_per_post: int | None,
    upstream_status: str,
) -> dict[str, str]:
    """`price` and `refunded` are in units, as the database keeps them."""
    word = statuses.api_word(status)
    if remains is None:
        ordered = delivery_total if delivery_total is not None else quantity
        remains = 0 if status == OrderStatus.COMPLETED else ordered
    return {
        "charge": "0" if word == "Canceled" else figure(from_units(price - refunded)),
        "start_count": str(start_count or 0),
        "status": _subscription(status, upstream_status, least_per_post) or word,
        "remains": str(max(remains, 0)),
        "currency": currency,
    }


def _subscription(status: str, upstream_status: str, least_per_post: int | None) -> str:
    return "" if least_per_post is None else statuses.subscription_word(status, upstream_status)


def refill(caller: Caller, said: Parameters) -> Answer:
    """Ask for refills."""

    def ask(order: Order) -> int:
        return refills.request(order, by=None, now=caller.now).pk

    asked = ids(said, "order")
    orders = _own(caller, asked)
    if asked.many:
        return [_asked_for(word, "refill", orders, ask) for word in asked.words]
    order = _only(asked, orders, ORDER)
    return {"refill": str(ask(order))}


def refill_status(caller: Caller, said: Parameters) -> Answer:
    """How refills stand."""
    asked = ids(said, "refill")
    rows = Refill.objects.filter(order__customer=caller.customer_id, pk__in=asked.numbers)
    found = {
        str(pk): statuses.refill_api_word(word) for pk, word in rows.values_list("pk", "status")
    }
    if asked.many:
        return [
            {"refill": shown(word), "status": found.get(word) or {"error": REFILL}}
            for word in asked.words
        ]
    return {"status": _only(asked, found, REFILL)}


def cancel(caller: Caller, said: Parameters) -> Answer:
    """Ask to stop orders; what still waits is canceled and refunded here and now."""

    def ask(order: Order) -> int:
        cancellations.request(order, by=None, now=caller.now)
        return 1

    asked = ids(said, "order")
    if not asked.words:
        raise Refusal(ORDER)
    orders = _own(caller, asked)
    return [_asked_for(word, "cancel", orders, ask) for word in asked.words]


def balance(caller: Caller, said: Parameters) -> Answer:
    """The caller's wallet."""
    held = Account.objects.values_list("balance", flat=True).get(customer=caller.customer_id)
    return {"balance": figure(held or ZERO), "currency": caller.panel.currency}


ACTIONS = {
    "services": Action(services, reads=True),
    "add": Action(add, reads=False),
    "status": Action(status, reads=True),
    "refill": Action(refill, reads=False),
    "refill_status": Action(refill_status, reads=True),
    "cancel": Action(cancel, reads=False),
    "balance": Action(balance, reads=True),
}


def _own(caller: Caller, asked: Ids) -> dict[str, Order]:
    rows: Iterable[Order] = Order.objects.filter(customer=caller.customer_id, pk__in=asked.numbers)
    return {str(order.pk): order for order in rows}


def _asked_for(
    word: str, name: str, orders: dict[str, Order], ask: Callable[[Order], int]
) -> dict[str, Any]:
    """One item of an answer about several; what one is refused spoils no other."""
    try:
        said: int | dict[str, str] = ask(orders[word]) if word in orders else {"error": ORDER}
    except Declined as declined:
        said = {"error": text_of(declined)}
    return {"order": shown(word), name: said}


def _only(asked: Ids, found: dict[str, Any], refusal: str) -> Any:
    """What was found for a single id, or the refusal."""
    if not asked.words or asked.words[0] not in found:
        raise Refusal(refusal)
    return found[asked.words[0]]

"""Placing an order: draft it, and take the money, in one short transaction."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError
from structlog.contextvars import bind_contextvars, get_contextvars

from orders import (
    doorbell,
    history,
    ledger,
    overlaps,
    pricing,
    service_types,
    sql,
    tills,
    wallets,
)
from orders.drafts import Draft, draft
from orders.enums import EventKind, OrderStatus
from orders.errors import (
    Blocked,
    Declined,
    InsufficientFunds,
    KeyReused,
    OpenOverlap,
    PriceChanged,
    Repeated,
)
from orders.models import Account, ApiKey, Customer, Order, User


@dataclass(frozen=True)
class Placed:
    """The order, and whether this call made it (or an earlier one with the same key did)."""

    order: Order
    is_new: bool


def place(
    customer: Customer,
    service_id: int,
    fields: Mapping[str, Any],
    *,
    by: User | None,
    now: datetime,
    client_key: str | None = None,
    expected_price: Decimal | None = None,
    typed: pricing.Markup | None = None,
    take_cash: Decimal | None = None,
    overlap_ok: bool = False,
    api_key: ApiKey | None = None,
    not_again_within: timedelta | None = None,
) -> Placed:
    """Write the order and charge the wallet, all or nothing; then ring for a sender.

    `expected_price` is what the person saw: a higher price now is refused, a lower one charged.
    `by` is None for the operator at the command line and for a program of the customer
    (`api_key`). `not_again_within` refuses the very same order (service and every field) that the
    customer placed so shortly before.
    `client_key` makes a repeat return the first order. `take_cash` is received through the
    placing person's till in the same transaction. Raises a `Declined` subclass.
    """
    body_hash = _body_hash(service_id, fields, typed)
    if earlier := _earlier(customer, client_key, body_hash):
        return earlier
    _require_unblocked(customer)
    try:
        with tills.refusals_kept(by=by, now=now), sql.short_transaction():
            order = _place(
                draft(customer, service_id, fields, by=by, typed=typed, now=now),
                by=by,
                now=now,
                client_key=client_key,
                body_hash=body_hash,
                expected_price=expected_price,
                take_cash=take_cash,
                overlap_ok=overlap_ok,
                api_key=api_key,
                not_again_within=not_again_within,
            )
            _name_in_log(order)
            doorbell.ring("orders.submit_due", order.provider_id)
    except (IntegrityError, Declined):
        # Two clicks at once: the other one came first. It holds the key, and its order may be
        # the very one that stands in the way of this one, as an open order on the same link.
        if earlier := _earlier(customer, client_key, body_hash):
            return earlier
        raise
    return Placed(order, is_new=True)


def _name_in_log(order: Order) -> None:
    """What else is logged of the request that placed it says so, the line of its answer too."""
    if "request_id" in get_contextvars():
        bind_contextvars(order=order.pk)


def _place(
    draft: Draft,
    *,
    by: User | None,
    now: datetime,
    client_key: str | None,
    body_hash: str,
    expected_price: Decimal | None,
    take_cash: Decimal | None,
    overlap_ok: bool,
    api_key: ApiKey | None,
    not_again_within: timedelta | None,
) -> Order:
    price = draft.quote.price
    if expected_price is not None and price > expected_price:
        raise PriceChanged(expected_price, price)
    overlaps.take_turns(draft.details.target)
    others = overlaps.open_orders_on(draft.details.target, by, draft.customer)
    if others and not overlap_ok:
        raise OpenOverlap(others)
    order = _row(draft, by=by, now=now, client_key=client_key, body_hash=body_hash)
    order.api_key = api_key
    sql.insert_all([order])
    # They may have been blocked, or their credit lowered, since the form was read.
    wallet, customer = ledger.lock_wallet_of(draft.customer.pk)
    _require_unblocked(customer)
    if take_cash and by is not None:
        taken = wallets.take_cash(customer, take_cash, by=by, now=now, order_id=order.pk)
        wallet.balance = taken.balance_after
    if not_again_within is not None:
        _refuse_repeat(order, now - not_again_within)
    balance_after = _charge(order, customer, wallet, by, now)
    typed = {"typed_link": draft.typed_link} if draft.typed_link else {}
    history.note(
        order.pk,
        EventKind.PLACED,
        now,
        status=order.status,
        person_id=by.pk if by else None,
        price=str(price),
        balance_after=str(balance_after),
        overlaps=others,
        **typed,
    )
    return order


def _require_unblocked(customer: Customer) -> None:
    if customer.is_blocked:
        raise Blocked


def _refuse_repeat(order: Order, since: datetime) -> None:
    """Under the wallet's lock: of two at once, the second sees what the first has committed."""
    alike = Order.objects.filter(
        customer=order.customer_id,
        service=order.service_id,
        link_key=order.link_key,
        quantity=order.quantity,
        placed_at__gt=since,
    ).exclude(pk=order.pk)
    for number, details in alike.order_by("-pk").values_list("pk", "details"):
        if details == order.details:
            raise Repeated(number)


def _charge(
    order: Order, customer: Customer, wallet: Account, by: User | None, now: datetime
) -> Decimal:
    assert wallet.balance is not None  # held by a constraint
    missing = order.price - (wallet.balance + customer.credit_limit)
    if missing > 0:
        raise InsufficientFunds(missing)
    entry = ledger.order_entry(order, wallet.pk, by.pk if by else None)
    ledger.post([entry], at=now, held=[wallet])
    return wallet.balance


_BY_KEY = sql.Query(
    "SELECT {placed} FROM orders_order AS placed"
    " WHERE placed.customer_id = %s AND placed.client_key = %s",
    placed=Order,
)


def _earlier(customer: Customer, client_key: str | None, body_hash: str) -> Placed | None:
    if client_key is None:
        return None
    found = _BY_KEY.first(customer.pk, client_key)
    if found is None:
        return None
    (order,) = found
    if order.body_hash != body_hash:
        raise KeyReused
    return Placed(order, is_new=False)


def _body_hash(service_id: int, fields: Mapping[str, Any], typed: pricing.Markup | None) -> str:
    filled = {name: value for name, value in fields.items() if value not in ("", None, [])}
    said = [service_id, filled, [typed.level, str(typed.kind), str(typed.value)] if typed else None]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def _row(
    draft: Draft, *, by: User | None, now: datetime, client_key: str | None, body_hash: str
) -> Order:
    quote, details, offer = draft.quote, draft.details, draft.service.offer
    return Order(
        customer=draft.customer,
        service=draft.service,
        provider=offer.provider,
        offer=offer,
        upstream_service_id=offer.upstream_id,
        service_type=offer.service_type,
        link=details.link,
        link_key=service_types.link_key(details.target),
        quantity=details.quantity,
        details=details.values,
        billable=details.billable,
        delivery_total=details.delivery_total,
        runs=details.runs,
        least_per_post=details.least_per_post,
        ends_on=details.ends_on,
        client_key=client_key,
        body_hash=body_hash,
        cost_rate_upstream=offer.rate,
        cost_currency=offer.provider.currency,
        exchange_rate=offer.provider.exchange_rate,
        factor=offer.provider.factor,
        markup_level=quote.markup.level,
        markup_kind=quote.markup.kind or "",
        markup_value=quote.markup.value,
        markup_rule_id=quote.markup.rule_id,
        rate=quote.rate,
        price=quote.price,
        expected_charge_upstream=quote.expected_charge,
        expected_cost=quote.expected_cost,
        stages=[stage.to_json() for stage in quote.stages],
        placed_by=by,
        managed_by=draft.customer.manager,
        markup_of=draft.markup_of,
        placed_at=now,
        status=OrderStatus.WAITING,
        status_at=now,
        waiting_since=now,
        changed_at=now,
    )

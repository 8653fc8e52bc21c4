"""What has to follow, written down a second time from the documentation: the status graph, what is
owed, what a report changes, what an answer does."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from typing import Any

from orders.enums import OrderStatus, RefusalFamily, SubmissionOutcome
from orders.progress import Report

S, Sent, F = OrderStatus, SubmissionOutcome, RefusalFamily

HELD = {S.PENDING, S.PROCESSING, S.IN_PROGRESS, S.FAILED}
ENDS = {S.COMPLETED, S.PARTIAL, S.CANCELED}
NEXT: dict[OrderStatus, set[OrderStatus]] = {
    S.WAITING: {S.SENDING, S.CANCELED},
    S.SENDING: {S.PENDING, S.WAITING, S.REFUSED, S.UNCONFIRMED},
    S.UNCONFIRMED: {S.PENDING, S.WAITING, S.CANCELED, S.REFUSED, S.SENDING},
    **{status: (HELD | ENDS) - {status} for status in HELD},
    S.COMPLETED: {S.PARTIAL, S.CANCELED},
    S.PARTIAL: {S.CANCELED},
    S.CANCELED: set(),
    S.REFUSED: set(),
}
MEANT = {
    "Pending": S.PENDING,
    "Processing": S.PROCESSING,
    "In progress": S.IN_PROGRESS,
    "Completed": S.COMPLETED,
    "Partial": S.PARTIAL,
    "Canceled": S.CANCELED,
    "Failed": S.FAILED,
}


def ceiling(value: Fraction) -> Decimal:
    """Rounded up at 10⁻⁸."""
    return Decimal(-((-value * 10**8) // 1)).scaleb(-8)


def owed(status: str, price: Decimal, remains: int | None, total: int | None) -> Decimal | None:
    """What of the price is the client's by the order's end; None: a person decides."""
    if status in (S.CANCELED, S.REFUSED):
        return price
    if status != S.PARTIAL:
        return Decimal(0)
    if remains is None or total is None or remains > total:
        return None
    return ceiling(Fraction(price) * max(remains, 0) / total)


# ── A report ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Standing:
    """What a report may change about an order."""

    status: str
    remains: int | None
    refunded: Decimal
    refund_unknown: bool
    charge: Decimal | None
    cost: Decimal | None

    @classmethod
    def of(cls, order: Any) -> "Standing":
        return cls(
            order.status,
            order.remains,
            order.refunded,
            order.refund_unknown,
            order.charge_upstream,
            order.cost,
        )


def after_report(order: Any, report: Report) -> Standing:
    """How an order stands after it: as before when it was asked before the last change."""
    stands = Standing.of(order)
    if order.status not in HELD | ENDS:
        return stands
    if report.asked_at < max(order.changed_at, order.status_at):
        return stands
    said = report.status or MEANT.get(report.status_word)
    legal = said is not None and (said == order.status or said in NEXT[S(order.status)])
    status = said if said is not None and legal else S(order.status)
    enters = status != order.status
    remains = stands.remains
    if legal or said is None:
        remains = remains if report.remains is None else report.remains
    if enters and status == S.PARTIAL:
        remains = report.remains
    refunded, unknown = stands.refunded, False
    if status in (S.PARTIAL, S.CANCELED):
        due = owed(status, order.price, remains, order.delivery_total)
        if due is None:
            remains = remains if enters else stands.remains
            unknown = enters or stands.refund_unknown
        else:
            refunded = max(due, refunded)
    charge, cost = _charged(order, report)
    return Standing(status, remains, refunded, unknown, charge, cost)


def _charged(order: Any, report: Report) -> tuple[Decimal | None, Decimal | None]:
    ours = report.currency in ("", order.cost_currency)
    if report.charge is None or report.charge < 0 or not ours:
        return order.charge_upstream, order.cost
    charge = ceiling(Fraction(report.charge))
    return charge, ceiling(
        Fraction(charge) * Fraction(order.exchange_rate) * Fraction(order.factor)
    )


# ── An answer ────────────────────────────────────────────────────────────────────────────────

ACCOUNT = {F.KEY, F.SUSPENDED, F.FUNDS, F.RATE_LIMIT}
"""Refusals that are about our account: the order waits."""


def is_awaited(order: Any, submission: Any) -> bool:
    """Whether an answer to this sending may still change the order."""
    return submission.outcome in (Sent.OPEN, Sent.UNKNOWN) and order.status in (
        S.SENDING,
        S.UNCONFIRMED,
    )


def after_answer(name: str, *, taken: bool, sent_before: bool) -> tuple[str, str]:
    """The status of the order and the outcome of its sending after an awaited answer."""
    if name == "id":
        return (S.UNCONFIRMED, Sent.UNKNOWN) if taken else (S.PENDING, Sent.CREATED)
    if name == "not sent":
        return S.WAITING, Sent.NOT_SENT
    if name == "unknown" or (name == F.DUPLICATE and sent_before):
        return S.UNCONFIRMED, Sent.UNKNOWN
    if name in ACCOUNT or name == F.REQUEST:
        return S.WAITING, Sent.REFUSED
    return S.REFUSED, Sent.REFUSED


# ── A claim ──────────────────────────────────────────────────────────────────────────────────

A_HAIR = Decimal("0.0000001")
FLOOR = Decimal("1.05")


def cost_now(order: Any, offer: Any, provider: Any) -> Decimal:
    """What sending an order would cost at today's rate and exchange."""
    times = Fraction(1) if order.service_type == "package" else Fraction(order.billable, 1000)
    charge = ceiling(Fraction(offer.rate) * times)
    rates = Fraction(provider.exchange_rate) * Fraction(provider.factor)
    return ceiling(Fraction(charge) * rates)


def may_be_sent(order: Any, now: datetime) -> bool | None:
    """Whether a worker gets the order; None where the last digit of a floor decides."""
    offer, provider, service = order.offer, order.provider, order.service
    fresh = (now - provider.state.catalog_read_at).total_seconds() <= 3600
    ready = order.not_before is None or order.not_before <= now
    # What became of its first offer stops nothing that went to the fallback.
    stops = ("staff",) if order.first_offer_id else ("staff", "gone", "type_changed")
    stopped = service.pause in stops or offer.retired_at is not None
    if order.hold in ("staff", "request") or not ready or stopped or not fresh:
        return False
    cost = cost_now(order, offer, provider)
    if order.loss_allowed is not None and cost - order.price <= order.loss_allowed:
        return True
    least = (cost * FLOOR).quantize(Decimal(1).scaleb(-8), ROUND_CEILING)
    return None if abs(order.price - least) < A_HAIR else order.price > least

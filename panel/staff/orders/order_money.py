"""The money of one order: price, refund, and the charge as quoted beside the actual one."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from orders import service_types
from orders.enums import OrderStatus
from orders.models import Order
from orders.money import QUANTUM, ZERO
from orders.pricing.stages import Stage, figure
from orders.spelling import with_marks
from panel.display import money_text
from panel.staff.orders import stage_words

MARKUPS = ("markup", "typed_total")
_RETURNED = (OrderStatus.PARTIAL, OrderStatus.CANCELED, OrderStatus.REFUSED)


@dataclass(frozen=True)
class Line:
    """A stage: quoted at placement, and as it turned out (None: not known)."""

    label: str
    quoted: Decimal | None
    actual: Decimal | None
    currency: str = ""


@dataclass(frozen=True)
class CostSide:
    """What staff who see costs read."""

    lines: list[Line]
    stages: list[Stage]
    cost: Decimal
    is_known: bool
    is_nothing: bool
    """It ended without ever being at the provider: no charge will come."""
    profit_quoted: Decimal
    profit: Decimal
    margin: Decimal | None
    difference: str


@dataclass(frozen=True)
class Money:
    """The money card. `costs` is None for who does not see them."""

    price: Decimal
    rate: Decimal
    refunded: Decimal
    net: Decimal
    costs: CostSide | None


def money_of(order: Order, *, sees_cost: bool) -> Money:
    """All amounts of an order that this kind of person may see."""
    return Money(
        price=order.price,
        rate=order.rate,
        refunded=order.refunded,
        net=order.price - order.refunded,
        costs=_costs(order) if sees_cost else None,
    )


def _costs(order: Order) -> CostSide:
    net = order.price - order.refunded
    cost = _cost_now(order)
    stages = stage_words.in_words(Stage.from_json(stored) for stored in order.stages)
    return CostSide(
        lines=list(_lines(order, stages)),
        stages=stages,
        cost=cost,
        is_known=order.cost is not None,
        is_nothing=_was_never_bought(order),
        profit_quoted=order.price - order.expected_cost,
        profit=net - cost,
        margin=(net - cost) * 100 / net if net > 0 else None,
        difference=_difference(order),
    )


def _was_never_bought(order: Order) -> bool:
    ended = order.status in (OrderStatus.REFUSED, OrderStatus.CANCELED)
    return ended and order.cost is None and not order.upstream_id


def _cost_now(order: Order) -> Decimal:
    """The charge, or what is to be expected while it is not known; nothing without a sending."""
    if order.cost is not None:
        return order.cost
    return ZERO if order.status in _RETURNED else order.expected_cost


def _lines(order: Order, stages: list[Stage]) -> Iterator[Line]:
    currency, charge = order.cost_currency, order.charge_upstream
    package = service_types.by_slug(order.service_type).package
    per = _("Cost rate, per package") if package else _("Cost rate, per 1000")
    rate = _actual_rate(order, package)
    yield Line(per, order.cost_rate_upstream, rate, currency)
    yield Line(_("Upstream charge"), order.expected_charge_upstream, charge, currency)
    foreign = any(stage.code == "exchange" for stage in stages) or order.exchange_rate != 1
    if foreign:
        quoted = order.expected_charge_upstream * order.exchange_rate
        actual = None if charge is None else charge * order.exchange_rate
        exchange = _("Exchange × %(rate)s") % {"rate": with_marks(figure(order.exchange_rate, 4))}
        yield Line(exchange, quoted, actual)
    if order.factor != 1:
        words = _("Fee × %(factor)s") if order.factor > 1 else _("Bonus × %(factor)s")
        label = words % {"factor": with_marks(figure(order.factor, 4))}
        yield Line(label, order.expected_cost, order.cost)
    for stage in stages:
        if stage.code in MARKUPS:
            label, note = stage.label, stage.note
            yield Line(f"{label}: {note}" if note else label, None, None)
    yield Line(_("Price"), order.price, order.price)
    if order.refunded:
        yield Line(_("Paid back"), None, -order.refunded)


def _actual_rate(order: Order, package: bool) -> Decimal | None:
    """The rate that the charge amounts to; unknown once part of it may have been given back."""
    if order.charge_upstream is None or order.status in _RETURNED or order.is_subscription:
        return None
    if package or not order.billable:
        return order.charge_upstream
    return (order.charge_upstream * 1000 / order.billable).quantize(QUANTUM)


def _difference(order: Order) -> str:
    """How far the profit is from the quoted one, and why."""
    if _was_never_bought(order):
        return _("Nothing was bought, nothing was charged")
    if order.cost is None:
        return ""
    dearer = order.cost - order.expected_cost
    less = dearer + order.refunded
    why = []
    if order.refunded:
        back = {"amount": money_text(order.refunded)}
        why.append(_("%(amount)s paid back to the client") % back)
    if dearer:
        why.append(_why_charged(order, dearer))
    if not why:
        return _("Charged as quoted")
    words = _("As quoted in the end: %(why)s")
    if less > 0:
        words = _("%(amount)s less than quoted: %(why)s")
    elif less < 0:
        words = _("%(amount)s more than quoted: %(why)s")
    return words % {"amount": money_text(abs(less)), "why": ", ".join(why)}


def _why_charged(order: Order, dearer: Decimal) -> str:
    """The charge against the expected one; at another rate, or less after something came back."""
    by = {"amount": money_text(abs(dearer))}
    if order.status in _RETURNED:
        if dearer < 0:
            return _("charged %(amount)s less for what was delivered") % by
        return _("charged %(amount)s more") % by
    rate = _actual_rate(order, service_types.by_slug(order.service_type).package)
    if rate is None or rate == order.cost_rate_upstream:
        return (_("charged %(amount)s more") if dearer > 0 else _("charged %(amount)s less")) % by
    was, now = (money_text(each, order.cost_currency) for each in (order.cost_rate_upstream, rate))
    words = _("charged %(amount)s less, their rate was %(was)s → %(now)s")
    if dearer > 0:
        words = _("charged %(amount)s more, their rate was %(was)s → %(now)s")
    return words % {**by, "was": was, "now": now}

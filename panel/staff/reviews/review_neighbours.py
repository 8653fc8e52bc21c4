"""The table of neighbouring upstream ids: what each is, whose, and how it compares."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from orders import statuses
from orders.evidence import Neighbour, Probe
from orders.kept_words import told
from orders.models import Order
from panel.display import count, money_text


@dataclass(frozen=True)
class Row:
    """One id that the provider knows. `order` is ours, `opens` whether this person may see it."""

    upstream_id: str
    order: int | None
    opens: bool
    coin: str
    status: str
    charge: Decimal | None
    currency: str
    start_count: str
    compared: str
    matches: bool


@dataclass(frozen=True)
class Table:
    """All rows, and in words what is not shown."""

    rows: list[Row]
    rest: str


def table(probe: Probe, order: Order, visible: Collection[int]) -> Table:
    """What a probe found beside an order, without any query."""
    return Table([_row(each, order, visible) for each in probe.known], _rest(probe))


def _row(each: Neighbour, order: Order, visible: Collection[int]) -> Row:
    word = statuses.from_upstream(each.status)
    matches = each.matches(order.charge_at_once, order.cost_currency)
    return Row(
        upstream_id=each.upstream_id,
        order=each.order,
        opens=each.order in visible,
        coin=word or "unknown",
        status=each.status or _("no status"),
        charge=each.charge,
        currency=each.currency or order.cost_currency,
        start_count=count(each.start_count),
        compared=_compared(each, order, matches),
        matches=matches,
    )


def _compared(each: Neighbour, order: Order, matches: bool) -> str:
    if each.order is not None:
        return _("another order of ours")
    if matches:
        return _("the quoted charge")
    if each.charge is None:
        return _("no charge told")
    quoted = money_text(order.charge_at_once, order.cost_currency)
    return _("another charge than %(quoted)s") % {"quoted": quoted}


def _rest(probe: Probe) -> str:
    if probe.failure:
        return _("The ids could not be asked about: %(why)s") % {"why": told(probe.failure)}
    if not probe.known and not probe.unknown:
        return _(
            "None of our orders near it has an id that counts up, so there is none to ask about."
        )
    if not probe.unknown:
        return ""
    words = _("%(number)s more are not known on our account.")
    if probe.says:
        words = _("%(number)s more are not known on our account: “%(says)s”.")
    return words % {"number": probe.unknown, "says": probe.says}

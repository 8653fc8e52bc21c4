"""The table of neighbouring upstream ids: what each is, whose, and how it compares."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from orders import statuses
from orders.evidence import Neighbour, Probe
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
        status=each.status or "no status",
        charge=each.charge,
        currency=each.currency or order.cost_currency,
        start_count=count(each.start_count),
        compared=_compared(each, order, matches),
        matches=matches,
    )


def _compared(each: Neighbour, order: Order, matches: bool) -> str:
    if each.order is not None:
        return "another order of ours"
    if matches:
        return "the quoted charge"
    if each.charge is None:
        return "no charge told"
    return f"another charge than {money_text(order.charge_at_once, order.cost_currency)}"


def _rest(probe: Probe) -> str:
    if probe.failure:
        return f"The ids could not be asked about: {probe.failure}"
    if not probe.known and not probe.unknown:
        return "None of our orders near it has an id that counts up, so there is none to ask about."
    if not probe.unknown:
        return ""
    says = f": “{probe.says}”" if probe.says else ""
    return f"{probe.unknown} more are not known on our account{says}."

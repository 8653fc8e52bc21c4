"""What a provider keeps for an order, as far as its words tell."""

from decimal import Decimal, localcontext

from orders.enums import OrderStatus
from orders.money import ZERO, round_up
from orders.statuses.received import from_upstream


def charge_kept(
    word: str, expected: Decimal, charge: Decimal | None, remains: int | None, total: int | None
) -> Decimal:
    """What the provider has taken for an order and not given back, in its currency.

    Args:
        word: its own word for the status, "" before the first report.
        expected: what was quoted; it counts until `charge` says otherwise.
        remains: what it left undelivered of `total`.

    After *Canceled* it keeps nothing. After *Partial* some lower the charge to what was delivered
    and others leave it whole while they pay back; whichever the figure is nearer to, it is taken
    for. A provider that pays nothing back shows as money that is missing.
    """
    taken = expected if charge is None else charge
    said = from_upstream(word)
    if said == OrderStatus.CANCELED:
        return ZERO
    if said != OrderStatus.PARTIAL or remains is None or not total:
        return taken
    delivered = total - min(max(remains, 0), total)
    with localcontext(prec=80):
        net = expected * delivered / total
        if charge is not None and abs(charge - net) <= abs(charge - expected):
            return charge
        return round_up(taken * delivered / total)

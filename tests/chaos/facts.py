"""What is known outside of the panel, to compare it with: the providers' books, what was pressed,
what was done to whom."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from orders import statuses
from orders.enums import OrderStatus
from tests.chaos.mischief import Outage
from tests.chaos.presses import Press
from tests.chaos.upstreams import Accepted, Upstream


@dataclass(frozen=True)
class Standing:
    """An order as its provider shows it in the end."""

    status: OrderStatus | None
    remains: int
    charge: Decimal


@dataclass
class Facts:
    """`accepted`: every `add` that a provider took; `standings`: by provider and upstream id."""

    accepted: list[Accepted] = field(default_factory=list)
    standings: dict[tuple[int, str], Standing] = field(default_factory=dict)
    presses: list[Press] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)
    provider_of: dict[int, int] = field(default_factory=dict)


def gather(upstreams: list[Upstream], presses: list[Press], outages: list[Outage]) -> Facts:
    """Read every book to its end."""
    facts = Facts(presses=presses, outages=outages)
    for upstream in upstreams:
        upstream.read_books()
        taken = [one for found in upstream.by_link.values() for one in found]
        facts.accepted += taken
        facts.provider_of[upstream.number] = upstream.provider_id
        for upstream_id, told in upstream.statuses(one.upstream_id for one in taken).items():
            facts.standings[upstream.provider_id, upstream_id] = _standing(told)
    return facts


def _standing(told: dict[str, Any]) -> Standing:
    status = statuses.from_upstream(told["status"])
    return Standing(status, int(told["remains"]), Decimal(told["charge"]))

"""What is known outside of the panel, to compare it with: the providers' books, what was pressed,
what was done to whom."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from orders import statuses
from orders.enums import OrderStatus
from tests.chaos.aftercare import Call
from tests.chaos.approvals import Ruling
from tests.chaos.counter import Receipt
from tests.chaos.gateway import Payment
from tests.chaos.mischief import Outage
from tests.chaos.parcels import Sent
from tests.chaos.payers import PaidIn
from tests.chaos.presses import Press
from tests.chaos.readings import Look, Reading
from tests.chaos.upstreams import Accepted, Asked, Post, Upstream

LATE_ID = "submission.late_id_after_decision"


@dataclass(frozen=True)
class Standing:
    """An order as its provider shows it in the end."""

    status: OrderStatus | None
    remains: int
    charge: Decimal


@dataclass
class Facts:
    """`accepted`: every `add` that a provider took; `standings`: by provider and upstream id;
    `families`: likewise, those in runs, each run by its own id; `posts`: likewise, of
    subscriptions. `key_fields`: by provider, the parameter in which it wants a key.

    `asked`: every call about refills and stops; `refills`: those taken, by provider and refill id,
    with the upstream order and the word for how it stands. `alarms`: orders and ids in the logs.
    `payments`: the gateway's own book. `odd`: answers to programs that are none of API v2.
    """

    accepted: list[Accepted] = field(default_factory=list)
    standings: dict[tuple[int, str], Standing] = field(default_factory=dict)
    families: dict[tuple[int, str], dict[str, Standing]] = field(default_factory=dict)
    posts: dict[tuple[int, str], dict[str, Post]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    refills: dict[tuple[int, str], tuple[str, str]] = field(default_factory=dict)
    alarms: set[tuple[int, str]] = field(default_factory=set)
    presses: list[Press] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    paid_in: list[PaidIn] = field(default_factory=list)
    rulings: list[Ruling] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)
    strandings: list[tuple[datetime, datetime]] = field(default_factory=list)
    provider_of: dict[int, int] = field(default_factory=dict)
    key_fields: dict[int, str] = field(default_factory=dict)


def gather(facts: Facts, upstreams: list[Upstream], logs: Path) -> Facts:
    """Add to what was pressed and done every book and log, read to its end."""
    for upstream in upstreams:
        upstream.read_books()
        upstream.read_calls()
        taken = [one for found in upstream.by_link.values() for one in found]
        facts.accepted += taken
        facts.asked += upstream.asked
        facts.provider_of[upstream.number] = upstream.provider_id
        if upstream.key_field:
            facts.key_fields[upstream.provider_id] = upstream.key_field
        for upstream_id, told in upstream.statuses(one.upstream_id for one in taken).items():
            place = (upstream.provider_id, upstream_id)
            if "runs" in told:
                runs = upstream.statuses(map(str, told["orders"]))
                facts.families[place] = {pk: standing_of(run) for pk, run in runs.items()}
            elif "posts" in told:
                facts.posts[place] = upstream.posts(upstream_id)
            else:
                facts.standings[place] = standing_of(told)
        words = upstream.refill_words()
        for one in upstream.refills:
            place = (upstream.provider_id, one.refill_id)
            facts.refills[place] = (one.upstream_id, words[one.refill_id])
    facts.alarms |= {alarm for log in logs.iterdir() for alarm in alarms_in(log)}
    return facts


def alarms_in(log: Path) -> Iterator[tuple[int, str]]:
    """The errors about late ids in a process's log: the order, and the id that came late."""
    for line in log.read_text(errors="replace").splitlines():
        if LATE_ID in line:
            with suppress(json.JSONDecodeError):
                said = json.loads(line)
                yield int(said["order"]), str(said["upstream_id"])


def standing_of(told: dict[str, Any]) -> Standing:
    """An order or a run, as its provider tells of it over the API or by the lever."""
    status = statuses.from_upstream(told["status"])
    return Standing(status, int(told["remains"]), Decimal(told["charge"]))

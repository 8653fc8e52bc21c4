"""Looking at upstream ids next to ours: was one of them made by a sending whose answer was lost?

Ids that count up tell when an order was made. Between the last one that we got before a sending
and the first after it, that sending's own must lie. Asking is reading: nothing is ordered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from orders.enums import SubmissionOutcome
from orders.models import Child, Order, Provider, Submission
from orders.upstream.client import Client
from orders.upstream.replies import ItemError, StatusReply

MOST_PROBED = 25
"""No more ids are asked about at once."""

NEAR = 20
"""So many of our own sendings on each side are looked through for an id that counts up."""

LONGEST_NUMBER = 18


@dataclass(frozen=True)
class Neighbour:
    """What a provider said about one id. `order` is ours that has it, `charge` None if unsaid."""

    upstream_id: str
    status: str
    charge: Decimal | None
    currency: str
    start_count: int | None
    remains: int | None
    order: int | None

    def matches(self, expected: Decimal, currency: str) -> bool:
        """Whether it is nobody's and was charged what was quoted."""
        own_currency = self.currency.upper() in ("", currency)
        return self.order is None and own_currency and self.charge == expected


@dataclass(frozen=True)
class Probe:
    """What came of asking: the ids that the provider knows, and how many it does not."""

    known: list[Neighbour]
    unknown: int
    says: str
    """Its words about one that it does not know."""
    failure: str = ""

    def matching(self, expected: Decimal, currency: str) -> list[Neighbour]:
        return [each for each in self.known if each.matches(expected, currency)]


def candidates(submission: Submission, most: int = MOST_PROBED) -> list[str]:
    """Ids among which the sending's own would be, in rising order; empty where none count up."""
    before = _nearest(submission, earlier=True)
    after = _nearest(submission, earlier=False)
    if before and after and before[0] < after[0]:
        return _between(before, after, submission.claimed_at, most)
    if before:
        return _texts(range(before[0], before[0] + most))
    if after:
        return _texts(range(max(after[0] - most + 1, 1), after[0] + 1))
    return []


Numbered = tuple[int, datetime]


def _nearest(submission: Submission, *, earlier: bool) -> Numbered | None:
    """The id, and the moment, of our nearest sending that has a number for one."""
    side, order = ("lte", "-claimed_at") if earlier else ("gt", "claimed_at")
    created = Submission.objects.filter(
        provider=submission.provider_id,
        outcome=SubmissionOutcome.CREATED,
        **{f"claimed_at__{side}": submission.claimed_at},
    ).exclude(pk=submission.pk)
    rows = created.order_by(order).values_list("upstream_id", "claimed_at")[:NEAR]
    return next(((int(text), at) for text, at in rows if _counts_up(text)), None)


def _counts_up(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER


def _between(before: Numbered, after: Numbered, at: datetime, most: int) -> list[str]:
    """All between the two, or those about where the moment of the sending lies between theirs."""
    (low, since), (high, until) = before, after
    if high - low < most:
        return _texts(range(low, high + 1))
    share = (at - since) / (until - since) if until > since else 0.5
    middle = low + round((high - low) * share)
    begin = min(max(middle - most // 2, low), high - most + 1)
    return _texts(range(begin, begin + most))


def _texts(numbers: Iterable[int]) -> list[str]:
    return [str(number) for number in numbers]


# ── Asking, keeping and reading back ─────────────────────────────────────────────────────────


def asked(client: Client, ids: Sequence[str]) -> list[dict[str, Any]]:
    """One call about these ids; what came as it is kept. Raises `ReadFailed`."""
    said = client.statuses(ids)
    return [_kept(each, said[each]) for each in ids if each in said]


def _kept(upstream_id: str, said: StatusReply | ItemError) -> dict[str, Any]:
    if isinstance(said, ItemError):
        return {"id": upstream_id, "error": said.text[:200]}
    return {
        "id": upstream_id,
        "status": said.status,
        "charge": None if said.charge is None else str(said.charge),
        "currency": said.currency,
        "start_count": said.start_count,
        "remains": said.remains,
    }


def probe_of(kept: dict[str, Any], provider: Provider) -> Probe:
    """What was kept of a probe, with the orders that hold these ids today, be it as a run's; two
    queries."""
    items = kept.get("items", [])
    found = [item for item in items if "error" not in item]
    ids = [item["id"] for item in found]
    ours = Order.objects.filter(provider=provider, upstream_id__in=ids)
    runs = Child.objects.filter(provider=provider, upstream_id__in=ids)
    orders: dict[str | None, int] = dict(runs.values_list("upstream_id", "order_id"))
    orders |= dict(ours.values_list("upstream_id", "pk"))
    return Probe(
        known=[_neighbour(item, orders.get(item["id"])) for item in found],
        unknown=kept.get("asked", len(items)) - len(found),
        says=next((item["error"] for item in items if "error" in item), ""),
        failure=kept.get("failure", ""),
    )


def _neighbour(item: dict[str, Any], order: int | None) -> Neighbour:
    return Neighbour(
        upstream_id=item["id"],
        status=item["status"],
        charge=_decimal(item["charge"]),
        currency=item["currency"],
        start_count=item["start_count"],
        remains=item["remains"],
        order=order,
    )


def _decimal(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return None

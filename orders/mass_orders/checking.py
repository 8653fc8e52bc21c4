"""What each line would do now: its service, price and what stands in the way. Nothing is written.

As many queries for a thousand lines as for one.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import override

from orders import drafts, overlaps, service_types
from orders.drafts import Draft
from orders.enums import NotSold
from orders.errors import Declined
from orders.mass_orders.reading import Line, Source
from orders.mass_orders.refusals import Refusal, refusal_of, unread
from orders.models import Customer, Service, User
from orders.money import ZERO

_NOT_ON_THE_LIST = {NotSold.UNKNOWN, NotSold.HIDDEN, NotSold.NO_PRICE, NotSold.TYPE}


@dataclass(frozen=True)
class Checked:
    """One line. With a `refusal` it cannot be placed as it is.

    `orders` are open orders on the same link, `earlier` is a line above on the same link, which
    `repeats` says to be the very same: both want to be confirmed.
    """

    line: Line
    name: str = ""
    link: str = ""
    quantity: int | None = None
    price: Decimal | None = None
    refusal: Refusal | None = None
    orders: tuple[int, ...] = ()
    earlier: int | None = None
    repeats: bool = False

    @property
    def overlaps(self) -> bool:
        """Whether it could be placed, but counts with something else on its link."""
        return self.refusal is None and (bool(self.orders) or self.earlier is not None)

    @property
    def is_good(self) -> bool:
        """Whether nothing speaks against it."""
        return self.refusal is None and not self.overlaps


@dataclass(frozen=True)
class Check:
    """All lines, and what they come to."""

    lines: list[Checked]
    balance: Decimal
    credit_limit: Decimal

    @property
    def good(self) -> list[Checked]:
        """The lines against which nothing speaks."""
        return [one for one in self.lines if one.is_good]

    @property
    def overlapping(self) -> list[Checked]:
        """The lines that could be placed all the same."""
        return [one for one in self.lines if one.overlaps]

    @property
    def wrong(self) -> list[Checked]:
        """The lines that cannot be placed as they are."""
        return [one for one in self.lines if one.refusal is not None]

    def missing(self, price: Decimal) -> Decimal:
        """What the wallet and its credit lack for this much."""
        return max(price - self.balance - self.credit_limit, ZERO)

    @property
    def fingerprint(self) -> str:
        """Of everything that a person decides by."""
        said = [
            [
                *(one.line.number, one.line.raw, str(one.price), one.orders, one.earlier),
                (one.refusal.why, one.refusal.detail) if one.refusal else None,
            ]
            for one in self.lines
        ]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def total(lines: Iterable[Checked]) -> Decimal:
    """What these lines cost together."""
    return sum((one.price for one in lines if one.price is not None), ZERO)


def check(customer: Customer, source: Source, *, by: User) -> Check:
    """What the lines would do for this customer, placed by this person. Raises `NotAllowed`."""
    sound = [line for line in source.lines if not line.error]
    wanted = [(line.service or 0, line.fields) for line in sound]
    with override("en"):  # what is refused is kept with the line, for whoever reads it later
        results = drafts.draft_many(customer, wanted, by=by)
    drafted = {line.number: result for line, result in zip(sound, results, strict=True)}
    names = _names(wanted)
    checked = [_checked(line, drafted.get(line.number), names) for line in source.lines]
    links = {
        number: service_types.link_key(draft.details.target)
        for number, draft in drafted.items()
        if isinstance(draft, Draft)
    }
    open_orders = overlaps.open_orders_on_each(set(links.values()), by, customer)
    return Check(
        lines=_compared(checked, drafted, links, open_orders),
        balance=customer.wallet.balance or ZERO,
        credit_limit=customer.credit_limit,
    )


def _names(wanted: Sequence[tuple[int, object]]) -> dict[int, str]:
    numbers = {number for number, _ in wanted}
    return dict(Service.objects.filter(pk__in=numbers).values_list("pk", "name"))


def _checked(line: Line, result: Draft | Declined | None, names: Mapping[int, str]) -> Checked:
    typed = line.fields.get("link", "")
    if result is None:
        return Checked(line, link=typed, refusal=unread(line))
    if isinstance(result, Declined):
        refusal = refusal_of(result)
        is_listed = refusal.detail.get("way") not in _NOT_ON_THE_LIST
        name = names.get(line.service or 0, "") if is_listed else ""
        return Checked(line, name, typed, refusal=refusal)
    details, price = result.details, result.quote.price
    return Checked(line, result.service.name, details.target, details.billable, price)


def _compared(
    lines: Sequence[Checked],
    drafted: Mapping[int, Draft | Declined],
    links: Mapping[int, str],
    open_orders: Mapping[str, list[int]],
) -> list[Checked]:
    """Each line with what else is on its link: open orders, and the first line above it; the very
    same one before another."""
    compared = []
    by_link: dict[str, int] = {}
    by_body: dict[str, int] = {}
    for one in lines:
        draft, link = drafted.get(one.line.number), links.get(one.line.number)
        if not isinstance(draft, Draft) or not link:
            compared.append(one)
            continue
        body = json.dumps([draft.service.pk, draft.details.values], sort_keys=True)
        same = by_body.setdefault(body, one.line.number)
        first = by_link.setdefault(link, one.line.number)
        repeats = same != one.line.number
        earlier = same if repeats else first
        compared.append(
            replace(
                one,
                orders=tuple(open_orders.get(link, ())),
                earlier=earlier if earlier != one.line.number else None,
                repeats=repeats,
            )
        )
    return compared

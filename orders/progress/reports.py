"""A report about an order, and the order's row as a report finds it. Plain values."""

from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b

import msgspec

from orders.enums import OrderStatus
from orders.money import round_up

MISSING = "nothing about this order"
"""The trouble of an id that was asked for and is not in the answer."""

UNREADABLE = "an answer about this order that cannot be read"
"""The trouble of an item for which every request fails while others succeed."""


class Report(msgspec.Struct, frozen=True, gc=False):
    """What a provider said about one order (or one child: `order_id` is then the child's own
    number), `charge` in `currency`.

    None is *not said, or unreadable*; `remains_raw` keeps an unreadable figure. `trouble` is what
    was wrong with this item instead of a report: the provider's words, `MISSING`, `UNREADABLE`.
    `runs` and `children` are told of an order that is carried out in several, `is_listed` when a
    list was given that could be read whole; `odd` is what was found wrong with them.
    `is_of_subscription`: it says what only a subscription has. `status` is what follows where the
    word alone does not say it, `is_cost_open` that the charge still grows, and `awaits_rate` that
    only the next reading of the catalog tells what it means.
    """

    order_id: int
    status_word: str
    charge: Decimal | None
    currency: str
    start_count: int | None
    remains: int | None
    remains_raw: str
    asked_at: datetime
    trouble: str = ""
    runs: int | None = None
    children: tuple[str, ...] = ()
    odd: str = ""
    is_listed: bool = False
    is_of_subscription: bool = False
    status: OrderStatus | None = None
    is_cost_open: bool = False
    awaits_rate: bool = False

    @property
    def tells_of_runs(self) -> bool:
        return bool(self.children) or self.runs is not None

    @classmethod
    def of_trouble(cls, order_id: int, trouble: str, asked_at: datetime) -> "Report":
        return cls(order_id, "", None, "", None, None, "", asked_at, trouble)


class Row(msgspec.Struct, frozen=True, gc=False):
    """The columns of an order that decide what follows from a report, and those it changes."""

    id: int
    customer_id: int
    service_id: int
    offer_id: int
    provider_id: int
    # What was agreed
    price: Decimal
    delivery_total: int | None
    cost_rate_upstream: Decimal
    cost_currency: str
    exchange_rate: Decimal
    factor: Decimal
    expected_charge_upstream: Decimal
    # What a report may change
    status: str
    status_at: datetime
    finished_at: datetime | None
    upstream_status: str
    start_count: int | None
    remains: int | None
    charge_upstream: Decimal | None
    cost: Decimal | None
    refunded: Decimal
    refund_unknown: bool
    flag: str
    tier: int | None
    changed_at: datetime
    runs: int | None = None
    quantity: int = 0
    least_per_post: int | None = None
    ends_on: date | None = None

    @property
    def is_subscription(self) -> bool:
        return self.least_per_post is not None


def digest(report: Report) -> str:
    """A short text that is the same for reports of an order with runs that say the same."""
    charge = None if report.charge is None else report.charge.normalize()
    whole = (report.runs, report.children, report.is_listed)
    said = (report.status_word, charge, report.currency, *whole)
    return blake2b(repr(said).encode(), digest_size=16).hexdigest()


def says_nothing_new(
    flag: str,
    upstream_status: str,
    charge_upstream: Decimal | None,
    start_count: int | None,
    remains: int | None,
    report: Report,
) -> bool:
    """Whether a report repeats what an unflagged order already holds; most do."""
    stored = (upstream_status, charge_upstream, start_count, remains)
    said = (report.status_word, report.charge, report.start_count, report.remains)
    return not flag and not report.trouble and repeats(said, stored)


Said = tuple[str, Decimal | None, int | None, int | None]
"""A status in the provider's word, the charge, the start count, the remains."""


def repeats(said: Said, stored: Said) -> bool:
    """Whether what was said is what is stored, as far as anything was said."""
    word, charge, start_count, remains = said
    return (
        word == stored[0]
        and (remains is None or remains == stored[3])
        and (start_count is None or start_count == stored[2])
        and (charge is None or _is(charge, stored[1]))
    )


def _is(charge: Decimal, stored: Decimal | None) -> bool:
    # 0.0714 equals 0.07140; an eleventh decimal place is rounded as it would be stored.
    return charge == stored or (stored is not None and round_up(charge) == stored)

"""The rows that matter, as the database keeps them at one moment."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from orders.models import Child, Customer, Event, Movement, Order, Staff, Submission, TopUp

ORDER = (
    "pk",
    "customer_id",
    "service_id",
    "provider_id",
    "offer_id",
    "first_offer_id",
    "status",
    "status_at",
    "changed_at",
    "finished_at",
    "price",
    "refunded",
    "refund_unknown",
    "remains",
    "delivery_total",
    "upstream_id",
    "upstream_status",
    "charge_upstream",
    "expected_charge_upstream",
    "cost",
    "cost_currency",
    "exchange_rate",
    "factor",
    "flag",
    "runs",
    "least_per_post",
)
CHILD = ("pk", "order_id", "provider_id", "number", "upstream_id", "status")
SUBMISSION = ("pk", "order_id", "number", "outcome", "upstream_id", "late_upstream_id")
EVENT = ("pk", "order_id", "kind", "status", "person_id", "data")
TOP_UP = ("pk", "customer_id", "status", "amount", "fee", "received")


class Moved(NamedTuple):
    """A transfer; amounts are counted in 10⁻⁸."""

    id: int
    kind: str
    reference: str
    source: int
    target: int
    amount: int
    balance_after: int | None
    order_id: int | None
    person_id: int | None
    memo: str
    at: Any


class Held(NamedTuple):
    """An account; `balance` in 10⁻⁸, of wallets alone."""

    kind: str
    balance: int | None
    customer_id: int | None
    staff_id: int | None


@dataclass
class Picture:
    """What the rows say, each kind by id; `events` are those since the picture before."""

    accounts: dict[int, Held]
    transfers: dict[int, Moved]
    orders: dict[int, Any]
    children: dict[int, Any]
    submissions: dict[int, Any]
    top_ups: dict[int, Any]
    credit: dict[int, Decimal]
    limits: dict[int, Decimal]
    movements: list[tuple[int | None, Decimal]]
    events: list[Any] = field(default_factory=list)
    last_event: int = 0

    @classmethod
    def taken(cls, since: int) -> "Picture":
        """Now. `since` is the last event that an earlier picture has."""
        events = list(_named(Event.objects.filter(pk__gt=since).order_by("pk"), EVENT))
        return cls(
            accounts={pk: Held(*row) for pk, *row in _raw("account", "id", Held._fields)},
            transfers={row[0]: Moved(*row) for row in _raw("transfer", *_columns())},
            orders={one.pk: one for one in _named(Order.objects.order_by("pk"), ORDER)},
            children={one.pk: one for one in _named(Child.objects.all(), CHILD)},
            submissions={one.pk: one for one in _named(Submission.objects.all(), SUBMISSION)},
            top_ups={one.pk: one for one in _named(TopUp.objects.all(), TOP_UP)},
            credit=dict(Customer.objects.values_list("pk", "credit_limit")),
            limits=dict(Staff.objects.filter(is_admin=False).values_list("user_id", "daily_limit")),
            movements=list(Movement.objects.values_list("order_id", "amount")),
            events=events,
            last_event=events[-1].pk if events else since,
        )

    def new_transfers(self, before: "Picture") -> list[Moved]:
        """What was moved since the picture before, the oldest first."""
        return [row for pk, row in sorted(self.transfers.items()) if pk not in before.transfers]

    def moved(self, kind: str) -> list[Moved]:
        """All transfers of a kind."""
        return [row for row in self.transfers.values() if row.kind == kind]

    def wallet_of(self, customer_id: int) -> int:
        """The id of a client's wallet."""
        return next(pk for pk, one in self.accounts.items() if one.customer_id == customer_id)

    def holds(self, customer_id: int) -> Decimal:
        """What a client's wallet holds."""
        return Decimal(self.accounts[self.wallet_of(customer_id)].balance or 0).scaleb(-8)

    def spent(self, person: int, day: Any) -> Decimal:
        """What a member gave away that day: gifts, corrections in a client's favour, approved
        top-ups, decided refunds."""
        sums = 0
        for row in self.transfers.values():
            favour = row.kind == "correction" and self.accounts[row.target].kind == "wallet"
            if row.person_id == person and (favour or row.kind in ("gift", "top_up", "refund")):
                sums += row.amount if str(row.at)[:10] == str(day)[:10] else 0
        return Decimal(sums).scaleb(-8)

    def sums(self, until: int | None = None) -> dict[int, int]:
        """What came into each account less what went out, up to and with one transfer."""
        found = dict.fromkeys(self.accounts, 0)
        for row in self.transfers.values():
            if until is None or row.id <= until:
                found[row.source] -= row.amount
                found[row.target] += row.amount
        return found


def units(amount: Decimal) -> int:
    """An amount counted in 10⁻⁸, as transfers keep it."""
    return int(amount.scaleb(8))


def _named(rows: Any, names: tuple[str, ...]) -> Iterable[Any]:
    return rows.values_list(*names, named=True)


def _columns() -> tuple[str, tuple[str, ...]]:
    ends = {"source": "source_id", "target": "target_id"}
    first, *rest = (ends.get(name, name) for name in Moved._fields)
    return first, tuple(rest)


def _raw(table: str, first: str, rest: tuple[str, ...]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join((first, *rest))} FROM orders_{table} ORDER BY id")
        return cursor.fetchall()

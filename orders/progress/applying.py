"""Carrying out what follows from reports: orders, money and history in one transaction."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import ceil
from operator import attrgetter
from typing import Any
from uuid import UUID

import structlog
from django.db import DataError, IntegrityError
from django.utils.translation import gettext_noop

from orders import doorbell, history, ledger, movements, sql
from orders.enums import EventKind, PauseReason
from orders.kept_words import Sentence
from orders.models import Child, Order, Service, Sweep
from orders.money import ZERO, plain, to_units
from orders.news import Line
from orders.progress import families
from orders.progress.consequence import Change, consequence
from orders.progress.families import as_row
from orders.progress.moving_on import move_on
from orders.progress.reports import Report, Row
from orders.progress.told import Known

log = structlog.get_logger(__name__)

REPORTED = Sentence(gettext_noop("Provider reported %(word)s"))
CHARGED_MORE = Sentence(
    gettext_noop("Order %(number)s was charged more than the provider's rate says.")
)

MOST_AT_ONCE = 2000
"""Orders that one transaction locks."""


@dataclass(frozen=True)
class Lease:
    """The right to hand in reports, as long as the sweep's row still holds this token."""

    sweep_id: int
    token: UUID


class LeaseLost(Exception):
    """Somebody else took the sweep over; what was asked under this lease is not applied."""


@dataclass(frozen=True)
class Applied:
    """What reports did: orders changed, refunds made, money given back, orders left for later."""

    changed: int = 0
    refunds: int = 0
    amount: Decimal = ZERO
    failed: int = 0

    def __add__(self, other: "Applied") -> "Applied":
        return Applied(
            self.changed + other.changed,
            self.refunds + other.refunds,
            self.amount + other.amount,
            self.failed + other.failed,
        )


def apply(reports: Iterable[Report], *, now: datetime, lease: Lease | None = None) -> Applied:
    """Change the orders that these reports are about; the only way in which a report does so.

    Orders are locked and read again: a report asked before an order's last change is not
    applied. An order whose change the database refuses is left, logged; the others go on.
    Raises `LeaseLost`, and `Busy` when a lock could not be had in time.
    """
    latest = {report.order_id: report for report in reports}
    found = [latest[order_id] for order_id in sorted(latest)]
    return _in_parts(_apply, found, now, lease)


def apply_to_children(
    reports: Iterable[Report], *, now: datetime, lease: Lease | None = None
) -> Applied:
    """The same for reports about children, and for what their orders' runs then add up to."""
    latest = {report.order_id: report for report in reports}
    found = Child.objects.filter(pk__in=list(latest)).order_by("order_id", "pk")
    ordered = [latest[pk] for pk in found.values_list("pk", flat=True)]
    return _in_parts(_apply_to_children, ordered, now, lease)


Part = Callable[[Sequence[Report], datetime, Lease | None], Applied]


def _in_parts(part: Part, found: Sequence[Report], now: datetime, lease: Lease | None) -> Applied:
    # As many in each: what a transaction costs besides its orders is worth a few more of them.
    parts = ceil(len(found) / MOST_AT_ONCE)
    total = Applied()
    for number in range(parts):
        first, end = (len(found) * place // parts for place in (number, number + 1))
        total += _apply_or_split(part, found[first:end], now, lease)
    return total


def _apply_or_split(
    part: Part, reports: Sequence[Report], now: datetime, lease: Lease | None
) -> Applied:
    """One bad order must not keep its neighbours' news away."""
    try:
        return part(reports, now, lease)
    except (IntegrityError, DataError, ValueError) as error:
        if len(reports) > 1:
            middle = len(reports) // 2
            first = _apply_or_split(part, reports[:middle], now, lease)
            return first + _apply_or_split(part, reports[middle:], now, lease)
        what = part.__name__.removeprefix("_apply").removeprefix("_to_") or "orders"
        log.error(
            "progress.not_applied",
            order=reports[0].order_id,
            what=what,
            error=type(error).__name__,
        )
        return Applied(failed=1)


@sql.repeated_on_deadlock
def _apply(reports: Sequence[Report], now: datetime, lease: Lease | None) -> Applied:
    by_order = {report.order_id: report for report in reports}
    with sql.short_transaction():
        if lease is not None:
            _check(lease)
        sql.hold(Order, by_order)
        moved = move_on(by_order.values(), now)
        rows = _read(by_order.keys() - moved)
        others = families.take_in(rows, by_order, now) if rows else {}
        return Applied(len(moved)) + _carry_out(rows, others, now)


@sql.repeated_on_deadlock
def _apply_to_children(reports: Sequence[Report], now: datetime, lease: Lease | None) -> Applied:
    by_child = {report.order_id: report for report in reports}
    children = Child.objects.filter(pk__in=by_child)
    with sql.short_transaction():
        if lease is not None:
            _check(lease)
        order_ids = set(children.values_list("order_id", flat=True))
        sql.hold(Order, order_ids)
        rows = {row.id: row for row in _read(order_ids)}
        found = _CHILDREN.rows(sql.as_one_value(by_child))
        moved = (
            (
                child.order_id,
                _of_child(child, rows[child.order_id], by_child[child.id], now),
            )
            for child in found
        )
        changes = [(order_id, change) for order_id, change in moved if change is not None]
        if not changes:
            return Applied()
        _write("orders_child", CHILD_COLUMNS, [change for _, change in changes])
        parents = [rows[order_id] for order_id in sorted({order_id for order_id, _ in changes})]
        following = families.add_up_all(parents, now)
        return Applied(len(changes)) + _carry_out(parents, following, now)


def _of_child(child: Known, order: Row, report: Report, now: datetime) -> Change | None:
    return consequence(as_row(child, order, report), report, now)


def _carry_out(rows: Iterable[Row], reports: Mapping[int, Report], now: datetime) -> Applied:
    """What follows for these locked orders, with their money and their history."""
    found = (consequence(row, reports[row.id], now) for row in rows if row.id in reports)
    changes = [change for change in found if change is not None]
    if not changes:
        return Applied()
    _write("orders_order", COLUMNS, changes)
    movements.changed([(change.before, change.after) for change in changes], now)
    _stop_sale([change for change in changes if change.overcharged], now)
    refunds = _refund(changes, now)
    history.write(event for change in changes for event in _events(change, now))
    return Applied(len(changes), len(refunds), sum((e.amount for e in refunds), ZERO))


def _check(lease: Lease) -> None:
    # The lock keeps the lease from changing hands before this transaction ends.
    held = Sweep.objects.select_for_update().filter(pk=lease.sweep_id, token=lease.token)
    if held.values_list("pk", flat=True).first() is None:
        raise LeaseLost


_BY_ID = "WHERE id {among} ORDER BY id"
_ORDERS = sql.Reading(Order, Row.__struct_fields__, Row, _BY_ID)
_CHILDREN = sql.Reading(Child, Known._fields, Known, _BY_ID)


def _read(order_ids: Collection[int]) -> list[Row]:
    return _ORDERS.rows(sql.as_one_value(order_ids)) if order_ids else []


# ── Writing ──────────────────────────────────────────────────────────────────────────────────


def _units(amount: Decimal | None) -> int | None:
    return None if amount is None else to_units(amount)


Columns = Mapping[str, tuple[str, Callable[[Any], Any] | None]]

COLUMNS: Columns = {
    "status": ("varchar", str),
    "status_at": ("timestamptz", None),
    "finished_at": ("timestamptz", None),
    "upstream_status": ("varchar", None),
    "start_count": ("bigint", None),
    "remains": ("bigint", None),
    "charge_upstream": ("bigint", _units),
    "cost": ("bigint", _units),
    "refunded": ("bigint", _units),
    "refund_unknown": ("boolean", None),
    "flag": ("varchar", None),
    "tier": ("smallint", lambda tier: None if tier is None else int(tier)),
    "changed_at": ("timestamptz", None),
}
"""What a report writes: the column's PostgreSQL type, and how its value goes into the database
unless it does as it is."""


CHILD_COLUMNS = {
    name: column for name, column in COLUMNS.items() if name not in ("cost", "refunded")
} | {"quantity": ("bigint", None)}


def _write(table: str, columns: Columns, changes: Sequence[Change]) -> None:
    written = [change.after for change in changes]
    values = [
        map(encode, map(attrgetter(name), written)) if encode else map(attrgetter(name), written)
        for name, (_, encode) in columns.items()
    ]
    rows = list(zip(map(attrgetter("id"), written), *values, strict=True))
    casts = [cast for cast, _ in columns.values()]
    sql.update_rows(table, list(columns), rows, casts=casts)


def _refund(changes: Sequence[Change], now: datetime) -> list[ledger.Entry]:
    owing = [change for change in changes if change.refund > 0]
    if not owing:
        return []
    wallets = ledger.lock_wallets_of(change.after.customer_id for change in owing)
    entries = [_entry(change, wallets[change.after.customer_id].pk) for change in owing]
    ledger.post(entries, at=now, held=wallets.values())
    return entries


def _entry(change: Change, wallet_id: int) -> ledger.Entry:
    before, after = change.before, change.after
    memo = REPORTED.of(word=after.upstream_status)
    entry = ledger.refund_entry(after.id, wallet_id, before.refunded, after.refunded, None, memo)
    assert entry is not None  # change.refund > 0
    return entry


def _stop_sale(changes: Sequence[Change], now: datetime) -> None:
    """Pause what cost more than the catalog said, unless the catalog says so by now."""
    for row in sorted({change.after for change in changes}, key=lambda row: row.service_id):
        on_sale = Service.objects.filter(
            pk=row.service_id,
            pause=PauseReason.NONE,
            offer_id=row.offer_id,
            offer__rate__lte=row.cost_rate_upstream,
        )
        said = CHARGED_MORE.of(number=row.id)
        paused = on_sale.update(pause=PauseReason.CHARGED_MORE, paused_at=now, pause_detail=said)
        if paused:
            log.warning("service.charged_more", service=row.service_id, order=row.id)
    for provider_id in sorted({change.after.provider_id for change in changes}):
        doorbell.ring("orders.sync_catalog", provider_id)


def _events(change: Change, now: datetime) -> Iterable[Line]:
    """A line for each change of status, refund and new oddity; none for movement."""
    before, after = change.before, change.after
    if change.has_new_status:
        said: dict[str, Any] = {"word": after.upstream_status, "was": str(before.status)}
        if after.remains is not None:
            said["remains"] = str(after.remains)
        yield history.line(after.id, EventKind.STATUS, now, status=after.status, **said)
    if change.refund > 0:
        sums: dict[str, Any] = {"amount": plain(change.refund), "refunded": plain(after.refunded)}
        yield history.line(after.id, EventKind.REFUNDED, now, status=after.status, **sums)
    if change.has_new_flag:
        yield history.line(after.id, EventKind.FLAGGED, now, status=after.status, detail=after.flag)

"""What a person decides about many orders: place them, stop the rest, take some up again."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from orders import auditing, doorbell, persons, sql
from orders.enums import MassLineState, NotPlaced
from orders.errors import Blocked, Declined, InsufficientFunds, NotAllowed, StateChanged
from orders.kept_words import in_english
from orders.mass_orders.checking import Check, Checked, check, total
from orders.mass_orders.keeping import keep
from orders.mass_orders.reading import read
from orders.mass_orders.refusals import Refusal
from orders.models import Customer, MassLine, MassOrder, User
from orders.money import ZERO

RING = "orders.place_many"
AGAIN = (NotPlaced.FUNDS, NotPlaced.PRICE, NotPlaced.OVERLAP, NotPlaced.STOPPED)
"""Why lines were not placed that one press may place after all; the others are typed anew."""


# ── Placing ──────────────────────────────────────────────────────────────────────────────────


def confirm(
    draft: MassOrder, fingerprint: str, *, by: User, now: datetime, overlapping: bool = False
) -> MassOrder:
    """Write every line down, and let a worker place those against which nothing speaks, with
    `overlapping` also those that share their link. Each is placed at the price of this moment or
    not at all. A second press finds what the first one did.

    Raises `StateChanged` when the lines would do something else than what was shown,
    `InsufficientFunds` when the wallet does not cover all that is to be placed, `NotAllowed`,
    `Blocked`, `Busy`, and `Declined` when nothing is left to be placed or to be found.
    """
    with sql.short_transaction():
        row = _locked(draft)
        if row.confirmed_at is not None:
            return row
        _require_maker(row, by)
        source = read(row.text)
        found = check(row.customer, source, by=by)
        if found.fingerprint != fingerprint:
            raise StateChanged(_("Something has changed since you looked."))
        placed = _to_place(found, row.customer, overlapping=overlapping)
        numbers = {one.line.number for one in placed}
        MassLine.objects.bulk_create(
            (_row(row, one, one.line.number in numbers, now) for one in found.lines),
            batch_size=500,
        )
        row.confirmed_at, row.text, row.head = now, "", source.head
        row.save()
        after = {
            "lines": len(placed),
            "total": total(placed),
            "left_out": len(found.lines) - len(placed),
        }
        auditing.record(by, "mass_order.placed", row, {}, after, at=now, also=row.customer)
        doorbell.ring(RING)
    return row


def _to_place(found: Check, customer: Customer, *, overlapping: bool) -> list[Checked]:
    placed = [one for one in found.lines if one.is_good or (overlapping and one.overlaps)]
    if customer.is_blocked:
        raise Blocked
    if not placed:
        raise Declined(_("No line can be placed as it is."))
    if missing := found.missing(total(placed)):
        raise InsufficientFunds(missing)
    return placed


def _row(draft: MassOrder, one: Checked, is_placed: bool, now: datetime) -> MassLine:
    refusal = one.refusal or Refusal(
        NotPlaced.OVERLAP, {"orders": list(one.orders), "line": one.earlier}
    )
    return MassLine(
        mass_order=draft,
        number=one.line.number,
        raw=one.line.raw,
        service_number=one.line.service,
        name=one.name,
        fields=one.line.fields,
        link=one.link,
        quantity=one.quantity,
        price=one.price,
        overlap_ok=is_placed and one.overlaps,
        state=MassLineState.WAITING if is_placed else MassLineState.NOT_PLACED,
        why="" if is_placed else refusal.why,
        detail={} if is_placed else refusal.detail,
        done_at=None if is_placed else now,
    )


# ── Stopping ─────────────────────────────────────────────────────────────────────────────────


def stop(mass_order: MassOrder, *, by: User, now: datetime) -> int:
    """Place none of the lines that still wait; returns how many those are. The one that is being
    placed at this moment is waited for. Raises `NotAllowed` and `Busy`."""
    persons.require_sight(by, mass_order.customer)
    stopped = {"state": MassLineState.NOT_PLACED, "why": NotPlaced.STOPPED, "done_at": now}
    with sql.short_transaction():
        waiting = MassLine.objects.filter(mass_order=mass_order, state=MassLineState.WAITING)
        count = waiting.update(**stopped, detail={})
        if count:
            also, after = mass_order.customer, {"lines": count}
            auditing.record(by, "mass_order.stopped", mass_order, {}, after, at=now, also=also)
    return count


def stop_all(now: datetime) -> int:
    """Place nothing that waits by itself, whoever confirmed it: it may have been placed already.
    Returns how many lines those were."""
    waiting = MassLine.objects.filter(state=MassLineState.WAITING)
    return waiting.update(
        state=MassLineState.NOT_PLACED, why=NotPlaced.STOPPED, detail={}, done_at=now
    )


# ── Taking up again ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Rest:
    """The lines that were not placed for one reason, and may be by one press."""

    why: NotPlaced
    lines: int
    total: Decimal
    """At the prices that stand now: those that were confirmed, or what they changed to."""
    fingerprint: str


def rests(mass_order: MassOrder) -> list[Rest]:
    """What could be taken up again, a reason at a time. One query."""
    lines = _not_placed(mass_order).filter(why__in=AGAIN).defer("raw", "fields")
    by_why: dict[str, list[MassLine]] = {why: [] for why in AGAIN}
    for line in lines:
        by_why[line.why].append(line)
    return [_rest(NotPlaced(why), found) for why, found in by_why.items() if found]


def again(
    mass_order: MassOrder, why: NotPlaced, fingerprint: str, *, by: User, now: datetime
) -> int:
    """Place the lines that were not placed for this reason after all: at the price they changed
    to, in spite of what else is on their link, or as they were confirmed. Returns how many.

    Raises `StateChanged` when they are not those that were shown, `InsufficientFunds` when the
    wallet does not cover them and those that still wait, `NotAllowed`, `Blocked` and `Busy`.
    """
    with sql.short_transaction():
        row = _locked(mass_order)
        _require_maker(row, by)
        lines = list(_not_placed(row).filter(why=why, why__in=AGAIN).select_for_update())
        found = _rest(why, lines)
        if found.fingerprint != fingerprint:
            raise StateChanged(_("Something has changed since you looked."))
        _require_funds(row, found.total)
        for line in lines:
            line.price, line.overlap_ok = _price(line), line.overlap_ok or why == NotPlaced.OVERLAP
            line.state, line.why, line.detail, line.done_at = MassLineState.WAITING, "", {}, None
        columns = ["price", "overlap_ok", "state", "why", "detail", "done_at"]
        MassLine.objects.bulk_update(lines, columns, batch_size=200)
        after = {"lines": found.lines, "total": found.total, "why": in_english(why.label)}
        auditing.record(by, "mass_order.again", row, {}, after, at=now, also=row.customer)
        doorbell.ring(RING)
    return found.lines


def mend(mass_order: MassOrder, *, by: User, now: datetime) -> MassOrder:
    """A new text of the lines that no press can place, to be mended and looked at anew. Raises
    `Declined` when there are none, and what `keep` raises."""
    _require_maker(mass_order, by)
    raws = list(_not_placed(mass_order).exclude(why__in=AGAIN).values_list("raw", flat=True))
    if not raws:
        raise Declined(_("There is no line to be mended."))
    text = "\n".join([mass_order.head, *raws] if mass_order.head else raws)
    return keep(mass_order.customer, text, by=by, now=now, name=mass_order.name)


def _not_placed(mass_order: MassOrder) -> QuerySet[MassLine]:
    lines = MassLine.objects.filter(mass_order=mass_order, state=MassLineState.NOT_PLACED)
    return lines.order_by("number")


def _rest(why: NotPlaced, lines: Sequence[MassLine]) -> Rest:
    said = json.dumps([[line.number, str(line.price), line.detail] for line in lines])
    fingerprint = hashlib.sha256(said.encode()).hexdigest()
    return Rest(why, len(lines), _sum(_price(line) for line in lines), fingerprint)


def _price(line: MassLine) -> Decimal:
    """What the line costs when it is taken up again."""
    if line.why == NotPlaced.PRICE:
        return Decimal(line.detail["price"])
    assert line.price is not None  # whatever can be taken up again had one
    return line.price


def _sum(prices: Iterable[Decimal]) -> Decimal:
    return sum(prices, ZERO)


def _require_funds(row: MassOrder, price: Decimal) -> None:
    if row.customer.is_blocked:
        raise Blocked
    waiting = MassLine.objects.filter(mass_order=row, state=MassLineState.WAITING)
    price += _sum(each or ZERO for each in waiting.values_list("price", flat=True))
    missing = price - (row.customer.wallet.balance or ZERO) - row.customer.credit_limit
    if missing > 0:
        raise InsufficientFunds(missing)


def _locked(mass_order: MassOrder) -> MassOrder:
    """The row, held until the transaction ends, with its customer as it stands."""
    rows = MassOrder.objects.select_related("customer__manager__user", "customer__wallet")
    row = rows.select_for_update(of=("self",)).filter(pk=mass_order.pk).first()
    if row is None:
        raise Declined(_("These lines are not kept any more."))
    return row


def _require_maker(mass_order: MassOrder, by: User) -> None:
    """Prices depend on who places, and so does who answers for it."""
    if mass_order.made_by_id != by.pk:
        raise NotAllowed(_("Only who typed these lines may place them."))
    persons.require_sight(by, mass_order.customer)

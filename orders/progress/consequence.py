"""What follows from a report about an order. Pure: no database, no clock."""

from datetime import datetime
from decimal import Context, Decimal
from typing import Any

import msgspec
from django.utils.translation import gettext_noop
from msgspec.structs import replace

from orders import statuses
from orders.enums import OrderStatus
from orders.kept_words import Sentence, in_english
from orders.money import LARGEST, round_up
from orders.progress.reports import MISSING, UNREADABLE, Report, Row

_S = OrderStatus

EXACT = Context(prec=80)

REPORTABLE = statuses.POLLED | {_S.COMPLETED, _S.PARTIAL, _S.CANCELED}
"""The statuses in which a provider's word may change an order."""

OVERCHARGE = Decimal("1.02")
"""A charge above the expected one by more than this factor stops the sale of the service."""

_GAVE_NOTHING = gettext_noop("Provider gave nothing about this order.")
_GAVE_UNREADABLE = gettext_noop("Provider gave an answer about this order that cannot be read.")
_SAYS = Sentence(gettext_noop("Provider says “%(words)s”."))
_CHARGED_MORE = gettext_noop("Provider charged more than was expected.")
_UNKNOWN_WORD = Sentence(gettext_noop("Provider says “%(word)s”, a status that is not known here."))
_COMPLETED_LATE = gettext_noop("Provider completed it after the refund; no money was moved.")
_OUT_OF_ORDER = Sentence(gettext_noop("Provider says “%(word)s” after %(status)s."))
_OTHER_CURRENCY = Sentence(
    gettext_noop("Provider charges in %(said)s, not %(agreed)s; not taken over.")
)
_IMPOSSIBLE = gettext_noop("Provider's charge cannot be right; not taken over.")
_TOOK_LESS = gettext_noop("Provider took less back than was refunded; no money was moved.")
_REMAINS_ODD = Sentence(gettext_noop("Provider says that “%(said)s” remain: decide the refund."))
_REMAINS_UNTOLD = gettext_noop("Provider does not say how much remains: decide the refund.")

OURS = "Provider"
"""How each flag that is raised here begins; others' flags are left alone."""


class Change(msgspec.Struct, frozen=True, gc=False):
    """An order before and after a report. `overcharged`: the first charge that is too high."""

    before: Row
    after: Row
    overcharged: bool = False

    @property
    def refund(self) -> Decimal:
        """What is to be refunded now."""
        return self.after.refunded - self.before.refunded

    @property
    def has_new_status(self) -> bool:
        return self.after.status != self.before.status

    @property
    def has_new_flag(self) -> bool:
        return bool(self.after.flag) and self.after.flag != self.before.flag


def consequence(row: Row, report: Report, now: datetime) -> Change | None:
    """What the report changes about the order, or None: it comes too late, or says nothing new.

    The order never leaves the status graph, money only ever goes back to the customer, and what
    cannot be read or believed is flagged and changes nothing else.
    """
    if row.status not in REPORTABLE or report.asked_at < max(row.changed_at, row.status_at):
        return None
    change = _troubled(row, report) if report.trouble else _reported(row, report, now)
    return change if change.after != row else None


def _troubled(row: Row, report: Report) -> Change:
    known = {MISSING: _GAVE_NOTHING, UNREADABLE: _GAVE_UNREADABLE}
    flag = _flag(row, [known.get(report.trouble) or _SAYS.of(words=report.trouble)])
    return Change(row, row if flag == row.flag else replace(row, flag=flag, tier=_slower(row.tier)))


def _reported(row: Row, report: Report, now: datetime) -> Change:
    status, odd_status = _status(row, report)
    said = _said(report)
    believed = not odd_status or said is None
    after = _figures(row, report) if believed else row
    after, odd_charge = _charge(after, report)
    after = _with(after, upstream_status=report.status_word)
    moved = after is not row or status != row.status
    after, odd_refund = _refund(row, _with(after, status=status), report)
    dear = _is_overcharged(after)
    odd_price = _CHARGED_MORE if dear else ""
    odd = [odd_status, odd_refund, odd_charge, odd_price, report.odd]
    after = _with(after, flag=_flag(row, odd))
    after = _paced(row, after, now, moved=moved, unknown=said is None)
    return Change(row, _stamped(row, after, now, moved), dear and not _is_overcharged(row))


def _with(row: Row, **values: Any) -> Row:
    """The row with these values; the row itself where it has them already."""
    for name, value in values.items():
        if getattr(row, name) != value:
            return replace(row, **values)
    return row


# ── Status ───────────────────────────────────────────────────────────────────────────────────


def _said(report: Report) -> OrderStatus | None:
    return report.status or statuses.from_upstream(report.status_word)


def _status(row: Row, report: Report) -> tuple[str, str]:
    """The status that follows, and what is odd about the one that was said."""
    word, said = report.status_word, _said(report)
    if said is None:
        return row.status, _UNKNOWN_WORD.of(word=word)
    if said == row.status or statuses.may_become(row.status, said):
        return said, ""
    if row.status == _S.CANCELED and said == _S.COMPLETED:
        return row.status, _COMPLETED_LATE
    return row.status, _OUT_OF_ORDER.of(word=word, status=in_english(_S(row.status).label))


def _stamped(row: Row, after: Row, now: datetime, moved: bool) -> Row:
    """The moments that belong to a change."""
    if moved:
        after = replace(after, changed_at=now)
    if after.status == row.status:
        return after
    finished = (row.finished_at or now) if after.status in statuses.FINAL else None
    return replace(after, status_at=now, finished_at=finished)


# ── Figures and charge ───────────────────────────────────────────────────────────────────────


def _figures(row: Row, report: Report) -> Row:
    start = row.start_count if report.start_count is None else report.start_count
    remains = row.remains if report.remains is None else report.remains
    return _with(row, start_count=start, remains=remains)


def _charge(row: Row, report: Report) -> tuple[Row, str]:
    """The row with the charge and what it costs us at the order's own rate, and what is odd."""
    if report.charge is None:
        return row, ""
    if report.currency and report.currency.casefold() != row.cost_currency.casefold():
        said = _OTHER_CURRENCY.of(said=report.currency, agreed=row.cost_currency)
        return row, said
    charge = round_up(report.charge)
    cost = cost_of(row, charge)
    assert cost is not None  # there is a charge
    if charge < 0 or max(charge, cost) > LARGEST:
        return row, _IMPOSSIBLE
    # What a charge that still grows will be in the end is better told by the expected cost.
    return _with(row, charge_upstream=charge, cost=None if report.is_cost_open else cost), ""


def cost_of(row: Row, charge: Decimal | None) -> Decimal | None:
    """A charge in the panel's currency, at the terms of the order's placement."""
    if charge is None:
        return None
    return round_up(EXACT.multiply(EXACT.multiply(charge, row.exchange_rate), row.factor))


def _is_overcharged(row: Row) -> bool:
    charge, expected = row.charge_upstream, row.expected_charge_upstream
    return charge is not None and charge > expected * OVERCHARGE


# ── Refund ───────────────────────────────────────────────────────────────────────────────────


def _refund(row: Row, after: Row, report: Report) -> tuple[Row, str]:
    """The row with what its customer has had back then, and what is odd."""
    entering = after.status != row.status
    if entering and after.status == _S.PARTIAL:
        # An earlier figure does not say what remained in the end.
        after = replace(after, remains=report.remains)
    if after.status not in (_S.PARTIAL, _S.CANCELED):
        return _with(after, refund_unknown=False), ""
    owed = statuses.refund_owed(after.status, row.price, after.remains, row.delivery_total)
    if owed is None:
        return _undecided(row, after, report, entering)
    odd = _TOOK_LESS if owed < row.refunded else ""
    return replace(after, refunded=max(owed, row.refunded), refund_unknown=False), odd


def _undecided(row: Row, after: Row, report: Report, entering: bool) -> tuple[Row, str]:
    """Nobody can tell what is owed. Once a person has decided, the same riddle is not asked
    again."""
    if not entering:
        after = replace(after, remains=row.remains)
    after = replace(after, refund_unknown=entering or row.refund_unknown)
    if not after.refund_unknown:
        return after, ""
    said = report.remains_raw if report.remains is None else str(report.remains)
    return after, _REMAINS_ODD.of(said=said) if said else _REMAINS_UNTOLD


# ── Flag and pace ────────────────────────────────────────────────────────────────────────────


def _flag(row: Row, odd: list[str]) -> str:
    """What is odd now, in place of what this module found odd before. What others found, such as an
    id that came too late, stays in front of it."""
    others = row.flag.partition(OURS)[0].rstrip()
    said = " ".join(filter(None, [others, *odd]))
    return said if len(said) <= 200 else said[:199] + "…"


def _paced(row: Row, after: Row, now: datetime, *, moved: bool, unknown: bool) -> Row:
    """Faster with movement, slower for what cannot be understood."""
    if unknown:
        first = row.upstream_status != after.upstream_status
        return replace(after, tier=_slower(row.tier)) if first else after
    if moved:
        return _with(after, tier=statuses.first_tier(after.status))
    if OURS in row.flag and OURS not in after.flag and row.tier is not None:
        since = now - (row.finished_at or max(row.changed_at, row.status_at))
        return replace(after, tier=statuses.tier_for(after.status, since))
    return after


def _slower(tier: int | None) -> int | None:
    return None if tier is None else statuses.slower(tier)

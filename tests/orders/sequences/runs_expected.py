"""What orders in runs, and subscriptions, have to come to, worked out once more from
docs/polling.md."""

from collections.abc import Iterable, Mapping, Sequence, Set
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from msgspec.structs import replace

from orders.enums import OrderStatus
from orders.models import Child, Family, Order
from orders.progress import Report
from tests.orders.sequences.expected import ENDS, HELD, MEANT, Standing, after_report, ceiling
from tests.orders.sequences.posts_expected import size_told, stands_as_subscribed
from tests.orders.sequences.run import Run, runs_of

S = OrderStatus


def after_run_report(child: Child, report: Report) -> Run:
    """A run after a report about it: that of an order that is worth nothing."""
    order, size = child.order, (child.order.delivery_total or 0) // (child.order.runs or 1)
    told = None
    if order.least_per_post is not None:
        in_time = report.asked_at >= max(child.changed_at, child.status_at)
        told = child.quantity or (size_told(order, report) if in_time else None)
        size = told
    alone = SimpleNamespace(
        status=child.status,
        remains=child.remains,
        refunded=Decimal(0),
        refund_unknown=child.refund_unknown,
        charge_upstream=child.charge_upstream,
        cost=None,
        changed_at=child.changed_at,
        status_at=child.status_at,
        price=Decimal(0),
        delivery_total=size,
        cost_currency=order.cost_currency,
        exchange_rate=order.exchange_rate,
        factor=order.factor,
    )
    stands = after_report(alone, report)
    return Run(stands.status, stands.remains, stands.refund_unknown, stands.charge, told)


def after_reports(
    orders: Iterable[Order], reports: Mapping[int, Report], now: Any
) -> dict[int, tuple[Standing, dict[str, Run]]]:
    """How each of these orders stands after the reports about it, and its runs."""
    taken = _taken()
    found = {}
    for order in sorted(orders, key=lambda one: one.pk):
        report, runs = reports[order.pk], runs_of(order)
        family = Family.objects.filter(order=order).first()
        is_plain = family is None and not report.tells_of_runs and order.least_per_post is None
        if order.runs is None or is_plain:
            found[order.pk] = after_report(order, report), runs
        elif order.status not in HELD | ENDS or report.asked_at < _heard_at(order, family):
            found[order.pk] = Standing.of(order), runs
        else:
            told = list(dict.fromkeys(report.children))[: order.runs]
            # One after the other: what the first one took, the next one does not get.
            new = [one for one in told if one not in runs and (order.provider_id, one) not in taken]
            is_sound = _is_sound(order, report, told, len(new), set(runs))
            new = new[: order.runs - len(runs)]
            taken |= {(order.provider_id, one) for one in new}
            runs |= {one: Run(S.PENDING) for one in new}
            found[order.pk] = stands_as(order, report, [*runs.values()], now, is_sound), runs
    return found


def again(order: Order, runs: Sequence[Run], now: Any) -> Standing:
    """How an order stands once its runs stand so, by what was last said of the whole."""
    last = Family.objects.get(order=order)
    charge, currency = last.charge_upstream, last.currency
    report = Report(order.pk, last.word, charge, currency, None, None, "", now)
    return stands_as(order, report, runs, now, last.is_listed and not last.odd)


def stands_as(
    order: Order, said: Report, runs: Sequence[Run], now: Any, is_sound: bool
) -> Standing:
    """The order after the report that its provider's word and its runs make together."""
    if order.least_per_post is not None:
        return stands_as_subscribed(order, said.status_word, runs, now, doubtful=not is_sound)
    if runs:
        told = _together(order, said, runs)
        if told is None:
            return Standing.of(order)
        said = told
    return after_report(order, replace(said, asked_at=now))


def _together(order: Order, said: Report, runs: Sequence[Run]) -> Report | None:
    ordered = order.runs or 1
    each = (order.delivery_total or 0) // ordered
    left = each * ordered - sum(run.done(each) for run in runs)
    meant = MEANT.get(said.status_word)
    charge = _charge(order, said, runs, stopped=meant in (S.PARTIAL, S.CANCELED))
    said = replace(said, charge=charge, currency=said.currency if said.charge else "")
    nothing_known = all(run.remains is None and run.status not in ENDS for run in runs)
    if meant not in ENDS:
        return replace(said, remains=None if nothing_known else left)
    if any(run.status not in ENDS | {S.FAILED} for run in runs):
        ended = order.status in ENDS
        remains = None if nothing_known else left
        return None if ended else replace(said, status_word="In progress", remains=remains)
    if any(run.unknown or run.status == S.FAILED for run in runs):
        return replace(said, status_word="Partial", remains=None)
    if meant == S.COMPLETED:
        left -= each * (ordered - len(runs))  # it says that there were no more
    if left == each * ordered:
        return replace(said, status_word="Canceled", remains=left)
    word = "Partial" if left or order.status == S.PARTIAL else "Completed"
    return replace(said, status_word=word, remains=left)


def _charge(order: Order, said: Report, runs: Sequence[Run], *, stopped: bool) -> Decimal | None:
    known = [run.charge for run in runs if run.charge is not None]
    if said.charge or not known:
        return said.charge
    ordered = order.runs or 1
    guessed = (len(runs) if stopped else ordered) - len(known)
    expected = Fraction(order.expected_charge_upstream) * guessed / ordered
    return ceiling(sum(map(Fraction, known), Fraction(0)) + expected)


def _is_sound(order: Order, report: Report, told: list[str], new: int, known: Set[str]) -> bool:
    """Whether the list of posts can be relied on: read whole, each once, none of another order,
    no more than were ordered."""
    is_whole = report.is_listed and len(told) == len(report.children)
    return is_whole and new == len(set(told) - known) and report.runs in (None, order.runs)


def _heard_at(order: Order, family: Family | None) -> Any:
    return max(order.status_at, family.said_at) if family else order.status_at


def _taken() -> Set[tuple[int, str]] | set[tuple[int, str]]:
    """Ids that an order or a run has, with its provider."""
    columns = ("provider_id", "upstream_id")
    orders = Order.objects.exclude(upstream_id=None).values_list(*columns)
    return {(pk, str(one)) for pk, one in [*orders, *Child.objects.values_list(*columns)]}

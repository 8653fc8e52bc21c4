"""Orders that a provider carries out in several: what it tells of their runs, put down and summed.

Whoever calls holds the locks of the orders, under which alone their families and children change.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_noop
from msgspec.structs import replace

from orders import statuses
from orders.enums import OrderStatus
from orders.kept_words import Sentence
from orders.models import Child, Family, Order
from orders.money import ZERO
from orders.progress.adding_up import ENDED, Agreed, Figures, add_up
from orders.progress.consequence import REPORTABLE, cost_of
from orders.progress.posts import OVER, RateIs, Subscribed, add_up_posts
from orders.progress.rates import ask_for, rates_by_now
from orders.progress.reports import Report, Row
from orders.progress.told import Known, Told, noun

AT_ONCE = 5000
"""Ids that one statement names."""

LATE = timedelta(days=1)
"""So long after its last day a subscription is settled though its provider calls it active."""

NO_RUNS = gettext_noop("Provider tells of runs of an order that has none.")
_ODD = Sentence(gettext_noop("Provider's answers about %(count)s of its %(ones)s are odd."))

SAID = ("word", "charge_upstream", "currency", "odd", "is_listed", "digest", "said_at")

NOTHING_HEARD: Mapping[int, Report] = {}

Children = Mapping[int, Sequence[Known]]


def last_said(order_ids: Iterable[int], now: datetime) -> dict[int, str]:
    """The digest of what was last said of each of these orders; one query, or two.

    "" for a subscription that is over, with its posts, and has not been settled: the same words may
    mean its end now, since its last day is over or the catalog was read.
    """
    found = Family.objects.filter(order__in=list(order_ids))
    columns = ("digest", "word", "order__ends_on", "order__status", "order__least_per_post")
    said, over = dict[int, str](), list[int]()
    for order_id, digest, word, ends_on, status, least in found.values_list("order_id", *columns):
        said[order_id] = digest
        if status in statuses.POLLED and least is not None:
            standing = statuses.standing_from_upstream(word)
            if standing in OVER or is_over(ends_on, now):
                over.append(order_id)
    return said | dict.fromkeys(_with_ended_posts(over), "")


def _with_ended_posts(order_ids: Sequence[int]) -> Sequence[int]:
    if not order_ids:
        return []
    children = Child.objects.filter(order=OuterRef("pk"))
    goes_on = Exists(children.exclude(status__in=[*ENDED, OrderStatus.FAILED]))
    return list(Order.objects.filter(~goes_on, pk__in=order_ids).values_list("pk", flat=True))


def is_over(ends_on: date | None, now: datetime) -> bool:
    """Whether a subscription's last day is over at its provider too, whatever its time zone, and
    what it was given that day has been told of."""
    return ends_on is not None and now.date() > ends_on + LATE


def take_in(rows: Sequence[Row], reports: Mapping[int, Report], now: datetime) -> dict[int, Report]:
    """The reports that follow once what they tell of runs is written down.

    Nothing is asked of the database unless an order has runs. Reports that come too late for
    their order are left out.
    """
    following = dict(reports)
    for row in rows:
        if reports[row.id].tells_of_runs and not row.runs:
            following[row.id] = replace(reports[row.id], odd=NO_RUNS)
    families = [row for row in rows if row.runs and not reports[row.id].trouble]
    if not families:
        return following
    before = Family.objects.in_bulk([row.id for row in families])
    children = children_of(row.id for row in families)
    told = []
    for row in families:
        report, last = reports[row.id], before.get(row.id)
        if last is None and not report.tells_of_runs and not row.is_subscription:
            continue  # this provider speaks of runs as of any other order
        if row.status not in REPORTABLE or _is_late(report, row, last):
            del following[row.id]
        else:
            told.append(Told.of(row, report, children.get(row.id, ())))
    if told:
        _write(told, before)
        heard = {one.row.id: one.report for one in told}
        for order_id in heard:
            del following[order_id]
        following |= add_up_all([one.row for one in told], now, heard)
    return following


def _is_late(report: Report, row: Row, last: Family | None) -> bool:
    # A child's news moves the order as well: its last change says nothing here.
    since = max(row.status_at, last.said_at) if last else row.status_at
    return report.asked_at < since


def _write(told: Sequence[Told], before: Mapping[int, Family]) -> None:
    taken = _holders(told)
    for one in told:
        one.leave_out(taken)
        taken |= {(one.row.provider_id, upstream_id) for upstream_id in one.new}
    Child.objects.bulk_create([child for one in told for child in one.children()])
    said = [one.family() for one in told]
    Family.objects.bulk_create(
        [one for one in said if not _repeats(one, before.get(one.order_id))],
        update_conflicts=True,
        unique_fields=["order"],
        update_fields=SAID,
    )


def _repeats(said: Family, last: Family | None) -> bool:
    """Whether it says what is known; when that was asked first is enough."""
    names = [name for name in SAID if name != "said_at"]
    return last is not None and all(getattr(said, name) == getattr(last, name) for name in names)


def _holders(told: Sequence[Told]) -> set[tuple[int, str]]:
    """The new ids that are taken already, by an order of ours or by a child."""
    ids = sorted({upstream_id for one in told for upstream_id in one.new})
    providers = {one.row.provider_id for one in told}
    found: set[tuple[int, str]] = set()
    for start in range(0, len(ids), AT_ONCE):
        for model in (Order, Child):
            held = model._default_manager.filter(
                provider__in=providers, upstream_id__in=ids[start : start + AT_ONCE]
            )
            found.update(
                (pk, str(one)) for pk, one in held.values_list("provider_id", "upstream_id")
            )
    return found


def children_of(order_ids: Iterable[int]) -> Children:
    """The children of these orders, the first run first; one query."""
    children: defaultdict[int, list[Known]] = defaultdict(list)
    found = Child.objects.filter(order__in=list(order_ids)).order_by("order_id", "number")
    for values in found.values_list(*Known._fields):
        children[values[1]].append(Known._make(values))
    return children


def add_up_all(
    rows: Sequence[Row], now: datetime, heard: Mapping[int, Report] = NOTHING_HEARD
) -> dict[int, Report]:
    """What follows for each of these orders from what is known of it and its children by now.

    `heard` are reports of this moment; of the others, what was last said stands.
    """
    ids = [row.id for row in rows]
    families, children = Family.objects.in_bulk(ids), children_of(ids)
    news = {
        row.id: max((child.changed_at for child in children.get(row.id, ())), default=None)
        for row in rows
        if row.is_subscription
    }
    rates = rates_by_now(news, now)
    found, awaited = dict[int, Report](), dict[int, datetime]()
    for row in rows:
        family, own = families[row.id], children.get(row.id, ())
        odd = _odd(family, own, noun(row))
        said = replace(heard.get(row.id) or _last(family), asked_at=now, odd=odd)
        figures = [child.figures for child in own]
        report = _added_up(row, said, family, figures, now, rates.get(row.id))
        if report is not None:
            found[row.id] = report
            if report.awaits_rate:
                heard_at = news[row.id] or now
                awaited[row.provider_id] = max(heard_at, awaited.get(row.provider_id, heard_at))
    ask_for(awaited)
    return found


def _added_up(
    row: Row,
    said: Report,
    family: Family,
    own: Sequence[Figures],
    now: datetime,
    rate_is: RateIs | None,
) -> Report | None:
    if rate_is is not None:
        subscribed = Subscribed(
            posts=row.runs or 1,
            least=row.least_per_post or 1,
            most=row.quantity,
            rate=row.cost_rate_upstream,
            status=row.status,
            is_over=is_over(row.ends_on, now),
            rate_is=rate_is,
        )
        doubtful = bool(family.odd) or not family.is_listed
        return add_up_posts(said, subscribed, own, is_doubtful=doubtful)
    agreed = Agreed(row.runs or 1, each_of(row), row.expected_charge_upstream, row.status)
    return add_up(said, agreed, own)


def _last(family: Family) -> Report:
    charge, currency = family.charge_upstream, family.currency
    return Report(family.order_id, family.word, charge, currency, None, None, "", family.said_at)


def _odd(family: Family, children: Sequence[Known], one: str) -> str:
    flagged = sum(bool(child.flag) for child in children)
    told = _ODD.of(count=f"{flagged:,}", ones=f"{one}s") if flagged else ""
    return f"{family.odd} {told}".strip()


def each_of(row: Row) -> int:
    """What one run delivers."""
    return (row.delivery_total or 0) // (row.runs or 1)


def as_row(child: Known, order: Row, report: Report) -> Row:
    """A child as the row of an order that is worth nothing: what a report does to the one follows
    the same rules as for the other, and no money hangs on it.

    `report` is the one about the child, from which the size of a post may be told.
    """
    size: int | None = each_of(order)
    expected = order.expected_charge_upstream / (order.runs or 1)
    if order.is_subscription:
        size = child.quantity or _size(report, order)
        expected = expected if size is None else order.cost_rate_upstream * size / 1000
    columns = Row.__struct_fields__
    own = {name: getattr(child, name) for name in Known._fields if name in columns}
    row = replace(
        order,
        **own
        | {
            "price": ZERO,
            "refunded": ZERO,
            "quantity": size,
            "delivery_total": size,
            "expected_charge_upstream": expected,
            "runs": None,
            "least_per_post": None,
            "cost": None,
        },
    )
    return replace(row, cost=cost_of(row, child.charge_upstream))


def _size(report: Report, order: Row) -> int | None:
    foreign = report.currency and report.currency.casefold() != order.cost_currency.casefold()
    return statuses.post_size(
        report.status_word,
        report.remains,
        None if foreign else report.charge,
        order.cost_rate_upstream,
        (order.least_per_post or 1, order.quantity),
    )

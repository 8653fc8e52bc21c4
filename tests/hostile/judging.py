"""What must hold after a job, whatever it was answered."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import models

from orders import ledger_check, statuses
from orders.enums import OrderStatus, SubmissionOutcome, SyncOutcome
from orders.models import Child, Family, Order, ProviderState, StaleMoment, Submission, SyncRun
from orders.money import round_up
from orders.progress.applying import CHILD_COLUMNS, COLUMNS
from tests.hostile.house import House
from tests.support.written import TABLES, Written

Rows = dict[tuple[str, Any], dict[str, Any]]

FINAL = (OrderStatus.COMPLETED, OrderStatus.PARTIAL, OrderStatus.CANCELED)
OVER = ("completed", "canceled", "cancelled", "expired", "partial", "refunded")
"""A provider's words for the end of a subscription, in small letters."""

LONGEST = 20_000
"""Characters of the longest text that is kept, a service's description."""

MARKS = StaleMoment
"""Says only that the sums of a day are to be made anew; what changed says it too."""


def rows(models: Iterable[type[models.Model]] = tuple(TABLES.values())) -> Rows:
    """Every row of these tables, or of all."""
    return {
        (model.__name__, row[model._meta.pk.attname]): row
        for model in models
        if model is not MARKS
        for row in model._default_manager.values()
    }


@dataclass(frozen=True)
class Change:
    table: str
    pk: Any
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @property
    def columns(self) -> set[str]:
        """Those that differ; of a new row none."""
        before, after = self.before or {}, self.after or {}
        return {name for name in before.keys() & after.keys() if before[name] != after[name]}


def changes(before: Rows, after: Rows) -> list[Change]:
    keys = sorted(before.keys() | after.keys(), key=str)
    return [
        Change(*key, before.get(key), after.get(key))
        for key in keys
        if before.get(key) != after.get(key)
    ]


def kind_of(found: list[Change]) -> str:
    """What sort of thing happened: the tables and columns that changed, and what words with
    choices say now. Rounds of one kind show alike."""
    kinds = set()
    for change in found:
        model = apps.get_model("orders", change.table)
        chosen = sorted(f.attname for f in model._meta.concrete_fields if f.choices)
        words = [str((change.after or {})[name]) for name in chosen if name != "tier"]
        kinds.add((change.table, *sorted(change.columns - {"tier"}), *words))
    return str(sorted(kinds))


def judge(house: House, job: str, before: Rows, written: Written) -> list[Change]:
    """Nothing strange changed, the money is right, what was kept fits and tells what happened."""
    names = {model.__name__ for model in written.models}
    touched = {key: row for key, row in before.items() if key[0] in names}
    found = changes(touched, rows(written.models))
    for change in found:
        assert change.after is not None, f"{change.table} {change.pk} is gone"
        assert _belongs(house, job, change), f"{job} changed {change}"
        _fits(change)
    _money_is_right()
    _runs_are_known_once()
    _subscriptions_are_paid_back_at_their_end(house)
    _graph_is_kept(found)
    _told(house, job, found)
    return found


# ── Whose rows they are ──────────────────────────────────────────────────────────────────────


def _belongs(house: House, job: str, change: Change) -> bool:
    row = change.after or {}
    provider = house.provider.pk
    if change.table in ("ProviderState", "CallTimes") and job == "balance":
        return True  # this job asks everybody
    if change.table in ("ProviderState", "CallTimes", "Sweep", "SyncRun", "BalanceReading"):
        return row["provider_id"] == provider
    return change.table in MAY[job] and MAY[job][change.table](house, change, row)


def orders_of(house: House, job: str) -> set[int]:
    if job == "poll":
        named = (house.asked, house.fed, house.subscribed)
        return {order.pk for orders in named for order in orders.values()}
    return {order.pk for order in house.waiting}


def _order(job: str) -> dict[str, Any]:
    """An order, its history and its money; and the sale of its service."""

    def order(house: House, change: Change, row: dict[str, Any]) -> bool:
        polled = job == "poll"
        return row["id"] in orders_of(house, job) and (
            not polled or change.columns <= COLUMNS.keys()
        )

    def of_order(house: House, change: Change, row: dict[str, Any]) -> bool:
        return row["order_id"] in orders_of(house, job)

    def transfer(house: House, change: Change, row: dict[str, Any]) -> bool:
        return change.before is None and row["kind"] == "refund" and of_order(house, change, row)

    def wallet(house: House, change: Change, row: dict[str, Any]) -> bool:
        orders = Order.objects.filter(pk__in=orders_of(house, job))
        theirs = set(orders.values_list("customer_id", flat=True))
        return row["customer_id"] in theirs and change.columns == {"balance"}

    def service(house: House, change: Change, row: dict[str, Any]) -> bool:
        return change.columns <= {"pause", "paused_at", "pause_detail"} and _of(house, row)

    def movement(house: House, change: Change, row: dict[str, Any]) -> bool:
        return change.before is None and of_order(house, change, row)

    return {
        "Order": order,
        "Event": of_order,
        "Movement": movement,
        "Transfer": transfer,
        "Account": wallet,
        "Service": service,
        "Submission": of_order,
    }


def _of(house: House, row: dict[str, Any]) -> bool:
    return house.provider.offers.filter(pk=row["offer_id"]).exists()


def _runs() -> dict[str, Any]:
    """What was said of an order in runs, and its runs: new ones, or what one may become. Likewise
    of subscriptions and posts."""

    def family(house: House, change: Change, row: dict[str, Any]) -> bool:
        held = [*house.fed.values(), *house.subscribed.values()]
        return row["order_id"] in {order.pk for order in held}

    def child(house: House, change: Change, row: dict[str, Any]) -> bool:
        is_theirs = row["provider_id"] == house.provider.pk
        return family(house, change, row) and is_theirs and change.columns <= CHILD_COLUMNS.keys()

    return {"Family": family, "Child": child}


def _asked_for(table: str, name: str) -> dict[str, Any]:
    """Requests of one list, and their lines in the orders' histories."""

    def request(house: House, change: Change, row: dict[str, Any]) -> bool:
        return row["id"] in {one.pk for one in getattr(house, name)}

    def event(house: House, change: Change, row: dict[str, Any]) -> bool:
        ours = {one.order_id for one in getattr(house, name)}
        return change.before is None and row["order_id"] in ours

    return {table: request, "Event": event}


def _pace_only(house: House, change: Change, row: dict[str, Any]) -> bool:
    return change.columns <= {"tier", "changed_at"}


MAY: dict[str, dict[str, Any]] = {
    "sync": {
        "Offer": lambda house, change, row: row["provider_id"] == house.provider.pk,
        "Service": lambda house, change, row: _of(house, row),
        "Category": lambda house, change, row: change.before is None,
        "SyncChange": lambda house, change, row: SyncRun.objects.filter(
            pk=row["run_id"], provider=house.provider
        ).exists(),
    },
    "submit": _order("submit"),
    "probe": _order("probe"),
    "poll": _order("poll") | _runs(),
    "refill": _asked_for("Refill", "to_refill"),
    "refill_status": _asked_for("Refill", "refilled"),
    "cancel": _asked_for("Cancellation", "to_cancel") | {"Order": _pace_only},
    "balance": {},
    "trial": {},
}
"""What each job may change, beside the provider's own state."""


# ── That it fits ─────────────────────────────────────────────────────────────────────────────


def _fits(change: Change) -> None:
    """What PostgreSQL would refuse, said on SQLite too; and what no page would want."""
    model: type[models.Model] = apps.get_model("orders", change.table)
    for name, value in (change.after or {}).items():
        where = f"{change.table}.{name}"
        field = next(f for f in model._meta.concrete_fields if f.attname == name)
        for text in _texts(value):
            assert "\0" not in text, where
            assert len(text) <= (field.max_length or LONGEST), where
            text.encode()
        if isinstance(value, int) and not isinstance(value, bool):
            assert abs(value) < 2**63, where
        if isinstance(value, Decimal):
            assert value.is_finite(), where


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(key)
            yield from _texts(inner)
    if isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


# ── Money and graph ──────────────────────────────────────────────────────────────────────────


def _money_is_right() -> None:
    assert ledger_check.check() == []
    for order in Order.objects.all():
        assert 0 <= order.refunded <= order.price
        if order.status not in (OrderStatus.PARTIAL, OrderStatus.CANCELED, OrderStatus.REFUSED):
            assert order.refunded == 0


def _runs_are_known_once() -> None:
    """None is an order, or another order's run; and no more than were ordered."""
    columns = ("provider_id", "upstream_id")
    held = [*Order.objects.exclude(upstream_id=None).values_list(*columns)]
    held += Child.objects.values_list(*columns)
    assert len(held) == len(set(held))
    for order in Order.objects.exclude(children=None):
        numbers = sorted(order.children.values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) <= (order.runs or 0)


def _subscriptions_are_paid_back_at_their_end(house: House) -> None:
    """Once its provider ended it in a word for that and every post has ended: what the posts did
    not get, by their rows."""
    for order in Order.objects.filter(pk__in=[one.pk for one in house.subscribed.values()]):
        posts = list(order.children.all())
        for post in posts:
            assert post.quantity is None or order.least_per_post <= post.quantity <= order.quantity
        if order.status not in FINAL:
            assert order.refunded == 0
            continue
        assert Family.objects.get(order=order).word.casefold() in OVER
        assert all(post.status in FINAL or post.status == OrderStatus.FAILED for post in posts)
        if order.refund_unknown:
            assert order.refunded == 0
            continue
        total = order.quantity * (order.runs or 0)
        left = total - sum(_got(post) for post in posts)
        assert order.remains == left
        assert order.refunded == round_up(order.price * left / total)


def _got(post: Child) -> int:
    if post.status == OrderStatus.CANCELED:
        return 0
    assert post.quantity is not None, "what nobody knows was reckoned with"
    left = 0 if post.status == OrderStatus.COMPLETED else max(post.remains or 0, 0)
    return post.quantity - left


def _graph_is_kept(found: list[Change]) -> None:
    for change in found:
        if change.table in ("Order", "Child") and "status" in change.columns:
            assert change.before
            assert change.after
            # Claimed and answered in one job: both steps are in the graph.
            was, now = change.before["status"], change.after["status"]
            if was == OrderStatus.WAITING:
                was = OrderStatus.SENDING
            assert statuses.may_become(was, now), (was, now)


# ── The trace ────────────────────────────────────────────────────────────────────────────────


def _told(house: House, job: str, found: list[Change]) -> None:
    """Somebody who looks finds words for what was answered."""
    state = ProviderState.objects.get(provider=house.provider)
    assert "(internal)" not in state.last_failure, "a fault of ours"
    if job in ("poll", "refill_status", "balance", "sync"):
        assert state.last_answer_at or state.last_failure
    if job == "sync":
        run = SyncRun.objects.latest("id")
        assert run.outcome not in ("", SyncOutcome.RUNNING)
        assert run.detail
        assert "fault of ours" not in run.detail
    if job in ("submit", "probe"):
        _submissions_tell(house)
    for change in found:
        if change.table in ("Refill", "Cancellation"):
            _follow_up_tells(change.after or {})


def _submissions_tell(house: House) -> None:
    for sent in Submission.objects.filter(order__in=house.waiting):
        assert sent.outcome != SubmissionOutcome.OPEN
        assert sent.reason != "internal", "a fault of ours"
        assert sent.reason or sent.family or sent.upstream_id
        assert len(sent.answer) <= 2000
        assert sent.order.events.count() >= 2, "sent, and what came of it"


def _follow_up_tells(row: dict[str, Any]) -> None:
    assert row["status"] != "sending"
    refused = row["sent_at"] and row["status"] == "rejected"
    if row["status"] in ("unknown", "declined") or refused:
        assert row["answer"]

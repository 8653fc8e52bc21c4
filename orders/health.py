"""What needs a person now: each trouble with its count, its age and what is at stake.

A closed list, the worst first. Every count is bounded and looks only at rows that an index finds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Count, Min, QuerySet, Sum

from orders import (
    cancellations,
    catalog,
    followups,
    lateness,
    machinery,
    messages,
    panel_settings,
    refills,
    sealing,
    topups,
)
from orders.enums import HoldReason, OrderStatus, PauseReason, ProviderHold
from orders.models import Order, Panel, Provider, Service
from orders.money import ZERO
from orders.people import Person, visible_orders

MOST_COUNTED = 1000
"""Nothing is counted further than one beyond this."""

MOST_PROVIDERS = 200

PRICE_PAUSES = (
    PauseReason.COST_ROSE,
    PauseReason.CHARGED_MORE,
    PauseReason.BELOW_FLOOR,
    PauseReason.TYPE_CHANGED,
)
"""Pauses that the machinery made and a person ends."""


class Trouble(StrEnum):
    """The kinds of trouble, the worst first."""

    MACHINERY = "machinery"
    SENDING_STOPPED = "sending_stopped"
    KEY_UNREADABLE = "key_unreadable"
    UNCONFIRMED = "unconfirmed"
    FAILED = "failed"
    REFUND_UNKNOWN = "refund_unknown"
    PROVIDER_HELD = "provider_held"
    COST_CHANGED = "cost_changed"
    REQUEST_HELD = "request_held"
    LATE = "late"
    MESSAGES = "messages"
    ANSWER_LOST = "answer_lost"
    CANCEL_LOST = "cancel_lost"
    TOP_UPS = "top_ups"
    OVERDUE = "overdue"
    CANCEL_OVERDUE = "cancel_overdue"
    RESTING = "resting"
    STOPPED = "stopped"
    REMOVALS_HELD = "removals_held"
    PAUSED = "paused"


@dataclass(frozen=True)
class Concern:
    """One trouble. `count` is of orders, services, offers or requests, as the kind says."""

    kind: Trouble
    count: int = 0
    since: datetime | None = None
    amount: Decimal | None = None
    """Money at stake, in the panel's currency."""
    provider: Provider | None = None
    detail: str = ""
    missing: Decimal | None = None
    """What the provider's account is short of, in its currency."""


@dataclass(frozen=True)
class Scene:
    """Who looks, and when."""

    who: Person
    now: datetime

    @property
    def orders(self) -> QuerySet[Order]:
        return visible_orders(self.who)


def concerns(who: Person, now: datetime) -> list[Concern]:
    """All that needs a person, of what this person may see, the worst first."""
    scene = Scene(who, now)
    found = [concern for check in CHECKS for concern in check(scene)]
    ranks = list(Trouble)
    return sorted(found, key=lambda concern: ranks.index(concern.kind))


# ── The machinery and the providers ──────────────────────────────────────────────────────────


def _machinery(scene: Scene) -> Iterator[Concern]:
    pulse = machinery.pulse(scene.now)
    if not pulse.is_alive:
        since = None if pulse.age is None else scene.now - pulse.age
        yield Concern(Trouble.MACHINERY, since=since)


def _providers(scene: Scene) -> Iterator[Concern]:
    panel, providers = panel_settings.current(), _troubled(scene.now)
    if panel.not_sent:
        yield _stopped_panel(scene, panel)
    queues = _waiting(scene, [provider.pk for provider in providers])
    for provider in providers:
        queue = queues.get(provider.pk, {})
        if provider.not_sent:
            yield _queued(Trouble.SENDING_STOPPED, provider, queue, provider.stopped_at)
        if not sealing.is_readable(provider.key_sealed):
            yield _queued(Trouble.KEY_UNREADABLE, provider, queue, None)
        elif provider.state.hold:
            yield _held(provider, queue)
        if (provider.state.rested_until or scene.now) > scene.now:
            since = provider.state.last_answer_at
            yield Concern(Trouble.RESTING, since=since, provider=provider)
        if provider.not_polled:
            yield Concern(Trouble.STOPPED, since=provider.stopped_at, provider=provider)


def _troubled(now: datetime) -> list[Provider]:
    found = Provider.objects.select_related("state").order_by("pk")
    return [provider for provider in found[:MOST_PROVIDERS] if _is_troubled(provider, now)]


def _is_troubled(provider: Provider, now: datetime) -> bool:
    """Looked for in Python: whether a key can be read stands in no column."""
    return (
        provider.not_sent
        or provider.not_polled
        or provider.state.hold != ProviderHold.NONE
        or (provider.state.rested_until or now) > now
        or not sealing.is_readable(provider.key_sealed)
    )


def _stopped_panel(scene: Scene, panel: Panel) -> Concern:
    waiting = _sum_up(scene.orders.filter(status=OrderStatus.WAITING), "waiting_since")
    return Concern(
        Trouble.SENDING_STOPPED,
        waiting["count"],
        panel.stopped_at,
        waiting["amount"],
        detail=panel.stopped_reason,
    )


def _waiting(scene: Scene, provider_ids: list[int]) -> dict[int, dict[str, Any]]:
    """What waits for each of these providers."""
    if not provider_ids:
        return {}
    waiting = scene.orders.filter(status=OrderStatus.WAITING, provider__in=provider_ids)
    rows = (
        waiting.values("provider")
        .order_by()
        .annotate(count=Count("pk"), amount=Sum("price"), needed=Sum("expected_charge_upstream"))
    )
    return {row["provider"]: dict(row) for row in rows}


def _queued(
    kind: Trouble, provider: Provider, queue: dict[str, Any], since: datetime | None
) -> Concern:
    detail = provider.stopped_reason
    return Concern(kind, queue.get("count", 0), since, queue.get("amount"), provider, detail)


def _held(provider: Provider, queue: dict[str, Any]) -> Concern:
    state, missing = provider.state, None
    if state.hold == ProviderHold.FUNDS and state.balance is not None:
        short = (queue.get("needed") or ZERO) - state.balance
        missing = short if short > 0 else None
    return Concern(
        Trouble.PROVIDER_HELD,
        queue.get("count", 0),
        state.held_since,
        queue.get("amount"),
        provider,
        state.hold_detail,
        missing,
    )


# ── Orders ───────────────────────────────────────────────────────────────────────────────────


def _sum_up(orders: QuerySet[Order], since: str) -> dict[str, Any]:
    bounded = orders.order_by("-pk")[: MOST_COUNTED + 1]
    return bounded.aggregate(count=Count("pk"), since=Min(since), amount=Sum("price"))


def _these(kind: Trouble, orders: QuerySet[Order], since: str = "status_at") -> Iterator[Concern]:
    found = _sum_up(orders, since)
    if found["count"]:
        yield Concern(kind, **found)


def _orders(scene: Scene) -> Iterator[Concern]:
    orders = scene.orders
    yield from _these(Trouble.UNCONFIRMED, orders.filter(status=OrderStatus.UNCONFIRMED))
    yield from _these(Trouble.FAILED, orders.filter(status=OrderStatus.FAILED))
    yield from _these(Trouble.REFUND_UNKNOWN, orders.filter(refund_unknown=True))
    waiting = orders.filter(status=OrderStatus.WAITING)
    since = "waiting_since"
    yield from _these(Trouble.COST_CHANGED, waiting.filter(hold=HoldReason.PRICE), since)
    yield from _these(Trouble.REQUEST_HELD, waiting.filter(hold=HoldReason.REQUEST), since)
    late = lateness.needing_a_person(orders, scene.now)
    yield from _these(Trouble.LATE, late, "placed_at")


def _follow_ups(scene: Scene) -> Iterator[Concern]:
    asked = followups.visible(refills.KIND, scene.who)
    yield from _requests(Trouble.ANSWER_LOST, asked.filter(refills.LOST))
    yield from _requests(Trouble.OVERDUE, asked.filter(refills.overdue(scene.now)))
    stops = followups.visible(cancellations.KIND, scene.who)
    yield from _requests(Trouble.CANCEL_LOST, stops.filter(cancellations.LOST))
    yield from _requests(Trouble.CANCEL_OVERDUE, stops.filter(cancellations.overdue(scene.now)))


def _requests(kind: Trouble, rows: QuerySet[Any]) -> Iterator[Concern]:
    bounded = rows.order_by("-pk")[: MOST_COUNTED + 1]
    found = bounded.aggregate(count=Count("pk"), since=Min("asked_at"))
    if found["count"]:
        yield Concern(kind, **found)


def _messages(scene: Scene) -> Iterator[Concern]:
    waiting = messages.to_answer(scene.who).order_by("-pk")[: MOST_COUNTED + 1]
    found = waiting.aggregate(count=Count("pk"), since=Min("waiting_since"))
    if found["count"]:
        yield Concern(Trouble.MESSAGES, **found)


def _top_ups(scene: Scene) -> Iterator[Concern]:
    waiting = topups.to_decide(scene.who).order_by("-pk")[: MOST_COUNTED + 1]
    found = waiting.aggregate(count=Count("pk"), since=Min("asked_at"), amount=Sum("amount"))
    if found["count"]:
        yield Concern(Trouble.TOP_UPS, **found)


# ── The catalog ──────────────────────────────────────────────────────────────────────────────


def _catalog(scene: Scene) -> Iterator[Concern]:
    paused = Service.objects.filter(pause__in=PRICE_PAUSES)
    found = paused.aggregate(count=Count("pk"), since=Min("paused_at"))
    if found["count"]:
        yield Concern(Trouble.PAUSED, **found)
    for run in catalog.held_runs().select_related("provider")[:20]:
        since, count = run.started_at, run.held_removals
        yield Concern(Trouble.REMOVALS_HELD, count, since, provider=run.provider)


CHECKS: tuple[Callable[[Scene], Iterator[Concern]], ...] = (
    _machinery,
    _providers,
    _orders,
    _follow_ups,
    _messages,
    _top_ups,
    _catalog,
)

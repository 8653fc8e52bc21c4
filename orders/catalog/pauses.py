"""Which services the machine pauses and releases. One rule, asked again whenever costs move."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from orders import sql
from orders.catalog.batches import in_batches
from orders.catalog.costs import cost_per_1000, rise_in_words, rise_threshold, rose_too_far
from orders.catalog.floors import FixedPrices, fixed_services
from orders.catalog.suspects import suspects
from orders.enums import PauseReason
from orders.kept_words import Sentence
from orders.models import Provider, Service

BATCH = 1000
NOBODY: frozenset[int] = frozenset()

_BY_MACHINE = {
    PauseReason.NONE,
    PauseReason.GONE,
    PauseReason.COST_ROSE,
    PauseReason.BELOW_FLOOR,
    PauseReason.TYPE_CHANGED,
}

_OTHER_TYPE = Sentence(gettext_noop("Its type is now “%(type)s”."))
_NOT_LISTED = Sentence(gettext_noop("Not in the provider's catalog since %(day)s."))


class Reassessed(NamedTuple):
    """How many services were paused, and how many came back on sale."""

    paused: int = 0
    released: int = 0


class Standing(NamedTuple):
    """Why a service is paused, and the words for staff."""

    pause: PauseReason
    detail: str = ""


class _Facts(NamedTuple):
    id: int
    pause: str
    paused_at: datetime | None
    pause_detail: str
    accepted_cost: Decimal
    category_id: int
    offer_id: int
    rate: Decimal
    retired_at: datetime | None
    type_name: str


class Move(NamedTuple):
    """A service, and where it ought to stand."""

    facts: _Facts
    standing: Standing

    @property
    def moves(self) -> bool:
        return self.standing != (self.facts.pause, self.facts.pause_detail)

    @property
    def pauses(self) -> bool:
        return bool(self.standing.pause) and self.standing.pause != self.facts.pause

    @property
    def releases(self) -> bool:
        return not self.standing.pause and bool(self.facts.pause)


@dataclass(frozen=True)
class Measure:
    """What costs are held against. `threshold` is the panel's."""

    threshold: Decimal
    fixed: FixedPrices

    def standing(
        self,
        service_id: int,
        category_id: int,
        rate: Decimal,
        accepted: Decimal,
        provider: Provider,
    ) -> Standing:
        cost = cost_per_1000(rate, provider)
        if rose_too_far(cost, accepted, rise_threshold(provider, self.threshold)):
            return Standing(PauseReason.COST_ROSE, rise_in_words(cost, accepted))
        if why := self.fixed.why_lifted(service_id, category_id, rate, provider):
            return Standing(PauseReason.BELOW_FLOOR, why)
        return Standing(PauseReason.NONE)

    def of(self, service: Service, accepted_cost: Decimal) -> Standing:
        """What the machine alone thinks of a service (join offer and provider). No query."""
        offer = service.offer
        if offer.retired_at is not None:
            return _gone(offer.retired_at)
        facts = (service.pk, service.category_id, offer.rate, accepted_cost, offer.provider)
        return self.standing(*facts)


def standing_of(
    service: Service,
    accepted_cost: Decimal,
    threshold: Decimal,
    fixed: FixedPrices | None = None,
) -> Standing:
    """What the machine alone thinks of a service whose pause a person is taking away."""
    return Measure(threshold, fixed or FixedPrices()).of(service, accepted_cost)


def reassess(
    provider: Provider,
    threshold: Decimal,
    *,
    now: datetime,
    offer_ids: Set[int] | None = None,
    among: QuerySet[Service] | None = None,
    type_changed: Set[int] = NOBODY,
    returned: Set[int] = NOBODY,
) -> Reassessed:
    """Pause and release services as the offers now stand, inside the caller's transaction.

    Paused: the offer is retired, its type changed, its cost rose more than `threshold` per cent
    (or what the provider has of its own) above what a person accepted, or the floor would lift its
    fixed price. Released: a cost came back down, or an offer that a sync had retired returned. What
    a person paused is left alone, and so is a changed type.
    """
    services = (Service.objects.all() if among is None else among).filter(offer__provider=provider)
    measure = Measure(threshold, FixedPrices())
    if offer_ids is not None:
        services = services.filter(offer_id__in=offer_ids)

    def moved(services: QuerySet[Service]) -> list[Move]:
        found = (
            Move(facts, _standing(facts, provider, measure, type_changed, returned))
            for facts in _facts(services)
        )
        return [move for move in found if move.moves]

    special = type_changed | returned
    to_look_at = services.filter(suspects(provider, threshold, measure.fixed, special))
    to_move = sorted(move.facts.id for move in moved(to_look_at))
    moves = [
        move
        for ids in in_batches(to_move, BATCH)
        for move in moved(_still_bought_at(provider, _locked(ids)))
    ]
    _write(moves, now)
    return Reassessed(
        paused=sum(move.pauses for move in moves), released=sum(move.releases for move in moves)
    )


def reassess_fixed_prices(threshold: Decimal, *, now: datetime, **scope: Any) -> Reassessed:
    """The same for services with a fixed price, when a rule or floor about `scope` has changed.

    Inside the caller's transaction, and before it locks a service: providers come first.
    """
    concerned = fixed_services().filter(**scope)
    ids = list(concerned.order_by().values_list("offer__provider", flat=True).distinct())
    providers = Provider.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    done = [reassess(row, threshold, now=now, among=concerned) for row in providers]
    return Reassessed(sum(each.paused for each in done), sum(each.released for each in done))


def _locked(ids: list[int]) -> QuerySet[Service]:
    """These services, locked: a person may be deciding about one of them at this moment."""
    services = Service.objects.filter(pk__in=ids)
    list(services.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    return services


def _still_bought_at(provider: Provider, services: QuerySet[Service]) -> QuerySet[Service]:
    """Without those that somebody pointed at another provider's offer before they were locked: its
    money has other terms."""
    return services.filter(offer__provider=provider)


def _facts(services: QuerySet[Service]) -> list[_Facts]:
    rows = services.values_list(
        "id",
        "pause",
        "paused_at",
        "pause_detail",
        "accepted_cost",
        "category_id",
        "offer_id",
        "offer__rate",
        "offer__retired_at",
        "offer__type_name",
    )
    return [_Facts(*row) for row in rows]


def _standing(
    facts: _Facts,
    provider: Provider,
    measure: Measure,
    type_changed: Set[int],
    returned: Set[int],
) -> Standing:
    kept = Standing(PauseReason(facts.pause), facts.pause_detail)
    if kept.pause not in _BY_MACHINE:
        return kept
    if facts.offer_id in type_changed:
        return Standing(PauseReason.TYPE_CHANGED, _OTHER_TYPE.of(type=facts.type_name))
    if kept.pause == PauseReason.TYPE_CHANGED:
        return kept
    if facts.retired_at is not None:
        return kept if kept.pause == PauseReason.GONE else _gone(facts.retired_at)
    if kept.pause == PauseReason.GONE and facts.offer_id not in returned:
        # A refusal of `add` said so, not the catalog: that is for a person to take back.
        return kept
    return measure.standing(facts.id, facts.category_id, facts.rate, facts.accepted_cost, provider)


def _gone(since: datetime) -> Standing:
    return Standing(PauseReason.GONE, _NOT_LISTED.of(day=f"{since:%-d %b %Y}"))


def _write(moves: list[Move], now: datetime) -> None:
    rows = []
    for facts, standing in moves:
        since = facts.paused_at if standing.pause == facts.pause else now
        when = connection.ops.adapt_datetimefield_value(since if standing.pause else None)
        rows.append((facts.id, standing.pause.value, when, standing.detail[:300]))
    columns = ["pause", "paused_at", "pause_detail"]
    casts = ["varchar", "timestamptz", "varchar"]
    sql.update_rows("orders_service", columns, rows, casts=casts)

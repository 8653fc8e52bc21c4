"""Buying services from other offers: as they were seen, all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from orders import auditing, sql
from orders.catalog.costs import cost_per_1000
from orders.catalog.floors import FixedPrices
from orders.catalog.pauses import Measure
from orders.catalog.rewriting import rewrite
from orders.enums import PauseReason
from orders.errors import Declined, StateChanged
from orders.models import Offer, Provider, Service, User
from orders.panel_settings import current
from orders.spelling import count, figure

MOST = 500
"""So many services change by one press."""

FIELDS = [
    *("offer", "accepted_cost", "pause", "paused_at", "pause_detail"),
    *("fallback", "fallback_cost"),
]


@dataclass(frozen=True)
class Move:
    """A service and the offer that it shall be bought from, as the person saw both."""

    service: int
    offer: int
    rate: Decimal
    """What the offer asked for, in its provider's currency."""
    bought_from: int | None = None
    """The offer it was bought from; None: whichever it is."""


def point_at(
    service: Service, offer: Offer, by: User | None, now: datetime, *, reason: str = ""
) -> Service:
    """Buy a service from another offer of the same type, at its cost. Open orders keep theirs.

    Raises `Declined` for a retired offer or another type, `StateChanged` when its rate is another
    one than that of `offer`.
    """
    (row,) = point_many([Move(service.pk, offer.pk, offer.rate)], by=by, now=now, reason=reason)
    return row


def point_many(
    moves: Sequence[Move], *, by: User | None, now: datetime, reason: str = ""
) -> list[Service]:
    """Buy each service from its new offer, all in one transaction; returns them as they are then.

    Only new orders change. The cost of the new offer counts as accepted. Pauses by the machinery
    are judged anew, one by a person stays. Raises `Declined`, with the first of what stands in
    the way, and then nothing was changed.
    """
    if not moves:
        raise Declined(_("Nothing was chosen."))
    if len({move.service for move in moves}) < len(moves):
        raise Declined(_("One service was chosen twice."))
    if len(moves) > MOST:
        raise Declined(_("At most %(most)s services at once.") % {"most": count(MOST)})
    with sql.short_transaction():
        offers = _offers(moves)
        rows = _locked([move.service for move in moves])
        for move in moves:
            _check(move, rows.get(move.service), offers.get(move.offer))
        measure = Measure(current().rise_threshold, FixedPrices())
        changes = [
            (row, *_point(row, offers[move.offer], measure, now))
            for move in moves
            for row in (rows[move.service],)
        ]
        rewrite([row for row, _, _ in changes], FIELDS)
        auditing.record_each(by, "service.pointed_at", changes, reason, at=now)
    return [rows[move.service] for move in moves]


def _offers(moves: Sequence[Move]) -> dict[int, Offer]:
    """The offers as they stand, their providers locked: no reading moves a rate meanwhile.

    Providers before services, as everywhere.
    """
    wanted = [move.offer for move in moves]
    providers = Provider.objects.filter(offers__in=wanted).order_by("pk").values_list("pk")
    ids = {pk for (pk,) in providers}
    locked = Provider.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    known = {provider.pk: provider for provider in locked}
    offers = Offer.objects.in_bulk(wanted)
    for offer in offers.values():
        offer.provider = known[offer.provider_id]
    return offers


def _locked(ids: Sequence[int]) -> dict[int, Service]:
    """The services as they stand. Locked first and joined then: a join that was made before does
    not hold for one that was pointed elsewhere while we waited for it."""
    rows = Service.objects.filter(pk__in=ids)
    list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    return rows.select_related("offer__provider").in_bulk()


def _check(move: Move, row: Service | None, offer: Offer | None) -> None:
    """Raises `Declined` where this service cannot be bought there, or is not as it was seen."""
    if row is None or offer is None:
        raise StateChanged(_("One of these is not there any more. Look once more."))
    if move.bought_from is not None and row.offer_id != move.bought_from:
        raise StateChanged(
            _("Somebody else pointed service %(service)s elsewhere meanwhile. Look once more.")
            % {"service": row.pk}
        )
    if offer.retired_at is not None:
        raise Declined(
            _("This offer is gone: %(number)s. Service %(service)s cannot be bought there.")
            % {"number": offer.upstream_id, "service": row.pk}
        )
    if offer.service_type != row.offer.service_type:
        here, there = row.offer.type_name, offer.type_name
        raise Declined(
            _("The types differ for service %(service)s: %(here)s here, %(there)s there.")
            % {"service": row.pk, "here": here, "there": there}
        )
    if offer.rate != move.rate:
        raise StateChanged(
            _("The rate of %(number)s moved to %(rate)s since you looked. Look once more.")
            % {"number": offer.upstream_id, "rate": figure(offer.rate)}
        )


def _point(
    row: Service, offer: Offer, measure: Measure, now: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set the row's new values; what it was before and is then, for the audit trail."""
    before = {"offer": row.offer_id, "accepted_cost": row.accepted_cost, "pause": row.pause}
    row.offer = offer
    if row.fallback_id == offer.pk:
        row.fallback = row.fallback_cost = None
    row.accepted_cost = cost_per_1000(offer.rate, offer.provider)
    if row.pause != PauseReason.STAFF:
        standing = measure.of(row, row.accepted_cost)
        row.pause, row.pause_detail = standing.pause.value, standing.detail[:300]
        row.paused_at = now if standing.pause else None
    after = {"offer": offer.pk, "accepted_cost": row.accepted_cost, "pause": row.pause}
    return before, after

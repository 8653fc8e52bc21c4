"""A service's fallback: the offer that an order goes to where its own provider cannot take it."""

from datetime import datetime
from decimal import Decimal

from orders import auditing, sql
from orders.catalog.costs import cost_per_1000, rise_in_words, rise_threshold, rose_too_far
from orders.errors import Declined, StateChanged
from orders.models import Offer, Panel, Service, User


def choose_fallback(
    service: Service,
    offer: Offer | None,
    *,
    rate: Decimal | None = None,
    by: User | None,
    now: datetime,
    reason: str = "",
) -> Service:
    """Name another offer of the same type as the service's fallback, or none any more.

    `rate` is what the person saw. Raises `Declined` for an offer that is gone, of another type or
    the service's own, `StateChanged` when its rate is another one by now.
    """
    with sql.short_transaction():
        row = (
            Service.objects.select_for_update(of=("self",), no_key=True)
            .select_related("offer")
            .get(pk=service.pk)
        )
        fresh = None
        if offer is not None:
            fresh = Offer.objects.select_related("provider").get(pk=offer.pk)
            _check(row, fresh, rate)
        before = {"fallback": row.fallback_id, "fallback_cost": row.fallback_cost}
        row.fallback = fresh
        row.fallback_cost = cost_per_1000(fresh.rate, fresh.provider) if fresh else None
        after = {"fallback": row.fallback_id, "fallback_cost": row.fallback_cost}
        if before != after:
            row.save(update_fields=["fallback", "fallback_cost"])
            auditing.record(by, "service.fallback_chosen", row, before, after, reason, at=now)
    return row


def _check(row: Service, offer: Offer, rate: Decimal | None) -> None:
    if offer.pk == row.offer_id:
        raise Declined("This is what the service is bought from already; choose another one.")
    if offer.retired_at is not None:
        raise Declined(f"This offer is gone: {offer.upstream_id}.")
    if not offer.service_type or offer.service_type != row.offer.service_type:
        here, there = row.offer.type_name, offer.type_name
        raise Declined(f"The types differ: {here} here, {there} there.")
    if rate is not None and rate != offer.rate:
        raise StateChanged(f"Its rate moved to {offer.rate:f} since you looked. Look once more.")


def concerns(service: Service, panel: Panel) -> list[str]:
    """What is wrong with a service's fallback, in sentences for staff (join `fallback__provider`
    and its `state`, and `offer`)."""
    offer = service.fallback
    if offer is None:
        return []
    provider, found = offer.provider, []
    if offer.retired_at is not None:
        found.append("The fallback is gone: its provider no longer lists it.")
    if offer.service_type != service.offer.service_type:
        found.append("The fallback is of another type by now; it is not used.")
    if provider.not_sent or provider.not_sold:
        found.append(f"{provider.name} is stopped; the fallback is not used meanwhile.")
    elif provider.state.hold:
        found.append(
            f"{provider.name} is held itself: {provider.state.get_hold_display().lower()}."
        )
    cost = cost_per_1000(offer.rate, provider)
    chosen_at, usual = service.fallback_cost, rise_threshold(provider, panel.rise_threshold)
    if chosen_at is not None and rose_too_far(cost, chosen_at, usual):
        found.append(f"Since it was chosen: {rise_in_words(cost, chosen_at)}")
    return found


def falls_short(service: Service) -> list[str]:
    """What the fallback does not do that the service's own offer does."""
    own, other = service.offer, service.fallback
    if other is None:
        return []
    found = []
    if other.least > own.least or other.most < own.most:
        found.append(f"It takes {other.least:,} to {other.most:,} only; other orders stay.")
    if own.dripfeed and not other.dripfeed:
        found.append("It takes no drip-feed; such orders stay.")
    if own.refill and not other.refill:
        found.append("It gives no refill.")
    if own.cancel and not other.cancel:
        found.append("It cannot be stopped once it runs.")
    return found

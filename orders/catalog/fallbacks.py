"""A service's fallback: the offer that an order goes to where its own provider cannot take it."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from orders import auditing, sql
from orders.catalog.costs import cost_per_1000, rise_in_words, rise_threshold, rose_too_far
from orders.errors import Declined, StateChanged
from orders.kept_words import told
from orders.models import Offer, Panel, Service, User
from orders.spelling import count, figure, lowered


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
        raise Declined(_("This is what the service is bought from already; choose another one."))
    if offer.retired_at is not None:
        raise Declined(_("This offer is gone: %(number)s.") % {"number": offer.upstream_id})
    if not offer.service_type or offer.service_type != row.offer.service_type:
        here, there = row.offer.type_name, offer.type_name
        raise Declined(
            _("The types differ: %(here)s here, %(there)s there.") % {"here": here, "there": there}
        )
    if rate is not None and rate != offer.rate:
        raise StateChanged(
            _("Its rate moved to %(rate)s since you looked. Look once more.")
            % {"rate": figure(offer.rate)}
        )


def concerns(service: Service, panel: Panel) -> list[str]:
    """What is wrong with a service's fallback, in sentences for staff (join `fallback__provider`
    and its `state`, and `offer`)."""
    offer = service.fallback
    if offer is None:
        return []
    provider, found = offer.provider, []
    if offer.retired_at is not None:
        found.append(_("The fallback is gone: its provider no longer lists it."))
    if offer.service_type != service.offer.service_type:
        found.append(_("The fallback is of another type by now; it is not used."))
    if provider.not_sent or provider.not_sold:
        found.append(
            _("%(provider)s is stopped; the fallback is not used meanwhile.")
            % {"provider": provider.name}
        )
    elif provider.state.hold:
        found.append(
            _("%(provider)s is held itself: %(reason)s.")
            % {"provider": provider.name, "reason": lowered(provider.state.get_hold_display())}
        )
    cost = cost_per_1000(offer.rate, provider)
    chosen_at, usual = service.fallback_cost, rise_threshold(provider, panel.rise_threshold)
    if chosen_at is not None and rose_too_far(cost, chosen_at, usual):
        found.append(
            _("Since it was chosen: %(rise)s") % {"rise": told(rise_in_words(cost, chosen_at))}
        )
    return found


def falls_short(service: Service) -> list[str]:
    """What the fallback does not do that the service's own offer does."""
    own, other = service.offer, service.fallback
    if other is None:
        return []
    found = []
    if other.least > own.least or other.most < own.most:
        found.append(
            _("It takes %(least)s to %(most)s only; other orders stay.")
            % {"least": count(other.least), "most": count(other.most)}
        )
    if own.dripfeed and not other.dripfeed:
        found.append(_("It takes no drip-feed; such orders stay."))
    if own.refill and not other.refill:
        found.append(_("It gives no refill."))
    if own.cancel and not other.cancel:
        found.append(_("It cannot be stopped once it runs."))
    return found

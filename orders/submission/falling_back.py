"""Moving an order that its provider cannot take to its service's fallback: once, or never.

Only an order that nobody can have bought: it waits, and every sending of it is known to have come
to nothing. One whose answer was ever unknown stays where it is, whatever was decided since.

Where its own offer is gone it goes even if the price does not cover the fallback's cost, and waits
there as *cost changed*. While its provider may come back it waits where it is, likewise held.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_noop

from orders import doorbell, history, pricing, rules, service_types
from orders.enums import (
    DripLimit,
    EventKind,
    HoldReason,
    OrderStatus,
    PauseReason,
    ProviderHold,
    SubmissionOutcome,
)
from orders.errors import Declined
from orders.kept_words import Sentence, in_english
from orders.models import Event, Offer, Order, Panel, Service, Submission
from orders.moments import Stopwatch
from orders.submission import gate

log = structlog.get_logger(__name__)

GONE = gettext_noop("The provider no longer offers it.")
TOO_LONG = Sentence(gettext_noop("%(hold)s for too long."))
TOO_DEAR = Sentence(
    gettext_noop("The fallback would cost %(expected)s; below floor by %(missing)s")
)
MOVED = Sentence(
    gettext_noop(
        "%(left)s: %(why)s It goes to %(provider)s %(number)s, cost %(was)s → %(expected)s."
    )
)

OUT = (ProviderHold.DOWN, ProviderHold.FUNDS, ProviderHold.KEY)
"""Holds in which nothing of what waits is sent. One that asked to slow down still takes orders."""

NOTHING_CAME = (SubmissionOutcome.NOT_SENT, SubmissionOutcome.REFUSED)
FOR_PEOPLE = (HoldReason.STAFF, HoldReason.REQUEST)
SPOILED = (PauseReason.GONE, PauseReason.CHARGED_MORE, PauseReason.TYPE_CHANGED)
"""What a service that is bought from the fallback tells about it."""

PAGE = 200
BUDGET_SECONDS = 20.0
HOLD_PAUSE = timedelta(minutes=1)


@dataclass
class Moved:
    """How many orders went to their fallbacks."""

    moved: int = 0

    def __str__(self) -> str:
        return f"{self.moved} moved" if self.moved else "nothing to move"


def fall_back(now: datetime) -> Moved:
    """Move what waits in vain to its fallback, the oldest first. Safe to run at once with all that
    claims, cancels or holds orders."""
    watch, done = Stopwatch(now), Moved()
    panel = gate.panel()
    if panel.not_sent:
        return done
    is_open: dict[int, bool] = {}
    for order_id, service_id in _candidates(now, panel):
        if watch.seconds > BUDGET_SECONDS:
            break
        # Asked once a run: thousands that cannot go anywhere keep back none that can.
        if service_id not in is_open:
            is_open[service_id] = _open_fallback(service_id, watch.now) is not None
        if is_open[service_id]:
            done.moved += _try(order_id, watch.now)
    return done


def _candidates(now: datetime, panel: Panel) -> Iterator[tuple[int, int]]:
    """Orders with their services."""
    last = 0
    while True:
        found = Order.objects.filter(_in_vain(now, panel), pk__gt=last).order_by("pk")
        rows = list(found.values_list("pk", "service_id")[:PAGE])
        yield from rows
        if len(rows) < PAGE:
            return
        last = rows[-1][0]


def _in_vain(now: datetime, panel: Panel) -> Q:
    """Waiting orders with a fallback, whose own offer is gone or whose provider has been out for
    long enough. Where a person stopped sending, waiting is what they want."""
    since = now - timedelta(minutes=panel.fallback_minutes)
    state = "provider__state__"
    is_out = Q(**{f"{state}hold__in": OUT, f"{state}held_since__lte": since})
    is_gone = Q(service__pause=PauseReason.GONE, service__offer=F("offer"))
    is_gone |= Q(offer__retired_at__isnull=False)
    return (
        Q(
            status=OrderStatus.WAITING,
            first_offer=None,
            service__fallback__isnull=False,
            provider__not_sent=False,
        )
        & ~Q(hold__in=FOR_PEOPLE)
        & (is_out | is_gone)
    )


def _try(order_id: int, now: datetime) -> bool:
    with transaction.atomic():
        # Locked, then judged anew: who claims, cancels or holds it came before, or comes after.
        Order.objects.select_for_update().get(pk=order_id)
        order = (
            Order.objects.select_related("provider__state", "service", "offer")
            .filter(_in_vain(now, gate.panel()), pk=order_id)
            .first()
        )
        if order is None:
            return False
        offer = where_to(order, now)
        if offer is None:
            return False
        gone = _is_gone(order)
        if not gone and (short := _below_floor(order, offer)):
            _hold(order, short, now)
            return False
        out = TOO_LONG.of(hold=in_english(ProviderHold(order.provider.state.hold).label))
        move(order, offer, GONE if gone else out, now)
    return True


def _is_gone(order: Order) -> bool:
    told = order.service.pause == PauseReason.GONE and gate.is_bought_there(order)
    return told or order.offer.retired_at is not None


def where_to(order: Order, now: datetime) -> Offer | None:
    """The fallback of a locked order that waits, or was refused just now; None: it stays."""
    offer = _usable(order, now)
    return offer if offer is not None and _nothing_came_of(order) else None


def _usable(order: Order, now: datetime) -> Offer | None:
    """The service's fallback, if this order can be sent there now."""
    offer = _open_fallback(order.service_id, now)
    if offer is None or order.first_offer_id is not None or offer.pk == order.offer_id:
        return None
    is_alike = offer.service_type == order.service_type
    return offer if is_alike and _fits(order, offer) else None


def _open_fallback(service_id: int, now: datetime) -> Offer | None:
    """A service's fallback, if anything can be sent there now."""
    service = Service.objects.select_related("fallback__provider__state").get(pk=service_id)
    offer, panel = service.fallback, gate.panel()
    if offer is None or offer.retired_at is not None or offer.provider.not_sold:
        return None
    is_held = gate.provider_hold(offer.provider, panel) is not None
    is_known = gate.cost_is_fresh(offer.provider, now, panel) and not _is_spoiled(offer)
    return offer if is_known and not is_held else None


def _is_spoiled(offer: Offer) -> bool:
    return Service.objects.filter(offer=offer, pause__in=SPOILED).exists()


def _fits(order: Order, offer: Offer) -> bool:
    """Whether what was ordered may be ordered there, too."""
    if "runs" in order.details and not offer.dripfeed:
        return False
    limits = service_types.Limits(
        offer.least, offer.most, drip=DripLimit(offer.provider.drip_limit)
    )
    try:
        cleaned = service_types.clean(
            service_types.by_slug(order.service_type), order.details, limits
        )
    except Declined:
        return False
    return cleaned.billable == order.billable


def _nothing_came_of(order: Order) -> bool:
    """Whether no sending of the order can have made anything: never once an answer was unknown,
    not even where a person, or a late answer, has settled that since."""
    sent = Submission.objects.filter(order=order)
    if sent.exclude(outcome__in=NOTHING_CAME).exists() or sent.exclude(decision="").exists():
        return False
    return not Event.objects.filter(order=order, kind=EventKind.UNCONFIRMED).exists()


def _below_floor(order: Order, offer: Offer) -> str:
    """What is missing from the price at the fallback's cost, in words; "" where it is covered."""
    kind, cost = service_types.by_slug(order.service_type), rules.cost_of(offer, offer.provider)
    expected = pricing.expected_cost(cost, order.billable, package=kind.package)
    if order.loss_allowed is not None and expected - order.price <= order.loss_allowed:
        return ""
    floors = rules.terms_for(order.service, order.markup_of or order.managed_by).floors
    least = pricing.least_price(cost, floors, order.billable, package=kind.package)
    if order.price >= least:
        return ""
    return TOO_DEAR.of(expected=f"{expected:f}", missing=f"{least - order.price:f}")


def _hold(order: Order, detail: str, now: datetime) -> None:
    if order.hold == HoldReason.PRICE and order.hold_detail == detail:
        return
    order.hold, order.hold_detail = HoldReason.PRICE, detail[:300]
    order.not_before = now + HOLD_PAUSE
    order.save(update_fields=["hold", "hold_detail", "not_before"])
    history.note(order.pk, EventKind.HELD, now, detail=detail, reason=HoldReason.PRICE)


def move(order: Order, offer: Offer, why: str, now: datetime) -> None:
    """Buy a locked order there from now on: everything but the price follows."""
    kind, provider = service_types.by_slug(order.service_type), offer.provider
    cost = rules.cost_of(offer, provider)
    left = order.provider.name
    before = {
        "provider": order.provider_id,
        "offer": order.offer_id,
        "expected_cost": str(order.expected_cost),
    }
    order.first_offer_id = order.offer_id
    order.offer, order.provider, order.upstream_service_id = offer, provider, offer.upstream_id
    order.cost_rate_upstream, order.cost_currency = offer.rate, provider.currency
    order.exchange_rate, order.factor = provider.exchange_rate, provider.factor
    order.expected_charge_upstream = pricing.expected_charge(
        cost, order.billable, package=kind.package
    )
    order.expected_cost = pricing.expected_cost(cost, order.billable, package=kind.package)
    if order.status != OrderStatus.WAITING:
        order.status, order.status_at = OrderStatus.WAITING, now
    order.hold = order.hold_detail = ""
    order.not_before, order.changed_at = None, now
    order.save()
    history.note(
        order.pk,
        EventKind.FELL_BACK,
        now,
        status=OrderStatus.WAITING,
        detail=MOVED.of(
            left=left,
            why=f"{why[0].lower()}{why[1:]}",
            provider=provider.name,
            number=offer.upstream_id,
            was=before["expected_cost"],
            expected=f"{order.expected_cost:f}",
        ),
        **before,
    )
    log.info("order.fell_back", order=order.pk, left=left, to=provider.name)
    doorbell.ring("orders.submit_due", provider.pk)

"""May this order be sent now? Asked inside the transaction that claims it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext_noop

from orders import connections, panel_settings, pricing, rules, service_types
from orders.enums import HoldReason, OrderStatus, PauseReason
from orders.kept_words import Sentence, in_english
from orders.models import Order, Panel, Provider

COST_ROSE = Sentence(
    gettext_noop("Cost rose %(expected_cost)s → %(expected)s; below floor by %(least)s")
)

# A price that changed is judged by the floor, so these alone stop an order that was paid for; one
# that is bought elsewhere than its service is now (at the fallback, or where that was bought when
# it was placed) is stopped by a person alone: the others tell of another offer.
STOPPING_PAUSES = {PauseReason.STAFF, PauseReason.GONE, PauseReason.TYPE_CHANGED}

RESTORED = gettext_noop(
    "This database was restored from a backup; the operator has to run after_restore."
)
KEY_UNREADABLE = gettext_noop(
    "Our stored key cannot be opened: FIELD_KEYS lacks the one that sealed it."
)


@dataclass(frozen=True)
class Hold:
    """Why an order waits, with staff's words."""

    reason: HoldReason
    detail: str = ""


def provider_hold(provider: Provider, panel: Panel) -> Hold | None:
    """What keeps every order of this provider waiting: a switch, or its account's trouble."""
    if panel.is_elsewhere:
        return Hold(HoldReason.PROVIDER_STOPPED, RESTORED)
    if panel.not_sent or provider.not_sent:
        by = panel if panel.not_sent else provider
        return Hold(HoldReason.PROVIDER_STOPPED, by.stopped_reason)
    if provider.state.hold:
        return Hold(HoldReason(provider.state.hold), provider.state.hold_detail)
    if not connections.opens(provider):
        return Hold(HoldReason.PROVIDER_KEY, KEY_UNREADABLE)
    return None


def why_held(order: Order, panel: Panel, now: datetime) -> Hold | None:
    """Why a waiting order waits: its own reason as it was last found, or its provider's."""
    if order.status != OrderStatus.WAITING:
        return None
    if order.hold:
        return Hold(HoldReason(order.hold), order.hold_detail)
    return provider_hold(order.provider, panel) or _stale_hold(order.provider, now, panel)


def order_hold(order: Order, now: datetime, panel: Panel) -> Hold | None:
    """What keeps this one order waiting."""
    if words := _why_stopped(order):
        return Hold(HoldReason.SERVICE_PAUSED, words)
    return _stale_hold(order.provider, now, panel) or _price_hold(order)


def _why_stopped(order: Order) -> str:
    stopping = STOPPING_PAUSES if is_bought_there(order) else {PauseReason.STAFF}
    if order.service.pause in stopping:
        return in_english(PauseReason(order.service.pause).label)
    if order.offer.retired_at is not None:
        return in_english(PauseReason.GONE.label)
    if order.offer.service_type == order.service_type:
        return ""
    return in_english(PauseReason.TYPE_CHANGED.label)


def is_bought_there(order: Order) -> bool:
    """Whether the order's offer is the one that its service is bought from now, so that the
    service's pause tells of it."""
    return order.service.offer_id == order.offer_id


def _stale_hold(provider: Provider, now: datetime, panel: Panel) -> Hold | None:
    if cost_is_fresh(provider, now, panel):
        return None
    return Hold(HoldReason.STALE_COST, gettext_noop("The provider's rates are read again first."))


def cost_is_fresh(provider: Provider, now: datetime, panel: Panel) -> bool:
    """Whether the provider's rates were known to be true lately enough to send on them."""
    read_at = provider.state.catalog_read_at
    return read_at is not None and now - read_at <= timedelta(minutes=panel.cost_fresh_minutes)


def _price_hold(order: Order) -> Hold | None:
    expected = expected_cost_now(order)
    if order.loss_allowed is not None and expected - order.price <= order.loss_allowed:
        return None
    least = least_price_now(order)
    if order.price >= least:
        return None
    return Hold(
        HoldReason.PRICE,
        COST_ROSE.of(
            expected_cost=f"{order.expected_cost:f}",
            expected=f"{expected:f}",
            least=f"{least - order.price:f}",
        ),
    )


def expected_cost_now(order: Order) -> Decimal:
    """What sending it now would cost, in panel currency, at today's rate and exchange."""
    return pricing.expected_cost(_cost(order), order.billable, package=_is_package(order))


def least_price_now(order: Order) -> Decimal:
    """The price under which it may not be sent without a named person's permission."""
    staff = order.markup_of or order.managed_by
    floors = rules.terms_for(order.service, staff).floors
    return pricing.least_price(_cost(order), floors, order.billable, package=_is_package(order))


def _cost(order: Order) -> pricing.Cost:
    return rules.cost_of(order.offer, order.provider)


def _is_package(order: Order) -> bool:
    return service_types.by_slug(order.service_type).package


def panel() -> Panel:
    """The panel's settings, read anew."""
    return panel_settings.current()

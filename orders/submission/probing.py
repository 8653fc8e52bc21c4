"""Finding out whether a held provider works again: `balance` first, then one order alone.

Where there is a lost one that may be repeated with its key, it is that one: it does no harm.
"""

from datetime import datetime

import structlog

from orders import connections, providers
from orders.enums import ProviderHold, SubmissionOutcome
from orders.models import Order, Provider, ProviderState, Submission
from orders.submission import claims, repeating
from orders.submission.provider_holds import PROBE_EVERY
from orders.submission.sending import submit_order
from orders.upstream.errors import UpstreamError

log = structlog.get_logger(__name__)


def probe_providers(now: datetime) -> int:
    """Probe each held provider that is due; returns how many accepted an order again."""
    held = ProviderState.objects.exclude(hold="").filter(probe_after__lte=now)
    return sum(_probe(pk, now) for pk in list(held.values_list("pk", flat=True)))


def _probe(provider_id: int, now: datetime) -> bool:
    if not _take_turn(provider_id, now):
        return False
    provider = Provider.objects.select_related("state").get(pk=provider_id)
    if not connections.opens(provider):
        return False
    lost = repeating.oldest_due(provider, now)
    order = lost.order if lost else _oldest_waiting(provider, now)
    if not _balance_speaks_for_it(provider, order):
        return False
    if order is None:
        return _lift_without_orders(provider_id)
    outcome = (
        repeating.repeat(lost.pk, now, probing=True)
        if lost
        else submit_order(order.pk, now, probing=True)
    )
    log.info("provider.probed", provider=provider.name, order=order.pk, outcome=outcome)
    return outcome == SubmissionOutcome.CREATED


def _take_turn(provider_id: int, now: datetime) -> bool:
    """One prober at a time: move the due time on by a conditional update, and mind one that
    still waits for its answer."""
    moved = ProviderState.objects.filter(pk=provider_id, probe_after__lte=now).update(
        probe_after=now + PROBE_EVERY
    )
    under_way = Submission.objects.filter(provider=provider_id, outcome=SubmissionOutcome.OPEN)
    return bool(moved) and not under_way.exists()


def _oldest_waiting(provider: Provider, now: datetime) -> Order | None:
    return Order.objects.filter(claims.due(now), provider=provider).order_by("pk").first()


def _balance_speaks_for_it(provider: Provider, order: Order | None) -> bool:
    """Whether `balance` answers, and covers the order where funds were the trouble."""
    with providers.client_for(provider) as client:
        try:
            balance = client.balance().amount
        except UpstreamError:
            return False
    if provider.state.hold != ProviderHold.FUNDS or order is None:
        return True
    return balance >= order.expected_charge_upstream


def _lift_without_orders(provider_id: int) -> bool:
    """Nothing waits that could be tried: the next order is sent as if nothing had been.

    Only the hold goes, not the count of unknown answers: one more stops sending again.
    """
    ProviderState.objects.filter(pk=provider_id).update(
        hold="", hold_detail="", held_since=None, probe_after=None
    )
    return False

"""Reading what is left on each provider's account."""

from datetime import datetime

import structlog
from django.db import transaction

from orders import sealing
from orders.connections import NoTurn, currency_code, read_from, stored_balance
from orders.models import BalanceReading, Provider, ProviderState
from orders.moments import Stopwatch
from orders.upstream.client import Client
from orders.upstream.errors import UpstreamError
from orders.upstream.replies import BalanceReply

log = structlog.get_logger(__name__)


def read_balances(now: datetime) -> int:
    """Ask every provider for its balance; returns how many answered.

    Each answer is kept as a reading beside known charges. One that does not answer keeps the
    balance that was last read, with its time.
    """
    watch = Stopwatch(now)
    return sum(read_balance(provider, watch.now) is not None for provider in _to_ask(now))


def read_balance(provider: Provider, now: datetime) -> BalanceReading | None:
    """Ask one provider and keep the answer; null when there was none."""
    try:
        return ask_balance(provider, now)
    except (UpstreamError, sealing.Unsealable, NoTurn) as error:
        log.warning("balance.not_read", provider=provider.pk, error=type(error).__name__)
        return None


def ask_balance(provider: Provider, now: datetime) -> BalanceReading:
    """Ask one provider and keep the answer. Raises as `connections.read_from` does."""
    watch = Stopwatch(now)
    reply = read_from(provider, Client.balance, now=now)
    return _keep(provider, reply, now, answered_at=watch.now)


def _to_ask(now: datetime) -> list[Provider]:
    states = ProviderState.objects.exclude(rested_until__gt=now).select_related("provider")
    return [state.provider for state in states.order_by("provider_id")]


def _keep(
    provider: Provider, reply: BalanceReply, now: datetime, *, answered_at: datetime
) -> BalanceReading:
    amount, currency = stored_balance(reply.amount), currency_code(reply.currency)
    with transaction.atomic():
        reading = BalanceReading.objects.create(
            provider=provider,
            at=now,
            answered_at=answered_at,
            amount=amount,
            currency=currency,
        )
        if currency in ("", provider.currency):
            ProviderState.objects.filter(provider=provider).update(balance=amount, balance_at=now)
    if currency not in ("", provider.currency):
        log.warning("balance.other_currency", provider=provider.pk, currency=currency)
    return reading

"""Sending what was requested, provider by provider, a batch at a time."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from orders import connections, panel_settings, provider_health, rate
from orders.enums import ProviderHold, RefusalFamily
from orders.followups.answers import record
from orders.followups.claims import claim, expire_claims, give_back
from orders.followups.kinds import REQUESTED, Answers, Batch, Item, Kind
from orders.models import Provider
from orders.moments import Stopwatch
from orders.upstream.client import Client
from orders.upstream.errors import AnswerUnknown, NotSent, Refused, UpstreamError
from orders.upstream.replies import ItemError

SILENT_HOLDS = frozenset({ProviderHold.KEY, ProviderHold.DOWN, ProviderHold.BUSY})
"""While sending is held for these, nothing else is sent either; want of funds hinders nothing."""

MOST_BATCHES = 20
"""Batches that one run sends to one provider."""


class Stop(Exception):
    """Nothing more goes to this provider in this run."""


def send_requested(kind: Kind, now: datetime) -> int:
    """Send what was requested, provider by provider; returns how many requests were written to
    one. Safe to run any number of times at once."""
    expire_claims(kind, now)
    watch = Stopwatch(now)
    return sum(_send_to(kind, provider, watch) for provider in _providers(kind, now))


def _providers(kind: Kind, now: datetime) -> list[Provider]:
    panel = panel_settings.current()
    if panel.not_sent or panel.is_elsewhere:
        return []
    rows: Any = kind.model._default_manager
    asked = rows.filter(status=REQUESTED).values("provider")
    found = Provider.objects.select_related("state").filter(pk__in=asked, not_sent=False)
    return [
        provider
        for provider in found.order_by("pk")
        if provider.state.hold not in SILENT_HOLDS
        and not provider_health.resting(provider, now)
        and connections.opens(provider)
    ]


def _send_to(kind: Kind, provider: Provider, watch: Stopwatch) -> int:
    sent = 0
    with connections.client_for(provider) as client:
        for _ in range(MOST_BATCHES):
            if not rate.allow(provider):
                break
            batch = claim(kind, provider)
            if batch is None:
                break
            try:
                _send_batch(kind, provider, client, batch, watch)
            except Stop:
                break
            sent += len(batch.items)
    return sent


def _send_batch(
    kind: Kind, provider: Provider, client: Client, batch: Batch, watch: Stopwatch
) -> None:
    answers = _ask(kind, provider, client, batch, watch)
    if len(batch.items) > 1 and _is_one_refusal(answers, batch):
        # The provider may know the single form only; nothing was accepted, so each may go alone.
        _send_singly(kind, provider, client, batch, watch)
        return
    record(kind, batch, answers, watch.now)


def _send_singly(
    kind: Kind, provider: Provider, client: Client, batch: Batch, watch: Stopwatch
) -> None:
    left = list(batch.items)
    while left and time.monotonic() < batch.send_before and rate.allow(provider):
        alone = Batch(batch.token, (left[0],), batch.send_before)
        record(kind, alone, _ask(kind, provider, client, alone, watch, rest=left[1:]), watch.now)
        left.pop(0)
    give_back(kind, batch.token, left)


def _ask(
    kind: Kind,
    provider: Provider,
    client: Client,
    batch: Batch,
    watch: Stopwatch,
    rest: Sequence[Item] = (),
) -> Answers:
    """One request. What is known not to have been taken goes back; raises `Stop` then."""
    try:
        answers = kind.send(client, batch.ids, batch.send_before)
    except AnswerUnknown as error:
        provider_health.failed(provider.pk, error, watch.now)
        record(kind, batch, {}, watch.now)
        give_back(kind, batch.token, rest)
        raise Stop from error
    except (NotSent, Refused) as error:
        if isinstance(error, Refused) and error.family == RefusalFamily.REQUEST:
            return dict.fromkeys(batch.ids, ItemError(error.text))
        _note(provider, error, watch.now)
        give_back(kind, batch.token, [*batch.items, *rest])
        raise Stop from error
    provider_health.answered(provider.pk, watch.now)
    return answers


def _is_one_refusal(answers: Answers, batch: Batch) -> bool:
    """Whether every single one was refused, all in the same words."""
    said = {answers.get(upstream_id) for upstream_id in batch.ids}
    return len(said) == 1 and isinstance(said.pop(), ItemError)


def _note(provider: Provider, error: UpstreamError, now: datetime) -> None:
    if isinstance(error, Refused) and error.family == RefusalFamily.RATE_LIMIT:
        provider_health.rate_limited(provider.pk, error, now)
    elif error.reason != "late":
        provider_health.failed(provider.pk, error, now)

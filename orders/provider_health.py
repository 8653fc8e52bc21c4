"""How a provider answers our reading calls, and the rest it gets while it does not.

Sending has holds of its own (`submission.provider_holds`); what stands here is about polling.
"""

from datetime import datetime, timedelta

import structlog
from django.db.models import F, Q
from django.utils.translation import gettext_noop

from orders.kept_words import Sentence
from orders.models import Provider, ProviderState
from orders.upstream.errors import ReadFailed, UpstreamError

log = structlog.get_logger(__name__)

ANSWERED = Sentence(gettext_noop("It answered: “%(words)s”."))
NOT_USABLE = Sentence(gettext_noop("Its answer was not usable (%(reason)s)."))

FAILURES_THAT_REST = 3
"""So many failed requests in a row send a provider to rest."""

FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=15)

SLOWED_FOR = timedelta(minutes=5)
"""So long after a rate-limit answer a provider is called more rarely."""

FRESH_ENOUGH = timedelta(seconds=5)
"""A later answer within this time is not written down again."""


def answered(provider_id: int, now: datetime) -> None:
    """A call brought an answer: no more rest."""
    stale = Q(last_answer_at=None) | Q(last_answer_at__lt=now - FRESH_ENOUGH)
    state = ProviderState.objects.filter(
        stale | Q(failures__gt=0) | Q(rested_until__isnull=False), pk=provider_id
    )
    state.update(failures=0, rested_until=None, last_answer_at=now)


def failed(provider_id: int, error: UpstreamError, now: datetime) -> None:
    """A call brought none. Several in a row rest the provider, longer each time."""
    ProviderState.objects.filter(pk=provider_id).update(
        failures=F("failures") + 1, last_failure_at=now, last_failure=in_words(error)[:300]
    )
    failures = ProviderState.objects.values_list("failures", flat=True).get(pk=provider_id)
    if failures >= FAILURES_THAT_REST:
        pause = rest_after(failures)
        ProviderState.objects.filter(pk=provider_id).update(rested_until=now + pause)
        log.warning("provider.rests", provider=provider_id, seconds=pause.total_seconds())


def rate_limited(provider_id: int, error: UpstreamError, now: datetime) -> None:
    """The provider asked us to slow down; it is there, so this is no failure."""
    ProviderState.objects.filter(pk=provider_id).update(
        slowed_until=now + SLOWED_FOR,
        last_answer_at=now,
        last_failure_at=now,
        last_failure=in_words(error)[:300],
    )


def rest_after(failures: int) -> timedelta:
    """How long a provider rests after so many failed calls in a row."""
    doublings = min(failures - FAILURES_THAT_REST, 10)
    return min(FIRST_REST * 2**doublings, LONGEST_REST)


def resting(provider: Provider, now: datetime) -> bool:
    """Whether the provider (fetched with its `state`) is being left alone now."""
    until = provider.state.rested_until
    return until is not None and until > now


def in_words(error: UpstreamError) -> str:
    """What went wrong, for staff; to be kept. The client has cut the key out."""
    if isinstance(error, ReadFailed) and error.text:
        return ANSWERED.of(words=error.text)
    return _WORDS.get(error.reason, NOT_USABLE.of(reason=error.reason))


_WORDS = {
    "timeout": gettext_noop("It did not answer in time."),
    "reset": gettext_noop("It broke the connection off."),
    "connect": gettext_noop("No connection."),
    "dns": gettext_noop("Its address was not found."),
    "tls": gettext_noop("Its certificate is not valid."),
    "html": gettext_noop("It answered with a web page."),
    "empty": gettext_noop("Its answer was empty."),
    "server_error": gettext_noop("It answered with an error of its own."),
    "redirect": gettext_noop("Its address leads elsewhere."),
    "too_large": gettext_noop("Its answer was too large."),
}

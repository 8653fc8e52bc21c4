"""Why nothing is sent to a provider, told from its answers to `add`. One row a provider."""

from datetime import datetime, timedelta

from django.db.models import F
from django.utils.translation import gettext_noop

from orders import doorbell
from orders.enums import ProviderHold
from orders.kept_words import Sentence
from orders.models import ProviderState

ANSWERS_LOST = Sentence(gettext_noop("%(count)s answers in a row were lost (%(reason)s)."))
NO_CONNECTION = Sentence(gettext_noop("No connection (%(reason)s)."))

UNKNOWNS_THAT_STOP = 2
PROBE_EVERY = timedelta(seconds=30)
PROBE_AFTER_FAILED_PROBES = timedelta(hours=1)
FAILED_PROBES = 2
"""After this many more unknown answers, orders are tried only once an hour: an outage makes no
more unconfirmed orders than were in flight plus two."""


def hold(provider_id: int, reason: ProviderHold, detail: str, at: datetime) -> None:
    """Stop sending; keep when the trouble began if it is the same as before."""
    state = ProviderState.objects.select_for_update().get(pk=provider_id)
    if state.hold != reason:
        state.held_since = at
    state.hold, state.hold_detail = reason, detail[:500]
    state.probe_after = at + _probe_pause(state)
    state.save(update_fields=["hold", "hold_detail", "held_since", "probe_after"])


def _probe_pause(state: ProviderState) -> timedelta:
    if state.unknown_streak >= UNKNOWNS_THAT_STOP + FAILED_PROBES:
        return PROBE_AFTER_FAILED_PROBES
    return PROBE_EVERY


def unknown_answer(provider_id: int, reason: str, at: datetime) -> None:
    """Count it; the second in a row stops sending."""
    ProviderState.objects.filter(pk=provider_id).update(unknown_streak=F("unknown_streak") + 1)
    state = ProviderState.objects.get(pk=provider_id)
    if state.unknown_streak >= UNKNOWNS_THAT_STOP:
        said = ANSWERS_LOST.of(count=state.unknown_streak, reason=reason)
        hold(provider_id, ProviderHold.DOWN, said, at)


def not_reached(provider_id: int, at: datetime, reason: str) -> None:
    """No connection: nothing was sent, and nothing more needs to be tried before a probe."""
    hold(provider_id, ProviderHold.DOWN, NO_CONNECTION.of(reason=reason), at)


def known_answer(provider_id: int) -> None:
    """Any answer that we understand ends the row of unknown ones."""
    ProviderState.objects.filter(pk=provider_id, unknown_streak__gt=0).update(unknown_streak=0)


def accepted(provider_id: int, at: datetime) -> None:
    """An order was taken: whatever the hold was, it is over.

    Not so one that began after the answer came, which a worker that was cut off brings late: what
    a provider did before its trouble is no sign that it is well again.
    """
    lifted = (
        ProviderState.objects.filter(pk=provider_id)
        .exclude(hold="", unknown_streak=0)
        .exclude(held_since__gt=at)
        .update(hold="", hold_detail="", held_since=None, probe_after=None, unknown_streak=0)
    )
    if lifted:
        doorbell.ring("orders.submit_due", provider_id)

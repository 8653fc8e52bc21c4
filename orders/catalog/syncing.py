"""Reading a provider's catalog: ask, compare, write only what changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext_noop, ngettext_lazy

from orders import sealing, service_types, sql
from orders.catalog import runs
from orders.catalog.comparing import Differences, Known, compare
from orders.catalog.costs import shrink_threshold
from orders.catalog.holds import replace_held
from orders.catalog.reading import COLUMNS, Listing, Values, read
from orders.catalog.writing import Writing
from orders.connections import NoTurn, read_from, words_for
from orders.enums import SyncOutcome
from orders.kept_words import Sentence
from orders.models import Offer, Provider, ProviderState, SyncRun, User
from orders.moments import Stopwatch
from orders.panel_settings import current
from orders.upstream.client import Client
from orders.upstream.errors import UpstreamError
from orders.upstream.replies import CatalogReply, Digests

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 60
"""A catalog of many thousand rows may take longer than the profile grants other calls."""


class _Unreadable(Exception):
    """The catalog changes nothing and proves nothing; the text says why."""


def sync(provider: Provider, *, now: datetime, by: User | None = None) -> SyncRun:
    """Read a provider's catalog and write what changed; returns the run, however it ended.

    A run of the same provider that is already under way is returned instead. Raises nothing for
    what a provider does: a failed run says what happened in `detail`.
    """
    watch, asking = Stopwatch(now), max(provider.total_timeout, PATIENCE_SECONDS)
    run, ours = runs.begin(provider, by=by, now=now, asking=asking)
    if not ours:
        return run
    try:
        _run(run, provider, watch)
    except runs.Superseded:
        run.refresh_from_db()
    except _Unreadable as reason:
        _fail(run, str(reason), now)
    except Exception:
        _fail(run, gettext_noop("It stopped because of a fault of ours; the log tells more."), now)
        raise
    log.info("catalog.read", provider=provider.pk, outcome=run.outcome, detail=run.detail)
    return run


def _run(run: SyncRun, provider: Provider, watch: Stopwatch) -> None:
    provider.refresh_from_db()
    reply = _ask(provider, _held(provider), run.started_at)
    writing = Writing(run, provider, current(), watch)
    if reply.unchanged:
        _settle_unchanged(writing, reply.digests)
        return
    listing = read(reply)
    if not listing.offers:
        raise _Unreadable(_why_nothing(listing))
    with writing.step(0):
        # Before comparing: from here on nobody releases a removal that an older reading asked for.
        replace_held(provider.pk, writing.now)
    known = _known(provider)
    unreadable = {row.upstream_id for row in listing.unusable} - {""}
    found = compare(known, listing.offers, unreadable)
    _write(writing, listing, found, reply.digests)


def _ask(provider: Provider, previous: Digests, now: datetime) -> CatalogReply:
    def question(client: Client) -> CatalogReply:
        return client.services(previous)

    try:
        return read_from(provider, question, now=now, patience=PATIENCE_SECONDS)
    except (sealing.Unsealable, NoTurn) as error:
        raise _Unreadable(str(error)) from error
    except UpstreamError as error:
        raise _Unreadable(words_for(error, provider.url)) from error


def _held(provider: Provider) -> Digests:
    """Those of the catalog that the cache holds; none when the same would now be read otherwise.

    They would when this panel has learned a type since that it did not know.
    """
    unknown = provider.offers.filter(service_type="").values_list("type_name", flat=True)
    if any(service_types.find(name) for name in unknown.distinct()):
        return Digests()
    state = ProviderState.objects.filter(provider=provider)
    return Digests(*state.values_list("catalog_digest", "catalog_content").get())


def _known(provider: Provider) -> Mapping[str, Known]:
    def one(pk: int, upstream_id: str, retired_at: datetime | None, *values: Any) -> Known:
        return Known(pk, upstream_id, retired_at is not None, Values._make(values))

    columns = ("id", "upstream_id", "retired_at", *COLUMNS)
    offers = sql.Reading(Offer, columns, one, "WHERE provider_id = %s")
    return {known.upstream_id: known for known in offers.rows(provider.pk)}


def _settle_unchanged(writing: Writing, digests: Digests) -> None:
    """It says the same: the costs are fresh again. A threshold that changed meanwhile acts now."""
    run = writing.run
    with transaction.atomic():
        writing.lock_terms()
        writing.reassess()
        _renew(writing, digests)
        total = writing.provider.offers.filter(retired_at=None).count()
        counts = {"rows_total": total, "rows_done": total, "paused": writing.paused}
        detail = _sentence({"paused": writing.paused, "released": writing.released})
        runs.finish(run, SyncOutcome.UNCHANGED, detail, writing.now, **counts)


def _write(writing: Writing, listing: Listing, found: Differences, digests: Digests) -> None:
    touched = len(found.new) + len(found.changed) + len(found.returned)
    hold = found.shrank(shrink_threshold(writing.provider, writing.panel.shrink_threshold))
    SyncRun.objects.filter(pk=writing.run.pk).update(
        rows_total=listing.rows,
        rows_bad=len(listing.unusable),
        rows_done=len(listing.offers) - touched,
    )
    # Until all of it is written the cache holds neither this catalog nor the last one: were this
    # process killed, the last one would be taken for unchanged, and half of this would stay.
    _note(writing, Digests())
    writing.keep_unusable(listing.unusable)
    writing.write(found, hold_removals=hold)
    _finish(writing, listing, found, hold, digests)


def _finish(
    writing: Writing, listing: Listing, found: Differences, hold: bool, digests: Digests
) -> None:
    gone = len(found.vanished)
    counts = {
        "new": len(found.new),
        "changed": len(found.changed),
        "returned": len(found.returned),
        "retired": 0 if hold else gone,
        "held_removals": gone if hold else 0,
    }
    moved = any(counts.values())
    with transaction.atomic():
        writing.lock_terms()
        writing.reassess()
        _renew(writing, digests)
        detail = _sentence(
            {
                **counts,
                "paused": writing.paused,
                "released": writing.released,
                "bad": len(listing.unusable),
            }
        )
        outcome = SyncOutcome.CHANGED if moved else SyncOutcome.UNCHANGED
        outcome = SyncOutcome.HELD if hold else outcome
        runs.finish(writing.run, outcome, detail, writing.now, paused=writing.paused, **counts)


_PHRASES = {
    "new": Sentence(ngettext_lazy("1 new", "%(count)s new", "count")),
    "changed": Sentence(ngettext_lazy("1 changed", "%(count)s changed", "count")),
    "returned": Sentence(ngettext_lazy("1 came back", "%(count)s came back", "count")),
    "retired": Sentence(ngettext_lazy("1 gone", "%(count)s gone", "count")),
    "held_removals": Sentence(
        ngettext_lazy(
            "1 seems to be gone and waits for a decision",
            "%(count)s seem to be gone and wait for a decision",
            "count",
        )
    ),
    "paused": Sentence(ngettext_lazy("1 service paused", "%(count)s services paused", "count")),
    "released": Sentence(
        ngettext_lazy("1 service back on sale", "%(count)s services back on sale", "count")
    ),
    "bad": Sentence(ngettext_lazy("1 row skipped", "%(count)s rows skipped", "count")),
}
_NONE_READABLE = Sentence(
    gettext_noop("None of %(rows)s rows could be read (%(why)s); nothing was changed.")
)


def _sentence(counts: Mapping[str, int]) -> str:
    """The counts that are not zero, in words."""
    parts = [_PHRASES[name].of(count=f"{n:,}") for name, n in counts.items() if n]
    return (", ".join(parts) or gettext_noop("Nothing changed")) + "."


def _renew(writing: Writing, digests: Digests) -> None:
    _note(writing, digests, catalog_read_at=writing.now)


def _note(writing: Writing, digests: Digests, **values: Any) -> None:
    state = ProviderState.objects.filter(provider=writing.provider)
    state.update(catalog_digest=digests.body, catalog_content=digests.content, **values)


def _why_nothing(listing: Listing) -> str:
    if not listing.unusable:
        return gettext_noop("The catalog came empty; nothing was changed.")
    why = listing.unusable[0].why
    return _NONE_READABLE.of(rows=f"{listing.rows:,}", why=why)


def _fail(run: SyncRun, detail: str, now: datetime) -> None:
    try:
        runs.finish(run, SyncOutcome.FAILED, detail, now)
    except runs.Superseded:
        run.refresh_from_db()

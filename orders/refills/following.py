"""Asking how refills stand until the provider is done."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from orders import connections, followups, panel_settings, provider_health, rate, sql
from orders.enums import SweepKind, Tier
from orders.models import Provider, Refill
from orders.moments import Stopwatch
from orders.polling import leases
from orders.polling.asking import Answer, Asker, NoTurn
from orders.polling.conversation import Conversation, Ended
from orders.progress import LeaseLost
from orders.refills.asking import KIND
from orders.refills.states import AT_PROVIDER, ENDED
from orders.statuses import refill_from_upstream
from orders.upstream.client import Client
from orders.upstream.replies import ItemError, RefillStatusReply

POLL_EVERY = timedelta(minutes=5)
PAGE = 1000
UNSAID = ItemError(gettext_noop("Nothing was said about it."))
UNREADABLE = ItemError(gettext_noop("What was said about it cannot be read."))


def poll(now: datetime, *, all_now: bool = False) -> int:
    """Ask how refills stand, up to a hundred in one call; returns how many changed.

    Each provider every few minutes; `all_now` asks whatever the pace and its rest.
    """
    if panel_settings.current().not_polled:
        return 0
    waiting = _to_poll().values("provider")
    found = Provider.objects.select_related("state").filter(pk__in=waiting, not_polled=False)
    return sum(
        _poll_provider(provider, now, all_now)
        for provider in found.order_by("pk")
        if (all_now or not provider_health.resting(provider, now)) and connections.opens(provider)
    )


def _to_poll() -> QuerySet[Refill]:
    return Refill.objects.filter(status__in=AT_PROVIDER).exclude(upstream_id="")


def _poll_provider(provider: Provider, now: datetime, all_now: bool) -> int:
    with connections.client_for(provider) as client:
        held = leases.take(provider.pk, SweepKind.REFILLS, patience_seconds=provider.total_timeout)
        if held is None:
            return 0
        changed = asked = 0
        try:
            pace = dict.fromkeys(Tier, POLL_EVERY)
            if all_now or Tier.FAST in held.rounds.due(now, pace):
                asked, changed = _round(provider, client, held, Stopwatch(now))
        except LeaseLost:
            pass
        finally:
            held.give_back(asked=asked, changed=changed, at=now)
    return changed


def _round(
    provider: Provider, client: Client, held: leases.HeldSweep, watch: Stopwatch
) -> tuple[int, int]:
    pace = rate.pace_of(provider, watch.now)
    asker = Asker(client.refill_statuses, pace, max(provider.requests_at_once, 1), watch)
    talk = Conversation(provider.pk, asker, keep=held.keep)
    held.rounds.begin(Tier.FAST, watch.now)
    asked, changed = 0, 0
    try:
        while rows := _page(provider, held.rounds.cursor(Tier.FAST)):
            asked += len(rows)
            changed += _page_of_answers(talk, rows, provider.batch_size)
            held.rounds.move(Tier.FAST, rows[-1][0])
        held.rounds.end(Tier.FAST, watch.now)
    except (Ended, NoTurn):
        held.rounds.abandon(Tier.FAST)
    return asked, changed


Standing = tuple[int, int, str, str, str]


def _page(provider: Provider, after: int) -> list[Standing]:
    rows = _to_poll().filter(provider=provider, pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", "order_id", "upstream_id", "status", "answer")[:PAGE])


def _page_of_answers(talk: Conversation, rows: Sequence[Standing], size: int) -> int:
    by_id = {row[2]: row for row in rows}
    ids = list(by_id)
    batches = [ids[start : start + size] for start in range(0, len(ids), size)]
    changed, spoiled = 0, []
    for answer in talk.ask(batches):
        if answer.error is not None:
            spoiled.append(answer.ids)
        else:
            changed += _take(by_id, answer)
    for batch in spoiled:
        for answer in talk.search(batch):
            if answer.error is None:
                changed += _take(by_id, answer)
            else:
                changed += _apply(by_id[answer.ids[0]], UNREADABLE, answer.asked_at)
    return changed


def _take(by_id: dict[str, Standing], answer: Answer) -> int:
    return sum(
        _apply(by_id[upstream_id], answer.replies.get(upstream_id, UNSAID), answer.asked_at)
        for upstream_id in answer.ids
    )


def _apply(row: Standing, reply: RefillStatusReply | ItemError, at: datetime) -> int:
    pk, order_id, _, status, words = row
    said = reply.text if isinstance(reply, ItemError) else reply.status
    found = None if isinstance(reply, ItemError) else refill_from_upstream(reply.status)
    following = found or status
    # An item's error or an unknown word ends nothing; it is kept for staff to read.
    note = "" if found else said[:300]
    if following == status and note == words:
        return 0
    with sql.short_transaction():
        changed = _still_followed(row).update(
            status=following,
            answer=note,
            changed_at=at,
            ended_at=at if following in ENDED else None,
        )
        if changed and following != status:
            followups.tell(KIND, pk, order_id, following, at, detail=said)
    return changed


def _still_followed(row: Standing) -> QuerySet[Refill]:
    """By its number too: a person may have found meanwhile that it was another one's."""
    pk, _, number, status, _ = row
    return Refill.objects.filter(pk=pk, status=status, upstream_id=number)

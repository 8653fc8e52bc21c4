"""Refills: asked for by a person, sent once in a batch, followed until the provider is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError
from django.db.models import Q, QuerySet

from orders import (
    auditing,
    connections,
    doorbell,
    followups,
    panel_settings,
    persons,
    provider_health,
    rate,
    sql,
)
from orders.enums import EventKind, NoRefill, OrderStatus, RefillStatus, SweepKind, Tier
from orders.errors import FieldErrors, NoRefillNow, NotAllowed, StateChanged
from orders.models import REFILL_IN_FLIGHT, Order, Provider, Refill, User
from orders.moments import Stopwatch
from orders.polling import leases
from orders.polling.asking import Answer, Asker, NoTurn
from orders.polling.conversation import Conversation, Ended
from orders.progress import LeaseLost
from orders.statuses import refill_from_upstream
from orders.upstream.client import Client
from orders.upstream.replies import ItemError, RefillReply, RefillStatusReply

OVERDUE_AFTER = timedelta(days=3)
"""A refill without an end so long after it was asked for is overdue: providers speak of up to
three days. It is not asked for again by itself; a person looks at it."""

POLL_EVERY = timedelta(minutes=5)
PAGE = 1000

AT_PROVIDER = (RefillStatus.PENDING, RefillStatus.IN_PROGRESS)
ENDED = frozenset(
    {
        RefillStatus.COMPLETED,
        RefillStatus.REJECTED,
        RefillStatus.CANCELED,
        RefillStatus.FAILED,
    }
)


LOST = Q(status=RefillStatus.UNKNOWN) | Q(status__in=AT_PROVIDER, upstream_id="")
"""What nobody can ask the provider about: a person says what became of it."""

NUMBERED = Q(status__in=(*AT_PROVIDER, *ENDED)) & ~Q(upstream_id="")
"""What is followed by a number, or was to its end: a person may correct the number."""

UNSAID = ItemError("Nothing was said about it.")
UNREADABLE = ItemError("What was said about it cannot be read.")


def _send(client: Client, ids: Sequence[str], send_before: float) -> dict[str, Any]:
    if len(ids) == 1:
        return {ids[0]: client.refill(ids[0], send_before=send_before)}
    return client.refills(ids, send_before=send_before)


def _id_of(reply: RefillReply) -> str:
    return reply.refill_id


KIND = followups.Kind(
    Refill,
    EventKind.REFILL,
    RefillStatus.PENDING,
    RefillStatus.REJECTED,
    _send,
    _id_of,
)


# ── Asking for one ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Window:
    """So many days after completion a refill may be asked for, by the house's rule or the
    provider's."""

    days: int
    is_ours: bool


def window(order: Order) -> Window | None:
    """What holds for an order's service today; None: nobody has said, and nothing ends."""
    if ours := order.service.refill_days:
        return Window(ours, is_ours=True)
    theirs = order.offer.refill_days
    return Window(theirs, is_ours=False) if theirs else None


def refill_until(order: Order) -> datetime | None:
    """Until when a refill can be asked for; None: not known, or the order has not ended."""
    rule = window(order)
    if rule is None or order.finished_at is None:
        return None
    return order.finished_at + timedelta(days=rule.days)


def why_not_refill(order: Order, now: datetime) -> str:
    """A sentence for anybody, or "" when a refill can be asked for."""
    refusal = _refusal(order, now)
    return str(refusal) if refusal else ""


def _refusal(order: Order, now: datetime) -> NoRefillNow | None:
    if not (order.offer.refill and order.provider.has_refill):
        return NoRefillNow(NoRefill.SERVICE)
    if order.status != OrderStatus.COMPLETED or not order.upstream_id:
        return NoRefillNow(NoRefill.NOT_COMPLETED)
    if order.is_subscription:
        return NoRefillNow(NoRefill.POSTS)
    if order.runs and order.children.exists():
        return NoRefillNow(NoRefill.RUNS)
    rule, until = window(order), refill_until(order)
    if rule is not None and until is not None and until < now:
        unit = "day" if rule.days == 1 else "days"
        words = f"The {rule.days} {unit} for refills ended on {until:%-d %b %Y}."
        return NoRefillNow(NoRefill.OVER, words)
    if Refill.objects.filter(order=order, status__in=REFILL_IN_FLIGHT).exists():
        return NoRefillNow(NoRefill.ASKED)
    return None


def request(order: Order, *, by: User | None, now: datetime) -> Refill:
    """Ask for a refill; a worker sends it. Raises `NoRefillNow` with the reason, `NotAllowed`.

    `by` is None for a program of the order's customer.
    """
    fresh = _with_terms(order.pk)
    if by is not None:
        persons.require_sight(by, fresh.customer)
    if refusal := _refusal(fresh, now):
        raise refusal
    try:
        with sql.short_transaction():
            refill = Refill.objects.create(
                order=fresh, provider=fresh.provider, asked_by=by, asked_at=now, changed_at=now
            )
            status = RefillStatus.REQUESTED
            person_id = by.pk if by else None
            followups.tell(KIND, refill.pk, fresh.pk, status, now, person_id=person_id)
            doorbell.ring("orders.refills")
    except IntegrityError as error:
        raise NoRefillNow(NoRefill.ASKED) from error
    return refill


def _with_terms(order_id: int) -> Order:
    return Order.objects.select_related("offer", "service", "provider", "customer").get(pk=order_id)


def send_requested(now: datetime) -> int:
    """Send requested refills in batches; returns how many went to a provider."""
    return followups.send_requested(KIND, now)


def settle(
    refill: Refill, *, by: User, now: datetime, reason: str, upstream_id: str = ""
) -> Refill:
    """A person says what became of a refill whose answer was lost, or which has no number.

    With `upstream_id` it was taken and is followed; without, it is closed and may be asked for
    again. Raises `FieldErrors`, `StateChanged` or `NotAllowed`.
    """
    persons.require_staff(by)
    persons.require_sight(by, refill.order.customer)
    if not reason.strip():
        raise FieldErrors({"reason": "Say why; it is kept with the order."})
    upstream_id = upstream_id.strip()[:64]
    _check_number(refill, upstream_id)
    try:
        _settle(refill, by, now, reason.strip(), upstream_id)
    except IntegrityError:
        _check_number(refill, upstream_id)  # another one got this number a moment ago
        raise
    refill.refresh_from_db()
    return refill


def _check_number(refill: Refill, upstream_id: str) -> None:
    if upstream_id and (other := followups.holder(KIND, refill, upstream_id)):
        raise FieldErrors({"upstream_id": f"The refill of order {other} already has this number."})


def _settle(refill: Refill, by: User, now: datetime, reason: str, upstream_id: str) -> None:
    status = RefillStatus.PENDING if upstream_id else RefillStatus.FAILED
    with sql.short_transaction():
        settled = _unsettled(refill.pk).update(
            status=status,
            upstream_id=upstream_id,
            claim=None,
            answer=reason[:300],
            changed_at=now,
            ended_at=None if upstream_id else now,
        )
        if not settled:
            raise StateChanged("This refill moved on in the meantime; look at it again.")
        followups.tell(
            KIND, refill.pk, refill.order_id, status, now, person_id=by.pk, detail=reason
        )
        told = {"status": status, "upstream_id": upstream_id}
        auditing.record_order(by, "refill.settled", refill.order, {}, told, reason, at=now)


def _unsettled(pk: int) -> QuerySet[Refill]:
    return Refill.objects.filter(LOST, pk=pk)


def renumber(refill: Refill, *, upstream_id: str, by: User, now: datetime, reason: str) -> Refill:
    """A person found that a refill was followed by a wrong number: it is followed by this one,
    from the beginning, also where the wrong one has led to an end.

    Raises `FieldErrors`, `StateChanged` or `NotAllowed`.
    """
    persons.require_staff(by)
    persons.require_sight(by, refill.order.customer)
    if not persons.person_of(by).sees_cost:
        raise NotAllowed("Only who sees the provider corrects its numbers.")
    upstream_id = upstream_id.strip()[:64]
    errors = {"reason": "Say why; it is kept with the order."} if not reason.strip() else {}
    if not upstream_id:
        errors["upstream_id"] = "Type the number that the provider's own pages show."
    elif upstream_id == refill.upstream_id:
        errors["upstream_id"] = "It has this number already."
    if errors:
        raise FieldErrors(errors)
    _check_number(refill, upstream_id)
    try:
        _renumber(refill, by, now, reason.strip(), upstream_id)
    except IntegrityError as error:
        _check_number(refill, upstream_id)  # another one got this number a moment ago
        raise StateChanged(NoRefill.ASKED.label) from error
    refill.refresh_from_db()
    return refill


def _renumber(refill: Refill, by: User, now: datetime, reason: str, upstream_id: str) -> None:
    was, status = refill.upstream_id, RefillStatus.PENDING
    with sql.short_transaction():
        standing = Refill.objects.filter(NUMBERED, pk=refill.pk, upstream_id=was)
        changed = standing.update(
            status=status, upstream_id=upstream_id, answer="", changed_at=now, ended_at=None
        )
        if not changed:
            raise StateChanged("This refill moved on in the meantime; look at it again.")
        words = f"Its number was {was}: {reason}"
        followups.tell(KIND, refill.pk, refill.order_id, status, now, person_id=by.pk, detail=words)
        before = {"status": refill.status, "upstream_id": was}
        told = {"status": status, "upstream_id": upstream_id}
        auditing.record_order(by, "refill.renumbered", refill.order, before, told, reason, at=now)


def overdue(now: datetime) -> Q:
    """Those under way that should have come to an end by now; what is lost is not among them."""
    under_way = (RefillStatus.REQUESTED, *AT_PROVIDER)
    return Q(status__in=under_way, asked_at__lt=now - OVERDUE_AFTER) & ~LOST


# ── Following them ───────────────────────────────────────────────────────────────────────────


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

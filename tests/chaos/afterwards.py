"""Was every refill and every stop asked for once, and did each come to the end that the provider
tells?"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from orders import cancellations, refills
from orders.enums import CancellationStatus, EventKind, RefillStatus
from orders.models import Cancellation, Event, Refill
from orders.statuses import refill_from_upstream
from tests.chaos.books import Books
from tests.chaos.upstreams import Asked

Row = Refill | Cancellation


def followups_are_asked_once(books: Books) -> Iterator[str]:
    """Nothing was asked of a provider that nobody wanted; and what it may have taken was not
    asked again on behalf of the same request."""
    number_of = {
        (order.provider_id, order.upstream_id): pk
        for pk, order in books.orders.items()
        if order.upstream_id
    }
    for action, rows in (("refill", _rows(Refill)), ("cancel", _rows(Cancellation))):
        calls: defaultdict[int, list[Asked]] = defaultdict(list)
        for call in books.facts.asked:
            if call.action == action:
                provider = books.facts.provider_of[call.upstream]
                calls[number_of.get((provider, call.upstream_id), 0)].append(call)
        for order, asked in calls.items():
            wanted = [Wanted(row.pk, row.asked_at) for row in rows.get(order, [])]
            yield from _asked_once(action, order, wanted, asked)


@dataclass(frozen=True)
class Wanted:
    """A request by a person, and when it was made."""

    pk: int
    at: datetime


def _asked_once(action: str, order: int, wanted: list[Wanted], asked: list[Asked]) -> Iterator[str]:
    may_have_it: set[int] = set()
    for call in sorted(asked, key=lambda call: call.at):
        mine = [one for one in wanted if one.at <= call.at]
        if not mine:
            yield f"order {order}: {action} was asked for, and nobody had wanted it"
        elif mine[-1].pk in may_have_it:
            yield f"order {order}: {action} {mine[-1].pk} was asked for again"
        elif not call.was_refused:
            may_have_it.add(mine[-1].pk)


def refills_agree(books: Books) -> Iterator[str]:
    """Every refill that a provider took is followed to its end by its order, or was written off by
    a wrong decision; and the reverse."""
    followed = Refill.objects.exclude(upstream_id="")
    held = {(row.provider_id, row.upstream_id): row for row in followed}
    unheld: defaultdict[tuple[int, str], int] = defaultdict(int)
    for place, (upstream_order, word) in books.facts.refills.items():
        row = held.pop(place, None)
        if row is None:
            unheld[place[0], upstream_order] += 1
        elif books.orders[row.order_id].upstream_id != upstream_order:
            yield f"refill {row.pk} follows one that was made for another order"
        elif row.status != refill_from_upstream(word):
            yield f"refill {row.pk} is {row.status}, its provider says {word}"
    for row in held.values():
        yield f"refill {row.pk} holds {row.upstream_id}, which its provider does not know"
    yield from _unheld_refills(books, unheld)


def _unheld_refills(books: Books, unheld: dict[tuple[int, str], int]) -> Iterator[str]:
    rows = _rows(Refill)
    for pk, order in books.orders.items():
        taken = unheld.pop((order.provider_id, order.upstream_id or ""), 0)
        if taken > sum(_is_written_off(row) for row in rows.get(pk, [])):
            yield f"order {pk}: its provider took a refill that nobody follows"
    for (provider, upstream_order), _ in unheld.items():
        yield f"provider {provider} took a refill of {upstream_order}, which no order holds"


def _is_written_off(row: Row) -> bool:
    return row.status == RefillStatus.FAILED and not row.upstream_id


def requests_were_pressed(books: Books) -> Iterator[str]:
    """Whatever was canceled, asked to be stopped or refilled was pressed by who is named in it;
    and what a program was told to have been asked for stands."""
    pressed = {(call.verb, call.order, call.user_id) for call in books.facts.calls}
    canceled = Event.objects.filter(kind=EventKind.CANCELED)
    made: list[tuple[str, int, int | None]] = [
        *(("cancel", *row) for row in canceled.values_list("order_id", "person_id")),
        *(("cancel", *row) for row in Cancellation.objects.values_list("order_id", "asked_by_id")),
        *(("refill", *row) for row in Refill.objects.values_list("order_id", "asked_by_id")),
    ]
    for verb, order, person in made:
        if (verb, order, person or 0) not in pressed:
            yield f"order {order}: nobody of this name pressed for the {verb}"
    stands = {(verb, order) for verb, order, _ in made}
    for call in books.facts.calls:
        if call.told.isdecimal() and (call.verb, call.order) not in stands:
            yield f"order {call.order}: a program was told of a {call.verb}, none stands"


def stops_agree(books: Books) -> Iterator[str]:
    """A request that is done belongs to an order that was stopped, and one that was declined to an
    order that went on, to a refusal, or to a wrong decision."""
    for order_id, rows in _rows(Cancellation).items():
        status = books.orders[order_id].status
        for row in rows:
            if row.status == CancellationStatus.DONE and status not in cancellations.STOPPED:
                yield f"cancel request {row.pk} is done, and order {order_id} is {status}"
            if row.status == CancellationStatus.DECLINED and not row.answer:
                yield f"cancel request {row.pk} of order {order_id} was declined without a word"


def followups_end(books: Books) -> Iterator[str]:
    """No refill and no cancel request is under way, or waits for a person."""
    ended = {CancellationStatus.DONE, CancellationStatus.DECLINED}
    for refill in Refill.objects.exclude(status__in=refills.ENDED):
        yield f"refill {refill.pk} of order {refill.order_id} is still {refill.status}"
    for one in Cancellation.objects.exclude(status__in=ended):
        yield f"cancel request {one.pk} of order {one.order_id} is still {one.status}"


def _rows(model: type[Row]) -> dict[int, list[Row]]:
    """By order, in the order in which they were made."""
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in model._default_manager.order_by("pk"):
        found[row.order_id].append(row)
    return found

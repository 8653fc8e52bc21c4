"""Was each order bought in one place, and with one key for each of its submissions?"""

from collections import defaultdict
from collections.abc import Iterator

from orders.enums import EventKind, SubmissionOutcome
from orders.models import Submission
from tests.chaos.books import Books

NOTHING_CAME = {SubmissionOutcome.NOT_SENT, SubmissionOutcome.REFUSED}


def orders_are_bought_in_one_place(books: Books) -> Iterator[str]:
    """Of all providers at most one ever took an order: the one where it is bought, asked for the
    service that it is bought as, by a submission to that provider."""
    for pk, taken in books.accepted.items():
        order = books.orders[pk]
        places = {books.facts.provider_of[one.upstream] for one in taken}
        if len(places) > 1:
            yield f"order {pk} was taken by the providers {sorted(places)}"
        elif places != {order.provider_id}:
            yield f"order {pk} is bought from {order.provider_id}, {places.pop()} took it"
        for one in taken:
            cause, place = books.cause(pk, one.at), books.facts.provider_of[one.upstream]
            if cause is not None and cause.provider_id != place:
                yield f"order {pk}: submission {cause.number} went to {place}"
            if one.params.get("service", "") != order.upstream_service_id:
                yield f"order {pk} was bought as {one.params.get('service')}"


def fallbacks_are_certain(books: Books) -> Iterator[str]:
    """An order goes to its fallback at most once, and only when nobody can have bought it: all its
    submissions up to then had come to nothing, and none had ever been unconfirmed."""
    for pk, order in books.orders.items():
        moves = [event for event in books.events[pk] if event.kind == EventKind.FELL_BACK]
        if len(moves) != (order.first_offer_id is not None):
            yield f"order {pk} was moved {len(moves)} times"
        for move in moves:
            earlier = [one for one in books.submissions[pk] if one.provider_id != order.provider_id]
            came = [one.number for one in earlier if one.outcome not in NOTHING_CAME]
            if came:
                yield f"order {pk} was moved, its submission {came[0]} may have come to something"
            if any(e.kind == EventKind.UNCONFIRMED and e.pk < move.pk for e in books.events[pk]):
                yield f"order {pk} was moved after it had been unconfirmed"


def keys_are_used_once(books: Books) -> Iterator[str]:
    """A provider that wants a key got with each `add` that of the submission behind it, which no
    other one has, and took none twice; others got none."""
    fields, taken = books.facts.key_fields, defaultdict[str, list[str]](list)
    of_key: defaultdict[str, list[Submission]] = defaultdict(list)
    for submission in books.all_submissions():
        if submission.idempotency_key:
            of_key[submission.idempotency_key].append(submission)
        elif submission.provider_id in fields:
            yield f"order {submission.order_id}: submission {submission.number} has no key"
        if submission.repeats and submission.provider_id not in fields:
            yield f"order {submission.order_id}: submission {submission.number} was repeated"
    for pk, accepted in books.accepted.items():
        for one in accepted:
            field = fields.get(books.facts.provider_of[one.upstream])
            cause, key = books.cause(pk, one.at), one.params.get(field or "", "")
            if cause is not None and key != cause.idempotency_key:
                yield f"order {pk}: submission {cause.number} was sent with another key"
            if key:
                taken[key].append(one.upstream_id)
    for key, group in of_key.items():
        if len(group) > 1:
            yield f"submissions of the orders {sorted(one.order_id for one in group)} share a key"
        if len(taken[key]) > 1:
            yield f"order {group[0].order_id}: its key was taken {len(taken[key])} times"

"""Is an id that another order holds, or a run of one, refused, and told to whoever decides?"""

from collections.abc import Iterator

from orders.enums import EventKind
from orders.models import Child, Submission
from tests.chaos.books import Books
from tests.chaos.upstreams import Accepted

ID_TAKEN = "id_taken"


def taken_ids_are_told(books: Books) -> Iterator[str]:
    """An answer with the id of another order left its own order unconfirmed, and its history names
    the id and who holds it; and no other answer did."""
    named: set[int] = set()
    for pk, taken in books.accepted.items():
        for one in taken:
            cause = books.cause(pk, one.at)
            if one.said and cause is not None:
                named.add(cause.pk)
                if _was_read(cause) and (wrong := _not_told(books, pk, one, cause)):
                    yield f"order {pk} was answered with {one.said}, another one's: {wrong}"
    for submission in books.all_submissions():
        if submission.reason == ID_TAKEN and submission.pk not in named:
            yield f"order {submission.order_id}: its provider gave it no other one's id"


def _was_read(cause: Submission) -> bool:
    """Whether the panel came to know the answer while nobody had decided yet."""
    return cause.answered_at is not None and cause.reason in ("", ID_TAKEN)


def _not_told(books: Books, order: int, one: Accepted, cause: Submission) -> str:
    if cause.reason != ID_TAKEN:
        return f"its submission {cause.number} is {cause.outcome}"
    place = (cause.provider_id, one.said)
    holders = [
        pk for pk, row in books.orders.items() if (row.provider_id, row.upstream_id) == place
    ]
    runs = Child.objects.filter(provider=place[0], upstream_id=place[1])
    holders += runs.values_list("order_id", flat=True)
    words = [f"Answered with id {one.said}, which order {pk} holds." for pk in holders]
    lines = [event for event in books.events[order] if event.kind == EventKind.UNCONFIRMED]
    return "" if any(line.detail in words for line in lines) else "its history does not say so"

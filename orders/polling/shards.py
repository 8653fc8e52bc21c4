"""Parts of one provider's orders, so that several processes can walk them side by side.

Each has a lease, cursors and rounds of its own; an order, and its children with it, belongs to the
part that its number leaves as a rest. Whoever still counts in other parts asks about some orders
twice, and harms nothing: reports are applied under lock and by their date.
"""

from typing import NamedTuple

from django.conf import settings


class Shard(NamedTuple):
    """The part `number`, from 0 on, `of` so many."""

    number: int = 0
    of: int = 1

    def holds(self, column: str) -> str:
        """What an order's number, in that column, must fulfil besides other conditions.

        Said as what its part is not: PostgreSQL takes it that such an expression equals something
        in one of 200 rows, and would rather sort the whole table than walk an index for them.
        """
        others = (other for other in range(self.of) if other != self.number)
        return "".join(f" AND {column} %% {self.of} <> {other}" for other in others)


WHOLE = Shard()


def shards() -> list[Shard]:
    """All parts of a provider's orders."""
    return [Shard(number, settings.POLL_SHARDS) for number in range(settings.POLL_SHARDS)]


def shard_of(order_id: int) -> int:
    """The part that an order belongs to."""
    return order_id % int(settings.POLL_SHARDS)

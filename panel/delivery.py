"""How far an order has come, in numbers and words that anybody may read."""

from orders.enums import OrderStatus
from orders.models import Order
from panel.display import about

ENDED = (OrderStatus.COMPLETED, OrderStatus.PARTIAL, OrderStatus.CANCELED)


def shown_link(link: str) -> str:
    """A link as people read it."""
    return link.removeprefix("https://").removeprefix("http://").removeprefix("www.")


def delivered(order: Order) -> int | None:
    """How much is there; None while that is not known."""
    total, remains = order.delivery_total, order.remains
    if total is None or remains is None or remains > total:
        return None
    return total - max(remains, 0)


def progress(order: Order) -> str:
    """What is still to come, or short; the whole quantity while nothing is known."""
    done, total = delivered(order), order.delivery_total or order.billable
    if done is None:
        return f"{total:,}"
    left = total - done
    if order.status in ENDED:
        return f"{left:,} short" if left else f"all {total:,}"
    return f"{left:,} to go"


def in_runs(each: int, runs: int, interval: int) -> str:
    """A delivery in runs, in words: "10 runs of 100 every 60 minutes: 1,000 in all, about 9 h".

    The time is from the beginning of the first run to that of the last.
    """
    every = "every minute" if interval == 1 else f"every {interval:,} minutes"
    lasts = about((runs - 1) * interval * 60)
    return f"{runs:,} runs of {each:,} {every}: {runs * each:,} in all, about {lasts}"

"""How far an order has come, in numbers and words that anybody may read."""

from orders.enums import OrderStatus
from orders.models import Order
from orders.statuses import Standing, subscription_word
from panel.display import about

ENDED = (OrderStatus.COMPLETED, OrderStatus.PARTIAL, OrderStatus.CANCELED)


def shown_link(link: str) -> str:
    """A link as people read it."""
    return link.removeprefix("https://").removeprefix("http://").removeprefix("www.")


def target_of(order: Order) -> str:
    """What an order is delivered to, as people read it: its link, or whose posts are served."""
    if order.is_subscription:
        return str(order.details.get("username", ""))
    return shown_link(order.link)


def subscription_of(order: Order) -> str:
    """Where a subscription stands, in a word; "" for any other order, and before it has begun."""
    if not order.is_subscription:
        return ""
    return subscription_word(order.status, order.upstream_status)


def coin_of(order: Order) -> str:
    """The coin of an order's status; of a subscription, of where it stands."""
    return _COINS.get(subscription_of(order), str(order.status))


_COINS: dict[str, str] = {
    Standing.PAUSED: "paused",
    Standing.EXPIRED: "expired",
    Standing.COMPLETED: "completed",
    Standing.CANCELED: "canceled",
}


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
    if order.is_subscription:
        return f"{done:,} of up to {total:,}"
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


def in_posts(least: int, most: int, posts: int) -> str:
    """A subscription, in words: "10 posts of 50 to 100 each: up to 1,000 in all"."""
    size = f"{most:,}" if least == most else f"{least:,} to {most:,}"
    posts_of = f"{posts:,} posts of {size} each" if posts > 1 else f"1 post of {size}"
    return f"{posts_of}: up to {posts * most:,} in all"

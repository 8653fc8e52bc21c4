"""How far an order has come, in numbers and words that anybody may read."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders.enums import OrderStatus
from orders.models import Order
from orders.statuses import Standing, subscription_word
from panel.display import about, count

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
        return count(total)
    if order.is_subscription:
        return _("%(done)s of up to %(most)s") % {"done": count(done), "most": count(total)}
    left = total - done
    if order.status in ENDED:
        if left:
            return _("%(count)s short") % {"count": count(left)}
        return _("all %(count)s") % {"count": count(total)}
    return _("%(count)s to go") % {"count": count(left)}


def in_runs(each: int, runs: int, interval: int) -> str:
    """A delivery in runs, in words: "10 runs of 100 every 60 minutes: 1,000 in all, about 9 h".

    The time is from the beginning of the first run to that of the last.
    """
    words = ngettext(
        "%(runs)s runs of %(each)s every minute: %(all)s in all, about %(lasts)s",
        "%(runs)s runs of %(each)s every %(interval)s minutes: %(all)s in all, about %(lasts)s",
        interval,
    )
    return words % {
        "runs": count(runs),
        "each": count(each),
        "interval": count(interval),
        "all": count(runs * each),
        "lasts": about((runs - 1) * interval * 60),
    }


def in_posts(least: int, most: int, posts: int) -> str:
    """A subscription, in words: "10 posts of 50 to 100 each: up to 1,000 in all"."""
    size = count(most) if least == most else between(least, most)
    words = ngettext(
        "%(posts)s post of %(size)s: up to %(all)s in all",
        "%(posts)s posts of %(size)s each: up to %(all)s in all",
        posts,
    )
    return words % {"posts": count(posts), "size": size, "all": count(posts * most)}


def between(least: int, most: int) -> str:
    """The least and the most of a quantity: "50 to 100"."""
    return _("%(least)s to %(most)s") % {"least": count(least), "most": count(most)}

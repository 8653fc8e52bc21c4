"""What an order asks for beside its link: the types that are bought, and their fields."""

from collections.abc import Mapping

from orders.models import Order
from tests.chaos.plan import TYPES, Wish


def typed(wish: Wish) -> Mapping[str, str]:
    """The fields of an order, as a form or a program sends them."""
    return _BY_TYPE[TYPES[wish.service]](wish)


def target_in(fields: Mapping[str, str]) -> str:
    """Whom these fields are for, which no two orders share: the link, or without one the username
    whose posts are served."""
    return fields.get("link") or fields.get("username", "")


def target_of(order: Order) -> str:
    """The same of an order."""
    return target_in({"link": order.link, "username": order.details.get("username", "")})


def _quantity(wish: Wish) -> dict[str, str]:
    runs = {"runs": str(wish.runs), "interval": str(wish.interval)} if wish.runs else {}
    return {"link": wish.link, "quantity": str(wish.quantity)} | runs


def _comments(wish: Wish) -> dict[str, str]:
    """As many as are wanted, no two orders' alike."""
    lines = (f"Comment {number} on {wish.number}: é 👍🏽" for number in range(wish.quantity))
    return {"link": wish.link, "comments": "\n".join(lines)}


def _mentions(wish: Wish) -> dict[str, str]:
    return _quantity(wish) | {
        "usernames": f"@ann{wish.number}\nbob",
        "hashtags": f"#sun\nsea{wish.number}",
    }


def _posts(wish: Wish) -> dict[str, str]:
    old_posts = {"old_posts": str(wish.old_posts)} if wish.old_posts else {}
    between = {"min": str(wish.least), "max": str(wish.quantity)}
    return {"username": wish.link, "posts": str(wish.posts), "delay": "0"} | between | old_posts


_BY_TYPE = {
    "default": _quantity,
    "custom_comments": _comments,
    "mentions_with_hashtags": _mentions,
    "subscriptions": _posts,
}

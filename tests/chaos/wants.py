"""What an order asks for beside its link: the types that are bought, and their fields."""

from collections.abc import Mapping

from tests.chaos.plan import TYPES, Wish


def typed(wish: Wish) -> Mapping[str, str]:
    """The fields of an order, as a form or a program sends them."""
    return {"link": wish.link} | _BY_TYPE[TYPES[wish.service]](wish)


def _quantity(wish: Wish) -> dict[str, str]:
    runs = {"runs": str(wish.runs), "interval": str(wish.interval)} if wish.runs else {}
    return {"quantity": str(wish.quantity)} | runs


def _comments(wish: Wish) -> dict[str, str]:
    """As many as are wanted, no two orders' alike."""
    lines = (f"Comment {number} on {wish.number}: é 👍🏽" for number in range(wish.quantity))
    return {"comments": "\n".join(lines)}


def _mentions(wish: Wish) -> dict[str, str]:
    return _quantity(wish) | {
        "usernames": f"@ann{wish.number}\nbob",
        "hashtags": f"#sun\nsea{wish.number}",
    }


_BY_TYPE = {
    "default": _quantity,
    "custom_comments": _comments,
    "mentions_with_hashtags": _mentions,
}

"""What each service type asks of `add`, and what an order of it delivers and costs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

LISTS = frozenset({"comments", "usernames", "hashtags", "keywords", "groups"})
DELAYS = frozenset(
    map(str, (*range(0, 21, 5), *range(30, 61, 10), *range(90, 301, 30), *range(360, 601, 60)))
)
TRAFFIC = {"device": frozenset("12345"), "type_of_traffic": frozenset("123")}
TRAFFIC_NEEDS = {"1": "google_keyword", "2": "referring_url"}


class Refusal(Exception):
    """What the provider answers in `error`; `status` is the HTTP status it uses."""

    def __init__(self, text: str, status: int = 200):
        self.status = status
        super().__init__(text)


@dataclass(frozen=True)
class Kind:
    """One row of the type table. `counts` names what is delivered and billed."""

    fields: tuple[str, ...]
    counts: str = "quantity"
    package: bool = False
    drip: bool = False


KINDS = {
    "Default": Kind(("link", "quantity"), drip=True),
    "Package": Kind(("link",), counts="package", package=True),
    "SEO": Kind(("link", "quantity", "keywords")),
    "Custom Comments": Kind(("link", "comments"), counts="comments"),
    "Custom Comments Package": Kind(("link", "comments"), counts="comments", package=True),
    "Mentions": Kind(("link", "quantity", "usernames")),
    "Mentions with Hashtags": Kind(("link", "quantity", "usernames", "hashtags")),
    "Mentions Custom List": Kind(("link", "usernames"), counts="usernames"),
    "Mentions Hashtag": Kind(("link", "quantity", "hashtag")),
    "Mentions User Followers": Kind(("link", "quantity", "username")),
    "Mentions Media Likers": Kind(("link", "quantity", "media")),
    "Comment Likes": Kind(("link", "quantity", "username")),
    "Comment Replies": Kind(("link", "username", "comments"), counts="comments"),
    "Poll": Kind(("link", "quantity", "answer_number")),
    "Invites from Groups": Kind(("link", "quantity", "groups")),
    "Subscriptions": Kind(("username", "min", "max", "delay")),
    "Web Traffic": Kind(("link", "quantity", "country", "device", "type_of_traffic"), drip=True),
    "Stream Gifts": Kind(("link", "quantity")),
}
UNKNOWN_TO_CLIENTS = "Stream Gifts"


@dataclass(frozen=True)
class Limits:
    """The smallest and largest amount a service takes, and a package's size."""

    least: int
    most: int
    package_size: int = 0


@dataclass(frozen=True)
class Wanted:
    """What a valid `add` asks for; `amount` is what one run delivers."""

    amount: int
    runs: int = 1
    interval_minutes: int = 0
    posts: int = 0
    old_posts: int = 0
    least: int = 0
    most: int = 0
    delay_minutes: int = 0

    def charge(self, rate: Decimal, package: bool) -> Decimal:
        """The price of it all at `rate` (per 1000, or of one package)."""
        return rate if package else rate * self.amount * self.runs / 1000


def lines(text: str) -> list[str]:
    """The non-blank lines of a list parameter."""
    return [line.strip() for line in re.split(r"\r\n|\r|\n", text) if line.strip()]


def read(name: str, limits: Limits, params: Mapping[str, str]) -> Wanted:
    """What `params` ask of a service of type `name`. Raises Refusal in the classic words."""
    kind = KINDS[name]
    for field in kind.fields:
        _require(field, params)
    if name == "Subscriptions":
        return _subscription(limits, params)
    if name == "Web Traffic":
        _check_traffic(params)
    amount = _amount(kind, limits, params)
    runs, interval = _drip(kind, params)
    return Wanted(amount, runs, interval)


def _require(field: str, params: Mapping[str, str]) -> None:
    text = params.get(field, "").strip()
    if field == "link":
        if not text or re.search(r"\s", text) or not ("." in text or text.startswith("@")):
            raise Refusal("neworder.error.link")
    elif field == "comments" and not lines(text):
        raise Refusal("neworder.error.comment")
    elif field == "quantity" and not whole(text):
        raise Refusal("neworder.error.min_quantity")
    elif not text:
        raise Refusal("Missing required parameter")


def _amount(kind: Kind, limits: Limits, params: Mapping[str, str]) -> int:
    if kind.counts == "package":
        return limits.package_size
    counted = params[kind.counts]
    amount = len(lines(counted)) if kind.counts in LISTS else int(counted)
    if not kind.package:
        _check_limits(amount, limits)
    return amount


def _check_limits(amount: int, limits: Limits) -> None:
    if amount < limits.least:
        raise Refusal(f"Quantity less than minimal {limits.least}")
    if amount > limits.most:
        raise Refusal(f"Quantity more than maximum {limits.most}")


def _drip(kind: Kind, params: Mapping[str, str]) -> tuple[int, int]:
    runs, interval = params.get("runs", ""), params.get("interval", "")
    if not runs and not interval:
        return 1, 0
    if not (whole(runs) and whole(interval)) or int(runs) > 1000:
        raise Refusal("Missing required parameter")
    if not kind.drip:
        raise Refusal("Incorrect request")
    return int(runs), int(interval)


def _subscription(limits: Limits, params: Mapping[str, str]) -> Wanted:
    low, high = params["min"], params["max"]
    if not (whole(low) and whole(high)) or int(low) > int(high):
        raise Refusal("neworder.error.min_quantity")
    _check_limits(int(low), limits)
    _check_limits(int(high), limits)
    if params["delay"] not in DELAYS:
        raise Refusal("Incorrect request")
    old, new = params.get("old_posts") or "0", params.get("posts") or "30"
    if not (old.isdigit() and new.isdigit()):
        raise Refusal("Incorrect request")
    return Wanted(
        0,
        posts=min(int(new), 1000),
        old_posts=min(int(old), 1000),
        least=int(low),
        most=int(high),
        delay_minutes=int(params["delay"]),
    )


def _check_traffic(params: Mapping[str, str]) -> None:
    for field, codes in TRAFFIC.items():
        if params[field] not in codes:
            raise Refusal("Incorrect request")
    needed = TRAFFIC_NEEDS.get(params["type_of_traffic"])
    if needed and not params.get(needed, "").strip():
        raise Refusal("Missing required parameter")


def whole(text: str) -> bool:
    """Whether `text` is a whole number above zero, of a size that makes sense."""
    return text.isascii() and text.isdigit() and len(text) < 12 and int(text) > 0

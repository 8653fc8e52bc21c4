"""Links and usernames: what looks like one, and when two of them mean the same page."""

import re

LONGEST_LINK = 2000
LONGEST_KEY = 200

_HOST_OR_NAME = r"\w[\w.\-]*"
_LINK = re.compile(rf"(https?://|[@#+])?{_HOST_OR_NAME}(:\d{{1,5}})?([/?#]\S*)?", re.IGNORECASE)
_PREFIX = re.compile(r"^(https?://|//|www\.|@)+", re.IGNORECASE)
_PARTS = re.compile(r"(?P<host>[^/?#]*)(?P<path>[^?#]*)(?P<query>.*)", re.DOTALL)


def looks_like_link(text: str) -> bool:
    """Whether a provider could take it: a web address, with or without scheme, or a username.

    Other schemes are refused; pages show it as a link, and `javascript:` must never become one.
    """
    return len(text) <= LONGEST_LINK and _LINK.fullmatch(text) is not None


def link_key(link: str) -> str:
    """The link without what does not tell pages apart, for overlaps and search by prefix.

    Scheme, `www.`, `@` and a trailing slash go, the host becomes lower case; path and query stay
    as they are, since on some sites their case matters. At most 200 characters.
    """
    parts = _PARTS.fullmatch(_PREFIX.sub("", link.strip()))
    assert parts is not None  # the pattern takes any text
    return (parts["host"].lower() + parts["path"].rstrip("/") + parts["query"])[:LONGEST_KEY]

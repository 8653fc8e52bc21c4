"""Links and usernames: what looks like one, what is sent, and when two mean the same page."""

import re

from orders import platforms

LONGEST_LINK = 2000
LONGEST_KEY = 200
SCHEME = "https://"

# Invisible marks that copying from a phone leaves at the ends of a link.
_INVISIBLE = "\u200b\u200e\u200f\u2060\ufeff"
_HOST_OR_NAME = r"\w[\w.\-]*"
_LINK = re.compile(rf"(https?://|[@#+])?{_HOST_OR_NAME}(:\d{{1,5}})?([/?#]\S*)?", re.IGNORECASE)
_PREFIX = re.compile(r"^(https?://|//|www\.|@)+", re.IGNORECASE)
_BARE = re.compile(r"(?P<host>\w[\w.\-]*)(?P<port>:\d{1,5})?(?P<rest>[/?#]\S*)?")
# `localhost:1`, or a scheme that looks like a host with a port: `javascript:1/alert()`.
_ODD_PORT = re.compile(r"[^./?#@]*:\d")
_PARTS = re.compile(r"(?P<host>[^/?#]*)(?P<path>[^?#]*)(?P<query>.*)", re.DOTALL)


def looks_like_link(text: str) -> bool:
    """Whether a provider could take it: a web address, with or without scheme, or a username.

    Other schemes are refused; pages show it as a link, and `javascript:` must never become one.
    """
    fits = len(text) <= LONGEST_LINK and _LINK.fullmatch(text) is not None
    return fits and _ODD_PORT.match(text) is None


def tidied(typed: str) -> str:
    """Without the blanks and invisible marks about it. Nothing within is touched."""
    return typed.strip().strip(_INVISIBLE).strip()


def with_scheme(typed: str, *, is_site: bool = False) -> str:
    """The link as it is sent: `https://` before an address that was typed without it.

    Whatever else was typed stays as it is, a username too. `atelier.nord` may be either and is
    left alone, unless the field asks for a site (`is_site`) or it is a known one.
    """
    text = tidied(typed)
    if len(text) + len(SCHEME) > LONGEST_LINK:
        return text
    return SCHEME + text if _is_bare_address(text, is_site) else text


def host_of(link: str) -> str:
    """The host of a web address, in small letters; "" for anything else."""
    scheme, mark, rest = link.partition("://")
    if not mark or scheme.lower() not in ("http", "https"):
        return ""
    return re.split(r"[/?#:]", rest, maxsplit=1)[0].casefold().rstrip(".")


def _is_bare_address(text: str, is_site: bool) -> bool:
    found = _BARE.fullmatch(text)
    if found is None or not looks_like_link(text) or not _is_domain(found["host"]):
        return False
    host = found["host"].casefold()
    is_known = host.startswith("www.") or platforms.of_host(host) is not None
    return bool(is_site or is_known or found["port"] or found["rest"])


def _is_domain(host: str) -> bool:
    """Dotted, without an empty part, and ending as sites end: in letters."""
    labels = host.removesuffix(".").split(".")
    last = labels[-1]
    ends_well = len(last) >= 2 and (last.isalpha() or last.casefold().startswith("xn--"))
    return len(labels) >= 2 and all(labels) and ends_well


def link_key(link: str) -> str:
    """The link without what does not tell pages apart, for overlaps and search by prefix.

    Scheme, `www.`, `@` and a trailing slash go, the host becomes lower case; path and query stay
    as they are, since on some sites their case matters. At most 200 characters.
    """
    parts = _PARTS.fullmatch(_PREFIX.sub("", link.strip()))
    assert parts is not None  # the pattern takes any text
    return (parts["host"].lower() + parts["path"].rstrip("/") + parts["query"])[:LONGEST_KEY]

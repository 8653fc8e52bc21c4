"""What a person is shown of a link before they order: how it is sent, and what looks wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from orders import platforms
from orders.service_types.declaration import ServiceType
from orders.service_types.links import host_of, looks_like_link, tidied, with_scheme

LINK_KINDS = ("link", "url")
LONGEST_SHOWN_HOST = 80


@dataclass(frozen=True)
class LinkSight:
    """A typed link as it is sent; "" while there is none that could be."""

    sent: str = ""
    is_completed: bool = False
    """Whether `https://` was put before what was typed."""
    is_name: bool = False
    """Whether it is sent as a username, being no web address."""
    warning: str = ""
    """What does not fit; it can be ordered all the same."""


def completed(kind: ServiceType, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The typed fields with `https://` before every address that lacks it."""
    done = dict(fields)
    for field in kind.fields:
        typed = done.get(field.name)
        if field.kind in LINK_KINDS and isinstance(typed, str):
            sent = with_scheme(typed, is_site=_is_site(field.kind, field.is_site))
            done[field.name] = typed if sent == tidied(typed) else sent
    return done


def look(kind: ServiceType, typed: Any, name: str, category: str) -> LinkSight:
    """How the typed link of an order is sent, and whether it fits a service of that name."""
    field = kind.field("link")
    if field is None or not isinstance(typed, str) or not looks_like_link(tidied(typed)):
        return LinkSight()
    sent = with_scheme(typed, is_site=_is_site(field.kind, field.is_site))
    host = host_of(sent)
    return LinkSight(
        sent,
        is_completed=sent != tidied(typed),
        is_name=not host,
        warning=_what_looks_wrong(host, name, category) if host else "",
    )


def _is_site(kind: str, is_site: bool) -> bool:
    return is_site or kind == "url"


def _what_looks_wrong(host: str, name: str, category: str) -> str:
    wanted = platforms.all_named_in(name) or platforms.all_named_in(category)
    if not host.isascii():
        return _written_plainly(host)
    if not wanted or any(not one.hosts for one in wanted):
        return ""
    shown, found = host[:LONGEST_SHOWN_HOST], platforms.of_host(host)
    names = _(" or ").join(_(one.name) for one in wanted)
    if found in wanted:
        return ""
    if found is not None:
        return _("This service is for %(names)s, and the link leads to %(found)s (%(shown)s).") % {
            "names": names,
            "found": _(found.name),
            "shown": shown,
        }
    if any(word in host for one in wanted for word in one.words if len(word) > 3):
        return _("This service is for %(names)s, and %(shown)s is not its own site.") % {
            "names": names,
            "shown": shown,
        }
    return ""


def _written_plainly(host: str) -> str:
    """A host as browsers look it up, where letters that only look alike give themselves away."""
    try:
        plain = host.encode("idna").decode()
    except UnicodeError:
        return _("This site's name cannot be written in plain letters; look at it again.")
    words = _("This site's name has letters beyond a to z; in plain ones it is %(plain)s.")
    return (words % {"plain": plain})[:300]

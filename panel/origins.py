"""Where a request came from, and how many wrong keys came from there in their addresses."""

from contextlib import suppress
from ipaddress import IPv6Address, ip_address

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

MOST_GUESSES = 30
"""So many keys that open nothing may come from one network in a minute, of every kind together."""


def address_of(request: HttpRequest) -> str | None:
    """Who calls, past the proxies that are trusted (`TRUSTED_PROXIES`)."""
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        return None


def network(address: str | None) -> str:
    """The address; of IPv6 its network, since one machine has all of that."""
    if address is None:
        return "nowhere"
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Address(int(parsed) >> 64 << 64))
    return str(parsed)


def guesses_too_much(request: HttpRequest) -> HttpResponse | None:
    """The answer to somebody who tries keys: until the minute is over no key is looked up.

    Right ones neither, or whoever guesses would learn of one all the same.
    """
    if cache.get(_counter(request), 0) < MOST_GUESSES:
        return None
    return render(request, "429.html", status=429)


def note_guess(request: HttpRequest) -> None:
    """Count a key that opens nothing."""
    counter = _counter(request)
    cache.add(counter, 0, 120)
    with suppress(ValueError):  # it was forgotten just now
        cache.incr(counter)


def _counter(request: HttpRequest) -> str:
    return f"guesses:{network(address_of(request))}:{timezone.now():%H%M}"

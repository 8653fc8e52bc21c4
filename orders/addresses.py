"""Addresses on the web that people type and this server then calls."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

_TRANSLATED = ip_network("64:ff9b::/96")
"""IPv6 addresses that a gateway turns into the IPv4 address in their last four bytes."""


def why_not_address(url: str, example: str) -> str:
    """Why this cannot be called at all; "" when it can. `example` shows what one looks like."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return _("Not an address; it looks like %(example)s.") % {"example": example}
    if parts.scheme not in {"http", "https"} or not host:
        return _("Write the whole address, such as %(example)s.") % {"example": example}
    if parts.username or parts.password:
        return _("No user name or password in the address.")
    if parts.fragment:
        return _("Leave out what follows the #.")
    return ""


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet, not to this machine or its network.

    To be asked of what a name resolved to, right before connecting: a name may resolve otherwise
    the next time.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = _inside(found)
    return found.is_global and not found.is_multicast and (inner is None or is_public(str(inner)))


def leads_inside(url: str) -> bool:
    """Whether an address names this machine or its network, as far as its text tells.

    What the name of a host stands for is looked at when it is called (`is_public`).
    """
    host = urlsplit(url).hostname or ""
    is_number = host.replace(".", "").isdigit() or ":" in host
    return host in LOOPBACK or (is_number and not is_public(host))


def _inside(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one leads to, if it does."""
    if isinstance(address, IPv4Address):
        return None
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]

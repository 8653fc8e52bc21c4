"""Whether words that customers read give a provider away.

Names of services and categories come from catalogs, where providers like to put their own. They
are never rewritten by themselves: staff are told.
"""

import re
import unicodedata
from urllib.parse import urlsplit

from orders.models import Provider, Service

SHORT = 5
"""A name of fewer letters gives somebody away only as a word by itself: "SMM" is in much else."""

_WORDS = re.compile(r"[^\W_]+")
_PLAIN_HOSTS = frozenset(("www", "api", "panel", "localhost"))


def provider_named_in(text: str, provider: Provider) -> str:
    """The provider's name or site as it can be read in the text, or "".

    Case, spaces, signs and the letters' shape hide nothing: "BULK-HAUS" names Bulkhaus.
    """
    words = _words(text)
    return next((name for name in _names(provider) if _is_in(name, words)), "")


def provider_named_by(service: Service) -> str:
    """What customers can read of the provider in a service's name or category, or "".

    No query for services whose offer, provider and category were fetched with them.
    """
    told = f"{service.name}\n{service.category.name}"
    return provider_named_in(told, service.offer.provider)


def _names(provider: Provider) -> list[str]:
    """Its name, and its site without the ending: "bulkhaus" of api.bulkhaus.com."""
    host = (urlsplit(provider.url).hostname or "").split(".")
    sites = [label for label in host[:-1] if label not in _PLAIN_HOSTS and not label.isdigit()]
    return [provider.name, *(label for label in sites if len(label) >= SHORT)]


def _is_in(name: str, words: list[str]) -> bool:
    wanted = _words(name)
    if not wanted:
        return False
    whole = "".join(wanted)
    if len(whole) >= SHORT:
        return whole in "".join(words)
    return any(words[at : at + len(wanted)] == wanted for at in range(len(words)))


def _words(text: str) -> list[str]:
    return _WORDS.findall(unicodedata.normalize("NFKC", text).casefold())

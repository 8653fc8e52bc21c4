"""Which offers are most like a service: by the words of name and category, on the same site."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from heapq import nsmallest
from typing import NamedTuple

from orders.models import Offer, Service

BEST = 5
"""So many are proposed for each service."""

MOST_LOOKED_AT = 400
"""Of offers that share a word, so many are weighed: those that share the rarest words."""

SITES = frozenset(
    {
        *("instagram", "tiktok", "youtube", "facebook", "telegram", "spotify", "twitch", "kick"),
        *("twitter", "linkedin", "threads", "discord", "reddit", "pinterest", "snapchat"),
        *("soundcloud", "vk", "whatsapp", "website"),
    }
)
_SAME = {"ig": "instagram", "insta": "instagram", "yt": "youtube", "fb": "facebook"}
_SAME |= {"tg": "telegram", "tt": "tiktok", "x": "twitter", "followers": "follower"}
_SAME |= {"likes": "like", "views": "view", "subscribers": "subscriber", "members": "member"}
_SAME |= {"comments": "comment", "shares": "share", "plays": "play"}
_WORDS = re.compile(r"[^\W_]+")


class Candidate(NamedTuple):
    """An offer that could be bought instead, as far as its likeness goes."""

    offer: int
    type: str
    words: frozenset[str]


def words_of(*texts: str) -> frozenset[str]:
    """The words of a name and a category, small, with the usual short forms spelt out."""
    found = (word for text in texts for word in _WORDS.findall(text.lower()))
    return frozenset(_SAME.get(word, word) for word in found)


def candidates(types: Iterable[str], provider: int | None = None) -> list[Candidate]:
    """The offers of these types that are there, of one provider or of all. One query."""
    offers = Offer.objects.filter(service_type__in=set(types) - {""}, retired_at=None)
    if provider is not None:
        offers = offers.filter(provider=provider)
    rows = offers.order_by("pk").values_list("pk", "service_type", "name", "category")
    return [Candidate(pk, kind, words_of(name, shelf)) for pk, kind, name, shelf in rows]


def alike(
    services: Sequence[Service], among: Sequence[Candidate], best: int = BEST
) -> dict[int, list[int]]:
    """The offers most like each service (join its offer), the likest first, by service's number.

    Of the same type, never the offer it is bought from now, never of another site where both name
    one. Nothing is proposed that shares no word with the service.
    """
    index = _Index(among)
    return {service.pk: list(index.like(service, best)) for service in services}


class _Index:
    """Which offers hold a word; rare words weigh more. Each weight is worked out once."""

    def __init__(self, among: Sequence[Candidate]):
        self._among = among
        self._holding: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for place, one in enumerate(among):
            for word in one.words:
                self._holding[one.type, word].append(place)
        self._sizes = Counter(one.type for one in among)
        self._weights: defaultdict[str, dict[str, float]] = defaultdict(dict)
        for kind, word in self._holding:
            self._weights[kind][word] = self._weight(kind, word)
        self._wholes = [sum(map(self._weights[one.type].__getitem__, one.words)) for one in among]
        self._sites = [one.words & SITES for one in among]

    def like(self, service: Service, best: int) -> Iterator[int]:
        offer = service.offer
        kind, wanted = offer.service_type, words_of(service.name, offer.name, offer.category)
        weigh = self._weights[kind].__getitem__
        whole = sum(self._weight(kind, word) for word in wanted)
        among, wholes = self._among, self._wholes
        scores = []
        for place in self._on_a_site_of(wanted, self._sharing(kind, wanted)):
            one = among[place]
            if one.offer == offer.pk:
                continue
            shared = sum(map(weigh, wanted & one.words))
            every = whole + wholes[place] - shared
            scores.append((-shared / every if every else 0.0, one.offer))
        return (number for _, number in nsmallest(best, scores))

    def _on_a_site_of(self, wanted: frozenset[str], places: set[int]) -> Iterator[int]:
        """Without those of another site, where both name one."""
        sites = wanted & SITES
        if not sites:
            return iter(places)
        return (at for at in places if not self._sites[at] or sites & self._sites[at])

    def _sharing(self, kind: str, wanted: frozenset[str]) -> set[int]:
        """Offers that share a word, found by the rarest words first."""
        found: set[int] = set()
        for word in sorted(wanted, key=lambda word: len(self._holding.get((kind, word), ()))):
            found.update(self._holding.get((kind, word), ())[:MOST_LOOKED_AT])
            if len(found) >= MOST_LOOKED_AT:
                break
        return found

    def _weight(self, kind: str, word: str) -> float:
        holding = len(self._holding.get((kind, word), ()))
        return math.log(1 + (self._sizes[kind] + 1) / (1 + holding))

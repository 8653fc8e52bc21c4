"""What the demo's clients order: a service, and its fields filled in as a person would."""

from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any

from orders import service_types
from orders.models import Service
from orders.service_types import Field, ServiceType, examples

LINKS = {
    "instagram": "https://instagram.com/{handle}",
    "tiktok": "https://tiktok.com/@{handle}/video/{number}",
    "youtube": "https://youtube.com/watch?v={code}",
    "telegram": "https://t.me/{handle}",
    "facebook": "https://facebook.com/{handle}",
    "twitter": "https://x.com/{handle}/status/{number}",
    "x ": "https://x.com/{handle}",
    "spotify": "https://open.spotify.com/track/{code}",
    "website": "https://{handle}.example/",
}
COMMENTS = [
    "Love this",
    "Where can I get it?",
    "So good",
    "Been waiting for this one",
    "Great work",
]
POSTS = ("like", "view", "comment", "save", "share", "reel", "poll")
TYPICAL_PRICES = (0.4, 0.9, 1.8, 3.5, 6.0, 9.2, 14.0, 24.0)


def pick_service(services: Sequence[Service], chance: Random) -> Service:
    """Some services are asked for much more than others."""
    return services[min(int(chance.expovariate(1 / 18)), len(services) - 1)]


def fill_in(service: Service, handle: str, chance: Random) -> dict[str, Any]:
    """The fields of an order of this service."""
    kind = service_types.by_slug(service.offer.service_type)
    return {
        field.name: _value(field, kind, service, handle, chance)
        for field in kind.offered_fields
        if field.required
    }


def _value(field: Field, kind: ServiceType, service: Service, handle: str, chance: Random) -> str:
    match field.kind:
        case "link" | "url":
            return _link(service, handle, chance)
        case "quantity" if field.name == kind.least:
            return str(max(service.offer.least, 1))
        case "quantity":
            return str(_quantity(service, chance))
        case "lines":
            return "\n".join(_lines(field, kind, service, chance))
        case "choice":
            return field.choices[0][0]
        case "number":
            return field.example or str(max(field.least, 1))
        case _:
            return field.example if field.name == "country" else handle


def _lines(field: Field, kind: ServiceType, service: Service, chance: Random) -> list[str]:
    wanted = max(service.offer.least if field.name == kind.counts else 0, 3)
    if field.name == "comments":
        return [chance.choice(COMMENTS) for _ in range(wanted)]
    return list(examples.lines(field, wanted))


def _link(service: Service, handle: str, chance: Random) -> str:
    name = f"{service.name} ".lower()
    shape = next((link for word, link in LINKS.items() if word in name), LINKS["website"])
    if "instagram" in name and any(word in name for word in POSTS):
        shape = "https://instagram.com/p/{code}/"
    code = "".join(chance.choices("abcdefghkmnpqrstuvwxyzABCDEFGHKMNP23456789", k=11))
    number = chance.randrange(7_400_000_000_000_000_000, 7_499_999_999_999_999_999)
    return shape.format(handle=handle, code=code, number=number)


def _quantity(service: Service, chance: Random) -> int:
    offer = service.offer
    worth = Decimal(str(chance.choice(TYPICAL_PRICES))) * 1000
    wanted = int(worth / max(offer.rate, Decimal("0.01")))
    rounded = max(10 ** (len(str(wanted)) - 2), 10)
    return max(offer.least, min(wanted // rounded * rounded, offer.most))

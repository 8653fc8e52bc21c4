"""The pretend catalog: believable, of any size, and the same for the same seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import count, islice

from .catalog_words import COUNTRIES, DEFAULTS, QUALITIES, SPECIALS, Item
from .chance import draw, pick
from .kinds import KINDS, Limits

FIRST_ID = 101
SPECIAL_EVERY = 3  # a special item is varied once while the ordinary ones are varied three times


@dataclass(frozen=True)
class Service:
    """One service on sale. `rate` is per 1000, or of one package; `kind` the type's true name."""

    id: int
    name: str
    type: str
    kind: str
    category: str
    rate: Decimal
    least: int
    most: int
    description: str
    average_minutes: int
    refill_days: int
    cancel: bool
    dripfeed: bool
    package_size: int = 0

    @property
    def limits(self) -> Limits:
        return Limits(self.least, self.most, self.package_size)

    def row(self, rate: str) -> dict[str, object]:
        """The service as `action=services` shows it, at that rate."""
        return {
            "service": self.id,
            "name": self.name,
            "type": self.type,
            "category": self.category,
            "rate": rate,
            "min": str(self.least),
            "max": str(self.most),
            "dripfeed": self.dripfeed,
            "refill": self.refill_days > 0,
            "cancel": self.cancel,
            "desc": self.description,
            "average_time": spell(self.average_minutes),
            "refill_days": self.refill_days,
        }


def generate(size: int, seed: int) -> dict[int, Service]:
    """`size` services by id, in the order a provider lists them; a larger catalog holds a smaller.

    From 100 services on, every type is among them.
    """
    categories = list(dict.fromkeys(item.category for item in DEFAULTS + SPECIALS))
    made = islice(_variations(seed), size)
    listed = sorted(made, key=lambda service: (categories.index(service.category), service.id))
    return {service.id: service for service in listed}


def _variations(seed: int) -> Iterator[Service]:
    number = FIRST_ID
    for variation in count():
        for item in DEFAULTS + SPECIALS:
            special = item in SPECIALS
            if special and variation % SPECIAL_EVERY:
                continue
            yield _service(number, item, variation // SPECIAL_EVERY if special else variation, seed)
            number += pick(1, 3, seed, "gap", number)


def _service(number: int, item: Item, variation: int, seed: int) -> Service:
    round_, quality_at = divmod(variation, len(QUALITIES))
    server, country_at = divmod(round_, len(COUNTRIES))
    quality, dearer, slower, refill_days = QUALITIES[quality_at]
    country = COUNTRIES[country_at]
    if country:
        dearer, slower = dearer * 2.2, slower * 1.5
    parts = [item.name, quality, country, f"server {server + 1}" if server else ""]
    minutes = max(2, round(item.minutes * slower))
    return Service(
        id=number,
        name=", ".join(part for part in parts if part),
        type=item.type or item.kind,
        kind=item.kind,
        category=item.category,
        rate=_rate(item, dearer, seed, number),
        least=item.least,
        most=item.most,
        description=_description(item, minutes, refill_days),
        average_minutes=minutes,
        refill_days=refill_days,
        cancel=draw(seed, "cancel", number) < 0.6,
        dripfeed=KINDS[item.kind].drip,
        package_size=item.package_size,
    )


def _rate(item: Item, dearer: float, seed: int, number: int) -> Decimal:
    jitter = Decimal(f"{dearer * (0.85 + 0.3 * draw(seed, 'rate', number)):.6f}")
    places = pick(2 if Decimal(item.rate) > 1 else 4, 5, seed, "places", number)
    rate = (Decimal(item.rate) * jitter).quantize(Decimal(1).scaleb(-places))
    return min(max(rate, Decimal("0.02")), Decimal(60))


def _description(item: Item, minutes: int, refill_days: int) -> str:
    refill = f"Refill: {refill_days} days" if refill_days else "No refill"
    return "\n".join(
        [
            f"Start: up to {spell(max(1, minutes // 6))}",
            f"Average time: {spell(minutes)}",
            f"{refill}",
            f"Example link: {item.link}",
            "Keep the account public until the order is completed.",
        ]
    )


def spell(minutes: int) -> str:
    """`95` -> `1 hour 35 minutes`."""
    hours, rest = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "day"), (hours, "hour"), (rest, "minute")]
    return " ".join(f"{n} {unit}{'s' * (n != 1)}" for n, unit in parts if n)

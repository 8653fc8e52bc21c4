"""What we sell, as a file of services finds it and as it would leave it. Nothing is written here.

A catalog that was read gave every offer a service with a number of ours. Such a service, as long
as nobody ordered it or priced it, makes room for one that had its number on the other panel.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q

from orders import service_types
from orders.catalog.batches import in_batches
from orders.catalog.costs import cost_per_1000
from orders.catalog.rewriting import CASTS
from orders.models import Arrival, Bound, Favourite, MarkupRule, Offer, Order, Provider, Service
from orders.moving_in.service_rows import ServiceRow

BATCH = 5000
SOLD_AS = tuple(CASTS)
"""The columns that go to another number when a service makes room."""


@dataclass
class Shop:
    """The services that the rows are about, by number and by what they sell.

    `changed` and `added` are what the rows made of them; `hidden` and `moved` say what became of
    others. A category is named, not made: `categories` holds the name for each row's service.
    """

    providers: dict[str, Provider] = field(default_factory=dict)
    offers: dict[tuple[int, str], Offer] = field(default_factory=dict)
    by_number: dict[int, Service] = field(default_factory=dict)
    arrivals: dict[int, Arrival] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)
    """Numbers that somebody ordered, priced or starred."""
    changed: dict[int, Service] = field(default_factory=dict)
    added: list[Service] = field(default_factory=list)
    categories: dict[int, str] = field(default_factory=dict)
    hidden: list[Service] = field(default_factory=list)
    moved: list[tuple[Service, int]] = field(default_factory=list)
    """Services that make room: each as it goes on elsewhere, with the number that it leaves."""
    _selling: dict[int, list[Service]] = field(default_factory=dict)
    _numbers: frozenset[int] = frozenset()

    @classmethod
    def find(cls, rows: Iterable[ServiceRow], named: frozenset[int]) -> "Shop":
        """Read what these rows are about; `named` are the numbers of the whole file, which stay
        free for it. As many queries for one row as for some thousands.
        """
        shop, listed = cls(), list(rows)
        shop._numbers = named
        shop._read_offers({(row.provider.casefold(), row.upstream_id) for row in listed})
        offers = {offer.pk for offer in shop.offers.values()}
        for ids in in_batches(sorted(row.number for row in listed), BATCH):
            shop._read_services(Q(pk__in=ids))
        for ids in in_batches(sorted(offers), BATCH):
            shop._read_services(Q(offer__in=ids))
        return shop

    def provider(self, text: str) -> Provider | None:
        return self.providers.get(text.casefold())

    def offer(self, row: ServiceRow) -> Offer | None:
        """What the row is bought from, as long as the provider lists it."""
        provider = self.provider(row.provider)
        return None if provider is None else self.offers.get((provider.pk, row.upstream_id))

    def is_free(self, service: Service) -> bool:
        """Whether nobody has anything to do with this number yet."""
        number = service.pk
        return number is None or (number not in self.used and number not in self.arrivals)

    def bring(self, row: ServiceRow, offer: Offer) -> Service:
        """Let the row's number sell this offer. Whatever stood there, and is free, makes room."""
        service = self.by_number.get(row.number)
        if service is None:
            service = Service(pk=row.number)
            self.by_number[row.number] = service
            self.added.append(service)
        else:
            if service.offer_id != offer.pk:
                self._make_room(service, offer)
            self._change(service)
        self._sell(service, row, offer)
        self.used.add(row.number)
        for twin in self._twins(offer, service):
            if twin.is_visible and twin.pk not in self._numbers:
                twin.is_visible = False
                self._change(twin)
                self.hidden.append(twin)
        return service

    # ── Reading ──────────────────────────────────────────────────────────────────────────────

    def _read_offers(self, wanted: set[tuple[str, str]]) -> None:
        for provider in Provider.objects.order_by("-pk"):
            self.providers[provider.name.casefold()] = provider
        ids_of: dict[str, list[str]] = {}
        for name, upstream_id in sorted(wanted):
            ids_of.setdefault(name, []).append(upstream_id)
        for name in sorted(ids_of.keys() & self.providers.keys()):
            provider = self.providers[name]
            for ids in in_batches(ids_of[name], BATCH):
                for offer in Offer.objects.filter(
                    provider=provider, upstream_id__in=ids, retired_at=None
                ):
                    offer.provider = provider
                    self.offers[provider.pk, offer.upstream_id] = offer

    def _read_services(self, which: Q) -> None:
        of_it = {"service": OuterRef("pk")}
        used = (
            Exists(Order.objects.filter(**of_it))
            | Exists(MarkupRule.objects.filter(**of_it))
            | Exists(Bound.objects.filter(**of_it))
            | Exists(Favourite.objects.filter(**of_it))
        )
        found = Service.objects.filter(which).annotate(is_used=used)
        for service in found.order_by("pk"):
            if service.pk in self.by_number:
                continue
            self.by_number[service.pk] = service
            self._selling.setdefault(service.offer_id, []).append(service)
            if service.is_used:
                self.used.add(service.pk)
        for arrival in Arrival.objects.filter(service__in=found.values("pk")):
            if arrival.service_id is not None:
                self.arrivals[arrival.service_id] = arrival

    # ── Changing ─────────────────────────────────────────────────────────────────────────────

    def _twins(self, offer: Offer, service: Service) -> Iterator[Service]:
        """Other services that sell this offer and are free."""
        for other in list(self._selling.get(offer.pk, [])):
            if other is not service and self.is_free(other):
                yield other

    def _make_room(self, service: Service, offer: Offer) -> None:
        """Put what is sold under this number onto another one: that of what comes, or a new one."""
        other = next(self._twins(offer, service), None)
        if other is None:
            other = Service()
            self.added.append(other)
        else:
            self._change(other)
            self._selling[offer.pk].remove(other)
        for name in SOLD_AS:
            setattr(other, name, getattr(service, name))
        self._selling[service.offer_id].remove(service)
        self._selling[service.offer_id].append(other)
        self.moved.append((other, service.pk))

    def _sell(self, service: Service, row: ServiceRow, offer: Offer) -> None:
        service.offer_id = offer.pk
        service.name = row.name or offer.name
        service.description = offer.description
        service.is_visible = not service_types.why_not_orderable(offer.type_name)
        service.accepted_cost = cost_per_1000(offer.rate, offer.provider)
        service.pause, service.paused_at, service.pause_detail = "", None, ""
        self.categories[row.number] = row.category or offer.category
        selling = self._selling.setdefault(offer.pk, [])
        if service not in selling:
            selling.append(service)

    def _change(self, service: Service) -> None:
        if service.pk is not None:
            self.changed[service.pk] = service

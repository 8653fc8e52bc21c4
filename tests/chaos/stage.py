"""The panel before the curtain rises: people, clients with money, providers with their catalogs."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from orders import catalog, members, people, providers, wallets
from orders.models import Customer, Provider, Service, Staff
from tests.chaos.plan import CLIENTS, SERVICES
from tests.chaos.upstreams import Upstream

EMAIL, PASSWORD = "admin@chaos.example", "count-every-coin"
MONEY = Decimal(100_000)
CONNECT, READ, TOTAL = 2, 2, 3
"""Deadlines in seconds, short so that a minute sees many claims expire."""


@dataclass(frozen=True)
class Stage:
    """Who and what there is: an admin who places and decides, clients, providers."""

    admin: Staff
    clients: list[Customer]
    upstreams: list[Upstream]


def furnish(upstreams: list[Upstream]) -> Stage:
    """Fill an empty panel through its verbs."""
    now = timezone.now()
    admin = members.add_staff(email=EMAIL, name="Ada", password=PASSWORD, now=now, is_admin=True)
    for upstream in upstreams:
        _sign_up(upstream, admin, now)
    clients = [_client(number, admin, now) for number in range(CLIENTS)]
    return Stage(admin, clients, upstreams)


def _client(number: int, admin: Staff, now: datetime) -> Customer:
    by, email = admin.user, f"client{number}@chaos.example"
    client = people.add_customer(
        name=f"Client {number}", email=email, manager=admin, by=by, now=now
    )
    wallets.adjust(client, MONEY, by=by, now=now, reason="To buy with")
    return client


def _sign_up(upstream: Upstream, admin: Staff, now: datetime) -> None:
    provider = providers.add_provider(
        name=f"Upstream {upstream.number}",
        url=upstream.simulator.url,
        key=upstream.simulator.key,
        by=admin.user,
        now=now,
        requests_per_second=Decimal(200),
        requests_at_once=4,
        connect_timeout=CONNECT,
        read_timeout=READ,
        total_timeout=TOTAL,
    )
    catalog.sync(provider, now=now)
    bought = _affordable(provider)
    upstream.provider_id = provider.pk
    upstream.services = [service.pk for service in bought]
    upstream.upstream_services = [int(service.offer.upstream_id) for service in bought]


def _affordable(provider: Provider) -> list[Service]:
    """Some plain services; the same for the same seed of the simulator."""
    plain = Service.objects.select_related("offer").filter(
        offer__provider=provider,
        offer__service_type="default",
        offer__least__lte=100,
        offer__most__gte=500,
        offer__rate__lt=10,
        pause="",
        is_visible=True,
    )
    found = sorted(plain, key=lambda service: int(service.offer.upstream_id))[:SERVICES]
    if len(found) < SERVICES:
        raise RuntimeError(f"{provider} sells too little; take another seed.")
    return found

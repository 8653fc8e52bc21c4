"""The panel before the curtain rises: people, clients with money, providers with their catalogs."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from orders import api_keys, catalog, members, people, providers, topups, wallets
from orders.enums import PaymentKind
from orders.models import Customer, Offer, Panel, PaymentMethod, Provider, Service, Staff
from tests.chaos.payments import BANK, CARD
from tests.chaos.plan import CLIENTS, POOR, TYPES
from tests.chaos.upstreams import Upstream
from tests.support.checkout import KEY, SECRET

PASSWORD = "count-every-coin"
MONEY, LITTLE = Decimal(100_000), Decimal(1)
LIMIT = Decimal(1_000_000)
FEE_PERCENT, FEE_FIXED = Decimal("2.9"), Decimal("0.30")
"""Of payments by card."""

FUNDED = "to-buy-with"
CONNECT, READ, TOTAL = 2, 2, 3
"""Deadlines in seconds, short so that a minute sees many claims expire."""


@dataclass(frozen=True)
class Stage:
    """Who and what there is: an admin who decides, people at the counter, clients with keys for
    their programs (the poor one last), ways to pay in, providers."""

    admin: Staff
    counter: list[Staff]
    clients: list[Customer]
    keys: list[str]
    ways: dict[str, PaymentMethod]
    upstreams: list[Upstream]


def furnish(upstreams: list[Upstream]) -> Stage:
    """Fill an empty panel through its verbs."""
    now = timezone.now()
    admin = _member("Ada", now, is_admin=True)
    clerk = _member("Bea", now, sees_all_customers=True, daily_limit=LIMIT)
    for upstream in upstreams:
        _sign_up(upstream, admin, now)
    _name_fallbacks(upstreams, admin, now)
    clients = [_client(number, admin, now) for number in range(CLIENTS + 1)]
    keys = [api_keys.make(one, "Shop", by=None, now=now)[1] for one in clients]
    return Stage(admin, [admin, clerk], clients, keys, _ways(admin, now), upstreams)


def _ways(admin: Staff, now: datetime) -> dict[str, PaymentMethod]:
    common: dict[str, Any] = {"by": admin.user, "now": now, "least": Decimal(1)}
    bank = topups.add_method(
        kind=PaymentKind.MANUAL, name="Bank", instructions="Quote {reference}.", **common
    )
    card = topups.add_method(
        kind=PaymentKind.CHECKOUT,
        name="Card",
        fee_percent=FEE_PERCENT,
        fee_fixed=FEE_FIXED,
        key=KEY,
        secret=SECRET,
        **common,
    )
    return {BANK: bank, CARD: card}


def _member(name: str, now: datetime, **switches: Any) -> Staff:
    email = f"{name.lower()}@chaos.example"
    return members.add_staff(email=email, name=name, password=PASSWORD, now=now, **switches)


def _client(number: int, admin: Staff, now: datetime) -> Customer:
    by, email = admin.user, f"client{number}@chaos.example"
    client = people.add_customer(
        name=f"Client {number}", email=email, password=PASSWORD, manager=admin, by=by, now=now
    )
    money = LITTLE if number == POOR else MONEY
    wallets.adjust(client, money, by=by, now=now, reason="To buy with", reference=FUNDED)
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
        idempotency_field=upstream.key_field,
    )
    catalog.sync(provider, now=now)
    *bought, spare = _affordable(provider)
    upstream.swapped = [bought[-1].offer_id, spare.offer_id]
    upstream.provider_id = provider.pk
    upstream.services = [service.pk for service in bought]
    upstream.upstream_services = [int(service.offer.upstream_id) for service in bought]


def _name_fallbacks(upstreams: list[Upstream], admin: Staff, now: datetime) -> None:
    """What a provider sells goes to the next one when it cannot; all but its last service, so that
    something waits for it. Deadlines are short here: at once, not after minutes."""
    Panel.objects.update(fallback_minutes=0)
    for upstream, other in zip(upstreams, [*upstreams[1:], upstreams[0]], strict=True):
        for pk in upstream.services[:-1]:
            service = Service.objects.select_related("offer").get(pk=pk)
            if offer := _cheaper(service.offer, other):
                catalog.choose_fallback(service, offer, by=admin.user, now=now)


def _cheaper(than: Offer, upstream: Upstream) -> Offer | None:
    """An offer of the same type there that costs no more and that nobody orders from; the nearest
    in price."""
    sold = Service.objects.filter(pk__in=upstream.services)
    return (
        Offer.objects.filter(
            provider=upstream.provider_id,
            service_type=than.service_type,
            least__lte=100,
            most__gte=500,
            rate__lte=than.rate,
        )
        .exclude(pk__in=[*sold.values_list("offer", flat=True), *upstream.swapped])
        .order_by("-rate")
        .first()
    )


def _affordable(provider: Provider) -> list[Service]:
    """A service of each type, and a spare one; the same for the same seed of the simulator."""
    sold = Service.objects.select_related("offer").filter(
        offer__provider=provider,
        offer__least__lte=100,
        offer__most__gte=500,
        offer__rate__lt=20,
        pause="",
        is_visible=True,
    )
    # Those that can be refilled and stopped come first: they are the ones that can go wrong most.
    found: list[Service] = []
    for kind in (*TYPES, TYPES[-1]):
        left = [one for one in sold if one.offer.service_type == kind and one not in found]
        if not left:
            raise RuntimeError(f"{provider} sells too little; take another seed.")
        found.append(min(left, key=_rank))
    return found


def _rank(service: Service) -> tuple[bool, bool, int]:
    offer = service.offer
    return not offer.refill, not offer.cancel, int(offer.upstream_id)

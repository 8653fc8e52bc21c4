"""What pricing and re-pointing cost beside 10,000 services: `python -m tests.benchmarks.catalog`.

On the empty database that DATABASE_URL names (SQLite without): services of three providers,
1,050 rules of services and categories, twenty members with a markup, 1,000 agreed prices. The
baselines are in the same run: a tenth of the services, and likeness weighed against every offer.

    .venv/bin/python .ci/services.py .venv/bin/python -m tests.benchmarks.catalog
"""

import os
import re
from decimal import Decimal
from itertools import product
from typing import Any

import django

SERVICES = 10_000
CATEGORIES = 50


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.core.management import call_command

    from tests.benchmarks import reports

    reports._make_database()
    call_command("migrate", verbosity=0)
    for count in (SERVICES // 10, SERVICES - SERVICES // 10):
        owner = reports._timed(f"planting {count:,} more", lambda count=count: _plant(count))
        _pricing(owner)
        _repointing(owner)
    _likeness()


def _plant(count: int) -> Any:
    from django.utils import timezone

    from orders.enums import MarkupKind, PriceLevel
    from orders.models import Category, MarkupRule, Offer, Provider, Service, Staff
    from tests.support import factories

    owner = Staff.objects.filter(is_owner=True).first() or factories.owner()
    now, base = timezone.now(), Offer.objects.count()
    if not base:
        for n in range(3):
            factories.provider(f"Bulkhaus {n}")
        Category.objects.bulk_create(Category(name=f"Shelf {n}") for n in range(CATEGORIES))
    providers, shelves = list(Provider.objects.all()), list(Category.objects.all())
    offers = Offer.objects.bulk_create(
        Offer(
            provider=providers[n % 3],
            upstream_id=str(n),
            name=_name(n),
            category=_name(n).partition(" [")[0],
            type_name="Default",
            service_type="default",
            rate=Decimal(n % 97 + 10) / 10,
            least=10,
            most=10_000,
            first_seen_at=now,
            rate_changed_at=now,
        )
        for n in range(base, base + count)
    )
    services = Service.objects.bulk_create(
        Service(
            name=offer.name,
            category=shelves[n % CATEGORIES],
            offer=offer,
            accepted_cost=offer.rate,
            created_at=now,
        )
        for n, offer in enumerate(offers)
    )
    percent = {"kind": MarkupKind.PERCENT, "set_at": now}
    rules = [
        MarkupRule(level=PriceLevel.SERVICE, service=one, value=40 + n % 20, **percent)
        for n, one in enumerate(services[::10])
    ]
    if not base:
        members = [factories.staff(f"Member {n}", markup=str(25 + n)) for n in range(20)]
        clients = [factories.customer(f"Client {n}", manager=members[n % 20]) for n in range(100)]
        rules += [
            MarkupRule(level=PriceLevel.CATEGORY, category=one, value=35 + n % 9, **percent)
            for n, one in enumerate(shelves)
        ]
        rules += [
            MarkupRule(
                level=PriceLevel.CUSTOMER_SERVICE, customer=client, service=one, value=20, **percent
            )
            for client, one in product(clients, services[:10])
        ]
    MarkupRule.objects.bulk_create(rules)
    return owner


_SITES = ("Instagram", "TikTok", "YouTube", "Facebook", "Telegram", "Spotify", "Twitch", "X")
_KINDS = ("Followers", "Likes", "Views", "Comments", "Shares", "Members", "Saves", "Plays")
_WORDS = ("Real", "HQ", "Premium", "Cheapest", "Worldwide", "USA", "Turkey", "Arab", "India", "Mix")
_TAILS = ("R30", "R60", "R365", "No refill", "Lifetime", "Instant", "0-1 hours", "Slow", "Drip")


def _name(n: int) -> str:
    site, kind = _SITES[n % 8], _KINDS[n // 8 % 8]
    words = _WORDS[n // 64 % 10], _WORDS[n // 7 % 10], _TAILS[n // 11 % 9]
    return f"{site} {kind} [{words[0]}, {words[1]}] [{words[2]}] [{n % 50 + 1}K a day]"


def _client(who: Any) -> Any:
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    client.force_login(who.user)
    return client


def _told(what: str, work: Any) -> None:
    from tests.benchmarks import costs

    first = costs.once(work)
    print(f"{what:<38} {costs.of(work)}; first {first.cpu:.3f} s", flush=True)


def _pricing(owner: Any) -> None:
    from django.urls import reverse

    from orders.models import Service, Staff

    client, bench, change = (
        _client(owner),
        reverse("staff:pricing"),
        reverse("staff:change_prices"),
    )
    member = Staff.objects.filter(is_owner=False).order_by("pk")[0].pk
    markup = {"what": "markup", "on": "panel", "kind": "percent"}
    changes = {
        "the panel's markup": markup,
        "the panel's floor": {"what": "bounds", "on": "panel"},
        "step and minimum charge": {"what": "terms", "minimum_charge": "0.01"},
        "a category": markup | {"on": "category", "shelf": Service.objects.all()[0].category_id},
        "a member": markup | {"on": "staff", "member": member},
        "all that match (an eighth)": markup | {"on": "matching", "q": "TikTok"},
    }
    _told("workbench", lambda: client.get(bench))
    _told("workbench, below the floor", lambda: client.get(bench, {"only": "below"}))
    turn = iter(range(10**6))
    for name, body in changes.items():

        def said(body: Any = body) -> dict[str, Any]:
            n = next(turn)
            moving = {"value": f"{40 + n % 50}.{n % 90 + 10}", "floor_percent": f"4.{n % 90 + 10}"}
            return moving | {"price_step": f"0.{n % 900 + 100:04d}"} | body

        _told(f"look: {name}", lambda said=said: _look(client, change, said()))
        _told(f"look and save: {name}", lambda said=said: _save(client, change, said()))


def _look(client: Any, url: str, body: dict[str, Any]) -> str:
    answer = client.post(url, body)
    assert answer.status_code == 200, answer.status_code
    found = re.search(r'name="fingerprint" value="(\w+)"', answer.content.decode())
    assert found, body
    return found.group(1)


def _save(client: Any, url: str, body: dict[str, Any]) -> None:
    seen = _look(client, url, body)
    answer = client.post(url, body | {"act": "save", "fingerprint": seen, "reason": "measured"})
    assert answer.status_code == 302, answer.status_code


def _repointing(owner: Any) -> None:
    from django.urls import reverse

    from orders.models import Service

    client, url = _client(owner), reverse("staff:repoint_many")
    numbers = list(Service.objects.order_by("pk").values_list("pk", flat=True)[:1000:5])
    ids = ",".join(map(str, numbers))
    _told("proposals for 200", lambda: client.get(url, {"ids": ids}))
    page = client.get(url, {"ids": ids, "pick": "likest"}).content.decode()
    picks = re.findall(r'value="(\d+:\d+)" selected', page)
    assert len(picks) == len(numbers), (len(picks), len(numbers))
    _told("comparing 200", lambda: client.post(url, {"ids": ids, "pick_of": picks}))


def _likeness() -> None:
    """Proposals against each service weighed beside every offer of its type."""
    from orders import catalog
    from orders.catalog import likeness
    from orders.models import Service
    from tests.benchmarks import costs

    services = list(Service.objects.select_related("offer").order_by("pk")[:1000:5])
    among = catalog.candidates({"default"})
    quick = costs.of(lambda: catalog.alike(services, among))
    looked_at, likeness.MOST_LOOKED_AT = likeness.MOST_LOOKED_AT, len(among)
    whole = costs.once(lambda: catalog.alike(services, among))
    likeness.MOST_LOOKED_AT = looked_at
    print(f"likeness {quick.cpu:.2f} s, against every offer {whole.cpu:.2f} s")


if __name__ == "__main__":
    main()

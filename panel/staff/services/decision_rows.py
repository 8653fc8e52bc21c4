"""Services that wait for an admin, by what is the matter; and removals that are held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum
from django.http import QueryDict
from django.urls import reverse

from orders import catalog, rules
from orders.catalog import HELD_RISES, cost_per_1000
from orders.enums import PauseReason
from orders.models import Service, SyncRun
from orders.people import Person
from panel import paginator
from panel.staff.services import service_rows

MOST_RUNS = 20


@dataclass(frozen=True)
class Kind:
    """One tab. `reasons` are the pauses that it lists; none: held removals."""

    slug: str
    label: str
    reasons: tuple[PauseReason, ...]
    what_to_do: str


KINDS = (
    Kind(
        "rises",
        "Cost rose",
        HELD_RISES,
        "Accepting takes today's cost as right: the rules make the price from it and the service "
        "is sold again. Orders placed before keep their price.",
    ),
    Kind(
        "floor",
        "Below the floor",
        (PauseReason.BELOW_FLOOR,),
        "Somebody fixed the price, and today's cost leaves less than the floor asks for. Drop the "
        "fixed price, and the rule behind it makes the price.",
    ),
    Kind(
        "type",
        "Type changed",
        (PauseReason.TYPE_CHANGED,),
        "The provider asks for other fields now. Look at the service, then resume it, or buy it "
        "from another offer of the old type.",
    ),
    Kind(
        "removals",
        "Removals",
        (),
        "So many offers vanished at once that it may be a mistake of the provider. Nothing is "
        "removed until somebody decides.",
    ),
)
BY_SLUG = {kind.slug: kind for kind in KINDS}


@dataclass(frozen=True)
class Row:
    """One service that waits."""

    number: int
    name: str
    provider: str
    upstream_id: str
    since: datetime | None
    detail: str
    was: Decimal
    cost: Decimal
    rise: Decimal | None
    """Per cent; null where nothing is to be compared."""
    price: Decimal | None
    margin: Decimal | None


@dataclass(frozen=True)
class Listed:
    """One page of a tab."""

    rows: list[Row]
    newer: str
    older: str


def counts() -> dict[str, int]:
    """How many wait, by the tab's slug; two queries."""
    paused = Service.objects.exclude(pause="").values_list("pause").order_by()
    by_reason = dict(paused.annotate(count=Count("pk")))
    found = {kind.slug: sum(by_reason.get(why, 0) for why in kind.reasons) for kind in KINDS}
    held = catalog.held_runs().order_by().aggregate(offers=Sum("held_removals"))
    return found | {"removals": held["offers"] or 0}


def kind_of(slug: str, waiting: dict[str, int]) -> Kind:
    """The tab that an address names; else the first that holds something."""
    first = next((kind for kind in KINDS if waiting[kind.slug]), KINDS[0])
    return BY_SLUG.get(slug, first)


def tabs(current: Kind, waiting: dict[str, int]) -> list[dict[str, object]]:
    """The tabs with their counts."""
    url = reverse("staff:decisions")
    return [
        {
            "label": kind.label,
            "url": f"{url}?kind={kind.slug}",
            "current": kind is current,
            "count": waiting[kind.slug],
        }
        for kind in KINDS
    ]


def listed(kind: Kind, who: Person, query: QueryDict) -> Listed:
    """One page of the services of a tab."""
    services = Service.objects.filter(pause__in=kind.reasons)
    page = paginator.page(service_rows.joined(services), query)
    return Listed(_rows(page.rows, who), page.newer, page.older)


def _rows(services: Sequence[Service], who: Person) -> list[Row]:
    prices = rules.price_list(services, None, who.staff)

    def row(service: Service) -> Row:
        offer, price = service.offer, prices.get(service.pk)
        cost, was = cost_per_1000(offer.rate, offer.provider), service.accepted_cost
        return Row(
            number=service.pk,
            name=service.name,
            provider=offer.provider.name,
            upstream_id=offer.upstream_id,
            since=service.paused_at,
            detail=service.pause_detail,
            was=was,
            cost=cost,
            rise=(cost - was) * 100 / was if was else None,
            price=price.price if price else None,
            margin=price.margin_percent if price else None,
        )

    return [row(service) for service in services]


def held_runs() -> QuerySet[SyncRun]:
    """Runs whose removals are held, the oldest first."""
    return catalog.held_runs().select_related("provider")[:MOST_RUNS]


def told(decided: catalog.Decided, done: str) -> str:
    """What became of a bulk decision, in sentences."""
    said = [f"{_services(decided.done)} {done}"]
    if decided.moved:
        said.append(f"Left alone, because moved again since you looked: {decided.moved:,}.")
    if decided.gone:
        said.append(f"Decided by somebody else already: {decided.gone:,}.")
    if decided.left:
        said.append(f"Left over: {decided.left:,}; press again.")
    return " ".join(said)


def _services(count: int) -> str:
    return "1 service" if count == 1 else f"{count:,} services"

"""Services that wait for an admin, by what is the matter; and removals that are held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Sum
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import catalog, kept_words
from orders.catalog import HELD_RISES, cost_per_1000
from orders.enums import PauseReason
from orders.models import Service, SyncChange, SyncRun
from orders.people import Person
from panel import paginator
from panel.display import count
from panel.staff.services import service_rows
from panel.staff.services.decision_prices import Prices

MOST_RUNS = 20
MOST_REMOVALS = 300


@dataclass(frozen=True)
class Kind:
    """One tab. `reasons` are the pauses that it lists; none: held removals."""

    slug: str
    label: str | Promise
    reasons: tuple[PauseReason, ...]
    what_to_do: str | Promise


KINDS = (
    Kind(
        "rises",
        gettext_lazy("Cost rose"),
        HELD_RISES,
        gettext_lazy(
            "Accepting takes today's cost as right: the rules make the price from it and the "
            "service is sold again. Orders placed before keep their price."
        ),
    ),
    Kind(
        "floor",
        gettext_lazy("Below the floor"),
        (PauseReason.BELOW_FLOOR,),
        gettext_lazy(
            "Somebody fixed the price, and today's cost leaves less than the floor asks for. Drop "
            "the fixed price, and the rule behind it makes the price."
        ),
    ),
    Kind(
        "type",
        gettext_lazy("Type changed"),
        (PauseReason.TYPE_CHANGED,),
        gettext_lazy(
            "The provider asks for other fields now. Look at the service, then resume it, or buy "
            "it from another offer of the old type."
        ),
    ),
    Kind(
        "removals",
        gettext_lazy("Removals"),
        (),
        gettext_lazy(
            "So many offers vanished at once that it may be a mistake of the provider. Nothing is "
            "removed until somebody decides."
        ),
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
    price_was: Decimal | None
    """What the rules made of the cost that was accepted."""
    price: Decimal | None
    margin_was: Decimal | None
    margin: Decimal | None
    gives_away: str
    touched: catalog.Touched
    anew: Decimal | None = None
    """The price at the markup that is asked about, within the floor; its margin likewise."""
    anew_margin: Decimal | None = None


@dataclass(frozen=True)
class Listed:
    """One page of a tab, with how many customers have a price agreed about what it lists."""

    rows: list[Row]
    agreed: int
    newer: str
    older: str


@dataclass(frozen=True)
class Removal:
    """One held removal: the offer, and what is sold of it."""

    number: int
    name: str
    upstream_id: str
    services: list[Service]
    touched: catalog.Touched


@dataclass(frozen=True)
class Run:
    """A reading whose removals wait, the first of them."""

    run: SyncRun
    removals: list[Removal]
    cut: bool


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


def listed(
    kind: Kind, who: Person, query: QueryDict, now: datetime, markup: Decimal | None = None
) -> Listed:
    """One page of the services of a tab; `markup` adds what they would sell for at it."""
    services = Service.objects.filter(pause__in=kind.reasons)
    page = paginator.page(service_rows.joined(services), query)
    agreed = catalog.agreed_prices([row.pk for row in page.rows]) if page.rows else 0
    return Listed(_rows(page.rows, who, now, markup), agreed, page.newer, page.older)


def _rows(
    services: Sequence[Service], who: Person, now: datetime, markup: Decimal | None
) -> list[Row]:
    prices = Prices(services, who)
    touched = catalog.touched([service.pk for service in services], now)

    def row(service: Service) -> Row:
        offer = service.offer
        cost, was = cost_per_1000(offer.rate, offer.provider), service.accepted_cost
        before, price = prices.at_cost(service, was), prices.at_cost(service, cost)
        anew = None if markup is None else prices.at_markup(service, cost, markup)
        return Row(
            number=service.pk,
            name=service.name,
            provider=offer.provider.name,
            upstream_id=offer.upstream_id,
            since=service.paused_at,
            detail=kept_words.told(service.pause_detail),
            was=was,
            cost=cost,
            rise=(cost - was) * 100 / was if was else None,
            price_was=before.price if before else None,
            price=price.price if price else None,
            margin_was=before.margin_percent if before else None,
            margin=price.margin_percent if price else None,
            gives_away=catalog.provider_named_by(service),
            touched=touched.get(service.pk, catalog.Touched()),
            anew=anew.price if anew else None,
            anew_margin=anew.margin_percent if anew else None,
        )

    return [row(service) for service in services]


def held_runs(now: datetime) -> list[Run]:
    """Runs whose removals are held, the oldest first; six queries, however much is held."""
    runs = list(catalog.held_runs().select_related("provider")[:MOST_RUNS])
    held = SyncChange.objects.filter(run__in=runs, held=True, decided_at=None)
    changes = list(held.select_related("offer").order_by("pk")[: MOST_REMOVALS + 1])
    sold: dict[int, list[Service]] = {}
    for service in Service.objects.filter(offer__in=[each.offer_id for each in changes]):
        sold.setdefault(service.offer_id, []).append(service)
    numbers = [service.pk for services in sold.values() for service in services]
    touched = catalog.touched(numbers, now)
    cut = len(changes) > MOST_REMOVALS

    def removal(change: SyncChange) -> Removal:
        services = sold.get(change.offer_id or 0, [])
        lately = [touched.get(service.pk, catalog.Touched()) for service in services]
        sums = sum(each.orders for each in lately), sum(each.customers for each in lately)
        name = change.offer.name if change.offer else ""
        upstream_id = change.offer.upstream_id if change.offer else ""
        return Removal(change.pk, name, upstream_id, services, catalog.Touched(*sums))

    def one(run: SyncRun) -> Run:
        mine = [removal(each) for each in changes[:MOST_REMOVALS] if each.run_id == run.pk]
        return Run(run, mine, cut and len(mine) < run.held_removals)

    return [one(run) for run in runs]


def told(decided: catalog.Decided, words: str, **values: str) -> str:
    """What became of a bulk decision, in sentences; `words` of the first hold its `count`."""
    said = [words % {"count": count(decided.done), **values}]
    if decided.moved:
        moved = _("Left alone, because moved again since you looked: %(count)s.")
        said.append(moved % {"count": count(decided.moved)})
    if decided.gone:
        gone = _("Decided by somebody else already: %(count)s.")
        said.append(gone % {"count": count(decided.gone)})
    if decided.left:
        left = _("Left over: %(count)s; press again.")
        said.append(left % {"count": count(decided.left)})
    return " ".join(said)

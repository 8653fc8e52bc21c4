"""Services from another panel, under the numbers that they had there."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from orders import auditing, catalog, panel_settings, pricing, sql
from orders.catalog.rewriting import rewrite
from orders.catalog.shelves import OTHER, shelf_ids
from orders.enums import MarkupKind, PriceLevel
from orders.models import Arrival, Bound, MarkupRule, Provider, Service, User
from orders.money import plain
from orders.moving_in.plans import REASON, Report
from orders.moving_in.service_rows import ServiceRow, ServiceRows
from orders.moving_in.shop import SOLD_AS, Shop
from orders.persons import require_admin


@dataclass
class ServicePlan:
    """What a file of services would do, and what it would leave behind."""

    report: Report = field(default_factory=Report)
    shop: Shop = field(default_factory=Shop)
    coming: list[tuple[ServiceRow, Service]] = field(default_factory=list)
    last: int = 0
    """The highest number that the whole file names, rows that stay out included."""
    number_of: dict[int, int] = field(default_factory=dict)


def look(file: ServiceRows, *, by: User | None) -> ServicePlan:
    """What the file would do now; nothing is written. Raises `NotAllowed` for others than admins.

    Only the owner and the operator bring in a price below the floor.
    """
    may_go_below = by is None or require_admin(by).is_owner
    plan = ServicePlan(shop=Shop.find(file.rows, file.named), last=max(file.named, default=0))
    report, floors = plan.report, _Floors()
    report.rows = len(file.rows) + len(file.bad)
    report.reject_all(file.bad)
    for row in file.rows:
        if not _is_refused(row, plan):
            offer = plan.shop.offer(row)
            assert offer is not None  # refused otherwise
            low = floors.above(
                row, offer.category, catalog.cost_per_1000(offer.rate, offer.provider)
            )
            if low and not may_go_below:
                report.reject(
                    row.line, f"{low} Only the owner brings it in; or give it another price."
                )
                continue
            if low:
                report.count("below_floor")
                report.tell(row.line, f"{low} It comes in paused.")
            service = plan.shop.bring(row, offer)
            plan.coming.append((row, service))
            report.settle(row.line, "added")
            sold = service.offer_id, service.name, plan.shop.categories[row.number]
            report.changes[row.line] = [row.number, *sold, row.price, bool(low)]
    report.counts["hidden"], report.counts["moved"] = len(plan.shop.hidden), len(plan.shop.moved)
    return plan


def _is_refused(row: ServiceRow, plan: ServicePlan) -> bool:
    """Whether the row stays out, which the report then says."""
    report, shop = plan.report, plan.shop
    if shop.provider(row.provider) is None:
        names = ", ".join(sorted(provider.name for provider in shop.providers.values())[:10])
        report.reject(
            row.line, f"There is no provider “{row.provider}”. There are: {names or 'none'}."
        )
    elif (arrival := shop.arrivals.get(row.number)) is not None:
        report.settle(row.line, "there")
        _tell_difference(row, arrival, shop.by_number[row.number], plan)
    elif (offer := shop.offer(row)) is None:
        report.settle(row.line, "unlisted")
        report.tell(row.line, f"{row.provider} does not list {row.upstream_id}. It stays out.")
    elif row.number in shop.used:
        named = shop.by_number[row.number].name[:80]
        report.reject(
            row.line,
            f"{row.number} is “{named}” here, which was ordered or priced already."
            " Give this one another number.",
        )
    else:
        return offer is None
    return True


def _tell_difference(
    row: ServiceRow, arrival: Arrival, service: Service, plan: ServicePlan
) -> None:
    if row.price is not None and row.price != arrival.figure:
        came = "without a price" if arrival.figure is None else f"at {plain(arrival.figure)}"
        plan.report.tell(
            row.line,
            f"{row.number} came in {came}; the file now says {plain(row.price)}."
            " Nothing is changed: set its price on the prices page.",
        )
    offer = plan.shop.offer(row)
    if offer is not None and offer.pk != service.offer_id:
        plan.report.tell(
            row.line,
            f"{row.number} is bought elsewhere by now. Nothing is changed:"
            " change it on the service's page.",
        )


class _Floors:
    """The floors under a service that comes in: the panel's and its category's."""

    def __init__(self) -> None:
        acting = Bound.objects.filter(
            ended_at=None,
            level__in=(PriceLevel.PANEL, PriceLevel.CATEGORY),
            floor_percent__isnull=False,
        )
        self._percents = dict(acting.values_list("category__name", "floor_percent"))

    def above(self, row: ServiceRow, category: str, cost: Decimal) -> str:
        """Why the floor stands above the row's price; "" when it does not."""
        wanted = (row.category or category) or OTHER
        found = [self._percents[name] for name in (None, wanted) if name in self._percents]
        if row.price is None or not found:
            return ""
        percent = max(floor for floor in found if floor is not None)
        least = pricing.Terms(floors=(pricing.Bound(percent, ""),)).least(cost)
        if row.price >= least:
            return ""
        floor = f"{percent.normalize():f} %"
        return f"The price {plain(row.price)} is below the floor ({floor} over {plain(cost)})."


# ── Writing ──────────────────────────────────────────────────────────────────────────────────


def lock() -> None:
    """Keep catalogs from being read meanwhile; before anything of them is looked at."""
    list(Provider.objects.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def write(plan: ServicePlan, by: User | None, now: datetime) -> None:
    """Do what was looked at, in the caller's transaction, which holds all the locks.

    Raises `IntegrityError` when somebody took one of the numbers at this moment.
    """
    shop = plan.shop
    _lock(shop.changed)
    # Also past the numbers of rows that stay out: customers know them as something else.
    sql.raise_next_number(Service._meta.db_table, plan.last + 1)
    if not plan.coming:
        return
    shelves = shelf_ids(shop.categories.values())
    for number, name in shop.categories.items():
        shop.by_number[number].category_id = shelves[name]
    for service in shop.added:
        service.created_at = now
    numbered = [service for service in shop.added if service.pk is not None]
    Service.objects.bulk_create(numbered, batch_size=500)
    Service.objects.bulk_create([service for service in shop.added if service.pk is None])
    rewrite(shop.changed.values(), SOLD_AS)
    priced = _price(plan.coming, by, now)
    Arrival.objects.bulk_create(
        Arrival(service=service, figure=row.price, at=now, by=by) for row, service in plan.coming
    )
    _record(plan, by, now)
    if priced:
        threshold = panel_settings.current().rise_threshold
        catalog.reassess_fixed_prices(threshold, now=now, pk__in=priced)


def _lock(services: Iterable[int]) -> None:
    rows = Service.objects.filter(pk__in=list(services)).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def _price(coming: list[tuple[ServiceRow, Service]], by: User | None, now: datetime) -> list[int]:
    """Give each the price of its row; the numbers of those that have one."""
    rules = [
        MarkupRule(
            level=PriceLevel.SERVICE,
            service=service,
            kind=MarkupKind.FIXED_RATE,
            value=row.price,
            set_by=by,
            set_at=now,
            reason=REASON,
        )
        for row, service in coming
        if row.price is not None
    ]
    MarkupRule.objects.bulk_create(rules)
    return [rule.service_id for rule in rules if rule.service_id is not None]


def _record(plan: ServicePlan, by: User | None, now: datetime) -> None:
    shop = plan.shop
    came: list[tuple[Service, dict[str, Any], dict[str, Any]]] = [
        (service, {}, {"offer": service.offer_id, "name": service.name, "price": row.price})
        for row, service in plan.coming
    ]
    auditing.record_each(by, "service.moved_in", came, REASON, at=now)
    left = [
        (service, {"number": number}, {"number": service.pk, "offer": service.offer_id})
        for service, number in shop.moved
    ]
    auditing.record_each(by, "service.made_room", left, REASON, at=now)
    auditing.record_alike(
        by,
        "service.hidden",
        shop.hidden,
        {"is_visible": True},
        {"is_visible": False},
        REASON,
        at=now,
    )

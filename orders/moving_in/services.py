"""Services from another panel, under the numbers that they had there."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop

from orders import auditing, catalog, panel_settings, pricing, sql
from orders.catalog.rewriting import rewrite
from orders.catalog.shelves import OTHER, shelf_ids
from orders.enums import MarkupKind, PriceLevel
from orders.kept_words import Sentence
from orders.models import Arrival, Bound, MarkupRule, Provider, Service, User
from orders.money import plain
from orders.moving_in.plans import REASON, Report
from orders.moving_in.service_rows import ServiceRow, ServiceRows
from orders.moving_in.shop import SOLD_AS, Shop
from orders.persons import require_admin

_OWNERS = gettext_noop("Only the owner brings it in; or give it another price.")
_PAUSED = gettext_noop("It comes in paused.")
_NO_PROVIDER = Sentence(gettext_noop("There is no provider “%(name)s”. There are: %(known)s."))
_UNLISTED = Sentence(gettext_noop("%(provider)s does not list %(number)s. It stays out."))
_USED = Sentence(
    gettext_noop(
        "%(number)s is “%(name)s” here, which was ordered or priced already. Give this one "
        "another number."
    )
)
_OTHER_PRICE = Sentence(
    gettext_noop(
        "%(number)s came in at %(came)s; the file now says %(says)s. Nothing is changed: set "
        "its price on the prices page."
    )
)
_FIRST_PRICE = Sentence(
    gettext_noop(
        "%(number)s came in without a price; the file now says %(says)s. Nothing is changed: "
        "set its price on the prices page."
    )
)
_ELSEWHERE = Sentence(
    gettext_noop(
        "%(number)s is bought elsewhere by now. Nothing is changed: change it on the "
        "service's page."
    )
)
_BELOW = Sentence(
    gettext_noop("The price %(price)s is below the floor (%(percent)s %% over %(cost)s).")
)


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
                report.reject(row.line, f"{low} {_OWNERS}")
                continue
            if low:
                report.count("below_floor")
                report.tell(row.line, f"{low} {_PAUSED}")
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
            row.line, _NO_PROVIDER.of(name=row.provider, known=names or gettext_noop("none"))
        )
    elif (arrival := shop.arrivals.get(row.number)) is not None:
        report.settle(row.line, "there")
        _tell_difference(row, arrival, shop.by_number[row.number], plan)
    elif (offer := shop.offer(row)) is None:
        report.settle(row.line, "unlisted")
        report.tell(row.line, _UNLISTED.of(provider=row.provider, number=row.upstream_id))
    elif row.number in shop.used:
        named = shop.by_number[row.number].name[:80]
        report.reject(
            row.line,
            _USED.of(number=row.number, name=named),
        )
    else:
        return offer is None
    return True


def _tell_difference(
    row: ServiceRow, arrival: Arrival, service: Service, plan: ServicePlan
) -> None:
    if row.price is not None and row.price != arrival.figure:
        figures = {"number": row.number, "says": plain(row.price)}
        if arrival.figure is None:
            plan.report.tell(row.line, _FIRST_PRICE.of(**figures))
        else:
            plan.report.tell(row.line, _OTHER_PRICE.of(**figures, came=plain(arrival.figure)))
    offer = plan.shop.offer(row)
    if offer is not None and offer.pk != service.offer_id:
        plan.report.tell(
            row.line,
            _ELSEWHERE.of(number=row.number),
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
        return _BELOW.of(
            price=plain(row.price), percent=f"{percent.normalize():f}", cost=plain(cost)
        )


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

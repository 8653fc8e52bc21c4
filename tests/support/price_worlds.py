"""Small panels with random rules, and random changes of them, to hold a preview against."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import product
from random import Random

from orders import catalog, panel_settings, rules
from orders.enums import MarkupKind, PauseReason, PriceLevel
from orders.models import Bound, Category, Customer, MarkupRule, Service, Staff
from orders.money import round_down
from orders.rules import BoundChange, Change, MarkupChange, Scope, TermsChange
from tests.support import factories
from tests.support.factories import NOW

D = Decimal
KINDS = list(MarkupKind)
LEVELS = {
    PriceLevel.PANEL: (),
    PriceLevel.CATEGORY: ("category",),
    PriceLevel.SERVICE: ("service",),
    PriceLevel.STAFF: ("staff",),
    PriceLevel.CUSTOMER: ("customer",),
    PriceLevel.CUSTOMER_CATEGORY: ("customer", "category"),
    PriceLevel.CUSTOMER_SERVICE: ("customer", "service"),
}
BOUNDED = (PriceLevel.PANEL, PriceLevel.CATEGORY, PriceLevel.SERVICE, PriceLevel.STAFF)
PUBLIC = (PriceLevel.PANEL, PriceLevel.CATEGORY, PriceLevel.SERVICE)


@dataclass
class World:
    """Rows of every kind that a rule can speak about."""

    chance: Random
    services: list[Service]
    members: list[Staff]
    clients: list[Customer]

    @classmethod
    def make(cls, seed: int) -> "World":
        chance = Random(seed)
        terms = [("1", "1"), ("1.0853", "0.97"), ("0.013", "1.2")]
        sources = [
            factories.provider(exchange_rate=D(exchange), factor=D(factor))
            for exchange, factor in terms
        ]
        services = [
            _service(chance, source, f"Shelf {n % 3}")
            for n, source in enumerate(chance.choices(sources, k=7))
        ]
        members = [factories.staff("Mira"), factories.staff("Tom")]
        clients = [
            factories.customer(f"Client {n}", manager=manager)
            for n, manager in enumerate([None, *members, *chance.choices([None, *members], k=4)])
        ]
        world = cls(chance, services, members, clients)
        for level in chance.choices([*LEVELS], k=chance.randint(0, 14)):
            world.do(world.markup(level))
        for level in chance.choices(BOUNDED, k=chance.randint(0, 4)):
            world.do(world.bound(level))
        return world

    def scope(self, level: PriceLevel) -> Scope:
        return self.chance.choice(self.scopes(level))

    def scopes(self, level: PriceLevel) -> list[Scope]:
        rows = {
            "service": [row.pk for row in self.services],
            "category": sorted({row.category_id for row in self.services}),
            "staff": [row.pk for row in self.members],
            "customer": [row.pk for row in self.clients],
        }
        names = LEVELS[level]
        return [
            Scope(level, **dict(zip(names, chosen, strict=True)))
            for chosen in product(*(rows[name] for name in names))
        ]

    def markup(self, level: PriceLevel) -> MarkupChange:
        kind = self.chance.choice(KINDS)
        values = (
            ["0", "3", "5", "12.5", "30", "300"]
            if kind == MarkupKind.PERCENT
            else ["0", "0.00001", "0.05", "1.2", "4"]
        )
        return MarkupChange(self.scope(level), kind, D(self.chance.choice(values)))

    def bound(self, level: PriceLevel) -> BoundChange:
        floor = self.chance.choice([None, D(0), D(5), D("12.25"), D(60)])
        ceiling = self.chance.choice([None, None, D(65), D(500)])
        return BoundChange(self.scope(level), floor, ceiling)

    def proposal(self) -> list[Change]:
        """Some changes that can be made together."""
        chance = self.chance
        what = chance.randrange(8)
        if what == 0:
            return [
                TermsChange(
                    D(chance.choice(["0.0001", "0.05", "0.00000001"])),
                    D(chance.choice(["0", "0.5"])),
                )
            ]
        if what <= 2:
            return [self.bound(chance.choice(BOUNDED))]
        if what == 3:
            return self.service_rules()
        if what == 4:
            return [MarkupChange(self.scope(chance.choice([*LEVELS][1:])))]
        return [self.markup(chance.choice([*LEVELS]))]

    def service_rules(self) -> list[Change]:
        """The same for many services."""
        said = self.markup(PriceLevel.SERVICE)
        chosen = self.chance.sample(self.services, self.chance.randint(1, 7))
        ends = self.chance.random() < 0.3
        kind, value = (None, None) if ends else (said.kind, said.value)
        return [
            MarkupChange(Scope(PriceLevel.SERVICE, service=row.pk), kind, value) for row in chosen
        ]

    def do(self, change: Change) -> None:
        """Make one change with the verb for one rule."""
        if isinstance(change, TermsChange):
            panel_settings.change(
                by=None, now=NOW, price_step=change.step, minimum_charge=change.minimum_charge
            )
            return
        scope = self.rows(change.scope)
        level = change.scope.level
        if isinstance(change, BoundChange):
            rules.set_bound(
                level,
                floor_percent=change.floor,
                ceiling_percent=change.ceiling,
                by=None,
                now=NOW,
                **scope,
            )
        elif change.kind is None or change.value is None:
            rules.end_markup(level, None, NOW, **scope)
        else:
            rules.set_markup(level, change.kind, change.value, None, NOW, **scope)

    def save(self, changes: list[Change], at: datetime = NOW) -> rules.Preview:
        """Make the changes as a page does: look, then save."""
        seen = rules.preview(changes)
        return rules.save(changes, seen.fingerprint, by=None, now=at, reason="As agreed")

    def acting(self) -> set[tuple[object, ...]]:
        """Everything that stands."""
        columns = ("service", "category", "customer", "staff")
        markups = MarkupRule.objects.filter(ended_at=None)
        bounds = Bound.objects.filter(ended_at=None).exclude(
            floor_percent=None, ceiling_percent=None
        )
        panel = panel_settings.current()
        return {
            *markups.values_list(*columns, "kind", "value"),
            *bounds.values_list(*columns, "floor_percent", "ceiling_percent"),
            (panel.price_step, panel.minimum_charge),
        }

    def services_stand(self) -> list[tuple[object, ...]]:
        """What is decided about each service."""
        columns = ("pk", "accepted_cost", "pause", "pause_detail", "paused_at")
        return list(Service.objects.order_by("pk").values_list(*columns))

    def rows(self, scope: Scope) -> dict[str, object]:
        tables = {"service": Service, "category": Category, "customer": Customer, "staff": Staff}
        return {
            name: tables[name].objects.get(pk=getattr(scope, name)) for name in LEVELS[scope.level]
        }

    def prices(self, scope: Scope) -> dict[int, Decimal]:
        """The price list that a scope is about, by the quotes."""
        customer = Customer.objects.filter(pk=scope.customer).first()
        staff = None if customer else Staff.objects.filter(pk=scope.staff).first()
        return _prices(customer, staff)

    def clients_prices(self) -> dict[int, dict[int, Decimal]]:
        """What every client pays for everything."""
        return {row.pk: _prices(row, None) for row in Customer.objects.select_related("manager")}

    def pauses(self) -> dict[int, str]:
        return dict(Service.objects.values_list("pk", "pause"))


def _prices(customer: Customer | None, staff: Staff | None) -> dict[int, Decimal]:
    listed = rules.price_list(Service.objects.all(), customer, staff)
    return {number: quote.price for number, quote in listed.items()}


def _service(chance: Random, source: object, shelf: str) -> Service:
    rate = D(chance.choice(["0", "0.00000001", "0.0071", "0.30000007", "1", "2.2", "39.1"]))
    offer = factories.offer(source, rate=rate, category=shelf)
    accepted = catalog.cost_per_1000(rate, offer.provider)
    made = factories.service(offer, accepted_cost=accepted)
    if rate and chance.random() < 0.15:
        made.pause = chance.choice([PauseReason.STAFF, PauseReason.COST_ROSE])
        made.paused_at = NOW
        if made.pause == PauseReason.COST_ROSE:
            made.accepted_cost = round_down(made.accepted_cost / 2)
        made.save()
    return made

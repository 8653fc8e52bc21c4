"""The catalog moves: readings with rises and gaps, decisions, services bought elsewhere."""

from decimal import Decimal
from typing import Any
from unittest import mock

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from orders import catalog
from orders.catalog import bulk, syncing
from orders.catalog.costs import cost_per_1000, rose_too_far
from orders.enums import EventKind
from orders.models import Event, Offer, Order, Service
from orders.panel_settings import current
from tests.orders.catalog.conftest import Upstream
from tests.orders.sequences.ground import PLACES
from tests.orders.sequences.house import House
from tests.orders.sequences.past import Scene
from tests.support import factories

RATES = st.decimals("0.5", "3", places=2)


class Catalogs(House):
    """The same house; its provider has more to offer than is sold."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.provider = self.scene.services[0].offer.provider
        for _ in range(3):
            factories.offer(self.provider)
        self.bought: dict[tuple[int, bool], tuple[Any, ...]] = {}

    @rule(place=PLACES, rate=RATES, dropped=st.none() | PLACES)
    def a_reading(self, place: int, rate: Decimal, dropped: int | None) -> None:
        """One rate is another; now and then one offer is missing, or all of them but one."""
        theirs = Offer.objects.filter(provider=self.provider).order_by("pk")
        listing, offers = Upstream(), list(theirs)
        for number, offer in enumerate(offers):
            listing.lists(
                offer.upstream_id,
                name=offer.name,
                type=offer.type_name,
                category=offer.category,
                rate=rate if number == place % len(offers) else offer.rate,
                min=offer.least,
                max=offer.most,
                dripfeed=offer.dripfeed,
            )
        if dropped is not None:
            gone = offers if dropped % 4 == 0 else [offers[dropped % len(offers)]]
            listing.drops(*[offer.upstream_id for offer in gone[: len(offers) - 1]])

        def said(provider: Any, question: Any, **_: Any) -> Any:
            return question(listing)

        with mock.patch.object(syncing, "read_from", said):
            catalog.sync(self.provider, now=self.later())

    @rule(place=PLACES, kept=st.booleans(), single=st.booleans())
    def decide_removals(self, place: int, kept: bool, single: bool) -> None:
        verb = catalog.dismiss_removals if kept else catalog.release_removals
        for run in catalog.held_runs():
            held = catalog.held_changes(run.provider_id).values_list("pk", flat=True)
            which = [held[place % len(held)]] if single else None
            self.tried(lambda run=run, which=which: self.decided_removals(verb, run, which))

    def decided_removals(self, verb: Any, run: Any, which: list[int] | None) -> None:
        verb(run, self.scene.admin, self.later(), "Seen there", changes=which)

    @rule(keep=st.booleans())
    def decide_rises(self, keep: bool) -> None:
        verb = catalog.keep_paused if keep else catalog.accept_costs
        now = self.later()
        self.tried(lambda: verb(None, by=self.scene.admin, now=now, seen_at=now, reason="Looked"))

    @rule(place=PLACES, other=PLACES)
    def buy_elsewhere(self, place: int, other: int) -> None:
        offers = list(Offer.objects.filter(provider=self.provider).order_by("pk"))
        offer, service = offers[other % len(offers)], self.scene.services[place % 2]
        now = self.later()
        self.tried(
            lambda: catalog.point_at(service, offer, self.scene.admin, now, reason="Cheaper")
        )
        service.refresh_from_db()

    @rule(pausing=st.booleans())
    def pause_or_resume_all(self, pausing: bool) -> None:
        now, ids = self.later(), [service.pk for service in self.scene.services]
        what = bulk.paused("Holiday", now) if pausing else bulk.resumed(now)
        catalog.change_many(ids, what, by=self.scene.admin, now=now)

    @invariant()
    def an_order_stays_where_it_was_bought(self) -> None:
        columns = ("offer", "provider", "upstream_service_id", "cost_rate_upstream", "price")
        moved = Event.objects.filter(kind=EventKind.FELL_BACK).values_list("order", flat=True)
        fell_back = set(moved)
        for number, *terms in Order.objects.values_list("pk", *columns):
            there = (number, number in fell_back)  # once to its fallback, and there it stays
            assert self.bought.setdefault(there, tuple(terms)) == tuple(terms)
            assert self.bought.get((number, False), terms)[-1] == terms[-1]

    @invariant()
    def nothing_is_sold_that_is_gone_or_rose_too_far(self) -> None:
        usual = current().rise_threshold
        for service in Service.objects.filter(pause="").select_related("offer__provider"):
            assert service.offer.retired_at is None
            cost = cost_per_1000(service.offer.rate, service.offer.provider)
            assert not rose_too_far(cost, service.accepted_cost, usual)

"""Three weeks, a stretch at a time: orders come, are sent, polled, refilled, canceled."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from orders import (
    balances,
    cancellations,
    catalog,
    placement,
    polling,
    reconcile,
    refills,
    review,
    submission,
    tills,
    wallets,
)
from orders.enums import Decision, OrderStatus
from orders.errors import Declined, InsufficientFunds
from orders.management.demo.cast import Cast, handle_of
from orders.management.demo.desk import Desk
from orders.management.demo.levers import Levers
from orders.management.demo.wishes import fill_in, pick_service
from orders.models import Customer, Order, Provider, Service, Staff

DAYS = 21
STRETCH = timedelta(minutes=90)
LOW_BALANCE = Decimal(150)
TOP_UP = Decimal(900)
ARRIVES_AFTER = timedelta(minutes=10)
OUTSIDE = Decimal("4.2")
OUTSIDE_SINCE = timedelta(days=6)
NOTES = (10, 20, 20, 50, 100)
ENDS = {"partial": 0.05, "canceled": 0.03, "failed": 0.004}
DISTURBED = ("fault-html-502-after-once", "fault-bad-link", "fault-generic-error-before-once")


class History:
    """Tells the story; `say` hears how far it is."""

    def __init__(self, provider: Provider, cast: Cast, levers: Levers, say: Callable[[str], None]):
        self.provider, self.cast, self.levers, self.say = provider, cast, levers, say
        self.chance = Random(1971)
        self.placed = 0
        self.bought_outside = False

    def tell(self, until: datetime) -> int:
        """Play the weeks before `until`; returns how many orders were placed."""
        services = self._services()
        desk = Desk(self.cast, next(moments(until)), until)
        day = None
        for moment in moments(until):
            if moment.date() != day:
                day = moment.date()
                self.say(f"  {day:%d %b}: {self.placed} orders so far")
                self._morning(moment)
            desk.until(moment)
            self._stretch(moment, services, until)
        desk.until(until)
        return self.placed

    def _services(self) -> list[Service]:
        found = list(
            Service.objects.select_related("offer")
            .filter(is_visible=True, pause="", offer__most__gte=20)
            .order_by("pk")
        )
        self.chance.shuffle(found)
        return found

    def _morning(self, moment: datetime) -> None:
        """Once a day: reviews are decided, tills are dropped on Mondays."""
        for case in review.cases(self.cast.owner.user)[:5]:
            self._decide(case, moment)
        if moment.weekday() == 0:
            for member in (self.cast.mira, self.cast.tom):
                self._drop(member, moment)

    def _stretch(self, moment: datetime, services: list[Service], until: datetime) -> None:
        self.levers.clock(moment)
        if not self.bought_outside and until - moment < OUTSIDE_SINCE:
            self._buy_outside(moment)
        self.keep_provider_in_funds(moment)
        catalog.sync(self.provider, now=moment)
        for _ in range(busyness(moment, self.chance)):
            at = moment + timedelta(seconds=self.chance.randrange(3000))
            if at < until - timedelta(minutes=1):
                self._order(services, at)
        end = min(moment + STRETCH, until) - timedelta(minutes=2)
        self.levers.clock(end)
        submission.submit_due(end)
        polling.poll_everything(end)
        polling.retier(end)
        self._follow_up(end)
        balances.read_balances(end)

    def _order(self, services: list[Service], at: datetime) -> None:
        client = self.chance.choice(self.cast.clients)
        service = pick_service(services, self.chance)
        fields = fill_in(service, handle_of(client), self.chance)
        if self.chance.random() < 0.012:
            fields["link"] = f"{fields.get('link', '')}?{self.chance.choice(DISTURBED)}"
        self.levers.clock(at)
        if order := self._place(client, service, fields, at):
            self.placed += 1
            submission.submit_order(order.pk, at + timedelta(seconds=2))

    def _place(
        self, client: Customer, service: Service, fields: dict[str, Any], at: datetime
    ) -> Order | None:
        by = client.user if client.user and self.chance.random() < 0.4 else self._clerk(client).user
        for _ in range(2):
            try:
                placed = placement.place(client, service.pk, fields, by=by, now=at, overlap_ok=True)
            except InsufficientFunds as short:
                self._pay_in(client, short.missing, at)
            except Declined:
                return None
            else:
                return placed.order
        return None

    def _clerk(self, client: Customer) -> Staff:
        assert client.manager is not None  # the cast's clients all have one
        return client.manager

    def _pay_in(self, client: Customer, missing: Decimal, at: datetime) -> None:
        note = Decimal(self.chance.choice(NOTES))
        amount = (missing // note + 1) * note
        wallets.take_cash(client, amount, by=self._clerk(client).user, now=at)

    def keep_provider_in_funds(self, at: datetime) -> None:
        """Look at the balance and top up when it is low: after that look, so no reading of that
        moment knows of it yet."""
        balance = self._balance(at)
        if balance < LOW_BALANCE:
            self.levers.balance(str(balance + TOP_UP))
            arrived = at + ARRIVES_AFTER
            reconcile.record_top_up(
                self.provider,
                TOP_UP,
                arrived,
                by=self.cast.owner.user,
                now=arrived,
                memo="By card",
                token=f"demo-{at:%Y%m%d%H%M}",
            )

    def _buy_outside(self, at: datetime) -> None:
        """Somebody buys in the provider's own window; no order of ours accounts for it."""
        self.levers.balance(str(self._balance(at) - OUTSIDE))
        self.bought_outside = True

    def _balance(self, at: datetime) -> Decimal:
        reading = balances.read_balance(self.provider, at)
        assert reading is not None  # the demo's provider answers
        return reading.amount

    def _follow_up(self, at: datetime) -> None:
        """Now and then somebody asks for a refill or to stop."""
        if self.chance.random() < 0.15:
            self._ask(OrderStatus.COMPLETED, refills.request, at)
        if self.chance.random() < 0.08:
            self._ask(OrderStatus.IN_PROGRESS, cancellations.request, at)
        refills.send_requested(at)
        refills.poll(at, all_now=True)
        cancellations.send_requested(at)

    def _ask(self, status: OrderStatus, verb: Callable[..., Any], at: datetime) -> None:
        order = Order.objects.filter(status=status).order_by("-pk").first()
        if order is None:
            return
        try:
            verb(order, by=self.cast.mira.user, now=at)
        except Declined:
            return

    def _decide(self, case: Order, moment: datetime) -> None:
        choices = review.choices(case)
        if Decision.GIVE_UP in choices:
            ruling = review.Ruling(
                Decision.GIVE_UP, "Nothing of it at the provider", self.cast.owner.user
            )
        elif Decision.REFUND in choices:
            ruling = review.Ruling(Decision.REFUND, "Failed at the provider", self.cast.owner.user)
        else:
            return
        review.decide(case, ruling, now=moment)

    def _drop(self, member: Staff, moment: datetime) -> None:
        amount = tills.held(member)
        if amount > 0:
            tills.drop(member, amount, by=member.user, now=moment, reference=f"{moment:%Y-%m-%d}")


def moments(until: datetime) -> Iterator[datetime]:
    """The stretches of three weeks, nights left out, up to `until`."""
    first = (until - timedelta(days=DAYS)).replace(hour=8, minute=0, second=0, microsecond=0)
    moment = first.astimezone(UTC)
    while moment < until - timedelta(minutes=5):
        if 8 <= moment.hour < 22:
            yield moment
        moment += STRETCH


def busyness(moment: datetime, chance: Random) -> int:
    """How many orders come in this stretch: more in the evening, fewer on Sundays."""
    mean = 1 + (1.2 if moment.hour >= 16 else 0) + (0.6 if moment.weekday() < 5 else 0)
    return int(mean + 2 * chance.random())

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from orders import balances, catalog, ledger_check, notices, providers, sql
from orders.management.demo.cast import Cast, hire, invite
from orders.management.demo.history import DAYS, ENDS, History
from orders.management.demo.levers import Levers
from orders.management.operator import OperatorCommand
from orders.models import Order, Provider, User
from orders.reports import rolling

SIMULATOR_KEY = "simulator-key"


class Command(OperatorCommand):
    help = (
        "Fill an empty panel with people and about three weeks of history, through the real verbs."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--simulator-url", required=True, help="API address of a simulator")
        parser.add_argument("--key", default=SIMULATOR_KEY)

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        url = options["simulator_url"]
        if User.objects.exists():
            return _move_provider(url, now)
        sql.forget_durability()
        levers = Levers(url)
        levers.faults(**ENDS)
        levers.pace(speed=4)
        placed = self._tell(url, options["key"], levers, now)
        if wrong := list(ledger_check.check()):
            raise CommandError(f"the books do not balance: {wrong[0]}")
        return f"{placed} orders in three weeks; the books balance", {"orders": placed}

    def _tell(self, url: str, key: str, levers: Levers, now: datetime) -> int:
        self.stdout.write("Making three weeks of history; this takes about a minute.")
        start = now - timedelta(days=DAYS, hours=1)
        levers.clock(start)
        owner, mira, tom = hire(start)
        provider = _provider(url, key, owner.user, start)
        catalog.sync(provider, now=start)
        cast = Cast(owner, mira, tom, invite(mira, tom, start))
        placed = History(provider, cast, levers, self.stdout.write).tell(now)
        levers.clock(None)
        _let_a_cost_rise(provider, levers, now)
        levers.pace(minutes=4)
        balances.read_balances(now)
        rolling.add_up_all(now)
        notices.forgo(now)  # nobody is mailed three weeks of news at the first start
        path = settings.VAR / "logins.json"
        path.write_text(json.dumps(cast.logins(), indent=1))
        return placed


def _provider(url: str, key: str, owner: User, now: datetime) -> Provider:
    return providers.add_provider(
        name="Bulkhaus",
        url=url,
        key=key,
        by=owner,
        now=now,
        exchange_rate=Decimal("1.085"),
        factor=Decimal("1.015"),
        requests_per_second=Decimal(60),
        requests_at_once=4,
        connect_timeout=3,
        read_timeout=10,
        total_timeout=15,
    )


def _let_a_cost_rise(provider: Provider, levers: Levers, now: datetime) -> None:
    """So that the overview has something to decide: a few rates rose by half just now."""
    popular = Order.objects.order_by("-pk").values_list("upstream_service_id", flat=True)[:40]
    levers.rates("1.5", sorted({int(upstream_id) for upstream_id in popular})[:3])
    catalog.sync(provider, now=now)


def _move_provider(url: str, now: datetime) -> tuple[str, dict[str, Any]]:
    """A second start: the data stay, only the simulator may listen elsewhere now."""
    for provider in Provider.objects.filter(name="Bulkhaus").exclude(url=url):
        providers.change(provider, by=None, now=now, url=url, reason="The demo's simulator moved")
    return "The demo's data are there already", {"orders": Order.objects.count()}

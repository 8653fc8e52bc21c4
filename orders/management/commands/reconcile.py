from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import CommandError, CommandParser

from orders import panel_settings, reconcile
from orders.management.operator import OperatorCommand, find_providers
from orders.money import plain

DAYS = 7


class Command(OperatorCommand):
    help = (
        "Compare what providers' balances did with known charges; fails when more is unexplained "
        "than may be off."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--provider", metavar="NAME")
        parser.add_argument(
            "--days", metavar="N", type=int, default=DAYS, help=f"today among them ({DAYS})"
        )

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        if not 1 <= options["days"] <= reconcile.MOST_DAYS:
            raise CommandError(f"--days: from 1 to {reconcile.MOST_DAYS}")
        zone = ZoneInfo(panel_settings.current().time_zone)
        providers = find_providers(options["provider"])
        accounts = [reconcile.account(one, options["days"], now, zone) for one in providers]
        line = "\n".join(_line(account) for account in accounts)
        values = {"providers": [_values(account) for account in accounts]}
        if over := [account for account in accounts if account.whole.is_over]:
            self.say(line, values, as_json=options["json"])
            names = ", ".join(account.whole.provider.name for account in over)
            raise CommandError(f"More is unexplained than may be off: {names}")
        return line, values


def _line(account: reconcile.Account) -> str:
    whole = account.whole
    if not whole.is_known:
        return f"{whole.provider.name}: fewer than two balance readings, nothing to compare"
    known, currency = whole.known, whole.provider.currency
    said = [
        f"{whole.provider.name}: balance moved by {plain(whole.observed)} {currency}",
        f"charged {plain(-(known.charges + known.corrections))}",
        f"given back {plain(known.returns)}",
        f"topped up {plain(known.top_ups)}",
        f"unexplained {plain(whole.unexplained)}, of which {plain(whole.tolerance)} may be off",
    ]
    if account.foreign:
        said.append(f"{account.foreign} readings in another currency left out")
    return ", ".join(said)


def _values(account: reconcile.Account) -> dict[str, Any]:
    values = {"provider": account.whole.provider.name} | _figures(account.whole)
    days = [{"day": day.day.isoformat()} | _figures(day.span) for day in account.days]
    return values | {"foreign_readings": account.foreign, "by_day": days}


def _figures(span: reconcile.Span) -> dict[str, Any]:
    return {
        "currency": span.provider.currency,
        "compared": span.is_known,
        "from": span.opening and span.opening.at,
        "to": span.closing and span.closing.at,
        "observed": span.observed,
        "charged": -(span.known.charges + span.known.corrections),
        "given_back": span.known.returns,
        "topped_up": span.known.top_ups,
        "unexplained": span.unexplained,
        "tolerance": span.tolerance,
        "over": span.is_over,
    }

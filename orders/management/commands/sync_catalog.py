from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser

from orders import catalog
from orders.enums import SyncOutcome
from orders.management.operator import OperatorCommand, find_providers
from orders.models import SyncRun


class Command(OperatorCommand):
    help = "Read the catalogs of all providers, or of one."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--provider", metavar="NAME")

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        runs = [catalog.sync(provider, now=now) for provider in find_providers(options["provider"])]
        failed = [run for run in runs if run.outcome == SyncOutcome.FAILED]
        if failed:
            raise CommandError("; ".join(_line(run) for run in runs))
        return "; ".join(_line(run) for run in runs), {"runs": [_values(run) for run in runs]}


def _line(run: SyncRun) -> str:
    words = "is being read already" if run.outcome == SyncOutcome.RUNNING else run.detail
    return f"{run.provider.name}: {words.rstrip('.')}"


def _values(run: SyncRun) -> dict[str, Any]:
    names = ("new", "changed", "retired", "returned", "paused", "held_removals")
    return {
        "provider": run.provider.name,
        "outcome": str(run.outcome),
        "detail": run.detail,
        "rows": run.rows_total,
        "rows_bad": run.rows_bad,
        **{name: getattr(run, name) for name in names},
    }

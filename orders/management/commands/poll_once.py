from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser

from orders import polling
from orders.management.operator import OperatorCommand
from orders.models import Provider
from orders.polling import SweepResult


class Command(OperatorCommand):
    help = "Ask about every open order once, whatever its pace."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--provider", metavar="NAME")

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        names = _names(options["provider"])
        results = [polling.poll_once(pk, now) for pk in names]
        line = "; ".join(f"{names[result.provider_id]}: {result}" for result in results)
        if any(result.state in {"failing", "slowed"} for result in results):
            raise CommandError(line)
        return line, {"sweeps": [_values(names, result) for result in results]}


def _names(name: str | None) -> dict[int, str]:
    providers = Provider.objects.order_by("pk")
    found = providers if name is None else providers.filter(name=name)
    names = dict(found.values_list("pk", "name"))
    if not names:
        raise CommandError(
            "There is no provider yet; add one with add_provider"
            if name is None
            else f"There is no provider named {name}"
        )
    return names


def _values(names: dict[int, str], result: SweepResult) -> dict[str, Any]:
    return {
        "provider": names[result.provider_id],
        "state": result.state,
        "asked": result.asked,
        "calls": result.calls,
        "failed_calls": result.failed_calls,
        "changed": result.changed,
        "refunds": result.applied.refunds,
        "refunded": result.applied.amount,
    }

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import CommandError, CommandParser

from orders import rules
from orders.enums import MarkupKind, PriceLevel
from orders.management.operator import OperatorCommand
from orders.models import Bound


class Command(OperatorCommand):
    help = "Set the panel's markup, which acts where nothing more specific does."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("percent", metavar="PERCENT")
        parser.add_argument("--reason", default="Set by an operator's command")

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        percent = _percent(options["percent"])
        rules.set_markup(
            PriceLevel.PANEL, MarkupKind.PERCENT, percent, None, now, options["reason"]
        )
        line, floor = f"Panel markup {percent:f} %", _floor()
        if floor is not None and floor > percent:
            line += f"; the floor of {floor.normalize():f} % is higher and acts"
        return line, {"markup_percent": percent, "floor_percent": floor}


def _floor() -> Decimal | None:
    acting = Bound.objects.filter(level=PriceLevel.PANEL, ended_at=None).first()
    return None if acting is None else acting.floor_percent


def _percent(text: str) -> Decimal:
    try:
        return Decimal(text.strip().removesuffix("%").strip())
    except InvalidOperation:
        raise CommandError(f"{text}: not a percentage") from None

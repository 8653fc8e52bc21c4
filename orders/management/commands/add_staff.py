from datetime import datetime
from decimal import Decimal, InvalidOperation
from secrets import token_urlsafe
from typing import Any

from django.core.management.base import CommandError, CommandParser

from orders import people, rules, sql
from orders.enums import MarkupKind, PriceLevel
from orders.management.operator import OperatorCommand
from orders.models import Staff


class Command(OperatorCommand):
    help = "Add a member of staff; the first --admin is the owner."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--password", help="without it one is made up and printed")
        parser.add_argument("--markup", help="the member's own markup, in per cent")
        parser.add_argument("--admin", action="store_true")

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        markup = _percent(options["markup"])
        password = options["password"] or token_urlsafe(12)
        with sql.short_transaction():
            staff = people.add_staff(
                email=options["email"], password=password, is_admin=options["admin"], now=now
            )
            if markup is not None:
                _set_markup(staff, markup, now)
        values = {"staff": staff.pk, "email": staff.user.email, "role": _role(staff)}
        line = f"{_role(staff).capitalize()} {staff.pk} {staff.user.email}"
        if markup is not None:
            values["markup"] = f"{markup:f}"
            line += f", markup {markup:f} %"
        if not options["password"]:
            values["password"] = password
            line += f", password {password}"
        return line, values


def _set_markup(staff: Staff, percent: Decimal, now: datetime) -> None:
    rules.set_markup(
        PriceLevel.STAFF,
        MarkupKind.PERCENT,
        percent,
        by=None,
        now=now,
        reason="Set when the member was added",
        staff=staff,
    )


def _role(staff: Staff) -> str:
    if staff.is_owner:
        return "owner"
    return "admin" if staff.is_admin else "staff"


def _percent(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        percent = Decimal(text)
    except InvalidOperation:
        percent = Decimal("NaN")
    if not percent.is_finite():
        raise CommandError(f"--markup {text}: not a percentage")
    return percent

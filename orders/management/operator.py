"""What the operator commands share: one line for people, JSON for programs, plain failures."""

import json
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q
from django.utils import timezone

from orders import people
from orders.errors import Declined, FieldErrors
from orders.models import Customer, Provider
from orders.money import plain


class OperatorCommand(BaseCommand):
    """A command that calls verbs and prints one summary line (`--json`: one object).

    A `Declined` verb ends it with its sentence and a non-zero exit code. Subclasses write
    `arguments` and `run`, which returns the line and the object.
    """

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object instead")
        self.arguments(parser)

    def arguments(self, parser: CommandParser) -> None:
        """Declare the command's own arguments."""

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        """Do the work; returns the line for people and the object for programs."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            line, values = self.run(timezone.now(), **options)
        except Declined as declined:
            raise CommandError(" ".join(str(declined).split())) from declined
        self.say(line, values, as_json=options["json"])

    def say(self, line: str, values: dict[str, Any], *, as_json: bool) -> None:
        """Print the line, or the object."""
        self.stdout.write(json.dumps(values, default=_plain_value) if as_json else line)


def _plain_value(value: Any) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value)


def find_providers(name: str | None) -> list[Provider]:
    """The provider of this name, or all. Raises `CommandError` where there is none."""
    providers = Provider.objects.order_by("id")
    found = list(providers if name is None else providers.filter(name=name))
    if not found:
        raise CommandError(
            "There is no provider yet; add one with add_provider"
            if name is None
            else f"There is no provider named {name}"
        )
    return found


def find_customer(text: str) -> Customer:
    """The customer with this number, e-mail address or phone number. Raises `CommandError`."""
    wanted = Q(email__iexact=text.strip())
    with suppress(FieldErrors):
        wanted |= Q(phone=people.normalise_phone(text), phone__gt="")
    if text.isdecimal() and len(text) < 10:
        wanted |= Q(pk=int(text))
    found = list(Customer.objects.filter(wanted)[:2])
    if len(found) != 1:
        raise CommandError(f"{text}: {'no' if not found else 'more than one'} customer fits")
    return found[0]

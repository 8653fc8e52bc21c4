import os
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import CommandError, CommandParser

from orders import providers
from orders.management.operator import OperatorCommand


class Command(OperatorCommand):
    help = "Add an upstream provider, after a call with its key."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--url", required=True, help="such as https://provider.example/api/v2")
        key = parser.add_mutually_exclusive_group(required=True)
        key.add_argument("--key")
        key.add_argument("--key-env", metavar="VAR", help="environment variable with the key")
        parser.add_argument("--currency", default="", help="default: what the provider says")
        parser.add_argument("--exchange-rate", help="panel currency for one of the provider's")
        parser.add_argument("--factor", default="1", help="effective cost: fees above 1")
        parser.add_argument("--hide-new", action="store_true", help="its services start hidden")
        parser.add_argument("--no-test", action="store_true", help="make no call")

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        rate = options["exchange_rate"]
        provider = providers.add_provider(
            name=options["name"],
            url=options["url"],
            key=_key(options),
            currency=options["currency"],
            exchange_rate=None if rate is None else _number("--exchange-rate", rate),
            factor=_number("--factor", options["factor"]),
            new_offers_hidden=options["hide_new"],
            tested=not options["no_test"],
            by=None,
            now=now,
        )
        values = {
            "provider": provider.pk,
            "name": provider.name,
            "currency": provider.currency,
            "exchange_rate": provider.exchange_rate,
            "key_last4": provider.key_last4,
            "balance": provider.state.balance,
        }
        return _line(values), values


def _line(values: dict[str, Any]) -> str:
    balance = values["balance"]
    funds = "not tested" if balance is None else f"balance {balance:f} {values['currency']}"
    key = f"key ending {values['key_last4']}" if values["key_last4"] else "key kept"
    return f"Provider {values['provider']} {values['name']}: {funds}, {key}"


def _key(options: dict[str, Any]) -> str:
    if options["key"] is not None:
        return str(options["key"])
    key = os.environ.get(options["key_env"], "")
    if not key:
        raise CommandError(f"--key-env {options['key_env']}: this variable is not set")
    return key


def _number(option: str, text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise CommandError(f"{option} {text}: not a number") from None

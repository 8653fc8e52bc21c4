from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import CommandError, CommandParser

from orders import api_keys, ledger, people, sql, wallets
from orders.management.operator import OperatorCommand
from orders.money import ZERO, plain


class Command(OperatorCommand):
    help = (
        "Add a customer; with --password one who can sign in, with --balance one with money, with"
        " --api-key one whose programs can order: the key is printed, this once."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--password", help="lets the customer sign in")
        parser.add_argument("--balance", default="0", help="opening balance, an adjustment")
        parser.add_argument("--api-key", action="store_true", help="make a key for the API")

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        balance = _amount(options["balance"])
        with sql.short_transaction():
            customer = people.add_customer(
                email=options["email"], password=options["password"], now=now
            )
            if balance:
                wallets.adjust(customer, balance, by=None, now=now, reason="Opening balance")
            key = ""
            if options["api_key"]:
                _, key = api_keys.make(customer, "First key", by=None, now=now)
        balance = ledger.account_sum(ledger.wallet_id(customer.pk))
        sign_in = "signs in" if customer.user_id else "no sign-in"
        line = f"Client {customer.pk} {customer.email}, balance {plain(balance)}, {sign_in}"
        values = {"customer": customer.pk, "email": customer.email, "balance": balance}
        if key:
            return f"{line}, API key {key}", values | {"api_key": key}
        return line, values


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < ZERO:
        raise CommandError(f"--balance {text}: not an amount of zero or more")
    return amount

"""What a client's page shows."""

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from orders import api_keys, wallets
from orders.models import ApiKey, Customer, Order
from orders.money import ZERO
from orders.people import Person
from orders.statuses import OPEN
from panel.display import capped, money_text
from panel.paginator import count_up_to
from panel.staff.clients.client_rows import shown_phone
from panel.staff.orders import order_rows
from panel.staff.statement_lines import Statement, statement

LATEST = 8


class ClientPage:
    """One client, for staff who may see it. Each part asks the database when it is first shown."""

    def __init__(self, client: Customer, who: Person, before: str | None):
        self.client, self.who, self._before = client, who, before
        self.number, self.name = client.pk, client.name
        self.phone = shown_phone(client.phone)
        self.url = reverse("staff:client", args=[client.pk])

    @property
    def live_url(self) -> str:
        """Where the live part asks; a refused form is shown under another address."""
        return f"{self.url}?{urlencode({'before': self._before})}" if self._before else self.url

    @property
    def sign_in_button(self) -> str:
        """What this person may do about the client's sign-in; nothing where it is not theirs."""
        user = self.client.user
        if user is None:
            return _("Give a sign-in") if self.client.email else ""
        if not user.is_active or not (self.who.is_admin or user.last_login is None):
            return ""
        return _("Link for a new password")

    @cached_property
    def orders(self) -> list[order_rows.Row]:
        """The latest orders."""
        mine = order_rows.joined(Order.objects.filter(customer=self.client))
        return order_rows.rows(mine.order_by("-pk")[:LATEST], self.who)

    @cached_property
    def statement(self) -> Statement:
        """Movements of the wallet."""
        return statement(
            lambda before, limit: wallets.statement(self.client, before, limit),
            self._before,
            self.url,
        )

    @cached_property
    def api_keys(self) -> list[ApiKey]:
        """The keys of the client's programs, newest first."""
        return list(api_keys.of(self.client))

    @property
    def finished(self) -> bool:
        """Whether no order of the client's is under way, so that nothing here moves by itself."""
        return not self._open.exists()

    @property
    def figures(self) -> list[dict[str, Any]]:
        """The balance, what it allows, and how much there is to do."""
        balance, credit = self.client.wallet.balance or ZERO, self.client.credit_limit
        enough = {"amount": money_text(max(balance + credit, ZERO))}
        every = capped(count_up_to(Order.objects.filter(customer=self.client)))
        return [
            {
                "label": _("Balance"),
                "amount": balance,
                "tone": "red" if balance < 0 else "green",
                "note": _("Can order for %(amount)s, with the credit limit") % enough
                if credit
                else _("No credit limit"),
            },
            {
                "label": _("Open orders"),
                "value": capped(count_up_to(self._open)),
                "note": _("%(count)s in all") % {"count": every},
            },
        ]

    @property
    def _open(self) -> Any:
        return Order.objects.filter(customer=self.client, status__in=OPEN)

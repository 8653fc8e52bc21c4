"""Every action: what it takes, and an answer as clients get it."""

import json
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from panel.customer.api.calls import Call


@dataclass(frozen=True)
class Action:
    """One form of one action."""

    title: str | Promise
    about: str | Promise
    call: Call
    example: Any

    @property
    def short(self) -> str:
        """The action and what it takes: "status, orders"."""
        return ", ".join([self.call["action"], *(name for name in self.call if name != "action")])

    @property
    def answer(self) -> str:
        """The example as JSON, for people."""
        return json.dumps(self.example, indent=4)


ADD = Action(
    gettext_lazy("Place an order"),
    gettext_lazy("The answer is the number of the order."),
    {},
    {"order": 23501},
)

_WRONG_ORDER = {"error": "Incorrect order ID"}
_STANDING = {
    "charge": "0.27819",
    "start_count": "3572",
    "status": "Partial",
    "remains": "157",
    "currency": "USD",
}

SERVICE: dict[str, Any] = {
    "service": 1,
    "name": "Followers",
    "type": "Default",
    "category": "First category",
    "rate": "0.90",
    "min": "50",
    "max": "10000",
    "refill": True,
    "cancel": True,
}
"""What stands for a service while there is nothing to buy."""


def actions(service: dict[str, Any], currency: str) -> list[Action]:
    """All but `add`, which has examples for each type. `service` is one as it is listed."""
    standing = _STANDING | {"currency": currency}
    return [
        Action(
            _("Service list"),
            _("All that you can buy, at your own rates."),
            {"action": "services"},
            [service],
        ),
        Action(
            _("Order status"),
            _(
                "charge is what you paid, refunds taken off. "
                "remains and start_count are never empty."
            ),
            {"action": "status", "order": "23501"},
            standing,
        ),
        Action(
            _("Status of several orders"),
            _("Up to 100 numbers, separated by commas."),
            {"action": "status", "orders": "23501,23502"},
            {"23501": standing, "23502": _WRONG_ORDER},
        ),
        Action(
            _("Ask for a refill"),
            _("The answer is the number of the refill."),
            {"action": "refill", "order": "23501"},
            {"refill": "1"},
        ),
        Action(
            _("Ask for several refills"),
            _("Up to 100 numbers. What one is refused spoils no other."),
            {"action": "refill", "orders": "23501,23502"},
            [{"order": 23501, "refill": 1}, {"order": 23502, "refill": _WRONG_ORDER}],
        ),
        Action(
            _("Refill status"),
            _("Pending, In progress, Completed, Rejected, Canceled or Error."),
            {"action": "refill_status", "refill": "1"},
            {"status": "Completed"},
        ),
        Action(
            _("Status of several refills"),
            _("Up to 100 numbers."),
            {"action": "refill_status", "refills": "1,2"},
            [
                {"refill": 1, "status": "Completed"},
                {"refill": 2, "status": {"error": "Refill not found"}},
            ],
        ),
        Action(
            _("Ask to cancel"),
            _(
                "1 says that the request was taken; that the order stopped, its status says. An "
                "order that still waits is canceled and paid back at once."
            ),
            {"action": "cancel", "orders": "23501,23502"},
            [{"order": 23501, "cancel": 1}, {"order": 23502, "cancel": _WRONG_ORDER}],
        ),
        Action(
            _("Balance"),
            _("What is on your account."),
            {"action": "balance"},
            {"balance": "100.84292", "currency": currency},
        ),
    ]

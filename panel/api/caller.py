"""Whose program calls."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from orders import api_keys
from orders.models import ApiKey, Customer
from panel.api import limits
from panel.api.parsing import Parameters
from panel.api.refusals import Refusal
from panel.api_errors import INVALID_KEY, SUSPENDED
from panel.origins import address_of


@dataclass(frozen=True)
class Caller:
    """A customer's program, let in by a key."""

    key: ApiKey
    now: datetime

    @property
    def customer(self) -> Customer:
        return self.key.customer


def caller(request: HttpRequest, said: Parameters, now: datetime) -> Caller:
    """The caller, or a `Refusal`: too many calls, a wrong key, a sign-in that is switched off."""
    text, address = said.get("key", ""), address_of(request)
    limits.spend_call(text, address)
    key = api_keys.find(text)
    if key is None:
        limits.spend_wrong_key(address)
        raise Refusal(INVALID_KEY)
    if key.customer.user is not None and not key.customer.user.is_active:
        raise Refusal(SUSPENDED)
    api_keys.note_use(key, address, now=now)
    return Caller(key, now)

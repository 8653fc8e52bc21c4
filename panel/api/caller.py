"""Whose program calls."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from orders import api_keys, panel_settings
from orders.models import ApiKey, Customer, Panel
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
    panel: Panel

    @property
    def customer(self) -> Customer:
        """Asked for when it is needed; its number is at hand."""
        return self.key.customer

    @property
    def customer_id(self) -> int:
        return self.key.customer_id


def caller(request: HttpRequest, said: Parameters, now: datetime) -> Caller:
    """The caller, or a `Refusal`: too many calls, a wrong key, a sign-in that is switched off."""
    text, address = said.get("key", ""), address_of(request)
    limits.spend_call(text, address)
    key = api_keys.find(text)
    if key is None:
        limits.spend_wrong_key(address)
        raise Refusal(INVALID_KEY)
    if api_keys.is_suspended(key):
        raise Refusal(SUSPENDED)
    api_keys.note_use(key, address, now=now)
    return Caller(key, now, getattr(request, "panel", None) or panel_settings.current())

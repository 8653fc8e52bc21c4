"""The settings that people change."""

from decimal import Decimal
from typing import Any

import pytest

from orders import panel_settings
from orders.errors import FieldErrors
from orders.models import AuditEntry, Panel
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db


def test_settings_are_changed_with_an_entry_in_the_trail() -> None:
    panel_settings.change(by=None, now=NOW, reason="Calmer", rise_threshold=Decimal(40))

    assert panel_settings.current().rise_threshold == 40
    assert AuditEntry.objects.get().after == {"rise_threshold": "40"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("currency", "usd"),
        ("time_zone", "Atlantis/Center"),
        ("price_step", Decimal(0)),
        ("minimum_charge", Decimal(-1)),
        ("rise_threshold", Decimal(-1)),
    ],
)
def test_settings_that_make_no_sense_are_refused(name: str, value: Any) -> None:
    with pytest.raises(FieldErrors) as refusal:
        panel_settings.change(by=None, now=NOW, **{name: value})

    assert set(refusal.value.errors) == {name}


def test_the_currency_is_fixed_once_money_has_moved() -> None:
    panel_settings.change(by=None, now=NOW, currency="EUR")
    factories.customer(balance="1")

    with pytest.raises(FieldErrors):
        panel_settings.change(by=None, now=NOW, currency="USD")

    assert Panel.objects.get().currency == "EUR"

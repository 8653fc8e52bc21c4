"""Thresholds and channels: what is taken, what is refused, what stays on record."""

from decimal import Decimal

import pytest

from orders import alerts, providers, sealing
from orders.errors import FieldErrors, NotAllowed
from orders.models import AlertSettings, AuditEntry
from tests.support import factories

pytestmark = pytest.mark.django_db

NOW = factories.NOW
URL = "https://hooks.example/services/planted-hook-secret"


def test_there_are_good_values_before_anybody_has_set_any() -> None:
    row = alerts.current()
    assert (row.low_hours, row.unconfirmed_minutes, row.silent_minutes) == (24, 30, 5)
    assert (row.till_limit, row.emails_on, row.webhook_sealed) == (Decimal(1000), True, "")
    assert AlertSettings.objects.count() == 0


def test_a_change_is_kept_and_on_record() -> None:
    by = factories.admin().user
    alerts.change(by=by, now=NOW, low_hours=6, till_limit=None)
    row = alerts.current()
    assert (row.low_hours, row.till_limit) == (6, None)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.person, entry.before["low_hours"]) == ("alerts.changed", by, 24)


def test_only_admins_change_anything() -> None:
    by = factories.staff(sees_cost=True, sees_all_customers=True).user
    for act in (
        lambda: alerts.change(by=by, now=NOW, low_hours=1),
        lambda: alerts.set_webhook(URL, "slack", by=by, now=NOW),
        lambda: alerts.forget_webhook(by=by, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert AlertSettings.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("silent_minutes", 1),
        ("silent_minutes", None),
        ("low_hours", 0),
        ("unconfirmed_minutes", -1),
        ("waiting_minutes", 10**9),
        ("till_limit", Decimal(0)),
        ("unexplained_amount", Decimal(-1)),
        ("addresses", "nobody"),
        ("addresses", " ".join(f"a{number}@example.com" for number in range(21))),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(name: str, value: object) -> None:
    with pytest.raises(FieldErrors) as refused:
        alerts.change(by=None, now=NOW, **{name: value})
    assert list(refused.value.errors) == [name]


def test_addresses_are_parted_by_whatever_people_type() -> None:
    alerts.change(by=None, now=NOW, addresses=" a@example.com,b@example.com;\r\n a@example.com ")
    assert alerts.current().addresses == "a@example.com\nb@example.com"


def test_the_webhooks_address_is_sealed_and_stays_out_of_the_trail() -> None:
    alerts.set_webhook(URL, "slack", by=None, now=NOW)
    row = alerts.current()
    assert row.webhook_host == "hooks.example"
    assert sealing.unseal(row.webhook_sealed) == URL
    assert "planted-hook-secret" not in str([vars(entry) for entry in AuditEntry.objects.all()])


def test_another_address_at_the_same_host_is_on_record_too() -> None:
    alerts.set_webhook(URL, "slack", by=None, now=NOW)
    alerts.set_webhook(URL + "2", "slack", by=None, now=NOW)
    assert sealing.unseal(alerts.current().webhook_sealed) == URL + "2"
    assert AuditEntry.objects.filter(action="alerts.webhook_set").count() == 2


def test_an_empty_address_keeps_the_one_that_is_there() -> None:
    alerts.set_webhook(URL, "slack", by=None, now=NOW)
    alerts.set_webhook("", "json", by=None, now=NOW)
    row = alerts.current()
    assert (row.webhook_shape, sealing.unseal(row.webhook_sealed)) == ("json", URL)


@pytest.mark.parametrize(
    ("url", "shape", "chat", "field"),
    [
        ("", "slack", "", "url"),
        ("nonsense", "slack", "", "url"),
        (URL, "smoke", "", "shape"),
        (URL, "telegram", "", "telegram_chat"),
        (URL, "telegram", "a chat", "telegram_chat"),
    ],
)
def test_a_webhook_that_cannot_work_is_refused(url: str, shape: str, chat: str, field: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        alerts.set_webhook(url, shape, chat, by=None, now=NOW)
    assert list(refused.value.errors) == [field]
    assert "planted-hook-secret" not in str(refused.value)


@pytest.mark.parametrize("chat", ["-1001234567890", "42", "@my_channel"])
def test_a_chat_of_telegram(chat: str) -> None:
    assert alerts.set_webhook(URL, "telegram", chat, by=None, now=NOW).telegram_chat == chat


def test_a_webhook_that_is_forgotten_is_gone() -> None:
    alerts.set_webhook(URL, "slack", by=None, now=NOW)
    row = alerts.forget_webhook(by=None, now=NOW)
    assert (row.webhook_sealed, row.webhook_host) == ("", "")


def test_a_provider_is_given_an_amount_to_be_told_under() -> None:
    provider = factories.provider()
    providers.change(provider, by=None, now=NOW, low_balance=Decimal("50"))
    provider.refresh_from_db()
    assert provider.low_balance == Decimal("50")
    with pytest.raises(FieldErrors) as refused:
        providers.change(provider, by=None, now=NOW, low_balance=Decimal(0))
    assert list(refused.value.errors) == ["low_balance"]
    providers.change(provider, by=None, now=NOW, low_balance=None)
    provider.refresh_from_db()
    assert provider.low_balance is None

"""Everything that is sealed is sealed anew, a page at a time, whatever happens meanwhile."""

from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.management import CommandError, call_command

from orders import alerts, resealing, sealing, topups, tracking
from orders.enums import PaymentKind
from orders.models import PaymentMethod, Provider, TrackingAddress
from tests.support import factories

pytestmark = pytest.mark.django_db

NOW = factories.NOW
URL = "https://hooks.example.com/T1/secret"


@pytest.fixture
def mira() -> Any:
    return factories.staff("Mira Kovač")


def seal_one_of_each(mira: Any) -> str:
    """One secret of each kind; returns the tracking address's key."""
    order = factories.order(factories.customer(manager=mira))
    alerts.set_webhook(URL, "slack", by=None, now=NOW)
    topups.add_method(
        kind=PaymentKind.CHECKOUT, by=None, now=NOW, name="Card", key="sk_1", secret="whsec_1"
    )
    TOTP.activate(mira.user, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(mira.user)
    return tracking.key_of(tracking.make(order, by=mira.user, now=NOW))


def with_new_key(settings: Any) -> list[str]:
    """Put a new key in front; returns the keys as they were."""
    old = list(settings.FIELD_KEYS)
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *old]
    return old


def test_every_sealed_column_is_listed() -> None:
    sealed = {
        (model, field.name)
        for model in apps.get_app_config("orders").get_models()
        for field in model._meta.get_fields()
        if field.name.endswith("_sealed")
    }
    assert sealed <= set(resealing.COLUMNS.values())


def test_after_it_nothing_needs_the_old_key(mira: Any, settings: Any) -> None:
    key = seal_one_of_each(mira)
    codes = RecoveryCodes.activate(mira.user).get_unused_codes()
    with_new_key(settings)
    done = resealing.reseal_all()
    assert {name: each.count for name, each in done.items()} == {
        "provider keys": 1,
        "tracking addresses": 1,
        "webhooks": 1,
        "payment keys": 1,
        "payment signing secrets": 1,
        "second factors": 2,
    }
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert sealing.unseal(Provider.objects.get().key_sealed) == factories.KEY
    assert tracking.key_of(TrackingAddress.objects.get()) == key
    assert sealing.unseal(alerts.current().webhook_sealed) == URL
    method = PaymentMethod.objects.get()
    assert sealing.unseal(method.key_sealed) == "sk_1"
    assert sealing.unseal(method.secret_sealed) == "whsec_1"
    mira.user.refresh_from_db()
    kept = {row.type: row.wrap() for row in mira.user.authenticator_set.all()}
    assert kept["recovery_codes"].get_unused_codes() == codes


def test_pages_follow_each_other_and_empty_ones_are_left(
    mira: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing, "AT_ONCE", 2)
    customer = factories.customer(manager=mira)
    orders = [factories.order(customer) for _ in range(5)]
    keys = [tracking.key_of(tracking.make(each, by=mira.user, now=NOW)) for each in orders]
    tracking.revoke(orders[1], by=mira.user, now=NOW)
    with_new_key(settings)
    assert resealing.reseal_all()["tracking addresses"] == sealing.Resealed(4)
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    rows = {row.order_id: row for row in TrackingAddress.objects.all()}
    assert rows.pop(orders[1].pk).key_sealed == ""
    kept = {each.pk: key for each, key in zip(orders, keys, strict=True) if each.pk in rows}
    assert {pk: tracking.key_of(row) for pk, row in rows.items()} == kept


def test_what_is_changed_meanwhile_stays_as_it_was_changed(
    mira: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_one_of_each(mira)
    reseal = sealing.reseal

    def revoked_meanwhile(text: str) -> str:
        TrackingAddress.objects.update(key_sealed="", revoked_at=NOW)
        return reseal(text)

    monkeypatch.setattr(sealing, "reseal", revoked_meanwhile)
    assert resealing.reseal(TrackingAddress, "key_sealed") == sealing.Resealed(0)
    assert TrackingAddress.objects.get().key_sealed == ""


def test_the_command_fails_for_what_it_cannot_open(
    mira: Any, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    seal_one_of_each(mira)
    old = with_new_key(settings)
    call_command("rotate_keys")
    assert capsys.readouterr().out.startswith("1 provider keys, 1 tracking addresses")
    settings.FIELD_KEYS = old
    with pytest.raises(CommandError, match="No known key opens 1 of the provider keys"):
        call_command("rotate_keys")


def test_an_address_that_cannot_be_copied_is_no_failure(
    mira: Any, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    seal_one_of_each(mira)
    TrackingAddress.objects.update(key_sealed="gAAAAA-sealed-by-nobody")
    call_command("rotate_keys")
    assert "1 tracking addresses cannot be copied any more" in capsys.readouterr().out


def test_one_that_is_ended_half_way_leaves_all_readable_and_is_run_again(
    mira: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Web and workers go on meanwhile, with both keys; afterwards the old one is not needed."""
    monkeypatch.setattr(resealing, "AT_ONCE", 2)
    customer = factories.customer(manager=mira)
    orders = [factories.order(customer) for _ in range(5)]
    keys = {each.pk: tracking.key_of(tracking.make(each, by=mira.user, now=NOW)) for each in orders}
    old = with_new_key(settings)
    done, reseal = list[str](), sealing.reseal

    def ended(text: str) -> str:
        if len(done) == 8:  # behind the keys of five providers
            raise KeyboardInterrupt
        done.append(text)
        return reseal(text)

    def readable() -> dict[int, str]:
        return {row.order_id: tracking.key_of(row) for row in TrackingAddress.objects.all()}

    monkeypatch.setattr(sealing, "reseal", ended)
    with pytest.raises(KeyboardInterrupt):
        resealing.reseal_all()
    assert readable() == keys
    for provider in Provider.objects.all():
        assert sealing.unseal(provider.key_sealed) == factories.KEY
    monkeypatch.setattr(sealing, "reseal", reseal)
    both = settings.FIELD_KEYS
    settings.FIELD_KEYS = old
    with pytest.raises(sealing.Unsealable):
        readable()  # some are under the new key already
    settings.FIELD_KEYS = both
    assert resealing.reseal_all()["tracking addresses"] == sealing.Resealed(5)
    settings.FIELD_KEYS = both[:1]
    assert readable() == keys

"""Providers: adding and changing them, and all that is done with one (the front door)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import addresses, auditing, catalog, provider_profile, rules, sealing, sql
from orders.balances import read_balances
from orders.connections import Trial, account_with, ask, client_for, opens, test
from orders.editing import check, edit
from orders.enums import ProviderHold
from orders.errors import Declined, FieldErrors, NotAllowed
from orders.models import Provider, ProviderState, User
from orders.money import ZERO
from orders.panel_settings import current, is_currency
from orders.persons import person_of

__all__ = [
    "Trial",
    "TrialFailed",
    "add_provider",
    "change",
    "change_key",
    "client_for",
    "opens",
    "read_balances",
    "test",
    "try_out",
]

EDITABLE = frozenset(
    {
        "name",
        "url",
        "exchange_rate",
        "factor",
        "batch_size",
        "requests_per_second",
        "requests_at_once",
        "connect_timeout",
        "read_timeout",
        "total_timeout",
        "drip_limit",
        "idempotency_field",
        "extra_parameters",
        "new_offers_hidden",
        "rise_threshold",
        "shrink_threshold",
        "low_balance",
        "has_refill",
        "has_cancel",
    }
)
TAKEN = gettext_lazy("There is a provider of this name already.")


class TrialFailed(Declined):
    """The provider was not added or changed: the call with the new details did not succeed."""

    def __init__(self, trial: Trial):
        self.trial = trial
        super().__init__(trial.words)


def add_provider(
    *,
    name: str,
    url: str,
    key: str,
    by: User | None,
    now: datetime,
    currency: str = "",
    exchange_rate: Decimal | None = None,
    factor: Decimal = Decimal(1),
    tested: bool = True,
    **profile: Any,
) -> Provider:
    """Add a provider, after a call with its key that also learns its currency.

    With the first one come the panel's markup and floor, unless somebody has set them. Not
    `tested`: no call is made and the currency, if not given, is taken to be the panel's. Raises
    `FieldErrors` or `TrialFailed`.
    """
    provider = Provider(
        name=name.strip(), url=url.strip(), factor=factor, created_at=now, **profile
    )
    key = key.strip()
    _check_name(provider.name)
    _check_address(provider.url, key)
    provider_profile.check(profile, provider)
    trial = ask(account_with(provider, key)) if tested else Trial(True, _("Not tested."))
    if not trial.ok:
        raise TrialFailed(trial)
    provider.currency, provider.exchange_rate = _currency(currency, exchange_rate, trial)
    _set_key(provider, key)
    try:
        with sql.short_transaction():
            _check_terms(provider.exchange_rate, provider.factor)
            check(provider)
            provider.save(force_insert=True)
            ProviderState.objects.create(provider=provider, **_balance(trial, now))
            auditing.record(by, "provider.added", provider, {}, _summary(provider), at=now)
            rules.set_defaults(by=by, now=now)
    except IntegrityError as error:
        raise FieldErrors({"name": str(TAKEN)}) from error
    return provider


def try_out(url: str, key: str) -> Trial:
    """Ask a provider that is not stored for its balance. Raises `FieldErrors`."""
    provider, key = Provider(url=url.strip()), key.strip()
    _check_address(provider.url, key)
    return ask(account_with(provider, key))


def change(
    provider: Provider, *, by: User | None, now: datetime, reason: str = "", **values: Any
) -> int:
    """Change name, address, money terms or profile; returns how many services that paused.

    A change of exchange rate or factor that lifts a cost over the threshold for rises, or a lower
    threshold, pauses what is bought there, exactly as a rise of the provider's rate does. Raises
    `FieldErrors`.
    """
    unknown = values.keys() - EDITABLE
    if unknown:
        raise TypeError(f"not to be changed so: {sorted(unknown)}")
    with sql.short_transaction():
        row = Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)
        if "url" in values:
            _check_address(values["url"], key="unchanged")
        _check_terms(
            values.get("exchange_rate", row.exchange_rate), values.get("factor", row.factor)
        )
        _check_low_balance(values.get("low_balance"))
        _check_policy(values)
        provider_profile.check(values, row)
        changed = edit(
            row,
            values,
            action="provider.changed",
            by=by,
            now=now,
            reason=reason,
            secret={"extra_parameters": provider_profile.told},
        )
        if changed & provider_profile.CALLS:
            _account_changed(row)
        paused = 0
        if changed & {"exchange_rate", "factor", "rise_threshold"}:
            paused = catalog.reassess(row, current().rise_threshold, now=now).paused
    provider.refresh_from_db()
    return paused


def change_key(
    provider: Provider,
    key: str,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    tested: bool = True,
) -> None:
    """Replace the key, after a call with the new one; a hold for the old key is probed at once.

    For the owner and operator commands. Raises `NotAllowed`, `FieldErrors`, `TrialFailed`.
    """
    if by is not None and not person_of(by).is_owner:
        raise NotAllowed(_("Only the owner changes keys."))
    key = key.strip()
    _check_address(provider.url, key)
    if tested and not (trial := ask(account_with(provider, key))).ok:
        raise TrialFailed(trial)
    with sql.short_transaction():
        row = Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)
        before = {"key_last4": row.key_last4}
        _set_key(row, key)
        row.save(update_fields=["key_sealed", "key_last4"])
        _account_changed(row)
        after = {"key_last4": row.key_last4}
        auditing.record(by, "provider.key_changed", row, before, after, reason, at=now)
        ProviderState.objects.filter(provider=row, hold=ProviderHold.KEY).update(probe_after=now)
    provider.refresh_from_db()


def _account_changed(row: Provider) -> None:
    """What was sent before this may not have been sent to the account that now answers."""
    row.account_version += 1
    row.save(update_fields=["account_version"])


def _check_name(name: str) -> None:
    if not name:
        raise FieldErrors({"name": _("What shall it be called?")})
    if Provider.objects.filter(name=name).exists():
        raise FieldErrors({"name": str(TAKEN)})


def _set_key(provider: Provider, key: str) -> None:
    provider.key_sealed = sealing.seal(key)
    # Of a short key the last four would be too much of it.
    provider.key_last4 = key[-4:] if len(key) >= 12 else ""


def _check_address(url: str, key: str) -> None:
    errors = {}
    if wrong := why_not_address(url):
        errors["url"] = wrong
    if not key:
        errors["key"] = _("The provider's API key is needed; it stands on its API page.")
    elif not key.isprintable() or " " in key:
        errors["key"] = _("This is not a key: it holds blanks or line breaks.")
    if errors:
        raise FieldErrors(errors)


def why_not_address(url: str) -> str:
    """Why this cannot be a provider's address; "" when it can."""
    if wrong := addresses.why_not_address(url, "https://provider.example/api/v2"):
        return wrong
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in addresses.LOOPBACK:
        return _("Use https: over http the key would travel readable for everybody on the way.")
    if not settings.PRIVATE_PROVIDERS and addresses.leads_inside(url):
        return _("This address is inside your own network. Only PRIVATE_PROVIDERS=1 allows that.")
    return ""


def _check_terms(exchange_rate: Any, factor: Any) -> None:
    errors = {
        name: _("A number above zero.")
        for name, value in (("exchange_rate", exchange_rate), ("factor", factor))
        if not isinstance(value, Decimal) or not value.is_finite() or value <= ZERO
    }
    if errors:
        raise FieldErrors(errors)


def _check_low_balance(amount: Decimal | None) -> None:
    if amount is not None and amount <= ZERO:
        raise FieldErrors({"low_balance": _("An amount above zero, or nothing.")})


def _check_policy(values: Mapping[str, Any]) -> None:
    errors = {
        name: _("Zero or more, in per cent; empty for the panel's.")
        for name in ("rise_threshold", "shrink_threshold")
        if (values.get(name) or ZERO) < ZERO
    }
    if errors:
        raise FieldErrors(errors)


def _currency(typed: str, exchange_rate: Decimal | None, trial: Trial) -> tuple[str, Decimal]:
    """The currency and what one of it is worth to us; never guessed across currencies."""
    panel = current()
    code = typed.strip().upper() or trial.currency or panel.currency
    if not is_currency(code):
        raise FieldErrors({"currency": _("Three letters, such as USD.")})
    if trial.currency and trial.currency != code:
        words = _("The provider says that its account is kept in %(currency)s.") % {
            "currency": trial.currency
        }
        raise FieldErrors({"currency": words})
    if exchange_rate is None and code != panel.currency:
        words = _("The provider counts in %(code)s: say how much %(currency)s one %(code)s is.") % {
            "code": code,
            "currency": panel.currency,
        }
        raise FieldErrors({"exchange_rate": words})
    return code, Decimal(1) if exchange_rate is None else exchange_rate


def _balance(trial: Trial, now: datetime) -> dict[str, Any]:
    return {} if trial.balance is None else {"balance": trial.balance, "balance_at": now}


def _summary(provider: Provider) -> Mapping[str, Any]:
    return {
        "name": provider.name,
        "url": provider.url,
        "key_last4": provider.key_last4,
        "currency": provider.currency,
        "exchange_rate": provider.exchange_rate,
        "factor": provider.factor,
    }

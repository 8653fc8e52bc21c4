"""Adding, changing and testing providers."""

import logging
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from orders import panel_settings, providers, sealing
from orders.connections import words_for
from orders.enums import MarkupKind, PriceLevel, ProviderHold, RefusalFamily
from orders.errors import FieldErrors, NotAllowed
from orders.models import (
    AuditEntry,
    Bound,
    MarkupRule,
    Provider,
    ProviderState,
)
from orders.upstream.errors import ReadFailed, Unreadable
from tests.support import factories
from tests.support.factories import NOW
from tests.support.simulator import RunningSimulator

pytestmark = pytest.mark.django_db

KEY = "planted-upstream-key-7f2c"


@pytest.fixture
def upstream() -> Any:
    with RunningSimulator(
        key=KEY, services=5, balance=Decimal("1182.44061"), currency="USD"
    ) as running:
        yield running


def add(upstream: RunningSimulator, **fields: Any) -> Provider:
    values = {"name": "Bulkhaus", "url": upstream.url, "key": KEY, "by": None, "now": NOW}
    return providers.add_provider(**values | fields)


# ── Adding ───────────────────────────────────────────────────────────────────────────────────


def test_a_provider_is_added_after_a_call_that_learns_its_currency(
    upstream: RunningSimulator,
) -> None:
    provider = add(upstream, name=" Bulkhaus ", new_offers_hidden=True)

    assert (provider.name, provider.currency, provider.new_offers_hidden) == (
        "Bulkhaus",
        "USD",
        True,
    )
    assert (provider.state.balance, provider.state.balance_at) == (Decimal("1182.44061"), NOW)
    assert upstream.counts() == {"balance": 1}


def test_the_key_is_sealed_and_shown_as_its_last_four_only(
    upstream: RunningSimulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    provider = add(upstream)
    providers.test(provider)

    assert provider.key_last4 == "7f2c"
    assert KEY not in provider.key_sealed
    assert sealing.unseal(provider.key_sealed) == KEY
    with providers.client_for(provider) as client:
        assert KEY not in repr(client)
        assert client.account.key == KEY
    assert KEY not in caplog.text
    assert KEY not in str(list(AuditEntry.objects.values_list("before", "after", "reason")))


def test_of_a_short_key_nothing_is_shown() -> None:
    provider = add_untested(key="abc123")

    assert provider.key_last4 == ""


def add_untested(**fields: Any) -> Provider:
    values = {"name": "Far", "url": "https://far.example/api/v2", "key": KEY}
    return providers.add_provider(**{**values, "by": None, "now": NOW, "tested": False, **fields})


def test_without_a_call_the_currency_is_taken_to_be_the_panels() -> None:
    provider = add_untested()

    assert provider.currency == panel_settings.current().currency
    assert provider.state.balance is None


def test_a_refused_key_adds_nothing_and_says_what_to_do(upstream: RunningSimulator) -> None:
    with pytest.raises(providers.TrialFailed) as refusal:
        add(upstream, key="a-wrong-key-of-theirs")

    assert str(refusal.value) == "The provider refused the key. Copy it again from its API page."
    assert refusal.value.trial.family == RefusalFamily.KEY
    assert not Provider.objects.exists()
    assert not MarkupRule.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "http://provider.example/api/v2",
        "http://10.0.0.1/api/v2",
        "http://localhost.example.com/api/v2",
        "provider.example/api/v2",
        "ftp://provider.example/",
        "https://",
        "https://name:password@provider.example/api/v2",
        "https://provider.example/api/v2#top",
        "https://provider.example:99999/api",
        "",
    ],
)
def test_an_address_must_be_https_unless_it_is_this_machine(url: str) -> None:
    with pytest.raises(FieldErrors) as refusal:
        add_untested(url=url)

    assert set(refusal.value.errors) == {"url"}
    assert not Provider.objects.exists()


@pytest.mark.parametrize("host", ["127.0.0.1:8001", "localhost", "[::1]:9"])
def test_this_machine_may_be_spoken_to_over_http(host: str) -> None:
    assert add_untested(url=f"http://{host}/api/v2").pk


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8001/api/v2",
        "https://localhost/api/v2",
        "https://10.0.0.7/api/v2",
        "https://[::ffff:10.0.0.7]/api/v2",
        "https://169.254.169.254/latest/meta-data",
    ],
)
def test_in_production_no_provider_is_inside_unless_the_operator_says_so(
    url: str, settings: Any
) -> None:
    settings.PRIVATE_PROVIDERS = False
    with pytest.raises(FieldErrors) as refusal:
        add_untested(url=url)
    assert "PRIVATE_PROVIDERS" in str(refusal.value.errors["url"])

    settings.PRIVATE_PROVIDERS = True
    assert add_untested(url=url).pk


def test_a_providers_name_that_came_to_lead_inside_is_told_so(
    upstream: RunningSimulator, settings: Any
) -> None:
    provider = factories.provider(url=upstream.url)
    settings.PRIVATE_PROVIDERS = False
    trial = providers.test(provider)
    assert not trial.ok
    assert "inside your own network" in trial.words


def test_the_same_name_is_refused_before_any_call(upstream: RunningSimulator) -> None:
    add(upstream)

    with pytest.raises(FieldErrors) as refusal:
        add(upstream)

    assert refusal.value.errors == {"name": "There is a provider of this name already."}
    assert upstream.counts() == {"balance": 1}


def test_another_currency_asks_for_an_exchange_rate_and_never_guesses() -> None:
    with RunningSimulator(key=KEY, services=5, currency="EUR") as upstream:
        with pytest.raises(FieldErrors) as refusal:
            add(upstream)
        provider = add(upstream, exchange_rate=Decimal("1.0850"))
        with pytest.raises(FieldErrors) as contradiction:
            add(upstream, name="Other", currency="USD")

    assert refusal.value.errors == {
        "exchange_rate": "The provider counts in EUR: say how much USD one EUR is."
    }
    assert (provider.currency, provider.exchange_rate) == ("EUR", Decimal("1.0850"))
    assert set(contradiction.value.errors) == {"currency"}


@pytest.mark.parametrize("field", ["exchange_rate", "factor"])
@pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity"])
def test_money_terms_must_be_above_zero(field: str, value: str) -> None:
    with pytest.raises(FieldErrors) as refusal:
        add_untested(**{field: Decimal(value)})

    assert set(refusal.value.errors) == {field}


def test_the_first_provider_brings_the_panels_markup_and_floor() -> None:
    add_untested()

    rule, bound = MarkupRule.objects.get(), Bound.objects.get()
    assert (rule.level, rule.kind, rule.value) == (PriceLevel.PANEL, MarkupKind.PERCENT, 30)
    assert (bound.level, bound.floor_percent, bound.ceiling_percent) == (PriceLevel.PANEL, 5, None)

    add_untested(name="Second")
    assert MarkupRule.objects.count() == Bound.objects.count() == 1


# ── Changing ─────────────────────────────────────────────────────────────────────────────────


def test_a_change_is_written_into_the_trail_with_both_values() -> None:
    person, provider = factories.user(), factories.provider()

    providers.change(provider, by=person, now=NOW, reason="Slow", batch_size=50, total_timeout=30)

    assert provider.batch_size == 50
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject) == ("provider.changed", f"provider:{provider.pk}")
    assert (entry.before, entry.after) == ({"batch_size": 100}, {"batch_size": 50})
    assert (entry.person, entry.reason) == (person, "Slow")


def test_what_a_provider_cannot_have_is_refused() -> None:
    provider = factories.provider()

    with pytest.raises(FieldErrors):
        providers.change(provider, by=None, now=NOW, batch_size=0)
    with pytest.raises(FieldErrors):
        providers.change(provider, by=None, now=NOW, url="http://far.example/")
    with pytest.raises(TypeError):
        providers.change(provider, by=None, now=NOW, key_sealed="x")

    assert not AuditEntry.objects.exists()


def test_only_the_owner_changes_a_key(upstream: RunningSimulator) -> None:
    provider = factories.provider(url=upstream.url)
    ProviderState.objects.update(hold=ProviderHold.KEY, probe_after=NOW + timedelta(hours=1))

    for member in (factories.staff(), factories.admin()):
        with pytest.raises(NotAllowed):
            providers.change_key(provider, KEY, by=member.user, now=NOW)
    owner = factories.owner()
    with pytest.raises(providers.TrialFailed):
        providers.change_key(provider, "a-wrong-key-of-theirs", by=owner.user, now=NOW)
    assert sealing.unseal(provider.key_sealed) == factories.KEY

    providers.change_key(provider, KEY, by=owner.user, now=NOW)

    assert sealing.unseal(provider.key_sealed) == KEY
    entry = AuditEntry.objects.get()
    assert (entry.before, entry.after) == ({"key_last4": "7f3a"}, {"key_last4": "7f2c"})
    assert ProviderState.objects.get().probe_after == NOW


# ── Testing ──────────────────────────────────────────────────────────────────────────────────


def test_a_trial_that_works_says_what_is_left(upstream: RunningSimulator) -> None:
    trial = providers.test(factories.provider(url=upstream.url, key=KEY))

    assert (trial.ok, trial.balance, trial.currency) == (True, Decimal("1182.44061"), "USD")
    assert trial.words == "Balance 1182.44061 USD."


def test_a_trial_where_nobody_listens_says_so() -> None:
    trial = providers.test(factories.provider(url="http://127.0.0.1:9/api/v2"))

    assert not trial.ok
    assert trial.words == "127.0.0.1 cannot be reached. Check the address, or try again later."


def test_a_trial_with_a_key_that_cannot_be_opened_says_so() -> None:
    provider = factories.provider()
    provider.key_sealed = "not sealed by any key of ours"

    trial = providers.test(provider)

    assert not trial.ok
    assert "FIELD_KEYS" in trial.words


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ReadFailed("dns"), "There is no host named far.example. Check the address."),
        (ReadFailed("tls"), "far.example has no valid certificate; the key was not sent."),
        (ReadFailed("timeout"), "far.example did not answer in time. Try again later."),
        (ReadFailed("reset"), "far.example is in trouble at the moment. Try again later."),
        (
            ReadFailed("error", family=RefusalFamily.SUSPENDED, text="x"),
            "The provider says that the account is suspended or its API is switched off. "
            "Ask there.",
        ),
        (
            ReadFailed("error", family=RefusalFamily.RATE_LIMIT, text="x"),
            "The provider asks to slow down. Try again in a minute.",
        ),
        (ReadFailed("error", text="Maintenance"), "The provider answered: “Maintenance”."),
        (
            Unreadable("redirect"),
            "The address leads elsewhere. Write the one that the provider's API page names.",
        ),
        (
            Unreadable("html"),
            "far.example answered with a web page, not its API. Check the address; it usually ends "
            "in /api/v2. If it is right, they are in trouble: try again later.",
        ),
        (
            Unreadable("empty"),
            "What far.example answered is not this API. Check the address; "
            "it usually ends in /api/v2.",
        ),
    ],
)
def test_each_failure_has_words_that_say_what_to_do(error: ReadFailed, words: str) -> None:
    assert words_for(error, "https://far.example/api/v2") == words

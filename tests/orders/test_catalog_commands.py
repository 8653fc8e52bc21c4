"""The operator's way to providers, catalogs and the panel's markup."""

import json
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from orders.models import MarkupRule, Offer, Provider, Service
from tests.support.simulator import RunningSimulator

pytestmark = pytest.mark.django_db

KEY = "planted-upstream-key-7f2c"


@pytest.fixture
def upstream() -> Iterator[RunningSimulator]:
    with RunningSimulator(key=KEY, services=40, balance=Decimal(100)) as running:
        yield running


def said(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_from_nothing_to_a_catalog_on_sale(upstream: RunningSimulator) -> None:
    line = said("add_provider", "Bulkhaus", "--url", upstream.url, "--key", KEY)
    number = Provider.objects.get().pk
    assert line == f"Provider {number} Bulkhaus: balance 100 USD, key ending 7f2c\n"

    assert said("sync_catalog") == "Bulkhaus: 40 new\n"
    assert Service.objects.count() == Offer.objects.count() == 40

    assert said("set_markup", "28.5") == "Panel markup 28.5 %\n"
    assert MarkupRule.objects.get(ended_at=None).value == Decimal("28.5")


def test_programs_get_one_object(upstream: RunningSimulator) -> None:
    added = json.loads(
        said("add_provider", "Bulkhaus", "--url", upstream.url, "--key", KEY, "--json")
    )
    synced = json.loads(said("sync_catalog", "--provider", "Bulkhaus", "--json"))
    marked = json.loads(said("set_markup", "28", "--json"))

    assert (added["currency"], added["key_last4"]) == ("USD", "7f2c")
    assert KEY not in str(added)
    assert [(run["provider"], run["outcome"], run["new"]) for run in synced["runs"]] == [
        ("Bulkhaus", "changed", 40)
    ]
    assert Decimal(marked["markup_percent"]) == 28


def test_the_key_may_come_from_the_environment(
    upstream: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BULKHAUS_KEY", KEY)
    words = ["add_provider", "Bulkhaus", "--url", upstream.url, "--key-env"]
    with pytest.raises(CommandError, match="this variable is not set"):
        said(*words, "NO_SUCH_KEY")

    said(*words, "BULKHAUS_KEY", "--hide-new")
    said("sync_catalog")

    assert not Service.objects.filter(is_visible=True).exists()


def test_a_refused_key_is_one_line_and_a_failure(upstream: RunningSimulator) -> None:
    with pytest.raises(CommandError) as failure:
        said("add_provider", "Bulkhaus", "--url", upstream.url, "--key", "wrong-key-of-theirs")

    assert "refused the key" in str(failure.value)
    assert "\n" not in str(failure.value)


def test_without_a_test_nobody_is_called(upstream: RunningSimulator) -> None:
    words = ["--url", upstream.url, "--key", KEY, "--currency", "EUR", "--exchange-rate", "1.08"]

    said("add_provider", "Bulkhaus", *words, "--no-test")

    assert upstream.counts() == {}
    assert (Provider.objects.get().currency, Provider.objects.get().exchange_rate) == (
        "EUR",
        Decimal("1.08"),
    )


def test_a_catalog_that_cannot_be_read_is_a_failure(upstream: RunningSimulator) -> None:
    with pytest.raises(CommandError, match="no provider yet"):
        said("sync_catalog")
    said("add_provider", "Bulkhaus", "--url", upstream.url, "--key", KEY)
    with pytest.raises(CommandError, match="no provider named Peakpanel"):
        said("sync_catalog", "--provider", "Peakpanel")
    upstream.faults(empty_catalog=1)

    with pytest.raises(CommandError, match="Bulkhaus: The catalog came empty"):
        said("sync_catalog")


def test_a_markup_below_the_floor_says_that_the_floor_acts(upstream: RunningSimulator) -> None:
    said("add_provider", "Bulkhaus", "--url", upstream.url, "--key", KEY)

    line = said("set_markup", "3%")

    assert line == "Panel markup 3 %; the floor of 5 % is higher and acts\n"
    for wrong in ("much", "-1", "NaN"):
        with pytest.raises(CommandError):
            said("set_markup", "--", wrong)


@pytest.mark.parametrize(
    ("fault", "share"), [("price_rise", 1), ("vanished_services", 0.1), ("vanished_services", 0.5)]
)
def test_what_the_simulator_does_to_a_catalog_is_caught(
    upstream: RunningSimulator, fault: str, share: float
) -> None:
    said("add_provider", "Bulkhaus", "--url", upstream.url, "--key", KEY)
    said("sync_catalog")
    upstream.faults(**{fault: share})

    line = said("sync_catalog")

    paused = Service.objects.exclude(pause="").count()
    held = "wait for a decision" in line or "waits for a decision" in line
    assert paused or held

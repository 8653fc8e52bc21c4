"""A provider's health and balances, and the panel's own switches."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders.enums import OrderStatus
from orders.models import BalanceReading, Panel, Provider, ProviderState, Sweep
from panel.staff.providers import balance_chart, provider_page, provider_state
from tests.support import factories as make

pytestmark = pytest.mark.django_db
NOW = timezone.now


@pytest.fixture
def ada(client: Client) -> Client:
    client.force_login(make.admin().user)
    return client


@pytest.fixture
def provider() -> Provider:
    return make.provider("Bulkhaus")


def with_state(provider: Provider, **state: object) -> Provider:
    ProviderState.objects.filter(provider=provider).update(**state)
    return Provider.objects.select_related("state", "stopped_by").get(pk=provider.pk)


class TestHealth:
    def facts(self, provider: Provider, **state: object) -> dict[str, str]:
        return dict(provider_state.health(with_state(provider, **state), NOW()).facts)

    def test_a_good_one_has_nothing_to_tell(self, provider: Provider) -> None:
        assert self.facts(provider) == {"Failed calls": "none"}

    def test_failures_rest_and_slowness_are_said(self, provider: Provider) -> None:
        later = NOW() + timedelta(minutes=5)
        facts = self.facts(
            provider,
            failures=4,
            last_failure="No connection.",
            last_failure_at=NOW(),
            rested_until=later,
            slowed_until=later,
            unknown_streak=2,
        )
        assert facts["Failed calls"] == "4 in a row; rests after 3"
        assert facts["Last failure"].startswith("No connection. just now")
        assert facts["Lost answers in a row"] == "2"
        assert ":" in facts["Resting until"] and ":" in facts["Slowed down until"]

    def test_the_latest_sweep_and_its_round_are_told(self, provider: Provider) -> None:
        minute = NOW() - timedelta(minutes=1)
        Sweep.objects.create(
            provider=provider,
            last_asked=1200,
            last_changed=3,
            last_at=minute,
            started={"1": (minute - timedelta(minutes=1)).isoformat()},
            rounds={"1": minute.isoformat()},
        )
        facts = self.facts(provider)
        assert facts["Last sweep"] == "1 min ago: 1,200 asked, 3 moved"
        assert facts["Quick orders all asked"] == "1 min ago"

    def test_what_is_over_is_not_told(self, provider: Provider) -> None:
        past = NOW() - timedelta(minutes=5)
        assert "Resting until" not in self.facts(provider, rested_until=past, slowed_until=past)

    @pytest.mark.parametrize(("age", "word"), [(60, "Running"), (160, "Not heard of")])
    def test_no_provider_is_called_running_for_longer_than_two_beats(
        self, provider: Provider, age: int, word: str
    ) -> None:
        row = with_state(provider, last_answer_at=NOW() - timedelta(seconds=age))
        assert provider_page.account(row, NOW()).state[1] == word


class TestBalances:
    def read(self, provider: Provider, hours: float, amount: str) -> None:
        at = NOW() - timedelta(hours=hours)
        BalanceReading.objects.create(provider=provider, at=at, amount=Decimal(amount))

    def chart(self, provider: Provider, days: str = "") -> balance_chart.Balances:
        return balance_chart.chart(provider, NOW(), days)

    def test_the_lowest_of_each_step_stands_for_it(self, provider: Provider) -> None:
        for hours, amount in ((8 * 24, "900"), (100.2, "20"), (100.1, "10"), (1, "50")):
            self.read(provider, hours, amount)
        found = self.chart(provider)
        assert found.frame is not None
        assert [mark.day.revenue for mark in found.frame.marks] == [Decimal(10), Decimal(50)]
        assert found.label == "Balance, the lowest of every 6 hours: between $10.00 and $50.00."
        assert found.topped_up == 1

    def test_how_far_back_is_chosen_and_nonsense_is_a_week(self, provider: Provider) -> None:
        for hours in (1, 3, 50, 24 * 20):
            self.read(provider, hours, "5")
        counts = {
            days: len(found.marks) if (found := self.chart(provider, days).frame) else 0
            for days in ("1", "7", "30", "180", "x")
        }
        assert counts == {"1": 2, "7": 2, "30": 3, "180": 2, "x": 2}

    def test_one_reading_makes_no_line(self, provider: Provider, ada: Client) -> None:
        self.read(provider, 1, "5")
        assert self.chart(provider).frame is None
        page = ada.get(reverse("staff:provider", args=[provider.pk])).content.decode()
        assert "Not enough readings" in page

    def test_the_values_stand_in_a_table_in_its_currency(self, ada: Client) -> None:
        provider = make.provider(currency="EUR", exchange_rate=Decimal("1.1"))
        self.read(provider, 5, "5.25"), self.read(provider, 20, "7")
        page = ada.get(reverse("staff:provider", args=[provider.pk]), {"days": "1"})
        text = page.content.decode()
        assert 'data-chart="line"' in text and "€5.25" in text

    def test_many_readings_cost_one_query(self, provider: Provider) -> None:
        for number in range(60):
            self.read(provider, number, "5")
        with CaptureQueriesContext(connection) as seen:
            self.chart(provider)
        assert len(seen) == 1


class TestSwitches:
    def do(self, browser: Client, act: str, **said: str) -> str:
        url = reverse("staff:panel_act", args=[act])
        return browser.post(url, said, follow=True).content.decode()

    def test_the_panels_own_are_thrown_with_a_reason_and_say_who(
        self, ada: Client, provider: Provider
    ) -> None:
        assert "Say why" in self.do(ada, "stop", switch="not_sold", reason=" ")
        text = self.do(ada, "stop", switch="not_sold", reason="Stocktaking")
        assert "Stopped last by Ada Admin" in text and "Stocktaking" in text
        assert Panel.objects.get().not_sold
        self.do(ada, "resume", switch="not_sold")
        assert not Panel.objects.get().not_sold

    def test_odd_acts_are_not_there(self, ada: Client) -> None:
        assert ada.post(reverse("staff:panel_act", args=["explode"])).status_code == 404
        assert "no such switch" in self.do(ada, "stop", switch="name", reason="x")

    def test_they_are_for_admins(self, client: Client) -> None:
        client.force_login(make.staff().user)
        said = {"switch": "not_sold", "reason": "x"}
        assert client.post(reverse("staff:panel_act", args=["stop"]), said).status_code == 403
        assert not Panel.objects.get().not_sold

    def test_a_providers_page_says_who_stopped_it_and_what_waits(
        self, ada: Client, provider: Provider
    ) -> None:
        service = make.service(make.offer(provider))
        make.order(of=service, status=OrderStatus.WAITING)
        url = reverse("staff:provider_act", args=[provider.pk, "stop"])
        text = ada.post(url, {"switch": "not_sent", "reason": "Odd charges"}, follow=True)
        html = text.content.decode()
        assert "Stopped last by Ada Admin" in html and "Odd charges" in html
        assert f"?tab=waiting&amp;provider={provider.pk}" in html

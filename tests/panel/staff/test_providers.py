"""Adding a provider, its page, its switches: for admins; the key for the owner alone."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders import catalog, panel_settings
from orders.enums import ChangeKind, SyncOutcome
from orders.models import Offer, Provider, SyncChange, SyncRun
from tests.support import factories
from tests.support.simulator import RunningSimulator

pytestmark = pytest.mark.django_db

NEW = "/staff/providers/new/"


@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(factories.admin().user)
    return client


def form(simulator: RunningSimulator, **more: str) -> dict[str, str]:
    return {
        "name": "Bulkhaus",
        "url": simulator.url,
        "key": simulator.key,
        "factor": "1",
    } | more


def do(browser: Client, provider: Provider, act: str, **fields: str) -> str:
    url = reverse("staff:provider_act", args=[provider.pk, act])
    return browser.post(url, fields, follow=True).content.decode()


def test_a_provider_is_added_after_a_call_with_its_key(
    browser: Client, simulator: RunningSimulator
) -> None:
    page = browser.post(NEW, form(simulator), follow=True)

    provider = Provider.objects.get()
    assert provider.currency == "USD"
    assert simulator.counts() == {"balance": 1}
    assert simulator.key not in page.content.decode()
    assert "Its catalog is being read." in page.content.decode()


def test_a_wrong_key_is_told_and_what_was_typed_is_kept(
    browser: Client, simulator: RunningSimulator
) -> None:
    page = browser.post(NEW, form(simulator, key="not-the-key-1234"))

    html = page.content.decode()
    assert page.status_code == 422
    assert "refused the key" in html
    assert 'value="Bulkhaus"' in html
    assert "not-the-key-1234" not in html
    assert not Provider.objects.exists()


def test_an_address_without_https_is_refused(browser: Client, simulator: RunningSimulator) -> None:
    page = browser.post(NEW, form(simulator, url="http://provider.example/api/v2"))
    assert "Use https" in page.content.decode()


def test_only_admins_open_these_pages(client: Client) -> None:
    provider = factories.provider()
    client.force_login(factories.staff(sees_cost=True).user)
    for url in ("/staff/providers/", NEW, reverse("staff:provider", args=[provider.pk])):
        assert client.get(url).status_code == 403


def test_a_switch_is_thrown_with_a_reason_and_taken_back(browser: Client) -> None:
    provider = factories.provider()
    assert "Say why" in do(browser, provider, "stop", switch="not_sent", reason=" ")
    do(browser, provider, "stop", switch="not_sent", reason="their site is down")
    provider.refresh_from_db()
    assert (provider.not_sent, provider.stopped_reason) == (True, "their site is down")

    do(browser, provider, "resume", switch="not_sent")
    provider.refresh_from_db()
    assert not provider.not_sent


def test_a_test_says_what_came_of_it(browser: Client, simulator: RunningSimulator) -> None:
    provider = factories.provider(url=simulator.url, key=simulator.key)
    assert "Balance 1000" in do(browser, provider, "test")
    simulator.faults(bad_key=1)
    assert "refused the key" in do(browser, provider, "test")


def test_held_removals_are_released_or_dismissed(browser: Client) -> None:
    provider = factories.provider()
    offer = factories.offer(provider)
    run = SyncRun.objects.create(
        provider=provider,
        started_at=factories.NOW,
        finished_at=factories.NOW,
        outcome=SyncOutcome.HELD,
        held_removals=1,
    )
    SyncChange.objects.create(run=run, kind=ChangeKind.RETIRED, offer=offer, held=True)
    html = browser.get(reverse("staff:provider", args=[provider.pk])).content.decode()
    assert "the removal is held" in html

    do(browser, provider, "release")
    assert Offer.objects.get().retired_at is not None
    assert "Nothing is held any more." in do(browser, provider, "dismiss")


def test_the_key_is_the_owners_to_change(simulator: RunningSimulator) -> None:
    provider = factories.provider(url=simulator.url)
    url = reverse("staff:change_key", args=[provider.pk])
    for person, status in ((factories.admin(), 422), (factories.owner(), 302)):
        browser = Client()
        browser.force_login(person.user)
        assert browser.post(url, {"key": simulator.key}).status_code == status
    provider.refresh_from_db()
    assert provider.key_last4 == simulator.key[-4:]


def test_a_dearer_exchange_says_how_many_services_it_paused(
    browser: Client, simulator: RunningSimulator
) -> None:
    provider = factories.provider(url=simulator.url, key=simulator.key)
    catalog.sync(provider, now=factories.NOW)
    page = browser.get(reverse("staff:provider", args=[provider.pk]))
    values = {name: value for name, value in page.context["profile"].initial.items() if value}
    values["exchange_rate"] = "2"
    url = reverse("staff:change_provider", args=[provider.pk])

    html = browser.post(url, values, follow=True).content.decode()

    assert "services paused: their cost rose." in html


@pytest.mark.parametrize("address", ["/staff/providers/", "page"])
def test_the_pages_ask_the_database_as_often_for_one_row_as_for_many(
    address: str, browser: Client
) -> None:
    provider = factories.provider()
    url = reverse("staff:provider", args=[provider.pk]) if address == "page" else address
    _run(provider)
    browser.get(url)
    with CaptureQueriesContext(connection) as one:
        browser.get(url)
    for _ in range(5):
        _run(provider)
        factories.provider()
    with CaptureQueriesContext(connection) as many:
        browser.get(url)
    assert len(many) == len(one)


def _run(provider: Provider) -> None:
    run = SyncRun.objects.create(
        provider=provider, started_at=factories.NOW, outcome=SyncOutcome.CHANGED, new=1
    )
    SyncChange.objects.create(run=run, kind=ChangeKind.NEW, offer=factories.offer(provider))


def test_a_key_that_fails_is_kept_only_when_the_owner_insists(
    client: Client, simulator: RunningSimulator
) -> None:
    client.force_login(factories.owner().user)
    provider = factories.provider(url=simulator.url, key=simulator.key)
    url, said = reverse("staff:change_key", args=[provider.pk]), {"key": "k" * 16 + "9999"}
    refused = client.post(url, said)
    provider.refresh_from_db()
    assert refused.status_code == 422 and "refused the key" in refused.content.decode()
    assert provider.key_last4 == simulator.key[-4:]
    kept = client.post(url, said | {"insist": "on"}, follow=True).content.decode()
    provider.refresh_from_db()
    assert provider.key_last4 == "9999"
    assert "kept, untested" in kept and said["key"] not in kept


def test_the_policy_of_its_catalog_is_its_own_or_the_panels(browser: Client) -> None:
    provider = factories.provider()
    page = browser.get(reverse("staff:provider", args=[provider.pk]))
    said = {name: value for name, value in page.context["profile"].initial.items() if value}
    url = reverse("staff:change_provider", args=[provider.pk])
    browser.post(url, said | {"rise_threshold": "40", "shrink_threshold": ""})
    provider.refresh_from_db()
    assert (provider.rise_threshold, provider.shrink_threshold) == (40, None)
    wrong = browser.post(url, said | {"rise_threshold": "-1"})
    assert wrong.status_code == 422 and 'value="-1"' in wrong.content.decode()


class TestTrying:
    URL = "/staff/providers/new/test/"

    def test_what_it_answered_is_told_and_nothing_is_kept(
        self, browser: Client, simulator: RunningSimulator
    ) -> None:
        answer = browser.post(self.URL, form(simulator), headers={"HX-Target": "trial"})
        text = answer.content.decode()
        assert answer.context["trial"].ok and "It answers. Balance" in text
        assert 'value="USD"' in text and simulator.key not in text
        assert not Provider.objects.exists()

    def test_each_failure_is_told_in_plain_words(
        self, browser: Client, simulator: RunningSimulator
    ) -> None:
        def told(**said: str) -> str:
            return browser.post(self.URL, form(simulator, **said)).context["trial"].words

        assert "refused the key" in told(key="not-the-key-1234")
        assert "cannot be reached" in told(url="http://127.0.0.1:1/api/v2")
        assert "is needed" in told(key="")
        assert "https" in told(url="http://example.com/api/v2")

    def test_a_second_account_at_the_same_address_is_pointed_out(
        self, browser: Client, simulator: RunningSimulator
    ) -> None:
        factories.provider("First of them", url=simulator.url)
        text = browser.post(self.URL, form(simulator)).content.decode()
        assert "You have this address already: First of them." in text

    def test_one_that_counts_otherwise_asks_for_the_rate(
        self, browser: Client, simulator: RunningSimulator
    ) -> None:
        panel_settings.change(by=None, now=factories.NOW, currency="EUR")
        text = browser.post(self.URL, form(simulator)).content.decode()
        assert "type below how much EUR one USD is" in text
        refused = browser.post(NEW, form(simulator, currency="USD"))
        assert refused.status_code == 422 and "say how much EUR" in refused.content.decode()


def test_the_policy_is_set_with_the_provider(browser: Client, simulator: RunningSimulator) -> None:
    browser.post(NEW, form(simulator, rise_threshold="60", new_offers_hidden="on"))
    provider = Provider.objects.get()
    assert (provider.rise_threshold, provider.shrink_threshold) == (60, None)
    assert provider.new_offers_hidden


class TestProfile:
    """The profile: edited in plain words, its secrets never shown again, on record."""

    SECRET = "partner-token-91c2"

    def save(self, browser: Client, provider: Provider, **said: str) -> str:
        page = browser.get(reverse("staff:provider", args=[provider.pk]))
        initial = page.context["profile"].initial
        filled = {name: value for name, value in initial.items() if value not in (None, False)}
        url = reverse("staff:change_provider", args=[provider.pk])
        answer = browser.post(url, filled | said, follow=True)
        provider.refresh_from_db()
        return answer.content.decode()

    def test_its_parameters_are_kept_and_shown_as_dots(self, browser: Client) -> None:
        provider = factories.provider()
        html = self.save(browser, provider, extra_parameters=f"token={self.SECRET}\nshop=7")
        assert provider.extra_parameters == {"token": self.SECRET, "shop": "7"}
        assert self.SECRET not in html and "token=••••••" in html

        self.save(browser, provider, batch_size="25", idempotency_field="request_id")
        assert provider.extra_parameters == {"token": self.SECRET, "shop": "7"}
        assert (provider.batch_size, provider.idempotency_field) == (25, "request_id")

        trail = browser.get("/staff/audit/").content.decode()
        assert "orders a status call" in trail and "request_id" in trail
        assert self.SECRET not in trail

    def test_what_is_wrong_is_told_at_its_field_and_kept_in_the_form(self, browser: Client) -> None:
        provider = factories.provider()
        html = self.save(browser, provider, extra_parameters="key=mine", read_timeout="90")
        assert "key is a parameter of the protocol itself" in html and "key=mine" in html
        html = self.save(browser, provider, extra_parameters="nonsense")
        assert "as name=value" in html
        html = self.save(browser, provider, read_timeout="90")
        assert "Not longer than the longest call, 30 seconds." in html
        assert provider.extra_parameters == {}

    def test_what_it_does_not_take_is_not_offered_and_staff_read_why(self, browser: Client) -> None:
        provider = factories.provider("Bulkhaus", has_refill=False, has_cancel=False)
        service = factories.service(factories.offer(provider))
        order = factories.order(of=service, upstream_id="7")
        html = browser.get(reverse("staff:order", args=[order.pk])).content.decode()
        assert "Bulkhaus takes no refill requests, says its profile." in html
        assert "Bulkhaus takes no cancel requests, says its profile." in html
        assert "Ask to cancel" not in html and "Request refill" not in html

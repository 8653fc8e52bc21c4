"""Adding a provider, its page, its switches: for admins; the key for the owner alone."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders import catalog
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
    assert "their removal is held" in html

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

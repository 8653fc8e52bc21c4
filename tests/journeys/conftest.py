"""One panel in production's shape for all journeys that need it: building it takes a minute."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from orders import polling
from orders.models import Customer, Provider, Service
from tests.support import factories
from tests.support.databases import fresh_database
from tests.support.production import Production
from tests.support.simulator import RunningSimulator

UPSTREAM_KEY = "planted-key-at-the-provider-7Qx"


@pytest.fixture(scope="session")
def wholesaler() -> Iterator[RunningSimulator]:
    """A provider whose orders take a second or two."""
    with RunningSimulator(process=True, minutes=0.02, key=UPSTREAM_KEY) as running:
        yield running


@pytest.fixture(scope="session")
def production(
    tmp_path_factory: pytest.TempPathFactory, wholesaler: RunningSimulator
) -> Iterator[Production]:
    """Built and migrated, with a provider and its catalog; nothing runs yet. All is told."""
    var = tmp_path_factory.mktemp("production")
    with fresh_database() as database:
        more = {
            "LOG_LEVEL": "DEBUG",
            "METRICS_TOKEN": "planted-token-of-the-metrics-3Rv",
            "EMAIL_URL": f"filemail:///{var}/mail",
            "DATABASE_URL": database.url_with("planted-password-of-the-database-9Kw"),
        }
        panel = Production(var, database, os.environ["REDIS_URL"], more)
        panel.build()
        # An empty panel leads everybody to its set-up.
        owner = ("owner@example.com", "--password", "planted-password-of-the-owner-6Hs", "--admin")
        panel.manage("add_staff", *owner)
        panel.manage("add_provider", "Bulkhaus", "--url", wholesaler.url, "--key", wholesaler.key)
        panel.manage("sync_catalog")
        yield panel


@pytest.fixture(scope="session")
def customer(production: Production) -> dict[str, Any]:
    """A client with money, a sign-in and a key of the API, as `add_customer` tells of them."""
    words = ("ola@example.com", "--password", "planted-password-of-ola-4Tz", "--balance", "500")
    said = production.said("add_customer", *words, "--api-key")
    assert isinstance(said, dict)
    return said


# ── Orders that are followed by the clock: the module has a fixture `service` of its own ─────


@pytest.fixture
def provider(service: Service) -> Provider:
    return service.offer.provider


@pytest.fixture
def buyer(db: None) -> Customer:
    return factories.customer(balance="1000")


@pytest.fixture
def at(simulator: RunningSimulator, provider: Provider) -> Callable[..., datetime]:
    """`at(hours=2)`: so long after the beginning, everything is asked about once."""

    def ask(**span: float) -> datetime:
        now = factories.NOW + timedelta(**span)
        simulator.set_clock(now)
        polling.poll_once(provider.pk, now)
        return now

    return ask

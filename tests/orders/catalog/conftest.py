from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest

from orders import catalog
from orders.catalog import syncing
from orders.models import Offer, Provider, Service, SyncRun
from orders.upstream.client import NOTHING
from orders.upstream.errors import UpstreamError
from orders.upstream.replies import BadRow, CatalogReply, Digests, OfferRow
from tests.support import factories
from tests.support.factories import NOW

USUAL = OfferRow(
    upstream_id="",
    name="",
    type="Default",
    category="Instagram",
    rate=Decimal("1.00"),
    min=10,
    max=10_000,
    refill=True,
    cancel=False,
    dripfeed=None,
    description="",
    average_time="",
    refill_days=None,
)


class Upstream:
    """A provider whose catalog is written by the test."""

    def __init__(self) -> None:
        self.rows: dict[str, OfferRow] = {}
        self.bad_rows: list[BadRow] = []
        self.failure: UpstreamError | None = None
        self.asked = 0
        self.salt = ""
        self.aside = ""
        self.meanwhile: Callable[[], Any] = lambda: None

    def lists(self, *ids: int | str, **fields: Any) -> None:
        """Put rows into the catalog, or change those that are there."""
        for upstream_id in map(str, ids):
            row = self.rows.get(
                upstream_id,
                USUAL._replace(upstream_id=upstream_id, name=f"Followers {upstream_id}"),
            )
            if isinstance(fields.get("rate"), str):
                fields["rate"] = Decimal(fields["rate"])
            self.rows[upstream_id] = row._replace(**fields)

    def drops(self, *ids: int | str) -> None:
        for upstream_id in map(str, ids):
            del self.rows[upstream_id]

    def services(self, previous: Digests = NOTHING) -> CatalogReply:
        self.asked += 1
        self.meanwhile()
        if self.failure:
            raise self.failure
        rows, bad_rows = list(self.rows.values()), list(self.bad_rows)
        digests = Digests(
            _digest((rows, bad_rows, self.salt, self.aside)),
            _digest((sorted(rows), bad_rows, self.aside)),
        )
        if digests.body == previous.body or digests.content == previous.content:
            return CatalogReply(None, [], digests)
        return CatalogReply(rows, bad_rows, digests)


def _digest(what: object) -> str:
    return sha256(repr(what).encode()).hexdigest()


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Upstream:
    """Every sync of the test reads this catalog."""
    said = Upstream()
    monkeypatch.setattr(syncing, "read_from", lambda provider, question, **_: question(said))
    return said


@pytest.fixture
def bulkhaus(db: None) -> Provider:
    return factories.provider("Bulkhaus", catalog_read_at=None)


class Reader:
    """Reads the catalog again and again, an hour later each time."""

    def __init__(self, provider: Provider):
        self.provider = provider
        self.now: datetime = NOW

    def __call__(self) -> SyncRun:
        self.now += timedelta(hours=1)
        return catalog.sync(self.provider, now=self.now)


@pytest.fixture
def read(bulkhaus: Provider, upstream: Upstream) -> Reader:
    return Reader(bulkhaus)


def offer(upstream_id: int | str) -> Offer:
    return Offer.objects.get(upstream_id=str(upstream_id))


def service(upstream_id: int | str) -> Service:
    return Service.objects.select_related("offer__provider", "category").get(
        offer__upstream_id=str(upstream_id)
    )

"""What a reading of a catalog writes, and what it leaves alone."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import catalog
from orders.enums import ChangeKind, PauseReason, SyncOutcome
from orders.models import (
    AuditEntry,
    Category,
    Offer,
    Provider,
    Service,
    SyncChange,
    SyncRun,
)
from tests.orders.catalog.conftest import Reader, Upstream, offer, service
from tests.support import factories

pytestmark = pytest.mark.django_db


def kinds(run: SyncRun) -> list[str]:
    return list(run.changes.order_by("pk").values_list("kind", flat=True))


# ── New offers ───────────────────────────────────────────────────────────────────────────────


def test_each_new_offer_becomes_one_service_on_sale(read: Reader, upstream: Upstream) -> None:
    upstream.lists(1, 2, 3, category="Telegram", description="Real accounts.")

    run = read()

    assert (run.outcome, run.new, run.detail) == (SyncOutcome.CHANGED, 3, "3 new.")
    assert (run.rows_total, run.rows_done, run.finished_at) == (3, 3, read.now)
    made = service(1)
    assert (made.name, made.category.name) == ("Followers 1", "Telegram")
    assert (made.is_visible, made.pause, made.accepted_cost) == (True, "", Decimal(1))
    assert made.description == "Real accounts."
    assert (made.offer.first_seen_at, made.offer.service_type) == (read.now, "default")
    assert kinds(run) == [ChangeKind.NEW] * 3
    assert Category.objects.count() == 1


def test_new_services_start_hidden_where_the_provider_says_so(
    read: Reader, upstream: Upstream
) -> None:
    Provider.objects.update(new_offers_hidden=True)
    upstream.lists(1)

    read()

    assert not service(1).is_visible


@pytest.mark.parametrize("type_name", ["Voodoo", "", "Stream Gifts"])
def test_what_cannot_be_ordered_is_kept_and_hidden(
    read: Reader, upstream: Upstream, type_name: str
) -> None:
    upstream.lists(1, type=type_name)

    read()

    assert not service(1).is_visible
    assert offer(1).type_name == type_name
    assert offer(1).service_type != "default"


def test_shelves_stand_in_the_order_of_the_catalog(read: Reader, upstream: Upstream) -> None:
    upstream.lists(1, category="Zoo")
    upstream.lists(2, category="Alpha")
    upstream.lists(3, category="")

    read()

    assert [category.name for category in Category.objects.all()] == ["Zoo", "Alpha", "Other"]


def test_a_rate_beyond_eight_places_is_rounded_up(read: Reader, upstream: Upstream) -> None:
    upstream.lists(1, rate="0.123456781000001")

    read()

    assert offer(1).rate == Decimal("0.12345679")


def test_the_accepted_cost_of_a_new_service_is_in_the_panels_currency(
    read: Reader, upstream: Upstream
) -> None:
    Provider.objects.update(exchange_rate=Decimal("1.0850"), factor=Decimal("1.0150"))
    upstream.lists(1, rate="1.24")

    read()

    assert service(1).accepted_cost == Decimal("1.365581")


# ── The same again ───────────────────────────────────────────────────────────────────────────


def test_the_same_bytes_stop_early_and_renew_freshness(
    read: Reader, upstream: Upstream, bulkhaus: Provider
) -> None:
    upstream.lists(1, 2)
    read()

    with CaptureQueriesContext(
        connection,
    ) as queries:
        run = read()

    assert (run.outcome, run.detail) == (SyncOutcome.UNCHANGED, "Nothing changed.")
    assert (run.rows_total, run.rows_done) == (2, 2)
    bulkhaus.state.refresh_from_db()
    assert bulkhaus.state.catalog_read_at == read.now
    written = [query["sql"] for query in queries if "orders_offer" in query["sql"]]
    assert not [sql for sql in written if not sql.startswith("SELECT")]


@pytest.mark.parametrize(
    "other", [{"salt": "another order of keys"}, {"aside": "a value that no offer keeps"}]
)
def test_other_bytes_that_change_no_offer_write_no_offer_and_no_service(
    read: Reader, upstream: Upstream, bulkhaus: Provider, other: dict[str, str]
) -> None:
    upstream.lists(1, 2)
    read()
    vars(upstream).update(other)

    with CaptureQueriesContext(connection) as queries:
        run = read()

    assert (run.outcome, run.rows_done) == (SyncOutcome.UNCHANGED, 2)
    assert not run.changes.exists()
    bulkhaus.state.refresh_from_db()
    assert bulkhaus.state.catalog_read_at == read.now
    writes = [query["sql"] for query in queries if query["sql"].startswith(("UPDATE", "INSERT"))]
    assert not [sql for sql in writes if '"orders_offer"' in sql or '"orders_service"' in sql]


def test_a_type_that_this_panel_has_learned_is_seen_in_the_same_bytes(
    read: Reader, upstream: Upstream
) -> None:
    upstream.lists(1)
    read()
    Offer.objects.update(service_type="")  # as an older version would have read it

    run = read()

    assert run.changed == 1
    assert offer(1).service_type == "default"


# ── Changes ──────────────────────────────────────────────────────────────────────────────────


def test_only_what_changed_is_written_and_noted(read: Reader, upstream: Upstream) -> None:
    upstream.lists(1, 2)
    read()
    first = read.now
    upstream.lists(2, rate="1.10", max=500, refill_days=30)

    run = read()

    assert (run.changed, run.new, run.retired) == (1, 0, 0)
    changes = {change.kind: change for change in run.changes.all()}
    assert set(changes) == {ChangeKind.RATE, ChangeKind.CHANGED}
    assert changes[ChangeKind.RATE].before == {"rate": "1.00000000"}
    assert changes[ChangeKind.RATE].after == {"rate": "1.10000000"}
    assert changes[ChangeKind.CHANGED].after == {"most": 500, "refill_days": 30}
    changed = offer(2)
    assert (changed.rate, changed.most, changed.refill_days) == (Decimal("1.1"), 500, 30)
    assert (changed.rate_changed_at, changed.first_seen_at) == (read.now, first)
    assert offer(1).rate_changed_at == first


def test_a_change_without_a_rate_keeps_the_rates_time(read: Reader, upstream: Upstream) -> None:
    upstream.lists(1)
    read()
    first = read.now
    upstream.lists(1, max=77)

    read()

    assert (offer(1).most, offer(1).rate_changed_at) == (77, first)


def test_a_changed_name_reaches_the_service_only_where_nobody_changed_ours(
    read: Reader, upstream: Upstream
) -> None:
    upstream.lists(1, 2, description="Old words.")
    read()
    Service.objects.filter(pk=service(2).pk).update(name="Our name", description="Our words.")
    ours = Category.objects.create(name="Our shelf")
    Service.objects.filter(pk=service(2).pk).update(category=ours)
    upstream.lists(1, name="Followers, HQ", category="New shelf", description="New words.")
    upstream.lists(2, name="Followers, LQ", category="New shelf", description="New words.")

    read()

    followed, kept = service(1), service(2)
    assert (followed.name, followed.category.name) == ("Followers, HQ", "New shelf")
    assert followed.description == "New words."
    assert (kept.name, kept.category.name) == ("Our name", "Our shelf")
    assert kept.description == "Our words."
    assert kept.offer.name == "Followers, LQ"


def test_our_own_decisions_survive_every_reading(read: Reader, upstream: Upstream) -> None:
    upstream.lists(1, 2)
    read()
    number = service(1).pk
    catalog.hide(service(1), None, read.now)
    catalog.pause(service(2), None, read.now, reason="Too many complaints")
    Service.objects.filter(pk=number).update(refill_days=14, position=7)
    upstream.lists(1, 2, rate="1.05", max=9)

    read()

    kept = service(1)
    assert (kept.pk, kept.is_visible, kept.refill_days, kept.position) == (number, False, 14, 7)
    assert service(2).pause == PauseReason.STAFF
    assert service(2).pause_detail == "Too many complaints"


# ── Large ones, and their progress ───────────────────────────────────────────────────────────


def test_progress_is_committed_as_it_goes(
    read: Reader, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def watched(self: object, batch: list) -> None:
        seen.append(SyncRun.objects.values_list("rows_done", "rows_total").get())

    monkeypatch.setattr("orders.catalog.writing.BATCH", 4)
    monkeypatch.setattr("orders.catalog.writing.Writing._add", watched)
    upstream.lists(*range(1, 11))

    read()

    assert seen == [(4, 10), (8, 10), (10, 10)]


def test_the_number_of_queries_grows_with_batches_not_with_rows(
    read: Reader, upstream: Upstream
) -> None:
    upstream.lists(*range(1, 11))
    read()
    upstream.lists(*range(1, 4), rate="1.1", name="New name")
    with CaptureQueriesContext(connection) as few:
        read()
    upstream.lists(*range(4, 11), rate="1.1", name="New name")
    with CaptureQueriesContext(connection) as many:
        read()

    statements = [query for query in many if not query["sql"].startswith("UPDATE orders_")]
    fewer = [query for query in few if not query["sql"].startswith("UPDATE orders_")]
    assert len(statements) == len(fewer)


def test_a_name_that_comes_back_to_ours_writes_no_audit_entry(
    read: Reader, upstream: Upstream
) -> None:
    """The trail tells what people did; what the machine did stands in its runs."""
    upstream.lists(1)
    read()
    upstream.lists(1, rate="9")
    read()

    assert not AuditEntry.objects.exists()
    assert SyncChange.objects.count() == 2


def test_two_providers_share_a_shelf_of_the_same_name(read: Reader, upstream: Upstream) -> None:
    other = factories.provider("Peakpanel")
    upstream.lists(1)
    read()

    catalog.sync(other, now=read.now + timedelta(hours=1))

    assert Category.objects.count() == 1
    assert Service.objects.count() == 2

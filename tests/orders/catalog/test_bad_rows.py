"""Rows, and whole catalogs, that cannot be read."""

import pytest

from orders.enums import ChangeKind, RefusalFamily, SyncOutcome
from orders.models import Offer, Provider
from orders.upstream.errors import ReadFailed
from orders.upstream.replies import BadRow
from tests.orders.catalog.conftest import Reader, Upstream, offer, service

pytestmark = pytest.mark.django_db


def test_one_bad_row_is_skipped_counted_and_shown(read: Reader, upstream: Upstream) -> None:
    upstream.lists(1, 2)
    upstream.bad_rows = [BadRow(7, "rate is not an amount", "{'rate': 'NaN'}", "9")]

    run = read()

    assert (run.rows_bad, run.new, run.rows_total, run.rows_done) == (1, 2, 3, 3)
    assert run.detail == "2 new, 1 row skipped."
    shown = run.changes.get(kind=ChangeKind.BAD_ROW)
    assert shown.after["why"] == "rate is not an amount"
    assert (shown.after["row"], shown.after["excerpt"]) == (8, "{'rate': 'NaN'}")


def test_an_offer_whose_row_became_unreadable_is_left_as_it_is(
    read: Reader, upstream: Upstream
) -> None:
    upstream.lists(1, 2, 3, 4, 5, 6)
    read()
    upstream.drops(6)
    upstream.bad_rows = [BadRow(5, "rate is not an amount", "{}", "6")]

    run = read()

    assert run.retired == 0
    assert offer(6).retired_at is None
    assert service(6).pause == ""


def test_limits_that_contradict_each_other_make_a_bad_row(read: Reader, upstream: Upstream) -> None:
    upstream.lists(1)
    upstream.lists(2, min=100, max=10)
    upstream.lists(3, type="Package", min=0, max=0)

    run = read()

    assert run.rows_bad == 1
    assert set(Offer.objects.values_list("upstream_id", flat=True)) == {"1", "3"}


@pytest.mark.parametrize(
    ("bad_rows", "words"),
    [([], "The catalog came empty"), ([BadRow(0, "no name", "{}")], "None of 1 rows")],
)
def test_an_empty_or_unreadable_catalog_changes_nothing_and_proves_nothing(
    read: Reader, upstream: Upstream, bulkhaus: Provider, bad_rows: list[BadRow], words: str
) -> None:
    upstream.lists(1, 2)
    read()
    fresh = read.now
    upstream.rows.clear()
    upstream.bad_rows = bad_rows

    run = read()

    assert run.outcome == SyncOutcome.FAILED
    assert run.detail.startswith(words)
    bulkhaus.state.refresh_from_db()
    assert bulkhaus.state.catalog_read_at == fresh
    assert not Offer.objects.filter(retired_at__isnull=False).exists()


def test_a_failed_call_says_in_plain_words_what_to_do(
    read: Reader, upstream: Upstream, bulkhaus: Provider
) -> None:
    upstream.failure = ReadFailed("error", family=RefusalFamily.KEY, text="Invalid API key")

    run = read()

    assert run.outcome == SyncOutcome.FAILED
    assert run.detail == "The provider refused the key. Copy it again from its API page."
    bulkhaus.state.refresh_from_db()
    assert bulkhaus.state.catalog_read_at is None

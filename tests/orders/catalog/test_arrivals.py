"""What is new since Monday, by the panel's clock."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from orders import catalog
from tests.support import factories

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, tzinfo=ZoneInfo("UTC"))


def test_the_week_begins_on_monday_by_the_panels_clock() -> None:
    assert catalog.week_began(MONDAY + timedelta(days=6, hours=23)) == MONDAY
    assert catalog.week_began(MONDAY - timedelta(seconds=1)) == MONDAY - timedelta(days=7)
    with timezone.override("Asia/Tokyo"):
        assert catalog.week_began(MONDAY) == MONDAY - timedelta(hours=9)


def test_what_came_this_week_is_counted_and_what_of_it_is_not_sold() -> None:
    now = MONDAY + timedelta(days=2)
    provider = factories.provider(created_at=MONDAY - timedelta(days=90))

    def came(at: datetime, visible: bool = False, **fields: object) -> None:
        offer = factories.offer(provider, first_seen_at=at, **fields)
        factories.service(offer, is_visible=visible)

    came(MONDAY)
    came(MONDAY + timedelta(days=1), visible=True)
    came(MONDAY - timedelta(seconds=1))
    came(MONDAY, retired_at=now)
    found = catalog.arrivals(now)
    assert (found.since, found.count, found.hidden) == (MONDAY, 2, 1)
    assert catalog.new_waiting(now) == 1


def test_a_new_providers_own_catalog_is_no_news() -> None:
    provider = factories.provider(created_at=MONDAY)
    factories.service(
        factories.offer(provider, first_seen_at=MONDAY + timedelta(hours=2)), is_visible=False
    )
    assert catalog.arrivals(MONDAY + timedelta(days=1)).count == 0

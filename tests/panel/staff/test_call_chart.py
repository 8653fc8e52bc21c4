"""How quickly a provider answers, on its page and on the overview."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders.models import CallTimes, Provider
from panel.staff.overview import overview_accounts
from panel.staff.providers import call_chart
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db


def heard(
    provider: Provider,
    back: int,
    action: str = "add",
    *,
    step: int = 16,
    calls: int = 10,
    **errors: int,
) -> None:
    """Calls `back` hours before NOW, of 0.28 to 0.36 seconds unless another step is named."""
    CallTimes.objects.create(
        provider=provider,
        action=action,
        hour=NOW.replace(minute=0) - timedelta(hours=back),
        calls=calls,
        times={str(step): calls},
        errors=errors,
    )


def test_hours_are_gathered_into_the_steps_of_the_span() -> None:
    provider = factories.provider()
    for back in (0, 1, 30, 31):
        heard(provider, back)
    heard(factories.provider(), 0, step=30)

    day, week, month = (call_chart.calls(provider, NOW, days) for days in ("", "7", "30"))

    assert [mark.day.label for mark in day.frame.marks] == ["11:00", "12:00"]  # type: ignore[union-attr]
    assert [len(each.frame.marks) for each in (week, month)] == [2, 2]  # type: ignore[union-attr]
    assert [each.rows[0].calls for each in (day, week, month)] == [20, 40, 40]
    assert "half of them up to 0.3" in day.label


def test_each_kind_of_call_has_its_row_and_its_errors() -> None:
    provider = factories.provider()
    heard(provider, 0, "status")
    heard(provider, 0, "add", calls=30, step=30, timeout=2, said_no=1)

    add, status = call_chart.calls(provider, NOW).rows

    assert (add.label, add.calls, add.failed) == ("Sending an order", 30, 2)
    assert add.errors == "2 timed out, 1 said no"
    assert (status.failed, status.errors) == (0, "")


def test_one_hour_is_no_line_but_has_a_table() -> None:
    provider = factories.provider()
    heard(provider, 0)
    found = call_chart.calls(provider, NOW)
    assert found.frame is None
    assert len(found.rows) == 1


def test_the_page_tells_them_and_the_links_keep_each_other(client: Client) -> None:
    client.force_login(factories.admin().user)
    provider = factories.provider()
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for back in (0, 1):
        CallTimes.objects.create(
            provider=provider,
            action="add",
            hour=hour - timedelta(hours=back),
            calls=9,
            times={"16": 9},
        )

    url = reverse("staff:provider", args=[provider.pk])
    page = client.get(url + "?days=30&calls=7").content.decode()

    assert "Sending an order" in page
    assert "?days=7&amp;calls=7#balances" in page
    assert "?calls=1&amp;days=30#calls" in page
    bad = client.get(url + "?days=x%22y&calls=x%22y").content.decode()
    assert "x%22y" not in bad and 'x"y' not in bad


def test_the_page_asks_once_however_much_there_is(client: Client) -> None:
    client.force_login(factories.admin().user)
    provider = factories.provider()
    url = reverse("staff:provider", args=[provider.pk])
    client.get(url)
    counts = []
    for rows in (range(0), range(20)):
        for back in rows:
            heard(provider, back)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_overview_says_how_quickly_it_answers() -> None:
    quick, quiet, failing = (factories.provider(name) for name in ("Quick", "Quiet", "Failing"))
    heard(quick, 0)
    heard(failing, 0, timeout=6)
    shown = {one.name: one.answers for one in overview_accounts.accounts(NOW).shown}
    assert shown["Quick"].replace("\N{NO-BREAK SPACE}", " ") == "answers in 0.3 s"
    assert (shown["Quiet"], shown["Failing"]) == ("", "most calls fail")
    assert quiet.pk

"""A provider's readings: listed by keyset, each with its changes, progress found again."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders import machinery
from orders.enums import ChangeKind, SyncOutcome
from orders.models import Provider, SyncChange, SyncRun
from panel.staff.providers.sync_runs import change_words
from tests.support import factories as make

pytestmark = pytest.mark.django_db
LIVE = {"HX-Request": "true", "HX-Target": "catalog-live"}


@pytest.fixture
def ada(client: Client) -> Client:
    client.force_login(make.admin().user)
    return client


@pytest.fixture
def provider() -> Provider:
    return make.provider("Bulkhaus")


def read(
    provider: Provider, outcome: SyncOutcome = SyncOutcome.CHANGED, **fields: object
) -> SyncRun:
    return SyncRun.objects.create(
        provider=provider, started_at=timezone.now(), outcome=outcome, **fields
    )


class TestList:
    def test_runs_without_changes_are_shown_when_asked_for(
        self, ada: Client, provider: Provider
    ) -> None:
        read(provider, SyncOutcome.UNCHANGED)
        changed = read(provider)
        url = reverse("staff:sync_runs", args=[provider.pk])
        assert ada.get(url).context["page"].rows == [changed]
        assert len(ada.get(url, {"show": "all"}).context["page"].rows) == 2

    def test_pages_go_by_keyset(self, ada: Client, provider: Provider) -> None:
        runs = [read(provider) for _ in range(52)]
        url = reverse("staff:sync_runs", args=[provider.pk])
        first = ada.get(url).context["page"]
        older = ada.get(url + first.older).context["page"]
        assert older.rows == [runs[1], runs[0]]


class TestRun:
    def test_a_change_says_what_was_and_what_is(self, provider: Provider) -> None:
        offer = make.offer(provider, upstream_id="77", name="Likes")
        change = SyncChange(
            run=read(provider),
            kind=ChangeKind.RATE,
            offer=offer,
            before={"rate": "1.2"},
            after={"rate": "3.6"},
        )
        told = change_words(change, "EUR")
        assert (told.what, told.lines) == ("77 Likes", [("rate", "€1.2000", "€3.6000")])

    def test_a_changed_type_and_a_flag_are_words(self, provider: Provider) -> None:
        change = SyncChange(
            kind=ChangeKind.CHANGED,
            before={"type_name": "Default", "service_type": "default", "refill": True},
            after={"type_name": "Poll", "service_type": "poll", "refill": False},
        )
        lines = change_words(change, "USD").lines
        assert lines == [("type", "Default", "Poll"), ("refill", "yes", "no")]

    def test_changes_are_narrowed_by_kind_and_paged(self, ada: Client, provider: Provider) -> None:
        run = read(provider)
        for number in range(52):
            kind = ChangeKind.NEW if number else ChangeKind.BAD_ROW
            SyncChange.objects.create(run=run, kind=kind, after={"why": "<script>"})
        url = reverse("staff:sync_run", args=[run.pk])
        page = ada.get(url)
        assert len(page.context["changes"]) == 50 and page.context["older"]
        only = ada.get(url, {"kind": "bad_row"})
        assert len(only.context["changes"]) == 1
        assert "<script>" not in only.content.decode().replace("<script src", "")

    def test_one_change_or_many_take_as_many_queries(self, ada: Client, provider: Provider) -> None:
        run = read(provider)

        def change() -> None:
            by = make.user()
            SyncChange.objects.create(
                run=run, kind=ChangeKind.NEW, offer=make.offer(provider), held=True, decided_by=by
            )

        def queries() -> int:
            with CaptureQueriesContext(connection) as seen:
                ada.get(reverse("staff:sync_run", args=[run.pk]))
            return len(seen)

        change()
        queries()
        one = queries()
        for _ in range(20):
            change()
        assert queries() == one


class TestProgress:
    def live(self, browser: Client, provider: Provider, query: str = "") -> tuple[int, str]:
        url = reverse("staff:provider", args=[provider.pk]) + query
        answer = browser.get(url, headers=LIVE)
        return answer.status_code, answer.content.decode()

    def test_an_asked_reading_is_waited_for_until_it_has_ended(
        self, ada: Client, provider: Provider
    ) -> None:
        machinery.began("orders.submit_due", timezone.now())
        read(provider)
        url = reverse("staff:provider_act", args=[provider.pk, "read"])
        query = "?" + ada.post(url)["Location"].partition("?")[2]
        status, text = self.live(ada, provider, query)
        assert status == 200 and "A worker takes it up" in text and query in text
        run = read(provider, SyncOutcome.RUNNING, rows_total=400, rows_done=100)
        status, text = self.live(ada, provider, query)
        assert status == 200 and "100 of 400 rows" in text
        # Left and found again, without what was asked.
        assert "100 of 400 rows" in self.live(ada, provider)[1]
        SyncRun.objects.filter(pk=run.pk).update(outcome=SyncOutcome.CHANGED)
        assert self.live(ada, provider, query)[0] == 286

    def test_nothing_is_asked_for_while_nothing_goes_on(
        self, ada: Client, provider: Provider
    ) -> None:
        status, text = self.live(ada, provider)
        assert status == 286 and "hx-get" not in text

    @pytest.mark.parametrize("after", ["x", "9" * 40, "-1"])
    def test_odd_addresses_do_no_harm(self, ada: Client, provider: Provider, after: str) -> None:
        assert self.live(ada, provider, f"?after={after}")[0] == 286


def test_a_rate_is_never_a_float() -> None:
    change = SyncChange(kind=ChangeKind.RATE, before={"rate": "0.00000001"}, after={})
    assert change_words(change, "USD").lines == [("rate", "$0.00000001", "")]
    assert Decimal("0.00000001") > 0

"""What an admin decides about many services: risen costs, fixed prices, removals."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders import rules
from orders.enums import ChangeKind, MarkupKind, PauseReason, PriceLevel, SyncOutcome
from orders.models import (
    AuditEntry,
    MarkupRule,
    Offer,
    Provider,
    Service,
    Staff,
    SyncChange,
    SyncRun,
)
from tests.support import factories as make

pytestmark = pytest.mark.django_db
PAGE = "/staff/services/decisions/"


def signed_in(member: Staff) -> Client:
    browser = Client()
    browser.force_login(member.user)
    return browser


@pytest.fixture
def ada() -> Client:
    return signed_in(make.admin())


def risen(**fields: object) -> Service:
    values = {
        "pause": PauseReason.COST_ROSE,
        "paused_at": make.NOW,
        "accepted_cost": Decimal("0.5"),
    }
    return make.service(**values | fields)


def decide(browser: Client, act: str, *rows: Service, **said: str) -> str:
    seen = {"seen_at": (timezone.now() + timedelta(days=3650)).isoformat(), "act": act}
    answer = browser.post(
        reverse("staff:decide_costs"), seen | said | {"service": [row.pk for row in rows]}
    )
    assert answer.status_code == 302
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def pauses() -> list[str]:
    return list(Service.objects.order_by("pk").values_list("pause", flat=True))


def held(count: int = 2) -> SyncRun:
    provider = make.provider()
    run = SyncRun.objects.create(
        provider=provider, started_at=make.NOW, outcome=SyncOutcome.HELD, held_removals=count
    )
    for _ in range(count):
        bought = make.service(make.offer(provider)).offer
        SyncChange.objects.create(run=run, kind=ChangeKind.RETIRED, offer=bought, held=True)
    return run


class TestTheList:
    def test_it_opens_where_something_waits_and_counts_each_kind(self, ada: Client) -> None:
        service = make.service()
        fixed, value = MarkupKind.FIXED_RATE, Decimal("1.01")
        rules.set_markup(PriceLevel.SERVICE, fixed, value, None, make.NOW, service=service)
        held(3)
        answer = ada.get(PAGE)
        assert {tab["label"]: tab["count"] for tab in answer.context["tabs"]} == {
            "Cost rose": 0,
            "Below the floor": 1,
            "Type changed": 0,
            "Removals": 3,
        }
        assert "fixed rate 1.0100 is below the floor" in answer.content.decode()

    def test_a_rise_shows_what_was_accepted_what_it_is_and_what_it_would_sell_for(
        self, ada: Client
    ) -> None:
        risen(name="Dearer")
        (row,) = ada.get(PAGE).context["listed"].rows
        assert (row.was, row.cost, row.rise) == (Decimal("0.5"), 1, 100)
        assert row.price == Decimal("1.3") and row.margin is not None

    def test_nothing_to_decide_says_so(self, ada: Client) -> None:
        assert "Nothing to decide here" in ada.get(PAGE).content.decode()
        assert "No removal is held" in ada.get(PAGE, {"kind": "removals"}).content.decode()

    def test_it_is_for_admins(self) -> None:
        browser = signed_in(make.staff(sees_cost=True))
        assert browser.get(PAGE).status_code == 403
        assert browser.post(reverse("staff:decide_costs")).status_code == 403

    @pytest.mark.parametrize("kind", ["rises", "removals"])
    def test_one_or_fifty_take_as_many_queries(self, ada: Client, kind: str) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as seen:
                assert ada.get(PAGE, {"kind": kind}).status_code == 200
            return len(seen)

        risen()
        held(1)
        queries()
        one = queries()
        for _ in range(49):
            risen()
        for _ in range(5):
            held(1)
        assert queries() == one

    def test_the_services_list_leads_there_with_the_counts(self, ada: Client) -> None:
        risen()
        text = ada.get(reverse("staff:services")).content.decode()
        assert "1 with a risen cost" in text and PAGE in text
        text = signed_in(make.staff()).get(reverse("staff:services")).content.decode()
        assert "risen cost" not in text


class TestCosts:
    def test_the_chosen_are_accepted(self, ada: Client) -> None:
        first, _ = risen(), risen()
        assert decide(ada, "accept", first) == "1 service accepted at today's cost."
        assert pauses() == ["", PauseReason.COST_ROSE]

    def test_all_are_accepted_at_once(self, ada: Client) -> None:
        for _ in range(3):
            risen()
        assert (
            decide(ada, "accept_all", reason="They told us")
            == "3 services accepted at today's cost."
        )
        assert pauses() == ["", "", ""]
        assert set(AuditEntry.objects.values_list("reason", flat=True)) == {"They told us"}

    def test_what_moved_since_is_said_and_left(self, ada: Client) -> None:
        row = risen()
        Offer.objects.filter(pk=row.offer_id).update(rate_changed_at=timezone.now())
        told = decide(ada, "accept", row, seen_at=make.NOW.isoformat())
        assert "moved again since you looked: 1." in told
        assert pauses() == [PauseReason.COST_ROSE]

    def test_kept_paused_with_a_reason_they_leave_the_list(self, ada: Client) -> None:
        row = risen()
        assert "Say why" in decide(ada, "keep", row, reason=" ")
        assert "1 service kept paused" in decide(ada, "keep", row, reason="Too dear")
        assert pauses() == [PauseReason.STAFF]
        assert not ada.get(PAGE, {"kind": "rises"}).context["listed"].rows

    @pytest.mark.parametrize("seen", ["", "x", "2026-02-30T00:00", "2026-11-23T12:00:00"])
    def test_a_list_without_its_moment_decides_nothing(self, ada: Client, seen: str) -> None:
        assert "Open the list again" in decide(ada, "accept", risen(), seen_at=seen)
        assert pauses() == [PauseReason.COST_ROSE]

    def test_nothing_chosen_is_said(self, ada: Client) -> None:
        assert "Nothing was chosen" in decide(ada, "accept")


class TestRepricing:
    def at(self, browser: Client, markup: str) -> list[object]:
        return browser.get(PAGE, {"kind": "rises", "markup": markup}).context["listed"].rows

    def test_what_a_markup_would_make_of_them_is_shown_first(self, ada: Client) -> None:
        risen()
        (row,) = self.at(ada, "50")
        assert (row.price_was, row.price, row.anew) == (
            Decimal("0.65"),
            Decimal("1.3"),
            Decimal("1.5"),
        )
        assert "Re-price chosen at 50" in ada.get(PAGE, {"markup": "50"}).content.decode()
        (row,) = self.at(ada, "nonsense")
        assert row.anew is None

    def test_the_chosen_get_a_markup_of_their_own_and_are_sold_again(self, ada: Client) -> None:
        first, _ = risen(), risen()
        told = decide(ada, "reprice", first, markup="50", reason="Dearer there")
        assert told == "1 service re-priced at 50 %."
        assert pauses() == ["", PauseReason.COST_ROSE]
        (rule,) = MarkupRule.objects.filter(service=first)
        assert (rule.value, rule.reason) == (50, "Dearer there")

    @pytest.mark.parametrize(
        ("said", "words"),
        [
            ({"markup": "50"}, "Say why"),
            ({"markup": "", "reason": "x"}, "Type the new markup"),
            ({"markup": "NaN", "reason": "x"}, "Type the new markup"),
            ({"markup": "999999", "reason": "x"}, "Type the new markup"),
        ],
    )
    def test_without_reason_or_markup_nothing_happens(
        self, ada: Client, said: dict[str, str], words: str
    ) -> None:
        assert words in decide(ada, "reprice", risen(), **said)
        assert pauses() == [PauseReason.COST_ROSE]

    def test_what_moved_since_is_left(self, ada: Client) -> None:
        row = risen()
        Offer.objects.filter(pk=row.offer_id).update(rate_changed_at=timezone.now())
        seen = make.NOW.isoformat()
        told = decide(ada, "reprice", row, markup="50", reason="x", seen_at=seen)
        assert "moved again since you looked: 1." in told
        assert not MarkupRule.objects.filter(service=row).exists()

    def test_customers_are_told_of_before(self, ada: Client) -> None:
        row = risen()
        buyer = make.customer()
        for _ in range(2):
            make.order(buyer, row, placed_at=timezone.now())
        rules.set_markup(
            PriceLevel.CUSTOMER_SERVICE,
            MarkupKind.PERCENT,
            Decimal(20),
            None,
            make.NOW,
            service=row,
            customer=buyer,
        )
        listed = ada.get(PAGE, {"kind": "rises"}).context["listed"]
        assert (listed.rows[0].touched.orders, listed.rows[0].touched.customers) == (2, 1)
        assert listed.agreed == 1


class TestFixedPrices:
    def test_dropping_it_puts_the_service_back_on_sale(self, ada: Client) -> None:
        service = make.service()
        fixed, value = MarkupKind.FIXED_RATE, Decimal("1.01")
        rules.set_markup(PriceLevel.SERVICE, fixed, value, None, make.NOW, service=service)
        page = ada.get(reverse("staff:service", args=[service.pk])).content.decode()
        assert "Drop the fixed price" in page and "Resume" not in page
        address = reverse("staff:drop_fixed_price", args=[service.pk])
        answer = ada.post(address, {"reason": "Over"}, follow=True).content.decode()
        assert "has no price of its own any more" in answer
        assert pauses() == [""]
        again = ada.post(address, follow=True).content.decode()
        assert "It has no price of its own" in again


class TestRemovals:
    def post(self, browser: Client, run: SyncRun, act: str) -> str:
        address = reverse("staff:decide_removals", args=[run.pk])
        return browser.post(address, {"act": act, "scope": "all"}, follow=True).content.decode()

    def test_they_are_retired_or_kept_and_only_once(self, ada: Client) -> None:
        first, second = held(), held(1)
        assert "Retired: 2." in self.post(ada, first, "release")
        assert "Kept as they are: 1." in self.post(ada, second, "dismiss")
        assert "decided already" in self.post(ada, first, "dismiss")
        assert Offer.objects.filter(retired_at=None).count() == 1
        assert pauses() == [PauseReason.GONE, PauseReason.GONE, ""]

    def test_they_are_decided_one_by_one_with_a_reason(self, ada: Client) -> None:
        run = held(3)
        (shown,) = ada.get(PAGE, {"kind": "removals"}).context["runs"]
        assert [len(row.services) for row in shown.removals] == [1, 1, 1]
        url = reverse("staff:decide_removals", args=[run.pk])
        said = {"scope": "ticked", "act": "release", "reason": "They said so"}
        assert "Nothing was chosen" in ada.post(url, said, follow=True).content.decode()
        # A press that does not say how many is never about all.
        answer = ada.post(url, {"act": "release"}, follow=True).content.decode()
        assert "Nothing was chosen" in answer
        said["change"] = [shown.removals[0].number]
        assert "Retired: 1." in ada.post(url, said, follow=True).content.decode()
        assert pauses() == [PauseReason.GONE, "", ""]
        assert AuditEntry.objects.get(action="catalog.removals_released").reason == "They said so"
        assert "decided already" in ada.post(url, said, follow=True).content.decode()

    def test_the_run_lists_what_would_go(self, ada: Client) -> None:
        run = held()
        text = ada.get(reverse("staff:sync_run", args=[run.pk])).content.decode()
        assert text.count("held") >= 2 and Provider.objects.get().name in text

"""The first page: figures, needs, what is shown to whom, and a card that fails alone."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.celery import TIMETABLE
from orders import health, machinery
from orders.enums import OrderStatus, ProviderHold, Tier
from orders.models import Heartbeat, ProviderState, Staff
from orders.people import Person, person_of
from panel.staff import attention, overview_cards
from tests.support import factories as make

pytestmark = pytest.mark.django_db
OVERVIEW = "/staff/"
NOW = timezone.now


def signed_in(member: Staff) -> Client:
    browser = Client()
    browser.force_login(member.user)
    return browser


def text_of(member: Staff, query: str = "", **headers: str) -> str:
    response = signed_in(member).get(f"{OVERVIEW}{query}", headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def part(member: Staff, name: str) -> str:
    return text_of(member, **{"HX-Request": "true", "HX-Target": name})


@pytest.fixture
def boss() -> Staff:
    return make.admin()


def sold(**values: object) -> None:
    client = values.pop("client", None) or make.customer()
    make.order(client, placed_at=NOW(), **values)


class TestFigures:
    def test_an_admin_reads_orders_charge_coverage_and_the_chart(self, boss: Staff) -> None:
        sold(cost=Decimal("0.7"))
        text = text_of(boss)
        assert "Upstream charge" in text and "coverage 100.0" in text
        assert "Revenue and upstream charge by day" in text
        assert "Provider balances" in text

    def test_staff_without_the_switch_read_revenue_and_orders_alone(self) -> None:
        mira = make.staff()
        sold(client=make.customer(manager=mira), cost=Decimal("0.7"))
        response = signed_in(mira).get(OVERVIEW)
        board = response.context["board"]().content
        assert [figure["label"] for figure in board.figures] == ["Revenue", "Orders"]
        assert board.chart is None
        for word in ("Upstream charge", "Provider balances", "Profit", "Bulkhaus"):
            assert word not in response.content.decode()

    @pytest.mark.parametrize(
        ("query", "words"),
        [("", "set against last"), ("?span=7", "The last 7 days"), ("?span=30", "last 30 days")],
    )
    def test_the_period_is_chosen_by_the_address(self, boss: Staff, query: str, words: str) -> None:
        sold()
        assert words in text_of(boss, query)

    def test_a_card_that_fails_says_so_and_the_others_stay(
        self, boss: Staff, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sold()
        monkeypatch.setattr(health, "concerns", lambda *_: 1 / 0)
        text = text_of(boss)
        assert text.count("This card could not be worked out") == 1
        assert "Latest orders" in text and "Upstream charge" in text


class TestNeeds:
    def test_each_kind_of_trouble_has_its_words(self) -> None:
        assert set(attention._TELLERS) == set(health.Trouble)

    def test_an_unconfirmed_order_leads_to_the_review_queue(self, boss: Staff) -> None:
        sold(status=OrderStatus.UNCONFIRMED, status_at=NOW() - timedelta(hours=2))
        text = part(boss, "needs")
        assert "1 order unconfirmed" in text and "oldest 2 h ago, $1.30 at stake" in text
        assert reverse("staff:review") in text
        assert "<html" not in text

    def test_late_orders_lead_to_their_tab(self, boss: Staff) -> None:
        sold(status=OrderStatus.IN_PROGRESS, tier=Tier.OLD)
        assert "?tab=late" in part(boss, "needs")

    def test_only_who_sees_cost_reads_which_provider_is_held_and_what_it_lacks(
        self, boss: Staff
    ) -> None:
        mira = make.staff()
        provider = make.provider("Zebrahaus")
        service = make.service(make.offer(provider))
        client = make.customer(manager=mira)
        sold(client=client, status=OrderStatus.WAITING, of=service)
        ProviderState.objects.filter(provider=provider).update(
            hold=ProviderHold.FUNDS, held_since=NOW(), balance=Decimal("0.25")
        )
        seen, kept = part(boss, "needs"), part(mira, "needs")
        assert "Zebrahaus has no funds" in seen and "$0.7500 short" in seen
        assert reverse("staff:provider", args=[provider.pk]) in seen
        assert "A provider has no funds" in kept and "short" not in kept
        assert "Zebrahaus" not in kept and "/staff/providers/" not in kept

    def test_nothing_to_do_says_so(self, boss: Staff) -> None:
        machinery.began("orders.submit_due", NOW())
        assert "Nothing needs a person" in part(boss, "needs")


class TestMachinery:
    def test_the_card_knows_the_pace_of_the_timetable(self) -> None:
        paces = {name: seconds for name, (_, seconds) in overview_cards.JOBS.items()}
        assert paces == {name: TIMETABLE[name][0] for name in paces}

    def test_a_light_goes_out_after_two_beats(self) -> None:
        now = NOW()
        Heartbeat.objects.create(job="orders.submit_due", began_at=now - timedelta(seconds=39))
        Heartbeat.objects.create(job="orders.refills", began_at=now - timedelta(seconds=91))
        alive = {job.label: job.alive for job in overview_cards.jobs(now)}
        assert alive["Sending"] and not alive["Refills"] and not alive["Catalog"]


class TestFirstSteps:
    def test_an_empty_panel_leads_an_admin_to_the_first_order(self, boss: Staff) -> None:
        text = text_of(boss)
        assert "7 steps to the first order" in text
        assert reverse("staff:setup_provider") in text

    def test_what_is_done_is_ticked(self, boss: Staff) -> None:
        make.service()
        make.customer("Casa Verde")
        steps = overview_cards.first_steps(signed_in_person(boss), NOW())
        told = {step.slug: step for step in steps}
        done = [slug for slug, step in told.items() if step.done]
        assert done == ["provider", "catalog", "selling", "staff"]
        assert "7f3a" in told["provider"].text and make.KEY not in told["provider"].text
        assert "Casa Verde" in told["order"].text

    def test_staff_and_panels_with_orders_have_no_steps(self, boss: Staff) -> None:
        assert "steps to the first order" not in text_of(make.staff("Tom"))
        sold()
        assert "steps to the first order" not in text_of(boss)


def signed_in_person(member: Staff) -> Person:
    return person_of(member.user)


class TestCost:
    @pytest.mark.parametrize("target", ["", "needs", "latest-orders"])
    def test_one_order_or_many_take_as_many_queries(self, boss: Staff, target: str) -> None:
        browser = signed_in(boss)
        headers = {"HX-Request": "true", "HX-Target": target} if target else {}

        def queries() -> int:
            with CaptureQueriesContext(connection) as seen:
                assert browser.get(OVERVIEW, headers=headers).status_code == 200
            return len(seen)

        sold()
        queries()
        one = queries()
        for _ in range(6):
            sold()
        assert queries() == one

    def test_a_live_part_works_out_nothing_else(self, boss: Staff) -> None:
        sold()
        with CaptureQueriesContext(connection) as seen:
            part(boss, "latest-orders")
        assert not any("orders_transfer" in query["sql"] for query in seen)
        assert not any("orders_heartbeat" in query["sql"] for query in seen)

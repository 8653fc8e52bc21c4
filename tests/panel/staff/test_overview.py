"""The first page: figures, needs, what is shown to whom, and a card that fails alone."""

from datetime import timedelta
from decimal import Decimal

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from config.celery import TIMETABLE
from orders import health, machinery, reports
from orders.enums import HoldReason, OrderStatus, ProviderHold, Tier
from orders.models import Heartbeat, Order, Provider, ProviderState, Staff, Sweep
from orders.people import Person, person_of
from panel.staff.overview import attention, overview_accounts, overview_cards, overview_machinery
from panel.staff.overview.overview import PARTS
from tests.support import factories as make

pytestmark = pytest.mark.django_db
OVERVIEW = "/staff/"
NOW = timezone.now
DAY = timedelta(days=1)


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

    @pytest.mark.parametrize(("module", "name"), [(machinery, "jobs"), (reports, "spending")])
    def test_a_side_card_that_fails_stands_alone(
        self, boss: Staff, monkeypatch: pytest.MonkeyPatch, module: object, name: str
    ) -> None:
        sold()
        monkeypatch.setattr(module, name, lambda *_: 1 / 0)
        for text in (text_of(boss), part(boss, "state-of-things")):
            assert text.count("This card could not be worked out") == 1
            assert "Provider balances" in text and "Machinery" in text


class TestNeeds:
    def test_each_kind_of_trouble_has_its_words(self) -> None:
        assert set(attention._TELLERS) == set(health.Trouble)

    def test_an_unconfirmed_order_leads_to_the_review_queue(self, boss: Staff) -> None:
        sold(status=OrderStatus.UNCONFIRMED, status_at=NOW() - timedelta(hours=2))
        text = part(boss, "needs")
        assert "1 order unconfirmed" in text and "oldest 2 h ago, $1.30 at stake" in text
        assert reverse("staff:review") in text
        assert "<html" not in text

    @pytest.mark.parametrize(
        ("trouble", "wanted", "others"),
        [
            (
                health.Trouble.UNCONFIRMED,
                {"status": OrderStatus.UNCONFIRMED},
                [{"status": OrderStatus.FAILED}],
            ),
            (
                health.Trouble.FAILED,
                {"status": OrderStatus.FAILED},
                [{"status": OrderStatus.UNCONFIRMED}],
            ),
            (
                health.Trouble.REFUND_UNKNOWN,
                {"status": OrderStatus.PARTIAL, "refund_unknown": True},
                [{"status": OrderStatus.FAILED}],
            ),
            (
                health.Trouble.COST_CHANGED,
                {"status": OrderStatus.WAITING, "hold": HoldReason.PRICE},
                [{"status": OrderStatus.WAITING}],
            ),
            (
                health.Trouble.REQUEST_HELD,
                {"status": OrderStatus.WAITING, "hold": HoldReason.REQUEST},
                [{"status": OrderStatus.WAITING}],
            ),
            (
                health.Trouble.LATE,
                {"status": OrderStatus.IN_PROGRESS, "tier": Tier.OLD},
                [
                    {
                        "status": OrderStatus.IN_PROGRESS,
                        "tier": Tier.OLD,
                        "support_asked_at": NOW(),
                    },
                    {"status": OrderStatus.IN_PROGRESS},
                ],
            ),
        ],
    )
    def test_a_line_leads_to_the_orders_that_it_counted_and_to_no_others(
        self,
        boss: Staff,
        trouble: health.Trouble,
        wanted: dict[str, object],
        others: list[dict[str, object]],
    ) -> None:
        for values in [wanted, wanted, *others]:
            sold(**values)
        who, now = signed_in_person(boss), NOW()
        counted = [each for each in health.concerns(who, now) if each.kind is trouble]
        (need,) = attention.needs(counted, who, now)
        context = signed_in(boss).get(need.url).context
        found = context["queue"].cases if "queue" in context else context["rows"]
        assert [len(found), *(each.number for each in found)] == [
            counted[0].count,
            *Order.objects.filter(**wanted)
            .exclude(support_asked_at__gt=now - DAY)
            .order_by("pk" if "queue" in context else "-pk")
            .values_list("pk", flat=True),
        ]

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

    def test_an_unreadable_key_leads_an_admin_to_the_provider_and_names_it_to_nobody_else(
        self, boss: Staff, settings: Settings
    ) -> None:
        mira, provider = make.staff(), make.provider("Zebrahaus")
        settings.FIELD_KEYS = [Fernet.generate_key().decode()]
        seen, kept = part(boss, "needs"), part(mira, "needs")
        assert "Zebrahaus: its key cannot be read" in seen
        assert reverse("staff:provider", args=[provider.pk]) in seen
        assert "A provider: its key cannot be read" in kept and "Zebrahaus" not in kept

    def test_nothing_to_do_says_so(self, boss: Staff) -> None:
        machinery.began("orders.submit_due", NOW())
        assert "Nothing needs a person" in part(boss, "needs")


class TestMachinery:
    def test_the_engine_knows_the_pace_of_the_timetable(self) -> None:
        paces = {name: beat.total_seconds() for name, beat in machinery.BEATS.items()}
        assert paces == {name: seconds for name, (seconds, _) in TIMETABLE.items()}

    def test_every_job_has_a_name(self) -> None:
        named = overview_machinery.JOBS | overview_machinery.QUIET_JOBS
        assert set(named) == set(machinery.BEATS)

    def test_a_light_goes_out_after_two_beats(self, boss: Staff) -> None:
        now = NOW()
        Heartbeat.objects.create(job="orders.submit_due", began_at=now - timedelta(seconds=39))
        Heartbeat.objects.create(job="orders.refills", began_at=now - timedelta(seconds=91))
        Heartbeat.objects.create(job="orders.retier", began_at=now - timedelta(seconds=151))
        card = overview_machinery.machines(signed_in_person(boss), now)
        tones = {job.label: job.tone for job in card.jobs}
        assert (tones["Sending"], tones["Refills"], tones["Catalog"]) == ("green", "red", "red")
        assert tones["Pace of asking"] == "red", "a quiet job has a line once it is silent"
        assert card.silent == 6

    def test_a_first_turn_that_is_still_to_come_is_no_alarm_while_others_run(
        self, boss: Staff
    ) -> None:
        now = NOW()
        Heartbeat.objects.create(job="orders.submit_due", began_at=now - timedelta(seconds=4))
        card = overview_machinery.machines(signed_in_person(boss), now)
        catalog = next(job for job in card.jobs if job.label == "Catalog")
        assert (catalog.tone, catalog.words, card.silent, card.to_come) == (
            "amber",
            "not yet",
            0,
            5,
        )
        later = now + timedelta(minutes=1)
        card = overview_machinery.machines(signed_in_person(boss), later)
        assert (card.silent, card.to_come) == (6, 0), "nothing runs: now it is one"

    def test_the_list_is_called_live_only_while_the_sweep_is_alive(self, boss: Staff) -> None:
        sold()
        beat = Heartbeat.objects.create(job="orders.sweep_orders", began_at=NOW())
        assert "Live, last sweep" in text_of(boss)
        beat.began_at = NOW() - timedelta(seconds=51)
        beat.save()
        assert "Not live: last sweep" in text_of(boss)

    def test_the_oldest_waiting_is_among_what_the_person_sees(self, boss: Staff) -> None:
        since = NOW() - timedelta(minutes=40)
        sold(status=OrderStatus.WAITING, waiting_since=since)
        seen = overview_machinery.machines(signed_in_person(boss), NOW()).backlog[0]
        assert (seen.tone, seen.words) == ("amber", "40 min, 1 waiting")
        kept = overview_machinery.machines(signed_in_person(make.staff()), NOW()).backlog[0]
        assert (kept.tone, kept.words) == ("green", "nothing waits")

    @pytest.mark.parametrize(("age", "tone"), [(70, "green"), (130, "amber")])
    def test_the_oldest_unchecked_is_measured_by_its_pace(
        self, boss: Staff, age: int, tone: str
    ) -> None:
        began = NOW() - timedelta(seconds=age)
        started = {"1": began.isoformat(), "4": (NOW() - timedelta(hours=20)).isoformat()}
        Sweep.objects.create(provider=make.provider(), started=started, rounds=started)
        line = overview_machinery.machines(signed_in_person(boss), NOW()).backlog[1]
        assert (line.tone, "due every 1 min" in line.words) == (tone, True)


class TestAccounts:
    def account(self, **state: object) -> overview_accounts.Account:
        provider = make.provider("Zebrahaus")
        ProviderState.objects.filter(provider=provider).update(**state)
        return overview_accounts.accounts(NOW()).shown[0]

    def test_a_balance_is_told_as_time(self) -> None:
        provider = make.provider("Zebrahaus")
        ProviderState.objects.filter(provider=provider).update(balance=Decimal(1))
        sold(of=make.service(make.offer(provider)), cost=Decimal("2.4"), expected_cost=1)
        Order.objects.update(charge_upstream=Decimal("2.4"))
        shown = overview_accounts.accounts(NOW()).shown[0]
        assert (shown.hours, shown.left, shown.scarce) == (10, "10 h left", True)

    @pytest.mark.parametrize(
        ("age", "tones"),
        [(100, ("green", "green")), (160, ("amber", "green")), (1300, ("amber",) * 2)],
    )
    def test_no_light_is_green_for_longer_than_two_beats(
        self, age: int, tones: tuple[str, str]
    ) -> None:
        moment = NOW() - timedelta(seconds=age)
        shown = self.account(last_answer_at=moment, catalog_read_at=moment)
        assert tuple(light.tone for light in shown.lights) == tones

    def test_what_was_never_read_is_not_green(self) -> None:
        shown = self.account(last_answer_at=None, catalog_read_at=None)
        assert [light.tone for light in shown.lights] == ["grey", "grey"]
        assert shown.lights[1].words == "cost read: never"

    def test_what_is_held_stands_first_and_the_rest_is_counted(self) -> None:
        for number in range(8):
            make.provider(f"Provider {number}")
        held = Provider.objects.get(name="Provider 7")
        ProviderState.objects.filter(provider=held).update(hold=ProviderHold.FUNDS)
        found = overview_accounts.accounts(NOW())
        assert found.shown[0].name == "Provider 7" and found.shown[0].hold == "no funds"
        assert (len(found.shown), found.more) == (6, 2)


class TestLatest:
    def test_open_and_ended_ones_can_be_asked_for(self, boss: Staff) -> None:
        sold(status=OrderStatus.IN_PROGRESS)
        sold(status=OrderStatus.COMPLETED)
        opened, ended = Order.objects.order_by("pk")
        for query, order in (("?show=open", opened), ("?show=ended", ended)):
            rows = signed_in(boss).get(OVERVIEW + query).context["latest"]().content
            assert [row.number for row in rows] == [order.pk]

    def test_its_refresh_keeps_what_was_asked_for(self, boss: Staff) -> None:
        sold()
        assert "?span=7&amp;show=ended" in text_of(boss, "?span=7&show=ended")


class TestFirstSteps:
    def test_an_empty_panel_leads_an_admin_to_the_first_order(self, boss: Staff) -> None:
        text = text_of(boss)
        assert "Seven steps to the first order" in text and " of 7 done" in text
        assert reverse("staff:setup_provider") in text

    def test_what_is_done_is_ticked(self, boss: Staff) -> None:
        make.service()
        make.customer("Casa Verde")
        course = overview_cards.first_steps(NOW())
        assert course is not None
        told = {step.slug: step for step in course.steps}
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
    @pytest.mark.parametrize("target", ["", *PARTS])
    def test_one_order_or_many_take_as_many_queries(self, boss: Staff, target: str) -> None:
        browser = signed_in(boss)
        headers = {"HX-Request": "true", "HX-Target": target} if target else {}

        def queries() -> int:
            with CaptureQueriesContext(connection) as seen:
                assert browser.get(OVERVIEW, headers=headers).status_code == 200
            return len(seen)

        sold(status=OrderStatus.WAITING)
        queries()
        one = queries()
        for _ in range(49):
            sold(status=OrderStatus.WAITING)
        assert Provider.objects.count() == 50
        assert queries() == one

    def test_a_live_part_works_out_nothing_else(self, boss: Staff) -> None:
        sold()
        with CaptureQueriesContext(connection) as seen:
            part(boss, "latest-orders")
        assert not any("orders_transfer" in query["sql"] for query in seen)
        assert not any("orders_heartbeat" in query["sql"] for query in seen)

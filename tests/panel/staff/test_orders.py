"""The orders list: tabs, one search box, filters, live rows, pages, what each person sees."""

import re
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders.enums import HoldReason, OrderStatus, ProviderHold, Tier
from orders.models import Order, Provider, ProviderState, Staff
from orders.people import person_of
from panel.staff.orders import order_tabs, orders
from tests.support import factories as make

pytestmark = pytest.mark.django_db
LIST = "/staff/orders/"
S = OrderStatus


def signed_in(member: Staff) -> Client:
    browser = Client()
    browser.force_login(member.user)
    return browser


@pytest.fixture
def boss() -> Staff:
    return make.admin()


def numbers(member: Staff, **query: object) -> list[int]:
    """The orders on the page, in their order."""
    response = signed_in(member).get(LIST, query)
    assert response.status_code == 200
    return [row.number for row in response.context["rows"]]


def live(member: Staff, **query: object):  # type: ignore[no-untyped-def]
    headers = {"HX-Request": "true", "HX-Target": "order-table"}
    return signed_in(member).get(LIST, query, headers=headers)


class TestTabs:
    @pytest.mark.parametrize(
        ("tab", "statuses"),
        [
            ("waiting", {S.WAITING}),
            ("running", {S.SENDING, S.PENDING, S.PROCESSING, S.IN_PROGRESS}),
            ("review", {S.UNCONFIRMED, S.FAILED}),
            ("partial", {S.PARTIAL}),
            ("canceled", {S.CANCELED, S.REFUSED}),
            ("completed", {S.COMPLETED}),
            ("all", set(S)),
            ("no such tab", set(S)),
        ],
    )
    def test_a_tab_holds_its_statuses_newest_first(
        self, boss: Staff, tab: str, statuses: set[str]
    ) -> None:
        made = [make.order(status=status) for status in S]
        expected = [order.pk for order in reversed(made) if order.status in statuses]
        assert numbers(boss, tab=tab) == expected

    def test_another_tab_begins_at_its_newest_and_keeps_what_was_asked_for(
        self, boss: Staff
    ) -> None:
        query = {"before": "5", "tab": "waiting", "q": "nord"}
        tabs = signed_in(boss).get(LIST, query).context["tabs"]()
        assert {tab.label: tab.url for tab in tabs}["Late"] == "?q=nord&tab=late"

    def test_an_open_refund_is_under_review_once(self, boss: Staff) -> None:
        partial = make.order(status=S.PARTIAL, refund_unknown=True)
        failed = make.order(status=S.FAILED, refund_unknown=True)
        assert numbers(boss, tab="review") == [failed.pk, partial.pk]

    @pytest.mark.parametrize(
        ("asked", "where"),
        [
            ({"unasked": "on"}, {"all", "running", "late"}),
            ({"hold": "price"}, {"all", "waiting"}),
            ({"unasked": "on", "hold": "price"}, {"all"}),
        ],
    )
    def test_what_no_order_can_be_is_not_looked_for(
        self, boss: Staff, asked: dict[str, str], where: set[str]
    ) -> None:
        late = make.order(status=S.IN_PROGRESS, tier=Tier.OLD)
        held = make.order(status=S.WAITING, hold=HoldReason.PRICE)
        make.order(status=S.PARTIAL, refund_unknown=True)
        wanted = [] if len(asked) == 2 else [late.pk] if "unasked" in asked else [held.pk]
        who, looked = person_of(boss.user), set()
        for tab in order_tabs.TABS:
            query = QueryDict(urlencode(asked | {"tab": tab.slug}))
            with CaptureQueriesContext(connection) as seen:
                found = [row.number for row in orders._Listing(who, query).rows]
            assert found == (wanted if tab.slug in where else [])
            if any('FROM "orders_order"' in each["sql"] for each in seen):
                looked.add(tab.slug)
        assert looked == where

    def test_late_are_running_orders_in_which_nothing_moved_for_a_day(self, boss: Staff) -> None:
        late = make.order(status=S.IN_PROGRESS, tier=Tier.OLD)
        make.order(status=S.IN_PROGRESS, tier=Tier.QUIET)
        make.order(status=S.FAILED, tier=Tier.OLD)
        assert numbers(boss, tab="late") == [late.pk]

    def test_tabs_that_need_a_person_are_counted(self, boss: Staff) -> None:
        make.order(status=S.UNCONFIRMED)
        make.order(status=S.PENDING)
        tabs = signed_in(boss).get(LIST).context["tabs"]()
        counts = {tab.label: tab.count for tab in tabs}
        assert (counts["Review"], counts["Running"], counts["Completed"]) == (1, 1, None)

    @pytest.mark.parametrize("tab", order_tabs.TABS, ids=lambda tab: tab.slug)
    def test_an_empty_tab_says_why_that_is_good_or_what_to_do(self, tab: order_tabs.Tab) -> None:
        # An admin of a panel without orders is led through its set-up instead.
        text = signed_in(make.staff()).get(LIST, {"tab": tab.slug}).content.decode()
        assert str(tab.empty) in text and str(tab.explained) in text


class TestSearch:
    def test_a_number_finds_ours_and_upstreams(self, boss: Staff) -> None:
        ours = make.order()
        theirs = make.order(upstream_id=str(ours.pk))
        assert numbers(boss, q=f" #{ours.pk} ") == [theirs.pk, ours.pk]

    def test_upstreams_number_is_not_looked_for_by_who_does_not_see_it(self) -> None:
        mira = make.staff()
        make.order(make.customer(manager=mira), upstream_id="90311845")
        assert numbers(mira, q="90311845") == []

    def test_a_link_finds_what_begins_so_with_or_without_scheme(self, boss: Staff) -> None:
        order = make.order(link="https://www.Instagram.com/ateliernord/")
        make.order(link="https://instagram.com/casaverde")
        make.order(link="https://instagram.com/ATELIERNORD")
        for text in ("instagram.com/atelier", "https://www.instagram.com/ateliernord/"):
            assert numbers(boss, q=text) == [order.pk]

    def test_signs_that_mean_something_to_a_database_are_plain_text(self, boss: Staff) -> None:
        order = make.order(link="https://x.com/a_b%c")
        make.order(link="https://x.com/aXbYc")
        assert numbers(boss, q="x.com/a_b%c") == [order.pk]

    def test_a_phone_number_or_a_name_finds_the_clients_orders(self, boss: Staff) -> None:
        order = make.order(make.customer("Casa Verde", phone="351912345678"))
        make.order(make.customer("Somebody Else"))
        for text in ("351912345678", "3519123", "casa ver"):
            assert numbers(boss, q=text) == [order.pk]

    def test_every_hit_stands_once(self, boss: Staff) -> None:
        order = make.order(make.customer("instagram"), link="https://instagram.com/a")
        assert numbers(boss, q="instagram") == [order.pk]

    def test_staff_find_nothing_of_the_clients_of_others(self) -> None:
        order = make.order(make.customer("Casa Verde", phone="351912345678"))
        mira = make.staff("Mira")
        for text in (str(order.pk), "casa", "351912345678", order.link):
            assert numbers(mira, q=text) == []

    def test_a_search_that_finds_nothing_repeats_what_was_searched(self, boss: Staff) -> None:
        text = signed_in(boss).get(LIST, {"q": "<b>nobody</b>"}).content.decode()
        assert "Searched for “&lt;b&gt;nobody&lt;/b&gt;”" in text
        assert "Clear the search" in text

    @pytest.mark.parametrize("text", ["9" * 30, "a b/c", "#", "@", "%", "\u0660\u0661", "-1", "٣"])
    def test_odd_input_finds_nothing_and_breaks_nothing(self, boss: Staff, text: str) -> None:
        make.order()
        assert signed_in(boss).get(LIST, {"q": text}).status_code == 200


class TestFilters:
    def test_each_filter_leaves_its_own(self, boss: Staff) -> None:
        wanted = make.order(make.customer("Wanted"), by=boss.user)
        make.order()
        for name, value in (
            ("client", wanted.customer_id),
            ("service", wanted.service_id),
            ("provider", wanted.provider_id),
            ("person", boss.user_id),
        ):
            assert numbers(boss, **{name: value}) == [wanted.pk], name

    def test_days_are_whole_days(self, boss: Staff) -> None:
        day = timezone.localtime().replace(hour=12)
        earlier = make.order(placed_at=day - timedelta(days=2))
        later = make.order(placed_at=day)
        assert numbers(boss, since=f"{day:%F}") == [later.pk]
        assert numbers(boss, until=f"{day - timedelta(days=2):%F}") == [earlier.pk]

    def test_filters_tab_and_search_narrow_together(self, boss: Staff) -> None:
        client = make.customer()
        wanted = make.order(client, status=S.COMPLETED)
        make.order(client, status=S.PENDING)
        make.order(status=S.COMPLETED)
        assert numbers(boss, client=client.pk, tab="completed", q="instagram") == [wanted.pk]

    def test_a_wrong_filter_is_said_so_and_filters_nothing(self, boss: Staff) -> None:
        make.order()
        response = signed_in(boss).get(LIST, {"service": "abc", "since": "soon"})
        assert len(response.context["rows"]) == 1
        assert "Enter a whole number" in response.content.decode()

    def test_who_does_not_see_providers_cannot_filter_by_one(self) -> None:
        mira = make.staff()
        order = make.order(make.customer(manager=mira))
        other = make.provider("Zebrahaus")
        assert numbers(mira, provider=other.pk) == [order.pk]
        assert "Zebrahaus" not in signed_in(mira).get(LIST).content.decode()

    def test_each_filter_that_acts_is_said_and_can_be_taken_away_alone(self, boss: Staff) -> None:
        order = make.order(status=S.WAITING, hold=HoldReason.PRICE)
        asked = {"tab": "waiting", "hold": "price", "client": order.customer_id, "service": "abc"}
        context = signed_in(boss).get(LIST, asked | {"before": "99"}).context
        chips = list(context["filters"].chips())
        assert [(chip.label, chip.value) for chip in chips] == [
            ("Client no.", str(order.customer_id)),
            ("Hold", "Cost changed"),
        ]
        assert chips[0].url == "?tab=waiting&hold=price&service=abc"
        assert context["unfiltered"] == "?tab=waiting"

    def test_filters_that_leave_nothing_say_so(self, boss: Staff) -> None:
        text = signed_in(boss).get(LIST, {"client": 999}).content.decode()
        assert "No order fits these filters" in text


class TestPages:
    def test_pages_go_older_and_newer_without_gap_or_repeat(
        self, boss: Staff, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(orders, "SIZE", 2)
        client, service = make.customer(), make.service()
        statuses = [S.PENDING, S.IN_PROGRESS, S.PROCESSING, S.PENDING, S.IN_PROGRESS]
        made = [make.order(client, service, status=status).pk for status in statuses][::-1]
        browser, url, seen = signed_in(boss), f"{LIST}?tab=running", []
        while True:
            page = browser.get(url).context
            seen.append([row.number for row in page["rows"]])
            if not page["older"]:
                break
            url = f"{LIST}{page['older']}"
        assert seen == [made[:2], made[2:4], made[4:]]
        assert "tab=running" in url

        newer = browser.get(f"{LIST}{page['newer']}").context
        assert [row.number for row in newer["rows"]] == made[2:4]


class TestLiveRows:
    def test_htmx_gets_the_table_alone_and_goes_on_while_something_runs(self, boss: Staff) -> None:
        make.order(status=S.PENDING)
        make.order(status=S.COMPLETED)
        response = live(boss)
        assert response.status_code == 200
        assert response.content.decode().lstrip().startswith('<div id="order-table" hx-get')

    def test_it_stops_asking_once_all_are_finished(self, boss: Staff) -> None:
        make.order(status=S.COMPLETED)
        assert live(boss).status_code == 286
        make.order(status=S.PARTIAL, refund_unknown=True)
        assert live(boss).status_code == 200

    def test_the_part_asks_its_own_address_again(self, boss: Staff) -> None:
        make.order(status=S.PENDING)
        html = live(boss, tab="running", q="instagram").content.decode()
        assert re.search(r'hx-get="/staff/orders/\?tab=running&amp;q=instagram"', html)

    def test_an_ended_session_tells_the_page_where_to_sign_in(self) -> None:
        headers = {"HX-Request": "true", "HX-Target": "order-table"}
        response = Client().get(LIST, headers=headers)
        assert response.status_code == 204
        assert "/account/login/" in response["HX-Trigger"]


class TestRows:
    def test_a_row_tells_the_net_price_charge_and_profit(self, boss: Staff) -> None:
        make.order(status=S.PARTIAL, refunded=Decimal("0.3"), cost=Decimal("0.70000001"))
        (row,) = signed_in(boss).get(LIST).context["rows"]
        assert (row.net, row.charge) == (Decimal("1.0"), Decimal("0.70000001"))
        assert row.profit == Decimal("0.29999999")

    def test_a_charge_that_is_not_known_is_no_profit(self, boss: Staff) -> None:
        make.order()
        (row,) = signed_in(boss).get(LIST).context["rows"]
        assert (row.charge, row.profit) == (None, None)

    def test_without_the_switch_neither_charge_nor_provider_reach_the_context(self) -> None:
        mira = make.staff()
        make.order(make.customer(manager=mira), cost=Decimal("0.7"), flag="Provider lied")
        (row,) = signed_in(mira).get(LIST).context["rows"]
        assert (row.charge, row.profit, row.provider, row.flag) == (None, None, None, "")

    def test_a_waiting_order_says_what_holds_it(self, boss: Staff) -> None:
        order = make.order(status=S.WAITING)

        def label() -> str:
            return signed_in(boss).get(LIST).context["rows"][0].label

        assert label() == "Waiting"
        ProviderState.objects.filter(provider=order.provider).update(hold=ProviderHold.FUNDS)
        assert label() == "Held for funds"
        Order.objects.update(hold=HoldReason.PRICE)
        assert label() == "Held, cost changed"

    def test_a_stopped_provider_holds_its_orders(self, boss: Staff) -> None:
        order = make.order(status=S.WAITING)
        Provider.objects.filter(pk=order.provider_id).update(not_sent=True)
        assert "Held, sending stopped" in live(boss).content.decode()

    def test_a_link_is_shown_as_text_and_never_as_markup(self, boss: Staff) -> None:
        make.order(link="https://x.com/<script>alert(1)</script>")
        assert "<script>alert" not in signed_in(boss).get(LIST).content.decode()


@pytest.mark.parametrize(
    "query", [{}, {"tab": "running"}, {"tab": "review"}, {"q": "instagram"}, {"q": "12345"}]
)
def test_one_order_or_many_take_as_many_queries(boss: Staff, query: dict[str, str]) -> None:
    browser = signed_in(boss)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(LIST, query).status_code == 200
        return len(seen)

    def some() -> None:
        client = make.customer(f"instagram {Order.objects.count()}")
        make.order(client, upstream_id=f"12345-{client.pk}", status=S.IN_PROGRESS)
        make.order(client, status=S.UNCONFIRMED)

    some()
    queries()
    one = queries()
    for _ in range(5):
        some()
    assert queries() == one


def test_customers_may_not_open_it() -> None:
    browser = Client()
    browser.force_login(make.customer(signs_in=True).user)
    assert browser.get(reverse("staff:orders")).status_code == 403

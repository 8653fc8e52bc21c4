"""Reports: figures of a period, tables by everything, CSV files."""

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders import ledger
from orders.enums import OrderStatus
from orders.models import Customer, Order, ReportState, Staff
from orders.reports import agreement, rolling
from panel.staff.reports.report_page import TABS
from tests.support import factories as make

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
PAGE = "staff:reports"


def add_up() -> None:
    rolling.add_up(timezone.now())


def sold(by: Staff | None = None, *, ago: int = 0, price: str = "10", **more: Any) -> Order:
    """An order that was placed and paid so many days ago."""
    at = timezone.now() - ago * DAY
    order = make.order(
        make.customer(manager=by),
        by=by.user if by else None,
        paid=False,
        placed_at=at,
        price=Decimal(price),
        **{"expected_cost": Decimal(6), **more},
    )
    with transaction.atomic():
        entry = ledger.order_entry(order, ledger.wallet_id(order.customer_id), None)
        ledger.post([entry], at=at)
    return order


def pay_back(order: Order, owed: str) -> None:
    with transaction.atomic():
        row = Order.objects.select_for_update().get(pk=order.pk)
        ledger.refund(row, Decimal(owed), by=None, memo="", at=timezone.now())


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(make.admin().user)
    return client


def page(client: Client, **query: Any) -> Any:
    answer = client.get(reverse(PAGE), query)
    assert answer.status_code == 200
    return answer.context["page"]


def lines(client: Client, **query: Any) -> dict[str, tuple[Any, ...]]:
    return {line.name.text: line.values for line in page(client, **query).table.lines}


def test_the_figures_stand_beside_those_of_the_period_before(boss: Client) -> None:
    pay_back(sold(cost=Decimal(5)), "2")
    sold(ago=40, price="8")
    add_up()
    found = {figure["label"]: figure for figure in page(boss).figures}
    assert found["Revenue"]["amount"] == 8
    assert found["Profit"]["amount"] == 3
    assert found["Profit"]["change"] == "50.0\u00a0%"
    assert found["Profit"]["good"] is True
    assert found["Paid back"]["note"] == "20.0\u00a0% of what was paid"
    assert (found["Paid back"]["direction"], found["Paid back"]["good"]) == ("up", False)
    assert found["Margin"]["value"] == "37.5\u00a0%"


def test_members_are_told_apart_by_what_they_did(boss: Client) -> None:
    mira, tom = make.staff("Mira", markup="35"), make.staff("Tom")
    sold(mira)
    order = sold(tom, price="20")
    Order.objects.filter(pk=order.pk).update(managed_by=mira, markup_of=mira)
    sold(price="7")
    add_up()
    placed = lines(boss)
    assert list(placed) == ["Tom", "Mira", "Clients themselves"]
    assert placed["Mira"][:3] == ("35\u00a0%", 1, 10)
    assert placed["Clients themselves"][0] == "rules"
    assert lines(boss, whose="managed")["Mira"][2] == 30
    assert list(lines(boss, whose="markup")) == ["Mira", "The panel's rules"]


@pytest.mark.parametrize("tab", ["day", "staff", "service", "category", "client", "provider"])
def test_every_table_comes_to_the_same_sum(boss: Client, tab: str) -> None:
    for ago in (0, 1, 1, 5):
        sold(make.staff(f"Member {ago}"), ago=ago)
    pay_back(sold(status=OrderStatus.PARTIAL), "0.00000001")
    add_up()
    table = page(boss, tab=tab).table
    assert table.together.values[2] == Decimal("49.99999999")
    for place in (1, 2, 3, 4, 5):
        assert sum(line.values[place] for line in table.lines) == table.together.values[place]


def test_who_sees_their_own_clients_reads_those_alone(client: Client) -> None:
    mira = make.staff("Mira", sees_cost=True)
    pay_back(sold(mira, ago=1), "1")
    sold(price="70")
    client.force_login(mira.user)
    for tab in TABS:
        found = page(client, tab=tab)
        assert found.figures[0]["amount"] == 9
        assert found.is_live
        assert found.is_own
    assert list(lines(client, tab="staff")) == ["Mira"]
    assert [values[2] for values in lines(client, tab="day").values() if values[2]] == [-1, 10]


def test_their_own_clients_are_summed_too(client: Client) -> None:
    mira = make.staff("Mira", sees_cost=True)
    pay_back(sold(mira, ago=1), "1")
    sold(price="70")
    add_up()
    client.force_login(mira.user)
    for tab in TABS:
        found = page(client, tab=tab)
        assert found.figures[0]["amount"] == 9
        assert (found.is_live, found.is_own) == (False, True)
        if tab not in ("delivery", "charges", "below", "runway"):
            assert found.table.together.values[2] == 9
    assert list(lines(client, tab="staff")) == ["Mira"]
    assert "Your own clients" in client.get(reverse(PAGE)).content.decode()


def test_a_client_who_has_just_left_is_not_shown_any_more(client: Client) -> None:
    mira = make.staff("Mira", sees_cost=True)
    sold(mira)
    gone = sold(mira, price="70").customer
    add_up()
    client.force_login(mira.user)
    Customer.objects.filter(pk=gone.pk).update(manager=None)
    for summed in (False, True):
        found = page(client, tab="client")
        assert found.is_live is not summed
        assert found.figures[0]["amount"] == 10
        assert len(found.table.lines) == 1
        add_up()


def test_what_a_member_reads_is_what_was_summed(boss: Client) -> None:
    mira = make.staff("Mira", sees_cost=True)
    for ago in (0, 3, 3, 33):
        order = sold(mira, ago=ago, cost=Decimal(11), charge_upstream=Decimal(12))
        Order.objects.filter(pk=order.pk).update(status=OrderStatus.COMPLETED)
    add_up()
    other = Client()
    other.force_login(mira.user)
    for tab in TABS:
        if tab != "runway":
            summed, live = page(boss, tab=tab).table, page(other, tab=tab).table
            assert [each.values for each in summed.lines] == [each.values for each in live.lines]
            assert summed.together.values == live.together.values


def test_long_periods_are_drawn_by_week_and_month(boss: Client) -> None:
    for period, step, bars in (("30", "day", 30), ("quarter", "week", 14), ("year", "month", 13)):
        found = page(boss, period=period)
        assert found.step == step
        assert abs(len(found.chart) - bars) <= 1


def test_the_chart_holds_all_of_the_period(boss: Client) -> None:
    for ago in (0, 6, 80, 300):
        sold(ago=ago)
    add_up()
    for period, revenue in (("7", 20), ("quarter", 30), ("year", 40)):
        assert sum(day.revenue for day in page(boss, period=period).chart) == revenue


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2026-02-30", "2026-03-01", "first"),
        ("2026-03-02", "2026-03-01", "last"),
        ("1999-03-02", "2026-03-01", "first"),
        ("2020-01-01", "2026-01-01", "last"),
        ("2099-03-02", "2099-03-03", "first"),
        ("", "2026-01-01", "first"),
    ],
)
def test_days_that_cannot_be_are_told_at_their_field(
    boss: Client, first: str, last: str, field: str
) -> None:
    answer = boss.get(reverse(PAGE), {"period": "choose", "first": first, "last": last})
    assert answer.status_code == 422
    assert field in answer.context["page"].form.errors
    assert f'value="{first}"' in answer.content.decode() or not first


def test_chosen_days_are_kept_by_every_link(boss: Client) -> None:
    found = page(boss, period="choose", first="2026-01-05", last="2026-01-09", tab="day")
    assert "5 January to 9 January" in found.words
    links = [*found.tabs, *found.whose]
    assert all("first=2026-01-05&last=2026-01-09" in link["url"] for link in links)


def test_tables_go_on_by_what_was_last(boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panel.staff.reports.tabs.Asked.size", 2)
    for price in ("9", "9", "8", "7", "7"):
        sold(price=price)
    add_up()
    for tab in ("client", "service", "category"):
        seen: list[Any] = []
        url = f"{reverse(PAGE)}?tab={tab}"
        while url:
            found = boss.get(url).context["page"]
            seen += found.table.lines
            url = found.older and reverse(PAGE) + found.older
            assert found.table.together.values[2] == 40
        if tab != "category":  # all of one
            assert [line.values[2] for line in seen] == [9, 9, 8, 7, 7]
            assert len({line.name.url for line in seen}) == 5


@pytest.mark.parametrize("tab", ["day", "client", "delivery", "below"])
@pytest.mark.parametrize(
    "after",
    [
        "nan:1",
        "inf:1",
        "1e400:1",
        "1e12:1",
        "-1e12:1",
        "1:99999999999999999999",
        "x",
        ":",
        "0001-01-01",
        "9999-12-31",
        "999999999999999999",
    ],
)
def test_a_place_that_cannot_be_is_no_fault(boss: Client, tab: str, after: str) -> None:
    assert boss.get(reverse(PAGE), {"tab": tab, "after": after}).status_code == 200


def test_days_go_on_too(boss: Client) -> None:
    found = page(boss, tab="day", period="quarter")
    assert len(found.table.lines) == 50
    rest = boss.get(reverse(PAGE) + found.older).context["page"].table
    assert (len(rest.lines), rest.on) == (41, "")


def test_how_orders_end_is_told_by_service(boss: Client) -> None:
    client, service = make.customer(), make.service()
    for status in ("completed", "completed", "partial", "canceled"):
        make.order(client, service, status=OrderStatus(status), placed_at=timezone.now())
    add_up()
    assert lines(boss, tab="delivery")[service.name][:5] == (4, 50, 25, 25, 0)


def test_charges_that_are_not_as_quoted_stand_by_service(boss: Client) -> None:
    done = {"status": OrderStatus.COMPLETED, "expected_charge_upstream": Decimal(6)}
    sold(cost=Decimal(6), charge_upstream=Decimal(6), **done)
    odd = sold(cost=Decimal(9), charge_upstream=Decimal(9), **done)
    add_up()
    assert lines(boss, tab="charges") == {odd.service.name: (1, 6, 9, 3, 50)}


def test_orders_below_cost_are_listed_from_the_latest(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("panel.staff.reports.tabs.Asked.size", 2)
    sold()
    lost = [sold(ago=ago, cost=Decimal(11 + ago)) for ago in (1, 1, 4, 9)]
    add_up()
    found = page(boss, tab="below")
    assert found.table.together.values[0] == "4 orders"
    assert found.table.together.values[-1] == 2 + 2 + 5 + 10
    seen = found.table.lines
    while found.older:
        found = boss.get(reverse(PAGE) + found.older).context["page"]
        seen += found.table.lines
    assert [line.name.text for line in seen] == [
        str(order.pk) for order in sorted(lost, key=lambda each: each.placed_at, reverse=True)
    ]
    assert seen[-1].values[-1] == 10


def test_one_order_is_not_called_orders(boss: Client) -> None:
    sold(cost=Decimal(99))
    add_up()
    assert page(boss, tab="below").table.together.values[0] == "1 order"
    text = boss.get(reverse(PAGE), {"tab": "service"}).content.decode()
    assert '<span class="only-s d"> order</span>' in text


def test_what_is_behind_and_what_differs_is_said(boss: Client) -> None:
    assert b"Nothing has been added up yet" in boss.get(reverse(PAGE)).content
    sold()
    add_up()
    agreement.check(timezone.now())
    text = boss.get(reverse(PAGE)).content.decode()
    assert "Agrees with the ledger to the last digit" in text
    assert "still to be added up" not in text
    sold()
    ReportState.objects.update(
        summed_at=timezone.now() - timedelta(minutes=20), findings=["2026-11-23, by day: wrong"]
    )
    text = boss.get(reverse(PAGE)).content.decode()
    assert "1 day still to be added up" in text
    assert "Differs from the ledger" in text


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────


def sheet(client: Client, **query: Any) -> list[list[str]]:
    answer = client.get(reverse("staff:report_sheet"), query)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text)))


def test_a_sheet_has_every_row_and_every_digit(boss: Client) -> None:
    for number in range(55):
        sold(price=f"1.0000000{number % 9}")
    add_up()
    rows = sheet(boss, tab="client", after="1:1")
    assert rows[0][:4] == [
        "Client",
        "Markup in per cent of the charge",
        "Orders",
        "Revenue, net of refunds",
    ]
    assert len(rows) == 57
    assert rows[1][3] == "1.00000008"
    assert sum(Decimal(row[3]) for row in rows[1:-1]) == Decimal(rows[-1][3])


def test_a_name_is_no_formula_in_a_sheet(boss: Client) -> None:
    order = sold()
    order.customer.name = "=1+1"
    order.customer.save()
    add_up()
    assert sheet(boss, tab="client")[1][0] == "'=1+1"


@pytest.mark.parametrize("tab", list(TABS))
def test_every_tab_has_its_sheet(boss: Client, tab: str) -> None:
    sold(cost=Decimal(11), charge_upstream=Decimal(11), status=OrderStatus.COMPLETED)
    add_up()
    rows = sheet(boss, tab=tab)
    assert len(rows) >= 2
    assert {len(row) for row in rows} == {len(rows[0])}


def test_a_sheet_is_named_for_its_days(boss: Client) -> None:
    answer = boss.get(reverse("staff:report_sheet"), {"tab": "day"})
    today = timezone.localdate().isoformat()
    assert answer["Content-Disposition"].endswith(f'-{today}.csv"')


# ── Queries ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("tab", list(TABS))
@pytest.mark.parametrize("sees_all", [True, False])
def test_a_page_takes_as_many_queries_for_one_order_as_for_many(
    client: Client, tab: str, sees_all: bool
) -> None:
    mira = make.staff("Mira", sees_cost=True, sees_all_customers=sees_all)
    client.force_login(mira.user)

    def queries() -> int:
        add_up()
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse(PAGE), {"tab": tab}).status_code == 200
        return len(seen)

    odd = {"cost": Decimal(11), "charge_upstream": Decimal(11), "status": OrderStatus.COMPLETED}
    sold(mira, **odd)
    queries()
    one = queries()
    for ago in range(6):
        sold(mira, ago=ago, **odd)
    assert queries() == one

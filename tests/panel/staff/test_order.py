"""One order's page: the sentence, the numbers, the money, the history, and the act that fits."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders import history, placement
from orders.enums import (
    CancellationStatus,
    Decision,
    EventKind,
    HoldReason,
    OrderStatus,
    RefillStatus,
    SubmissionOutcome,
)
from orders.models import Cancellation, Offer, Order, Refill, Staff, Submission
from orders.people import person_of
from panel.staff.orders import timeline
from panel.staff.orders.order_page import OrderPage, joined
from tests.support import factories as make

pytestmark = pytest.mark.django_db
S = OrderStatus
HTMX = {"HX-Request": "true", "HX-Target": "order-live"}


def signed_in(member: Staff) -> Client:
    browser = Client()
    browser.force_login(member.user)
    return browser


@pytest.fixture
def boss() -> Staff:
    return make.admin()


@pytest.fixture
def mira() -> Staff:
    """Sees neither cost nor provider, and her own client alone."""
    return make.staff()


def url(order: Order, name: str = "order") -> str:
    return reverse(f"staff:{name}", args=[order.pk])


def text_of(member: Staff, order: Order) -> str:
    response = signed_in(member).get(url(order))
    assert response.status_code == 200
    return response.content.decode()


def page_of(member: Staff, order: Order) -> OrderPage:
    found = joined(Order.objects.all()).get(pk=order.pk)
    return OrderPage(found, person_of(member.user), timezone.now())


def buttons(member: Staff, order: Order) -> list[str]:
    return [button.label for button in page_of(member, order).acts.buttons]


def post(member: Staff, order: Order, name: str, **said: Any) -> str:
    """Press a button; the words of the toast that follows."""
    response = signed_in(member).post(url(order, name), said)
    assert response.status_code == 302 and response["Location"] == url(order)
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


class TestWhoSeesIt:
    def test_a_client_of_somebody_else_is_not_there(self, mira: Staff) -> None:
        order = make.order()
        browser = signed_in(mira)
        assert browser.get(url(order)).status_code == 404
        for name in ("cancel_order", "refill_order", "hold_order", "release_order", "allow_loss"):
            assert browser.post(url(order, name), {"reason": "x"}).status_code == 404, name
            assert browser.get(url(order, name)).status_code == 405, name

    def test_customers_may_not_open_it_nor_press_its_buttons(self) -> None:
        client = make.customer(signs_in=True)
        order = make.order(client, status=S.WAITING)
        browser = Client()
        browser.force_login(client.user)
        assert browser.get(url(order)).status_code == 403
        assert browser.post(url(order, "cancel_order")).status_code == 403
        order.refresh_from_db()
        assert order.status == S.WAITING

    def test_without_the_switch_cost_provider_and_raw_answers_stay_away(self, mira: Staff) -> None:
        provider = make.provider("Zebrahaus")
        service = make.service(make.offer(provider))
        order = make.order(make.customer(manager=mira), service, cost=Decimal("0.61847"))
        sent(order, answer='{"order": 90311845, "charge": "0.61847"}')
        history.note(order.pk, EventKind.ACCEPTED, timezone.now(), upstream_id="90311845")
        history.note(order.pk, EventKind.SENT, timezone.now())
        hold = "Cost rose 0.61 → 0.73; below floor by 0.12"
        history.note(order.pk, EventKind.HELD, timezone.now(), detail=hold, reason="price")
        text = text_of(mira, order)
        for secret in ("Zebrahaus", "61847", "90311845", "Cost rose", "Profit", "Markup"):
            assert secret not in text, secret
        assert "Sent to the provider" in text and "Accepted by the provider" in text
        assert page_of(mira, order).money.costs is None


def sent(order: Order, **values: Any) -> Submission:
    now = timezone.now()
    made = {"number": 1, "claimed_at": now, "expires_at": now, "sent_at": now} | values
    made = {"outcome": SubmissionOutcome.CREATED} | made
    return Submission.objects.create(order=order, provider=order.provider, **made)


class TestSentence:
    def test_a_running_order_says_how_far_it_is(self, boss: Staff) -> None:
        order = make.order(
            status=S.IN_PROGRESS, remains=400, start_count=12_480, upstream_status="In progress"
        )
        text = text_of(boss, order)
        assert "In progress, last checked" in text
        assert re.search(r"600.*of 1,000 delivered", text)
        assert "12,480" in text and "13,080" in text

    def test_an_unconfirmed_order_says_when_it_was_sent(self, boss: Staff) -> None:
        order = make.order(status=S.UNCONFIRMED)
        sent(order, outcome=SubmissionOutcome.UNKNOWN)
        said = page_of(boss, order).sentence
        assert re.match(r"Unconfirmed. Sent \d\d:\d\d:\d\d, the answer was lost", said)

    def test_a_price_hold_tells_its_figures_to_who_sees_cost(
        self, boss: Staff, mira: Staff
    ) -> None:
        order = make.order(
            make.customer(manager=mira),
            status=S.WAITING,
            hold=HoldReason.PRICE,
            hold_detail="Cost rose 1.20 → 3.60; below floor by 1.10",
        )
        assert page_of(boss, order).sentence == "Held: cost rose 1.20 → 3.60; below floor by 1.10"
        assert page_of(mira, order).sentence == "Held: cost changed"

    def test_who_canceled_it_is_said(self, boss: Staff) -> None:
        order = make.order(status=S.WAITING)
        post(boss, order, "cancel_order")
        assert page_of(boss, order).sentence == "Canceled before sending by Ada Admin"

    def test_a_given_up_order_names_the_person_and_the_reason(self, boss: Staff) -> None:
        order = make.order(status=S.CANCELED)
        history.note(
            order.pk,
            EventKind.DECIDED,
            timezone.now(),
            person_id=boss.user_id,
            detail="balance unchanged",
            decision=Decision.GIVE_UP,
        )
        assert page_of(boss, order).sentence == 'Given up by Ada Admin: "balance unchanged"'

    def test_completed_after_the_refund_is_told_as_a_loss(self, boss: Staff) -> None:
        order = make.order(
            status=S.CANCELED,
            upstream_status="Completed",
            refunded=Decimal("1.3"),
            cost=Decimal("0.9"),
        )
        said = page_of(boss, order).sentence
        assert said == "Completed after refund: loss $0.9000, no money moved"

    @pytest.mark.parametrize("status", list(S))
    def test_every_status_has_a_page(self, boss: Staff, status: OrderStatus) -> None:
        order = make.order(status=status)
        assert page_of(boss, order).sentence
        assert f"Order {order.pk}" in text_of(boss, order)

    @pytest.mark.parametrize(("minutes", "watched"), [(2, True), (3, False)])
    def test_no_light_is_green_for_longer_than_two_rounds(
        self, boss: Staff, minutes: int, watched: bool
    ) -> None:
        at = timezone.now() - timedelta(minutes=minutes)
        order = make.order(status=S.IN_PROGRESS, tier=1, changed_at=at, upstream_status="Pending")
        assert page_of(boss, order).is_watched is watched
        live = text_of(boss, order).split('id="order-live"')[1].split('id="order-dialogs"')[0]
        assert ('class="pulse off"' in live) is not watched


class TestMoney:
    def test_what_was_never_bought_waits_for_no_charge(self, boss: Staff) -> None:
        text = text_of(boss, make.order(status=S.REFUSED, upstream_id=None, tier=None))
        assert "nothing charged" in text and "Not followed" in text
        assert "charge not known yet" not in text and "as quoted" not in text

    def test_quoted_and_actual_stand_side_by_side(self, boss: Staff) -> None:
        order = make.order(
            status=S.COMPLETED,
            exchange_rate=Decimal("1.5"),
            factor=Decimal("1.02"),
            expected_cost=Decimal("1.53"),
            charge_upstream=Decimal("0.8"),
            cost=Decimal("1.224"),
        )
        costs = page_of(boss, order).money.costs
        assert costs is not None
        lines = {line.label: (line.quoted, line.actual) for line in costs.lines}
        assert lines["Cost rate, per 1000"] == (1, Decimal("0.8"))
        assert lines["Upstream charge"] == (1, Decimal("0.8"))
        assert lines["Exchange × 1.5000"] == (Decimal("1.5"), Decimal("1.2"))
        assert lines["Fee × 1.0200"] == (Decimal("1.53"), Decimal("1.224"))
        assert (costs.profit_quoted, costs.profit) == (Decimal("-0.23"), Decimal("0.076"))
        assert costs.difference == (
            "$0.3060 more than quoted: charged $0.3060 less, their rate was $1.0000 → $0.8000"
        )

    def test_a_refund_lowers_the_profit(self, boss: Staff) -> None:
        order = make.order(
            status=S.PARTIAL, refunded=Decimal("0.5"), cost=Decimal("1"), remains=300
        )
        costs = page_of(boss, order).money.costs
        assert costs is not None and costs.profit == Decimal("-0.2")
        assert costs.difference == "$0.5000 less than quoted: $0.5000 paid back to the client"
        assert ">Loss" in text_of(boss, order)

    def test_until_the_charge_is_known_the_profit_is_called_quoted(self, boss: Staff) -> None:
        text = text_of(boss, make.order())
        assert "charge not known yet" in text and "as quoted" in text

    def test_a_placed_order_explains_its_price(self, boss: Staff) -> None:
        client, service = make.customer(balance="50"), make.service()
        fields = {"link": "https://x.com/a", "quantity": "1000"}
        placed = placement.place(client, service.pk, fields, by=boss.user, now=timezone.now())
        costs = page_of(boss, placed.order).money.costs
        assert costs is not None
        assert costs.stages[0].code == "cost_rate"
        assert "Markup: 30 %, " in text_of(boss, placed.order)


class TestHistory:
    def test_every_kind_of_event_has_its_words(self) -> None:
        assert set(timeline._TELLERS) == set(EventKind)

    @pytest.mark.parametrize("kind", list(EventKind))
    def test_an_event_without_any_data_is_told_all_the_same(
        self, boss: Staff, kind: EventKind
    ) -> None:
        order = make.order()
        history.note(order.pk, kind, timezone.now())
        for sees_cost in (True, False):
            told = timeline.timeline(order, order.events.all(), [], sees_cost=sees_cost)
            assert all(item.title for item in told)

    def test_money_is_told_by_its_transfer_with_the_balance_after(self, boss: Staff) -> None:
        order = make.order(make.customer("Nord", balance="5"), status=S.WAITING)
        post(boss, order, "cancel_order")
        told = {item.title: item.text for item in page_of(boss, order).timeline}
        back = "$1.3000 paid back to the wallet by Ada Admin"
        reference = f"transfer order:{order.pk}:refunded-to:1.30000000"
        assert told[back] == f"{reference}, balance $5.0000"
        titles = list(told)
        assert titles[titles.index(back) + 1] == "Canceled before sending by Ada Admin"
        assert "taken from the wallet" in str(titles)
        assert "Paid back" not in titles

    def test_the_newest_stands_first(self, boss: Staff) -> None:
        order = make.order()
        now = timezone.now()
        history.note(order.pk, EventKind.STATUS, now + timedelta(1), status=S.COMPLETED)
        history.note(order.pk, EventKind.STATUS, now + timedelta(2), status=S.PARTIAL)
        assert [item.title for item in page_of(boss, order).timeline][:2] == [
            "Partial",
            "Completed",
        ]

    def test_the_providers_words_are_text(self, boss: Staff) -> None:
        order = make.order(status=S.REFUSED)
        history.note(
            order.pk, EventKind.REFUSED, timezone.now(), detail="<img src=x>", family="link"
        )
        text = text_of(boss, order)
        assert "Refused: link" in text and "<img src=x>" not in text

    def test_a_late_answer_stands_with_the_evidence(self, boss: Staff) -> None:
        order = make.order(status=S.CANCELED)
        sent(
            order,
            outcome=SubmissionOutcome.DISMISSED,
            decision=Decision.GIVE_UP,
            decision_reason="no sign of it",
            late_answer='{"order": 5}',
        )
        text = text_of(boss, order)
        assert "late: {&quot;order&quot;: 5}" in text and "no sign of it" in text


class TestActs:
    def test_what_waits_can_be_held_or_canceled(self, mira: Staff) -> None:
        order = make.order(make.customer(manager=mira), status=S.WAITING)
        assert buttons(mira, order) == ["Hold", "Cancel and refund"]

    def test_a_cancel_before_sending_gives_the_price_back(self, mira: Staff) -> None:
        client = make.customer(balance="5", manager=mira)
        order = make.order(client, status=S.WAITING)
        assert "is canceled, $1.3000 went back" in post(mira, order, "cancel_order")
        order.refresh_from_db()
        assert (order.status, order.refunded) == (S.CANCELED, Decimal("1.3"))
        assert page_of(mira, order).acts.buttons == []

    def test_what_runs_is_asked_to_stop_once_and_moves_no_money(self, boss: Staff) -> None:
        order = make.order(status=S.IN_PROGRESS, remains=400)
        assert buttons(boss, order) == ["Ask to cancel"]
        (dialog,) = page_of(boss, order).acts.dialogs
        assert "600 of 1,000 are delivered" in dialog.text and "$0.5200" in dialog.text
        assert "when the provider's status says so" in post(boss, order, "cancel_order")
        assert Cancellation.objects.get().status == CancellationStatus.REQUESTED
        assert "The supplier decides" in post(boss, order, "cancel_order")
        assert Cancellation.objects.count() == 1
        order.refresh_from_db()
        assert (order.status, order.refunded) == (S.IN_PROGRESS, 0)

    def test_why_an_act_is_not_there_is_said(self, boss: Staff) -> None:
        order = make.order(status=S.IN_PROGRESS)
        Offer.objects.update(cancel=False, refill=False)
        text = text_of(boss, order)
        assert "Already running, and this service cannot be stopped." in text
        assert "No refill on this service." in text

    def test_a_completed_order_can_be_refilled_once_at_a_time(self, boss: Staff) -> None:
        order = make.order(status=S.COMPLETED, finished_at=timezone.now())
        assert buttons(boss, order) == ["Request refill"]
        assert post(boss, order, "refill_order") == "Refill asked for."
        assert Refill.objects.get().status == RefillStatus.REQUESTED
        assert "not finished yet" in post(boss, order, "refill_order")
        assert "Refill asked for by Ada Admin" in text_of(boss, order)

    def test_an_unconfirmed_order_leads_who_may_decide_to_its_case(
        self, boss: Staff, mira: Staff
    ) -> None:
        order = make.order(make.customer(manager=mira), status=S.UNCONFIRMED)
        assert buttons(boss, order) == ["Decide"]
        assert url(order, "case") in text_of(boss, order)
        assert buttons(mira, order) == []

    def test_holding_needs_a_reason_and_releasing_lets_it_go(self, boss: Staff) -> None:
        order = make.order(status=S.WAITING)
        assert "Say why" in post(boss, order, "hold_order", reason="  ")
        assert "is held" in post(boss, order, "hold_order", reason="wrong link?")
        assert buttons(boss, order) == ["Release", "Cancel and refund"]
        assert "by staff" in page_of(boss, order).sentence
        assert "is released" in post(boss, order, "release_order")
        order.refresh_from_db()
        assert order.hold == ""

    def test_an_act_that_comes_too_late_says_so(self, boss: Staff) -> None:
        order = make.order(status=S.PENDING)
        assert "no longer waits" in post(boss, order, "hold_order", reason="x")


class TestLoss:
    @pytest.fixture
    def dear(self) -> Order:
        offer = make.offer(rate=Decimal("2"))
        return make.order(
            of=make.service(offer), status=S.WAITING, hold=HoldReason.PRICE, hold_detail="Cost rose"
        )

    def test_an_admin_may_send_it_at_the_loss_that_is_named(self, boss: Staff, dear: Order) -> None:
        page = page_of(boss, dear)
        assert page.acts.buttons[0].label == "Send at a loss of $0.7000"
        assert 'name="loss" value="0.7' in text_of(boss, dear)
        said = post(boss, dear, "allow_loss", reason="good client", loss="0.7")
        assert "is sent at a loss of $0.7000" in said
        dear.refresh_from_db()
        assert (dear.loss_allowed, dear.loss_allowed_by, dear.hold) == (
            Decimal("0.7"),
            boss.user,
            "",
        )

    def test_a_loss_that_grew_meanwhile_is_not_allowed(self, boss: Staff, dear: Order) -> None:
        Offer.objects.update(rate=Decimal("3"))
        for loss in ("0.7", "", "NaN", "Infinity", "many"):
            assert post(boss, dear, "allow_loss", reason="good client", loss=loss)
        dear.refresh_from_db()
        assert dear.loss_allowed is None and dear.hold == HoldReason.PRICE

    def test_others_neither_see_nor_get_it(self, mira: Staff, dear: Order) -> None:
        type(dear.customer).objects.update(manager=mira)
        assert "Send at a loss" not in str(buttons(mira, dear))
        said = post(mira, dear, "allow_loss", reason="please", loss="99")
        assert "Only an admin" in said
        dear.refresh_from_db()
        assert dear.loss_allowed is None

    def test_a_reason_is_needed(self, boss: Staff, dear: Order) -> None:
        assert "Say why" in post(boss, dear, "allow_loss", reason="", loss="0.7")


class TestLive:
    def test_it_goes_from_waiting_to_completed_without_a_reload(self, boss: Staff) -> None:
        order = make.order(status=S.WAITING)
        browser = signed_in(boss)
        html = browser.get(url(order)).content.decode()
        for status in (S.SENDING, S.IN_PROGRESS, S.COMPLETED):
            Order.objects.filter(pk=order.pk).update(status=status, upstream_id="77")
            address = re.search(r'id="order-live" hx-get="([^"]+)"', html)
            assert address, status
            response = browser.get(address[1].replace("&amp;", "&"), headers=HTMX)
            html = response.content.decode()
            assert "<html" not in html
            assert str(status.label) in html
            assert 'id="order-dialogs" hx-swap-oob="true"' in html
        assert response.status_code == 286
        assert "hx-get" not in html

    def test_dialogs_stay_as_they_are_while_nothing_changes(self, boss: Staff) -> None:
        order = make.order(status=S.IN_PROGRESS)
        browser = signed_in(boss)
        html = browser.get(url(order)).content.decode()
        address = re.search(r'id="order-live" hx-get="([^"]+)"', html)
        assert address
        part = browser.get(address[1], headers=HTMX).content.decode()
        assert "hx-swap-oob" not in part and "<dialog" not in part
        assert "<dialog" in html

    def test_a_refill_under_way_keeps_a_finished_order_live(self, boss: Staff) -> None:
        order = make.order(status=S.COMPLETED, finished_at=timezone.now())
        assert page_of(boss, order).finished
        post(boss, order, "refill_order")
        assert not page_of(boss, order).finished


def test_one_event_or_many_take_as_many_queries(boss: Staff) -> None:
    browser, order = signed_in(boss), make.order(status=S.IN_PROGRESS)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(url(order)).status_code == 200
        return len(seen)

    def some() -> None:
        person = make.user().pk
        history.note(order.pk, EventKind.RELEASED, timezone.now(), person_id=person)
        number = Submission.objects.count() + 1
        sent(order, number=number, outcome=SubmissionOutcome.NOT_SENT)
        Refill.objects.create(
            order=order,
            provider=order.provider,
            asked_by_id=person,
            asked_at=timezone.now(),
            changed_at=timezone.now(),
            status=RefillStatus.REJECTED,
        )

    some()
    queries()
    one = queries()
    for _ in range(5):
        some()
    assert queries() == one


def test_a_link_that_is_no_address_never_becomes_one(boss: Staff) -> None:
    for link in ("javascript:alert(1)", "ateliernord"):
        text = text_of(boss, make.order(link=link))
        assert f'href="{link}' not in text and link in text

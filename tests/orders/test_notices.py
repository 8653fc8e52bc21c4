"""E-mails to customers: what is news for whom, gathered, sent once, tried again, let go."""

from datetime import datetime, timedelta
from decimal import Decimal
from smtplib import SMTPException
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders import cancellations, languages, ledger, messages, notices, progress, wallets
from orders.enums import NoticeKind, OrderStatus
from orders.errors import FieldErrors
from orders.models import Account, Customer, Notice, NoticeChoices, Order
from orders.progress import Report
from orders.statuses import Standing
from panel.customer import letters
from tests.support import factories
from tests.support.brackets import bracketed

pytestmark = pytest.mark.django_db


@pytest.fixture
def casa() -> Customer:
    return factories.customer("Casa Verde", balance="50", signs_in=True)


def running(customer: Customer) -> Order:
    return factories.order(customer, status=OrderStatus.IN_PROGRESS)


def report(order: Order, word: str, remains: int | None = 0) -> None:
    now = timezone.now()
    progress.apply([said(order, word, remains, now)], now=now)


def said(order: Order, word: str, remains: int | None, at: datetime) -> Report:
    return Report(order.pk, word, Decimal(1), "USD", 100, remains, "", at)


def wait_for_more() -> None:
    """The minute in which news is gathered goes by."""
    Notice.objects.filter(settled_at=None).update(not_before=timezone.now())


def tell() -> str:
    wait_for_more()
    return notices.tell(timezone.now())


def body() -> str:
    (letter,) = mail.outbox
    return str(letter.body)


# ── What is news ─────────────────────────────────────────────────────────────────────────────


def test_a_completed_order_is_told_with_its_words_and_address(casa: Customer) -> None:
    order = running(casa)
    report(order, "Completed")
    assert tell() == "1 sent"
    (letter,) = mail.outbox
    assert casa.user and letter.to == [casa.user.email]
    assert letter.subject == f"Order {order.pk}: completed"
    assert f"/my/orders/{order.pk}/" in body()
    assert "/my/e-mails/" in body()


def test_a_letter_has_a_subject_wherever_the_order_stands() -> None:
    assert set(letters.SUBJECTS) == {*OrderStatus, *Standing}


def test_a_letter_is_wholly_in_the_customers_language(casa: Customer) -> None:
    assert casa.user
    languages.choose(casa.user, "tr")
    report(running(casa), "Completed")
    with bracketed():
        tell()
    assert mail.outbox[0].subject == f"⟦Sipariş ⟧{Order.objects.get().pk}⟦: tamamlandı⟧"


def test_a_partly_delivered_order_tells_of_the_money(casa: Customer) -> None:
    report(running(casa), "Partial", remains=500)
    tell()
    assert "500 of 1,000" in body()
    assert "$0.6500 returned to your balance" in body()


def test_nothing_of_the_house_stands_in_a_letter(casa: Customer) -> None:
    provider = factories.provider("Bulkhaus GmbH")
    service = factories.service(factories.offer(provider, upstream_id="up-7788"))
    order = factories.order(casa, service, status=OrderStatus.IN_PROGRESS, upstream_id="up-9911")
    report(order, "Canceled")
    tell()
    for secret in ("Bulkhaus", "up-7788", "up-9911", "Provider"):
        assert secret not in body()


def test_movement_and_acceptance_are_no_news(casa: Customer) -> None:
    order = factories.order(casa, status=OrderStatus.PENDING)
    report(order, "In progress", remains=900)
    report(order, "In progress", remains=500)
    assert not Notice.objects.exists()


def test_what_customers_do_themselves_they_know(casa: Customer) -> None:
    order = factories.order(casa, status=OrderStatus.WAITING)
    assert casa.user
    cancellations.cancel_waiting(order, by=casa.user, now=timezone.now())
    assert not Notice.objects.exists()


def test_what_staff_cancel_is_told(casa: Customer) -> None:
    order = factories.order(casa, status=OrderStatus.WAITING)
    cancellations.cancel_waiting(order, by=factories.admin().user, now=timezone.now())
    assert Notice.objects.get().kind == NoticeKind.RETURNED


def test_clients_without_a_sign_in_and_switched_off_ones_are_not_written_to(
    casa: Customer,
) -> None:
    report(running(factories.customer(email="shop@example.com")), "Completed")
    assert casa.user
    casa.user.is_active = False
    casa.user.save()
    report(running(casa), "Completed")
    assert not Notice.objects.exists()


def test_an_unwanted_kind_is_not_put_down(casa: Customer) -> None:
    wanted = dict.fromkeys(notices.SWITCHES, True) | {"completed": False}
    notices.choose(casa, wanted, Decimal(5))
    report(running(casa), "Completed")
    report(running(casa), "Canceled")
    assert [notice.kind for notice in Notice.objects.all()] == [NoticeKind.RETURNED]


def test_news_costs_no_query_more_for_many_orders(casa: Customer) -> None:
    def queries(count: int) -> int:
        found = [running(casa) for _ in range(count)]
        now = timezone.now()
        reports = [said(order, "Completed", 0, now) for order in found]
        with CaptureQueriesContext(
            connection,
        ) as seen:
            progress.apply(reports, now=now)
        return len(seen)

    queries(1)
    assert queries(2) == queries(20)


# ── Sending ──────────────────────────────────────────────────────────────────────────────────


def test_what_happens_together_leaves_in_one_letter(casa: Customer) -> None:
    for _ in range(25):
        report(running(casa), "Completed")
    assert tell() == "1 sent"
    assert mail.outbox[0].subject == "News of 25 orders"
    assert body().count("Completed.") == 20
    assert "And 5 more" in body()


def test_news_waits_a_minute_for_more(casa: Customer) -> None:
    report(running(casa), "Completed")
    notices.tell(timezone.now())
    assert not mail.outbox


def test_nothing_is_told_twice(casa: Customer) -> None:
    report(running(casa), "Completed")
    assert tell() == "1 sent"
    assert tell() == "0 sent"
    assert len(mail.outbox) == 1


def test_what_another_run_has_claimed_is_left_to_it(
    casa: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(running(casa), "Completed")
    wait_for_more()
    runs: list[str] = []
    send = EmailBackend.send_messages

    def while_sending(self: EmailBackend, letters: Any) -> int:
        runs.append(notices.tell(timezone.now()))
        return send(self, letters)

    monkeypatch.setattr(EmailBackend, "send_messages", while_sending)
    notices.tell(timezone.now())
    assert runs == ["0 sent"]
    assert len(mail.outbox) == 1


def test_a_run_that_died_is_made_good_when_its_claim_ends(
    casa: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(running(casa), "Completed")
    wait_for_more()

    def die(*args: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", die)
        with pytest.raises(SystemExit):
            notices.tell(timezone.now())
    assert notices.tell(timezone.now()) == "0 sent"
    assert tell() == "1 sent"


def test_a_mail_server_that_fails_is_tried_later_and_holds_nobody_up(
    casa: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = factories.customer("Beleza", signs_in=True)
    report(running(casa), "Completed")
    report(running(other), "Completed")
    assert casa.user
    bad, send = casa.user.email, EmailBackend.send_messages

    def fail(self: EmailBackend, letters: Any) -> int:
        if letters[0].to == [bad]:
            raise SMTPException("450 try later")
        return send(self, letters)

    monkeypatch.setattr(EmailBackend, "send_messages", fail)
    assert tell() == "1 sent, 1 failed"
    left = Notice.objects.get(settled_at=None)
    assert left.tries == 1 and left.not_before > timezone.now()
    assert tell() == "0 sent, 1 failed"
    left.refresh_from_db()
    assert left.not_before > timezone.now() + timedelta(seconds=100)


def test_old_news_is_let_go(casa: Customer) -> None:
    report(running(casa), "Completed")
    Notice.objects.update(at=timezone.now() - timedelta(days=2))
    assert tell() == "0 sent"
    assert Notice.objects.get().outcome == "dropped"


def test_switching_a_kind_off_stops_what_is_on_its_way(casa: Customer) -> None:
    report(running(casa), "Completed")
    notices.choose(casa, {}, Decimal(5))
    assert tell() == "0 sent"
    assert not mail.outbox


def test_an_answer_is_quoted(casa: Customer) -> None:
    order = running(casa)
    assert casa.user
    messages.write(order, "When?", by=casa.user, now=timezone.now())
    messages.write(order, "Within the hour.", by=factories.admin().user, now=timezone.now())
    tell()
    assert mail.outbox[0].subject == f"Order {order.pk}: we answered you"
    assert "Within the hour." in body()


def test_a_name_with_a_line_break_breaks_no_header(casa: Customer) -> None:
    service = factories.service(name="Followers\nBcc: all@example.com")
    report(factories.order(casa, service, status=OrderStatus.IN_PROGRESS), "Completed")
    assert tell() == "1 sent"
    assert "\n" not in mail.outbox[0].subject


def test_news_that_is_forgone_is_never_told(casa: Customer) -> None:
    report(running(casa), "Completed")
    assert notices.forgo(timezone.now()) == 1
    assert tell() == "0 sent"
    assert mail.outbox == []
    assert notices.forgo(timezone.now()) == 0


def test_told_news_goes_after_a_month(casa: Customer) -> None:
    report(running(casa), "Completed")
    tell()
    Notice.objects.update(settled_at=timezone.now() - timedelta(days=31))
    assert notices.forget_told(timezone.now()) == 1
    assert not Notice.objects.exists()


# ── Low balances ─────────────────────────────────────────────────────────────────────────────


def low_at(customer: Customer, under: str) -> None:
    notices.choose(customer, {"low_balance": True}, Decimal(under))


def spend(customer: Customer, amount: str) -> None:
    owner = factories.admin().user
    wallets.adjust(customer, -Decimal(amount), by=owner, now=timezone.now(), reason="Test")


def test_a_low_balance_is_told_once_and_again_after_it_recovered(casa: Customer) -> None:
    low_at(casa, "10")
    assert notices.watch_balances(timezone.now()) == 0
    spend(casa, "45")
    notices.watch_balances(timezone.now())
    assert tell() == "1 sent"
    assert tell() == "0 sent"
    assert "$5.0000, under the $10.0000 that you chose" in body()
    wallets.gift(casa, Decimal(20), by=factories.admin().user, now=timezone.now(), reason="Sorry")
    notices.watch_balances(timezone.now())
    spend(casa, "20")
    assert notices.watch_balances(timezone.now()) == 1


def test_the_amount_itself_is_not_low(casa: Customer) -> None:
    low_at(casa, "50")
    assert notices.watch_balances(timezone.now()) == 0
    low_at(casa, "50.00000001")
    assert notices.watch_balances(timezone.now()) == 1


def test_low_balance_is_off_until_it_is_chosen(casa: Customer) -> None:
    NoticeChoices.objects.create(customer=casa)
    Account.objects.filter(pk=ledger.wallet_id(casa.pk)).update(balance=Decimal(1))
    assert notices.watch_balances(timezone.now()) == 0


@pytest.mark.parametrize("under", ["-1", "1e12"])
def test_an_amount_that_is_none_is_refused(casa: Customer, under: str) -> None:
    with pytest.raises(FieldErrors):
        low_at(casa, under)

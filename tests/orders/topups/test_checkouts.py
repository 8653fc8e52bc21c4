"""Payments at a gateway over HTTP: begun once, credited once, however the news comes."""

import time
from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from django.utils import timezone

from orders import ledger_check, topups
from orders.enums import TopUpStatus
from orders.errors import Declined, FieldErrors
from orders.gateways import BadNews
from orders.models import Account, AuditEntry, Customer, PaymentMethod, TopUp, Transfer
from tests.support import factories
from tests.support.checkout import KEY, SECRET, Standin, signed

pytestmark = pytest.mark.django_db

BACK = "http://panel.example/my/top-up/{number}/"


def begin(customer: Customer, card: PaymentMethod, amount: str = "50", key: str = "form") -> TopUp:
    assert customer.user
    return topups.begin(
        customer,
        card,
        Decimal(amount),
        by=customer.user,
        now=timezone.now(),
        client_key=key,
        title="Balance",
        back=BACK,
    )


def hear(card: PaymentMethod, body: bytes, **signing: Any) -> str:
    return topups.hear(card, body, signed(body, **signing), timezone.now())


def balance(customer: Customer) -> Decimal:
    found = Account.objects.get(customer=customer).balance
    assert found is not None
    return found


# ── Beginning ────────────────────────────────────────────────────────────────────────────────


def test_a_page_is_opened_for_what_is_paid(
    casa: Customer, card: PaymentMethod, gateway: Standin
) -> None:
    begun = begin(casa, card)
    session = gateway.sessions["cs_test_1"]
    assert begun.checkout_url == session["url"] and begun.payment_id == "cs_test_1"
    assert (session["amount_total"], session["currency"]) == (5000, "usd")
    assert session["success_url"] == BACK.format(number=begun.pk)
    assert (begun.fee, begun.credit) == (Decimal("1.75"), Decimal("48.25"))
    assert balance(casa) == 1


def test_a_second_press_opens_the_same_page(
    casa: Customer, card: PaymentMethod, gateway: Standin
) -> None:
    assert begin(casa, card) == begin(casa, card)
    assert len(gateway.sessions) == 1 and len(gateway.requests) == 1


def test_a_lost_answer_ends_in_the_same_page(
    casa: Customer, card: PaymentMethod, gateway: Standin
) -> None:
    gateway.forgets = True
    with pytest.raises(Declined, match="Nothing was charged"):
        begin(casa, card)
    gateway.forgets = False
    assert begin(casa, card).payment_id == "cs_test_1"
    assert len(gateway.sessions) == 1 and TopUp.objects.count() == 1


@pytest.mark.parametrize(
    "answer",
    [
        (500, b"{}"),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"{}"),
        (302, b"{}"),
        (200, b'{"id": "cs/../x", "url": "https://x"}'),
        (200, b'{"id": "cs_1", "url": "javascript:alert(1)"}'),
        (200, b'{"id": "cs_1", "url": ["https://x"]}'),
        (200, b"[" * 100_000),
        (200, b" " * 600_000),
    ],
)
def test_a_gateway_that_makes_no_sense_opens_nothing(
    answer: tuple[int, bytes], casa: Customer, card: PaymentMethod, gateway: Standin
) -> None:
    gateway.answer = answer
    with pytest.raises(Declined):
        begin(casa, card)
    assert TopUp.objects.get().checkout_url == ""


def test_a_manual_way_has_no_page(casa: Customer, bank: PaymentMethod) -> None:
    with pytest.raises(FieldErrors):
        begin(casa, bank)


# ── News ─────────────────────────────────────────────────────────────────────────────────────


def test_a_payment_is_added_once_however_often_it_is_told(
    casa: Customer, card: PaymentMethod, gateway: Standin
) -> None:
    begin(casa, card)
    gateway.pay()
    told = [hear(card, gateway.news()) for _ in range(3)]
    assert told == ["added", "settled before", "settled before"]
    assert balance(casa) == Decimal("49.25")
    assert Transfer.objects.get(kind="top_up").reference == f"payment:{card.pk}:cs_test_1"
    assert ledger_check.check() == []


@pytest.mark.parametrize("order", permutations(["paid", "expired", "open"]))
def test_in_whatever_order_it_comes_what_was_paid_is_added(
    order: tuple[str, ...], casa: Customer, card: PaymentMethod, gateway: Standin
) -> None:
    begin(casa, card)
    states: dict[str, dict[str, str]] = {
        "paid": {"status": "complete", "payment_status": "paid"},
        "expired": {"status": "expired"},
        "open": {"status": "open"},
    }
    for state in order:
        hear(card, gateway.news(state, **states[state]))
    assert balance(casa) == Decimal("49.25")
    assert TopUp.objects.get().status == TopUpStatus.ADDED


def test_news_before_our_own_page_knows_the_payment(
    casa: Customer, card: PaymentMethod, gateway: Standin
) -> None:
    gateway.forgets = True
    with pytest.raises(Declined):
        begin(casa, card)
    gateway.pay()
    assert hear(card, gateway.news()) == "added"
    gateway.forgets = False
    assert begin(casa, card).status == TopUpStatus.ADDED
    assert balance(casa) == Decimal("49.25")


def test_a_withdrawn_request_that_is_paid_all_the_same_is_added(
    casa: Customer, card: PaymentMethod, gateway: Standin
) -> None:
    assert casa.user
    topups.withdraw(begin(casa, card), by=casa.user, now=timezone.now())
    gateway.pay()
    assert hear(card, gateway.news()) == "added"


def test_an_expired_page_ends_the_request(
    casa: Customer, card: PaymentMethod, gateway: Standin
) -> None:
    begin(casa, card)
    gateway.expire()
    assert hear(card, gateway.news("expired")) == "expired"
    assert TopUp.objects.get().status == TopUpStatus.EXPIRED and balance(casa) == 1


@pytest.mark.parametrize("other", [{"amount_total": 4999}, {"currency": "eur"}])
def test_another_amount_or_currency_is_looked_at_by_a_person(
    other: dict[str, Any], casa: Customer, card: PaymentMethod, gateway: Standin
) -> None:
    begun = begin(casa, card)
    gateway.pay(**other)
    assert hear(card, gateway.news()) == "held"
    assert hear(card, gateway.news()) == "settled before"
    begun.refresh_from_db()
    assert begun.status == TopUpStatus.HELD and "was paid" in begun.flag
    assert balance(casa) == 1
    topups.approve(begun, by=factories.admin().user, now=timezone.now(), received=Decimal("49.99"))
    assert balance(casa) == Decimal(1) + Decimal("49.99") - Decimal("1.75")


def test_a_payment_that_is_not_ours_is_credited_to_nobody(
    casa: Customer, card: PaymentMethod, gateway: Standin
) -> None:
    begun = begin(casa, card)
    TopUp.objects.update(payment_id=None)
    gateway.pay()
    for reference in ("", begun.reference, f"{begun.reference}.other", "HP-999.form", "HP-²."):
        body = gateway.news(client_reference_id=reference)
        assert hear(card, body) == "unknown"
    assert balance(casa) == 1


def test_news_of_other_things_changes_nothing(card: PaymentMethod) -> None:
    body = b'{"type": "charge.updated", "data": {"object": {}}}'
    assert hear(card, body) == "not about a payment"


@pytest.mark.parametrize(
    "signing",
    [
        {"secret": "whsec_other"},
        {"at": time.time() - 3600},
        {"at": time.time() + 3600},
    ],
)
def test_news_that_is_not_signed_by_its_gateway_now_is_not_taken(
    signing: dict[str, Any], casa: Customer, card: PaymentMethod, gateway: Standin
) -> None:
    begin(casa, card)
    gateway.pay()
    with pytest.raises(BadNews):
        hear(card, gateway.news(), **signing)
    assert balance(casa) == 1


@pytest.mark.parametrize(
    "header", ["", "v1=ab", "t=1,v1=é", "t=١,v1=a", "t=1,t=2,v1=a", "x" * 9999]
)
def test_an_odd_signature_is_no_signature(header: str, card: PaymentMethod) -> None:
    with pytest.raises(BadNews):
        topups.hear(card, b"{}", {"Stripe-Signature": header}, timezone.now())


def test_a_signed_body_that_was_changed_is_not_taken(
    casa: Customer, card: PaymentMethod, gateway: Standin
) -> None:
    begin(casa, card)
    gateway.pay()
    body = gateway.news()
    with pytest.raises(BadNews):
        topups.hear(card, body + b" ", signed(body), timezone.now())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b'{"type": "checkout.session.completed"}',
        b'{"type": "checkout.session.completed", "data": []}',
        b'{"type": "checkout.session.completed", "data": {"object": []}}',
        b'{"type": "checkout.session.completed", "data": {"object": {"id": 7}}}',
        b'{"type": "checkout.session.completed", "data": {"object": {"id": "a", '
        b'"amount_total": "NaN"}}}',
        b'{"type": "checkout.session.completed", "data": {"object": {"id": "a", '
        b'"amount_total": -5}}}',
        b"[" * 100_000,
    ],
)
def test_signed_nonsense_is_said_to_be_nonsense(body: bytes, card: PaymentMethod) -> None:
    with pytest.raises(BadNews):
        hear(card, body)


# ── Asking ───────────────────────────────────────────────────────────────────────────────────


def later() -> Any:
    return timezone.now() + timedelta(minutes=2)


def test_a_payment_whose_news_is_lost_is_found_by_asking(
    casa: Customer, card: PaymentMethod, gateway: Standin
) -> None:
    begin(casa, card)
    gateway.pay()
    assert topups.follow(timezone.now()) == "0 asked"
    assert topups.follow(later()) == "1 asked"
    assert balance(casa) == Decimal("49.25")
    assert hear(card, gateway.news()) == "settled before"


def test_asking_keeps_its_pace(casa: Customer, card: PaymentMethod, gateway: Standin) -> None:
    begin(casa, card)
    assert topups.follow(later()) == "1 asked"
    assert topups.follow(later()) == "0 asked"


def test_who_comes_back_sees_the_money_at_once(
    casa: Customer, card: PaymentMethod, gateway: Standin
) -> None:
    begun = begin(casa, card)
    gateway.pay()
    assert topups.look(begun, timezone.now()).status == TopUpStatus.ADDED


def test_a_gateway_that_is_away_is_asked_later(
    casa: Customer, card: PaymentMethod, gateway: Standin
) -> None:
    begun = begin(casa, card)
    gateway.answer = (503, b"")
    assert topups.look(begun, timezone.now()).status == TopUpStatus.CHECKOUT
    assert topups.follow(timezone.now() + timedelta(days=4)) == "0 asked"
    TopUp.objects.update(asked_gateway_at=None)
    topups.follow(timezone.now() + timedelta(days=4))
    assert TopUp.objects.get().status == TopUpStatus.EXPIRED
    gateway.answer = None
    gateway.pay()
    assert hear(card, gateway.news()) == "added"


def test_secrets_stand_nowhere(casa: Customer, card: PaymentMethod, caplog: Any) -> None:
    begin(casa, card)
    rows = f"{list(PaymentMethod.objects.values())}{list(AuditEntry.objects.values())}"
    assert KEY not in rows + caplog.text and SECRET not in rows + caplog.text

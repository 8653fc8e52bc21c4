"""Top-ups on the pages: a customer asks, staff approve, a gateway tells; over HTTP to the end."""

import re
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders import topups
from orders.enums import PaymentKind, TopUpStatus
from orders.models import Account, Customer, PaymentMethod, TopUp
from tests.support import factories
from tests.support.checkout import KEY, SECRET, Standin, signed

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n<script>alert(1)</script>"
FORM = "/my/top-up/"


@pytest.fixture
def browser(casa: Customer, client: Client) -> Client:
    assert casa.user
    client.force_login(casa.user)
    return client


@pytest.fixture
def desk() -> Client:
    found = Client()
    found.force_login(factories.owner().user)
    return found


def send(browser: Client, method: PaymentMethod, amount: str = "50", **more: Any) -> Any:
    said = {"amount": amount, "method": str(method.pk), "client_key": "form-1"} | more
    said |= said.pop("wrong", {})
    return browser.post(FORM, said)


def balance(customer: Customer) -> Decimal | None:
    return Account.objects.get(customer=customer).balance


# ── By hand ──────────────────────────────────────────────────────────────────────────────────


def test_a_request_tells_what_to_do_and_ends_on_the_balance(
    browser: Client,
    desk: Client,
    casa: Customer,
    bank: PaymentMethod,
) -> None:
    page = browser.get(send(browser, bank)["Location"]).content.decode()
    one = TopUp.objects.get()
    assert f"quote {one.reference}" in page
    assert f"We received your request for $50.0000 (reference {one.reference})" in page
    listed = desk.get("/staff/top-ups/").content.decode()
    assert one.reference in listed and "Casa Verde" in listed
    assert "1 top-up to approve" in desk.get("/staff/").content.decode()
    desk.post(reverse("staff:approve_top_up", args=[one.pk]), {"received": "50"})
    assert balance(casa) == 51
    done = browser.get(reverse("my:asked_top_up", args=[one.pk])).content.decode()
    assert "$50.0000 was added to your balance" in done
    assert "Nothing to approve" in desk.get("/staff/top-ups/").content.decode()


def test_two_presses_are_one_request(browser: Client, bank: PaymentMethod) -> None:
    assert send(browser, bank)["Location"] == send(browser, bank)["Location"]
    assert TopUp.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"amount": "4"}, "At least 5.00"),
        ({"amount": "abc"}, "with a dot"),
        ({"amount": "1e9"}, "with a dot"),
        ({"amount": "5.001"}, "2 decimal"),
        ({"amount": ""}, "Type an amount"),
        ({"method": "999"}, "Select a valid choice"),
        ({"note": "x" * 301}, "at most 300"),
    ],
)
def test_a_mistake_is_said_and_what_was_typed_stays(
    wrong: dict[str, str],
    words: str,
    browser: Client,
    bank: PaymentMethod,
) -> None:
    answer = send(browser, bank, note="from Ida", wrong=wrong)
    page = answer.content.decode()
    assert answer.status_code == 422 and words in page
    assert "from Ida" in page or "note" in wrong
    assert not TopUp.objects.exists()


def test_a_proof_is_kept_and_given_out_as_a_file_only(
    browser: Client,
    desk: Client,
    bank: PaymentMethod,
) -> None:
    topups.change_method(bank, by=None, now=timezone.now(), asks_proof=True)
    assert "Add a picture" in send(browser, bank).content.decode()
    send(browser, bank, proof=SimpleUploadedFile("a.html", PNG, "text/html"))
    sent = desk.get(reverse("staff:top_up_proof", args=[TopUp.objects.get().pk]))
    assert sent.content == PNG
    assert sent["Content-Type"] == "image/png" and "attachment" in sent["Content-Disposition"]
    assert "sandbox" in sent["Content-Security-Policy"]
    assert sent["X-Content-Type-Options"] == "nosniff"


def test_the_way_back_is_ours_or_none(browser: Client, bank: PaymentMethod) -> None:
    good = send(browser, bank, next="/my/orders/?a=1")["Location"]
    assert "next=%2Fmy%2Forders%2F%3Fa%3D1" in good
    assert 'href="/my/orders/?a=1"' in browser.get(good).content.decode()
    for bad in (
        "https://evil.example/",
        "//evil.example/",
        "javascript:alert(1)",
        "/\\evil.example",
    ):
        there = send(browser, bank, next=bad, client_key=bad)["Location"]
        assert "evil" not in there and "javascript" not in there
        page = browser.get(f"{there}?next={bad}").content.decode()
        assert 'href="https://evil' not in page and 'href="//evil' not in page
        assert "javascript:alert" not in page


def test_what_is_added_is_worked_out_while_typing(
    browser: Client,
    bank: PaymentMethod,
) -> None:
    topups.change_method(bank, by=None, now=timezone.now(), fee_percent=Decimal(2))
    part = browser.get(
        f"{FORM}?amount=50&method={bank.pk}", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="ways"
    ).content.decode()
    assert "49.00" in re.sub(r"<[^>]+>", "", part)


def test_a_declined_request_says_why(
    browser: Client,
    desk: Client,
    casa: Customer,
    bank: PaymentMethod,
) -> None:
    send(browser, bank)
    one = TopUp.objects.get()
    address = reverse("staff:decline_top_up", args=[one.pk])
    assert desk.post(address, {"reason": ""}).status_code == 422
    desk.post(address, {"reason": "Nothing arrived."})
    page = browser.get(reverse("my:asked_top_up", args=[one.pk])).content.decode()
    assert "Nothing arrived." in page and balance(casa) == 1


def test_a_member_over_the_limit_is_told_to_ask(
    browser: Client,
    casa: Customer,
    bank: PaymentMethod,
) -> None:
    mira = factories.staff("Mira", daily_limit=Decimal(10))
    Customer.objects.filter(pk=casa.pk).update(manager=mira)
    send(browser, bank)
    desk = Client()
    desk.force_login(mira.user)
    address = reverse("staff:approve_top_up", args=[TopUp.objects.get().pk])
    page = desk.post(address, {"received": "50"}).content.decode()
    assert "ask an admin" in page and balance(casa) == 1


def test_ones_own_request_is_for_somebody_else(bank: PaymentMethod) -> None:
    owner = factories.owner()
    both = factories.customer("Both")
    both.user = owner.user
    both.save()
    now = timezone.now()
    one = topups.ask(both, bank, Decimal(50), by=owner.user, now=now, client_key="x")
    desk = Client()
    desk.force_login(owner.user)
    page = desk.get(reverse("staff:top_up", args=[one.pk])).content.decode()
    assert "You cannot approve your own request." in page and 'id="approve"' not in page


def test_withdrawing(browser: Client, bank: PaymentMethod) -> None:
    send(browser, bank)
    one = TopUp.objects.get()
    browser.post(reverse("my:withdraw_top_up", args=[one.pk]))
    one.refresh_from_db()
    assert one.status == TopUpStatus.WITHDRAWN


def test_a_blocked_customer_pays_nothing_in(
    browser: Client,
    casa: Customer,
    bank: PaymentMethod,
) -> None:
    Customer.objects.filter(pk=casa.pk).update(is_blocked=True)
    assert "This account is blocked" in browser.get(FORM).content.decode()
    assert send(browser, bank).status_code == 422


def test_lists_cost_the_same_for_one_and_for_many(
    browser: Client,
    desk: Client,
    casa: Customer,
    bank: PaymentMethod,
) -> None:
    def queries(who: Client, url: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert who.get(url).status_code == 200
        return len(seen)

    places = [(browser, "/my/top-ups/"), (browser, FORM), (desk, "/staff/top-ups/?tab=all")]
    send(browser, bank)
    few = [queries(*place) for place in places]
    for number in range(4):
        send(browser, bank, client_key=f"other-{number}")
    assert [queries(*place) for place in places] == few


# ── At a gateway ─────────────────────────────────────────────────────────────────────────────


def tell(method: PaymentMethod, body: bytes, headers: dict[str, str]) -> Any:
    return Client().generic(
        "POST",
        reverse("payment_news", args=[method.pk]),
        body,
        content_type="application/json",
        headers=headers,
    )


def test_a_payment_goes_from_the_form_to_the_balance(
    browser: Client,
    casa: Customer,
    card: PaymentMethod,
    gateway: Standin,
) -> None:
    there = send(browser, card)["Location"]
    page = browser.get(there).content.decode()
    assert f'href="{gateway.url}/pay/cs_test_1"' in page
    assert gateway.sessions["cs_test_1"]["success_url"] == f"http://testserver{there}"
    gateway.pay()
    body = gateway.news()
    assert [tell(card, body, signed(body)).status_code for _ in range(3)] == [200, 200, 200]
    assert balance(casa) == Decimal("49.25")
    assert "$48.2500 was added" in browser.get(there).content.decode()


def test_coming_back_before_the_news_shows_the_money(
    browser: Client,
    casa: Customer,
    card: PaymentMethod,
    gateway: Standin,
) -> None:
    there = send(browser, card)["Location"]
    gateway.pay()
    assert "was added" in browser.get(there).content.decode()
    assert balance(casa) == Decimal("49.25")


def test_a_gateway_that_is_away_keeps_the_form(
    browser: Client,
    card: PaymentMethod,
    gateway: Standin,
) -> None:
    gateway.answer = (503, b"")
    answer = send(browser, card)
    assert answer.status_code == 422
    assert (
        "Nothing was charged" in answer.content.decode() and 'value="50"' in answer.content.decode()
    )


def test_bad_news_is_refused_and_changes_nothing(
    browser: Client,
    casa: Customer,
    card: PaymentMethod,
    bank: PaymentMethod,
    gateway: Standin,
) -> None:
    send(browser, card)
    gateway.pay()
    body = gateway.news()
    assert tell(card, body, signed(body, secret="whsec_other")).status_code == 400
    assert tell(card, body, {}).status_code == 400
    assert tell(bank, body, signed(body)).status_code == 404
    assert tell(card, b"x" * 300_000, {}).status_code == 413
    assert Client().get(reverse("payment_news", args=[card.pk])).status_code == 405
    assert balance(casa) == 1


def test_many_bad_news_are_not_read_any_more(card: PaymentMethod) -> None:
    with time_machine.travel(factories.NOW, tick=False):  # all of them in one minute
        found = [tell(card, b"{}", {}).status_code for _ in range(70)]
    assert found == [400] * 60 + [429] * 10


# ── Ways to pay ──────────────────────────────────────────────────────────────────────────────

WAY = {
    "name": "Bank",
    "instructions": "Pay and quote {reference}.",
    "least": "5",
    "fee_percent": "0",
    "fee_fixed": "0",
    "position": "0",
    "is_on": "on",
}


def test_a_way_is_added_and_offered(browser: Client, desk: Client) -> None:
    assert "No way to pay in yet" in browser.get(FORM).content.decode()
    desk.post("/staff/top-ups/ways/new/", WAY)
    assert "Bank" in browser.get(FORM).content.decode()
    number = PaymentMethod.objects.get().pk
    desk.post(f"/staff/top-ups/ways/{number}/", {k: v for k, v in WAY.items() if k != "is_on"})
    assert "No way to pay in yet" in browser.get(FORM).content.decode()


def test_secrets_are_taken_and_never_shown(desk: Client) -> None:
    desk.post("/staff/top-ups/ways/new/?kind=checkout", WAY | {"key": KEY, "secret": SECRET})
    method = PaymentMethod.objects.get()
    assert method.kind == PaymentKind.CHECKOUT
    address = f"/staff/top-ups/ways/{method.pk}/"
    page = desk.get(address).content.decode()
    assert KEY not in page and SECRET not in page and KEY[-4:] in page
    assert reverse("payment_news", args=[method.pk]) in page
    bad = desk.post("/staff/top-ups/ways/new/?kind=checkout", WAY | {"key": "a b", "secret": ""})
    assert bad.status_code == 422 and "a b" not in bad.content.decode()


def test_only_the_owner_replaces_secrets(desk: Client, card: PaymentMethod) -> None:
    admin = Client()
    admin.force_login(factories.admin().user)
    address = reverse("staff:payment_secrets", args=[card.pk])
    before = card.key_sealed
    admin.post(address, {"key": "sk_other_123456", "secret": "whsec_other"})
    card.refresh_from_db()
    assert card.key_sealed == before
    desk.post(address, {"key": "sk_other_123456", "secret": "whsec_other"})
    card.refresh_from_db()
    assert card.key_last4 == "3456"


@pytest.mark.parametrize("wrong", [{"name": ""}, {"least": "0"}, {"most": "1"}, {"fee_fixed": "9"}])
def test_a_way_that_makes_no_sense_is_said_at_its_field(
    wrong: dict[str, str], desk: Client
) -> None:
    answer = desk.post("/staff/top-ups/ways/new/", WAY | wrong)
    assert answer.status_code == 422 and not PaymentMethod.objects.exists()
    assert set(answer.context["form"].errors) == set(wrong)

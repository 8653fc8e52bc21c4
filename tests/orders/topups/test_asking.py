"""Asking for a top-up, deciding it once, and by whom."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from orders import topups, wallets
from orders.enums import PaymentKind, TopUpStatus
from orders.errors import FieldErrors, LimitReached, NotAllowed, StateChanged
from orders.models import Account, Customer, PaymentMethod, TopUp, TopUpProof, Transfer
from orders.people import person_of
from tests.support import factories

pytestmark = pytest.mark.django_db

NOW = factories.NOW
PNG = topups.Upload(b"\x89PNG\r\n\x1a\n" + b"x" * 100)


def ask(customer: Customer, method: PaymentMethod, amount: str = "50", **more: Any) -> TopUp:
    assert customer.user
    values = {"by": customer.user, "now": NOW, "client_key": f"form-{amount}"} | more
    return topups.ask(customer, method, Decimal(amount), **values)


def balance(customer: Customer) -> Decimal:
    found = Account.objects.get(customer=customer).balance
    assert found is not None
    return found


# ── Asking ───────────────────────────────────────────────────────────────────────────────────


def test_asking_moves_no_money(casa: Customer, bank: PaymentMethod) -> None:
    asked = ask(casa, bank)
    assert asked.status == TopUpStatus.REQUESTED and asked.reference == f"HP-{asked.pk}"
    assert balance(casa) == 1


def test_a_second_press_is_the_first_request(casa: Customer, bank: PaymentMethod) -> None:
    assert ask(casa, bank) == ask(casa, bank)
    with pytest.raises(FieldErrors, match="sent already"):
        ask(casa, bank, "60", client_key="form-50")


@pytest.mark.parametrize("amount", ["0", "-5", "4.99", "5.001", "NaN", "1e30"])
def test_an_amount_that_cannot_be_paid_is_refused(
    amount: str, casa: Customer, bank: PaymentMethod
) -> None:
    with pytest.raises(FieldErrors) as refused:
        ask(casa, bank, amount)
    assert "amount" in refused.value.errors


def test_bounds_and_a_switched_off_way(casa: Customer, bank: PaymentMethod) -> None:
    topups.change_method(bank, by=None, now=NOW, most=Decimal(100))
    bank.refresh_from_db()
    with pytest.raises(FieldErrors, match="At most"):
        ask(casa, bank, "100.01")
    topups.change_method(bank, by=None, now=NOW, is_on=False)
    bank.refresh_from_db()
    with pytest.raises(FieldErrors, match="switched off"):
        ask(casa, bank, "100")


def test_not_too_many_at_once(casa: Customer, bank: PaymentMethod) -> None:
    asked = [ask(casa, bank, str(n)) for n in range(10, 10 + topups.MOST_OPEN)]
    with pytest.raises(FieldErrors, match="under way"):
        ask(casa, bank, "20")
    assert casa.user
    topups.withdraw(asked[0], by=casa.user, now=NOW)
    ask(casa, bank, "20")


def test_nobody_asks_for_another_and_blocked_ones_not_at_all(
    casa: Customer, bank: PaymentMethod
) -> None:
    other = factories.customer(signs_in=True)
    with pytest.raises(NotAllowed):
        ask(casa, bank, by=other.user)
    Customer.objects.filter(pk=casa.pk).update(is_blocked=True)
    casa.refresh_from_db()
    with pytest.raises(NotAllowed, match="blocked"):
        ask(casa, bank)


def test_a_proof_is_asked_for_and_known_by_its_bytes(casa: Customer, bank: PaymentMethod) -> None:
    topups.change_method(bank, by=None, now=NOW, asks_proof=True)
    bank.refresh_from_db()
    for proof in (None, topups.Upload(b""), topups.Upload(b"<svg onload=alert(1)>")):
        with pytest.raises(FieldErrors) as refused:
            ask(casa, bank, proof=proof)
        assert "proof" in refused.value.errors
    large = topups.Upload(PNG.content + b"x" * topups.MOST_BYTES)
    with pytest.raises(FieldErrors, match="2 MB"):
        ask(casa, bank, proof=large)
    asked = ask(casa, bank, proof=PNG)
    ask(casa, bank, proof=PNG)
    assert bytes(TopUpProof.objects.get().content) == PNG.content
    assert asked.proof.content_type == "image/png"


# ── Deciding ─────────────────────────────────────────────────────────────────────────────────


def test_an_approved_request_is_added_once(casa: Customer, bank: PaymentMethod) -> None:
    asked, admin = ask(casa, bank), factories.admin()
    topups.approve(asked, by=admin.user, now=NOW)
    assert balance(casa) == 51
    with pytest.raises(StateChanged):
        topups.approve(asked, by=admin.user, now=NOW)
    with pytest.raises(StateChanged):
        topups.decline(asked, by=admin.user, now=NOW, reason="x")
    assert balance(casa) == 51
    transfer = Transfer.objects.get(kind="top_up")
    assert transfer.reference == f"topup:{asked.pk}" and transfer.person == admin.user


def test_the_fee_is_kept_back(casa: Customer, bank: PaymentMethod) -> None:
    topups.change_method(bank, by=None, now=NOW, fee_percent=Decimal("2.5"), fee_fixed=Decimal(1))
    bank.refresh_from_db()
    asked = ask(casa, bank, "10.01")
    assert (asked.fee, asked.credit) == (Decimal("1.26"), Decimal("8.75"))
    topups.change_method(bank, by=None, now=NOW, fee_percent=Decimal(0))
    topups.approve(asked, by=factories.admin().user, now=NOW)
    assert balance(casa) == Decimal("9.75")


def test_what_arrived_is_added_not_what_was_promised(casa: Customer, bank: PaymentMethod) -> None:
    asked = ask(casa, bank)
    done = topups.approve(asked, by=factories.admin().user, now=NOW, received=Decimal(30))
    assert balance(casa) == 31 and done.received == 30


@pytest.mark.parametrize("received", ["0", "-1", "NaN"])
def test_nothing_cannot_have_arrived(received: str, casa: Customer, bank: PaymentMethod) -> None:
    with pytest.raises(FieldErrors):
        topups.approve(
            ask(casa, bank), by=factories.admin().user, now=NOW, received=Decimal(received)
        )


def test_members_approve_within_their_daily_limit(bank: PaymentMethod) -> None:
    mira = factories.staff("Mira", daily_limit=Decimal(100))
    client = factories.customer("Client", manager=mira, signs_in=True)
    wallets.gift(client, Decimal(30), by=mira.user, now=NOW, reason="Sorry")
    topups.approve(ask(client, bank, "50"), by=mira.user, now=NOW)
    last = ask(client, bank, "21")
    with pytest.raises(LimitReached):
        topups.approve(last, by=mira.user, now=NOW)
    assert wallets.used_today(mira, NOW) == 80
    topups.approve(last, by=factories.admin().user, now=NOW)
    topups.approve(ask(client, bank, "20"), by=mira.user, now=NOW + timedelta(days=1))


def test_nobody_approves_for_themselves_nor_for_whom_they_do_not_see(bank: PaymentMethod) -> None:
    admin, mira = factories.admin(), factories.staff("Mira")
    both = factories.customer("Both")
    both.user = admin.user
    both.save()
    asked = topups.ask(both, bank, Decimal(50), by=admin.user, now=NOW, client_key="x")
    with pytest.raises(NotAllowed, match="your own"):
        topups.approve(asked, by=admin.user, now=NOW)
    with pytest.raises(NotAllowed):
        topups.approve(asked, by=mira.user, now=NOW)
    assert not topups.to_decide(person_of(mira.user)).exists()
    assert topups.to_decide(person_of(admin.user)).count() == 1


def test_declining_tells_why_and_moves_nothing(casa: Customer, bank: PaymentMethod) -> None:
    asked, admin = ask(casa, bank), factories.admin()
    with pytest.raises(FieldErrors):
        topups.decline(asked, by=admin.user, now=NOW, reason=" ")
    done = topups.decline(asked, by=admin.user, now=NOW, reason="Nothing arrived in a week.")
    assert done.status == TopUpStatus.DECLINED and balance(casa) == 1
    assert casa.user
    with pytest.raises(StateChanged):
        topups.withdraw(asked, by=casa.user, now=NOW)


# ── Ways to pay ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"least": Decimal(0)},
        {"most": Decimal(1)},
        {"fee_percent": Decimal(100)},
        {"fee_fixed": Decimal(-1)},
        {"fee_fixed": Decimal(5)},
        {"instructions": ""},
        {"name": "Bank transfer"},
    ],
)
def test_a_way_that_makes_no_sense_is_refused(wrong: dict[str, Any], bank: PaymentMethod) -> None:
    good = {"name": "Other", "instructions": "Pay.", "least": Decimal(5)}
    with pytest.raises(FieldErrors) as refused:
        topups.add_method(kind=PaymentKind.MANUAL, by=None, now=NOW, **good | wrong)
    assert refused.value.errors.keys() == wrong.keys()


def test_only_admins_make_ways_and_only_the_owner_their_keys(bank: PaymentMethod) -> None:
    mira, admin = factories.staff("Mira").user, factories.admin().user
    with pytest.raises(NotAllowed):
        topups.change_method(bank, by=mira, now=NOW, is_on=False)
    with pytest.raises(NotAllowed):
        topups.change_secrets(bank, key="k", secret="s", by=admin, now=NOW)

"""Cash, corrections, gifts, limits and tills: who may move what, and what it leaves."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from orders import history, ledger, ledger_check, limits, panel_settings, tills, wallets
from orders.enums import AccountKind, EventKind, TransferKind
from orders.errors import (
    Declined,
    FieldErrors,
    InsufficientFunds,
    KeyReused,
    LimitReached,
    NotAllowed,
    StateChanged,
)
from orders.models import Account, AuditEntry, Customer, Order, Staff, TillClosing, Transfer
from tests.support import factories
from tests.support.factories import NOW
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Staff:
    return factories.staff(sees_all_customers=True, daily_limit=Decimal(200))


@pytest.fixture
def customer() -> Customer:
    return factories.customer()


def balance(customer: Customer) -> Decimal:
    return Account.objects.get(customer=customer).balance


# ── Cash ─────────────────────────────────────────────────────────────────────────────────────


def test_cash_taken_is_in_the_till_and_in_the_wallet(staff: Staff, customer: Customer) -> None:
    transfer = wallets.take_cash(customer, Decimal(12), by=staff.user, now=NOW, memo="at the shop")

    assert balance(customer) == 12
    assert tills.held(staff) == 12
    assert (transfer.kind, transfer.person, transfer.memo, transfer.at) == (
        TransferKind.CASH_TAKEN,
        staff.user,
        "at the shop",
        NOW,
    )
    assert ledger_check.check() == []


def test_a_second_press_takes_the_cash_once(staff: Staff, customer: Customer) -> None:
    def take(amount: str, reference: str = "form-1") -> Transfer:
        return wallets.take_cash(
            customer, Decimal(amount), by=staff.user, now=NOW, reference=reference
        )

    assert take("12") == take("12")
    assert take("12", "form-2") != take("12")
    with pytest.raises(KeyReused):
        take("13")
    assert balance(customer) == 24


@pytest.mark.parametrize("amount", ["0", "-1", "0.000000001", "NaN", "1000000000.01"])
def test_an_amount_that_cannot_be_moved_is_an_error_at_its_field(
    staff: Staff, customer: Customer, amount: str
) -> None:
    for verb in (wallets.take_cash, wallets.pay_out):
        with pytest.raises(FieldErrors) as wrong:
            verb(customer, Decimal(amount), by=staff.user, now=NOW)
        assert wrong.value.errors.keys() == {"amount"}
    with pytest.raises(FieldErrors):
        wallets.gift(customer, Decimal(amount), by=staff.user, now=NOW, reason="x")
    assert not Transfer.objects.exists()


def test_only_staff_who_see_the_client_move_its_money(customer: Customer) -> None:
    stranger = factories.staff()
    itself = factories.customer("Self", signs_in=True)
    off = factories.staff(sees_all_customers=True)
    off.user.is_active = False

    for by, of in [(stranger.user, customer), (itself.user, itself), (off.user, customer)]:
        with pytest.raises(NotAllowed):
            wallets.take_cash(of, Decimal(1), by=by, now=NOW)
        with pytest.raises(NotAllowed):
            wallets.adjust(of, Decimal(1), by=by, now=NOW, reason="x")
        with pytest.raises(NotAllowed):
            wallets.adjust(of, Decimal(-1), by=by, now=NOW, reason="x")
        with pytest.raises(NotAllowed):
            wallets.pay_out(of, Decimal(1), by=by, now=NOW)
    assert not Transfer.objects.exists()


def test_paying_out_takes_what_wallet_and_till_hold_and_no_credit(staff: Staff) -> None:
    customer = factories.customer(balance="10", credit_limit=Decimal(100))
    by = staff.user

    with pytest.raises(FieldErrors, match="your till does not hold that much"):
        wallets.pay_out(customer, Decimal(1), by=by, now=NOW)
    wallets.take_cash(factories.customer("B"), Decimal(50), by=by, now=NOW)
    with pytest.raises(InsufficientFunds) as short:
        wallets.pay_out(customer, Decimal("10.5"), by=by, now=NOW)
    assert short.value.missing == Decimal("0.5")
    wallets.pay_out(customer, Decimal(10), by=by, now=NOW, reference="a")
    wallets.pay_out(customer, Decimal(10), by=by, now=NOW, reference="a")

    assert (balance(customer), tills.held(staff)) == (0, 40)


# ── Corrections and gifts ────────────────────────────────────────────────────────────────────


def test_a_correction_needs_a_reason_and_goes_both_ways(staff: Staff, customer: Customer) -> None:
    by = staff.user
    for reason in ("", "  "):
        for amount in (Decimal(5), Decimal(-5)):
            with pytest.raises(FieldErrors) as wrong:
                wallets.adjust(customer, amount, by=by, now=NOW, reason=reason)
            assert wrong.value.errors.keys() == {"reason"}

    wallets.adjust(customer, Decimal(5), by=by, now=NOW, reason="forgotten top-up")
    transfer = wallets.adjust(customer, Decimal(-2), by=by, now=NOW, reason="was 3")

    assert balance(customer) == 3
    assert transfer.memo == "was 3"
    assert ledger.account_sum(ledger.house(AccountKind.ADJUSTMENTS)) == -3
    assert ledger_check.check() == []


def test_staff_correct_down_to_the_credit_limit_and_admins_below(staff: Staff) -> None:
    customer = factories.customer(balance="1", credit_limit=Decimal(2))

    with pytest.raises(InsufficientFunds) as short:
        wallets.adjust(customer, Decimal("-3.5"), by=staff.user, now=NOW, reason="x")
    assert short.value.missing == Decimal("0.5")
    wallets.adjust(customer, Decimal(-3), by=staff.user, now=NOW, reason="x")
    wallets.adjust(customer, Decimal(-3), by=factories.admin().user, now=NOW, reason="x")

    assert balance(customer) == -5


def test_nobody_gives_themselves_credit(staff: Staff) -> None:
    own = factories.customer("Mine")
    own.user = staff.user
    own.save()

    for verb, amount in [(wallets.gift, 1), (wallets.adjust, 1), (wallets.adjust, -1)]:
        with pytest.raises(NotAllowed, match="your own account"):
            verb(own, Decimal(amount), by=staff.user, now=NOW, reason="x")
    with pytest.raises(NotAllowed, match="your own account"):
        wallets.pay_out(own, Decimal(1), by=staff.user, now=NOW)


def test_the_operator_at_the_command_line_has_no_limit(customer: Customer) -> None:
    transfer = wallets.adjust(customer, Decimal(5000), by=None, now=NOW, reason="Opening balance")

    assert (balance(customer), transfer.person) == (5000, None)


# ── The daily limit ──────────────────────────────────────────────────────────────────────────


def test_gifts_corrections_and_decided_refunds_share_one_daily_limit(
    staff: Staff, customer: Customer
) -> None:
    by = staff.user
    wallets.gift(customer, Decimal(100), by=by, now=NOW, reason="x")
    wallets.adjust(customer, Decimal(50), by=by, now=NOW, reason="x")
    order = factories.order(customer, price=Decimal(40))
    with transaction.atomic():
        ledger.refund(order, Decimal(40), by=by, memo="Given up", at=NOW)
    # None of these count: cash, debits, what others gave, machinery's refunds.
    wallets.take_cash(customer, Decimal(500), by=by, now=NOW)
    wallets.adjust(customer, Decimal(-70), by=by, now=NOW, reason="x")
    wallets.gift(customer, Decimal(99), by=factories.admin().user, now=NOW, reason="x")
    with transaction.atomic():
        ledger.refund(factories.order(), Decimal(1), by=None, memo="", at=NOW)

    assert limits.used_today(staff, NOW) == 190
    with pytest.raises(LimitReached) as reached:
        wallets.gift(customer, Decimal("10.00000001"), by=by, now=NOW, reason="x")
    assert (reached.value.limit, reached.value.left) == (200, 10)
    wallets.gift(customer, Decimal(10), by=by, now=NOW, reason="x")
    with pytest.raises(LimitReached), transaction.atomic():
        limits.spend_limit(staff, Decimal("0.00000001"), NOW)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        ("0", "Your limit for today is used (200.00); ask an admin."),
        ("5.5", "Your limit for today is 200.00, of which 5.50 is left; ask an admin."),
    ],
)
def test_a_reached_limit_is_told_in_plain_figures(left: str, words: str) -> None:
    assert str(LimitReached(Decimal(200), Decimal(left))) == words


def test_giving_back_an_order_that_was_not_sent_uses_no_limit(
    staff: Staff, customer: Customer
) -> None:
    order = factories.order(customer, price=Decimal(40))
    with transaction.atomic():
        ledger.refund(order, Decimal(40), by=staff.user, memo="", at=NOW)
        history.note(order.pk, EventKind.CANCELED, NOW, person_id=staff.user_id)

    assert limits.used_today(staff, NOW) == 0


def test_the_day_begins_at_midnight_of_the_panels_time_zone(
    staff: Staff, customer: Customer
) -> None:
    panel_settings.change(by=None, now=NOW, time_zone="Asia/Tokyo")  # UTC+9
    before = datetime(2026, 11, 23, 14, 59, tzinfo=UTC)
    after = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    wallets.gift(customer, Decimal(200), by=staff.user, now=before, reason="x")

    assert limits.used_today(staff, before) == 200
    assert limits.used_today(staff, after) == 0
    wallets.gift(customer, Decimal(200), by=staff.user, now=after, reason="x")
    assert limits.used_today(staff, after + timedelta(hours=23)) == 200
    wallets.gift(customer, Decimal(1), by=staff.user, now=after + timedelta(days=1), reason="x")
    assert limits.used_today(staff, after) == 200


def test_admins_have_no_daily_limit(customer: Customer) -> None:
    admin = factories.admin(daily_limit=Decimal(1))

    wallets.gift(customer, Decimal(1000), by=admin.user, now=NOW, reason="x")

    assert limits.used_today(admin, NOW) == 1000


def test_a_second_press_that_used_up_the_limit_is_no_failure(
    staff: Staff, customer: Customer
) -> None:
    def give() -> Transfer:
        return wallets.gift(
            customer, Decimal(200), by=staff.user, now=NOW, reason="x", reference="form-1"
        )

    assert give() == give()
    assert balance(customer) == 200


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_two_gifts_at_once_do_not_pass_the_limit_together() -> None:
    staff = factories.staff(sees_all_customers=True, daily_limit=Decimal(100))
    customers = [factories.customer("A"), factories.customer("B")]

    results = at_once(
        *(
            lambda to=to: wallets.gift(to, Decimal(60), by=staff.user, now=NOW, reason="x")
            for to in customers
        )
    )

    assert sorted(type(result).__name__ for result in results) == ["LimitReached", "Transfer"]
    assert limits.used_today(staff, NOW) == 60


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_two_decided_refunds_at_once_do_not_pass_the_limit_together() -> None:
    staff = factories.staff(daily_limit=Decimal(100))
    orders = [factories.order(factories.customer(n), price=Decimal(60)) for n in "AB"]

    def decide(order: Order) -> str:
        with transaction.atomic():
            limits.spend_limit(staff, Decimal(60), NOW)
            ledger.refund(order, Decimal(60), by=staff.user, memo="x", at=NOW)
        return "refunded"

    results = at_once(*(lambda one=order: decide(one) for order in orders))

    assert sorted(str(r) if isinstance(r, str) else type(r).__name__ for r in results) == [
        "LimitReached",
        "refunded",
    ]


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_take_the_cash_once() -> None:
    staff = factories.staff(sees_all_customers=True)
    customer = factories.customer()

    def take() -> Transfer:
        return wallets.take_cash(customer, Decimal(5), by=staff.user, now=NOW, reference="f")

    one, other = at_once(take, take)

    assert one == other
    assert balance(customer) == 5


# ── Tills ────────────────────────────────────────────────────────────────────────────────────


def test_a_drop_brings_cash_from_the_till_to_the_house(staff: Staff, customer: Customer) -> None:
    wallets.take_cash(customer, Decimal(50), by=staff.user, now=NOW)

    first = tills.drop(staff, Decimal(30), by=staff.user, now=NOW, reference="a")
    assert tills.drop(staff, Decimal(30), by=staff.user, now=NOW, reference="a") == first
    with pytest.raises(KeyReused):
        tills.drop(staff, Decimal(31), by=staff.user, now=NOW, reference="a")
    with pytest.raises(NotAllowed):
        tills.drop(staff, Decimal(1), by=factories.staff().user, now=NOW, reference="c")
    tills.drop(staff, Decimal(5), by=factories.admin().user, now=NOW, reference="d")

    assert tills.held(staff) == 15
    assert ledger.account_sum(ledger.house(AccountKind.CASH)) == -35
    assert [line.amount for line in tills.till_statement(staff)] == [-5, -30, 50]


def test_a_refusal_names_the_tills_sum_to_others_only_and_stays_on_record(
    staff: Staff, customer: Customer
) -> None:
    wallets.take_cash(customer, Decimal("20.07"), by=staff.user, now=NOW)
    with pytest.raises(FieldErrors) as own:
        tills.drop(staff, Decimal(21), by=staff.user, now=NOW, reference="b")
    with pytest.raises(FieldErrors) as paid:
        wallets.take_cash(customer, Decimal(5), by=factories.admin().user, now=NOW)
        wallets.pay_out(customer, Decimal(22), by=staff.user, now=NOW)
    with pytest.raises(FieldErrors, match=r"holds 20\.07"):
        tills.drop(staff, Decimal(21), by=factories.admin().user, now=NOW, reference="c")

    assert "20" not in str(own.value) + str(paid.value)
    tried = AuditEntry.objects.filter(action=tills.REFUSED, person=staff.user)
    assert [entry.after["amount"] for entry in tried.order_by("pk")] == ["21", "22"]


# ── What a till may hold ─────────────────────────────────────────────────────────────────────


def test_a_till_takes_cash_up_to_its_limit_and_no_cent_more(customer: Customer) -> None:
    mira = factories.staff(sees_all_customers=True, till_limit=Decimal(50))
    wallets.take_cash(customer, Decimal(30), by=mira.user, now=NOW)
    wallets.take_cash(customer, Decimal(20), by=mira.user, now=NOW)
    with pytest.raises(tills.TillFull, match="into the safe") as refused:
        wallets.take_cash(customer, Decimal("0.01"), by=mira.user, now=NOW)

    assert not set("0123456789") & set(str(refused.value)), "the till is blind"
    assert (tills.held(mira), balance(customer)) == (50, 50)
    tried = AuditEntry.objects.get(action=tills.FULL)
    assert (tried.person, tried.after) == (mira.user, {"amount": "0.01"})

    tills.drop(mira, Decimal(50), by=mira.user, now=NOW, reference="evening")
    wallets.take_cash(customer, Decimal(50), by=mira.user, now=NOW)
    assert tills.held(mira) == 50


def test_a_second_press_at_the_limit_returns_the_first(customer: Customer) -> None:
    mira = factories.staff(sees_all_customers=True, till_limit=Decimal(50))

    def press() -> Transfer:
        return wallets.take_cash(customer, Decimal(50), by=mira.user, now=NOW, reference="form")

    assert press() == press()


def test_the_limit_is_read_anew_and_holds_for_admins_too(customer: Customer) -> None:
    ada = factories.admin()
    Staff.objects.filter(pk=ada.pk).update(till_limit=Decimal(10))
    assert ada.till_limit is None
    with pytest.raises(tills.TillFull):
        wallets.take_cash(customer, Decimal(11), by=ada.user, now=NOW)


def test_the_till_of_who_left_is_counted_by_one_admin_and_confirmed_by_another(
    staff: Staff, customer: Customer
) -> None:
    wallets.take_cash(customer, Decimal(50), by=staff.user, now=NOW)
    one, other = factories.admin(), factories.admin()
    with pytest.raises(NotAllowed):
        tills.count_till(staff, Decimal(47), by=one.user, now=NOW)
    staff.user.is_active = False
    with pytest.raises(NotAllowed):
        tills.count_till(staff, Decimal(47), by=factories.staff().user, now=NOW)
    closing = tills.count_till(staff, Decimal(47), by=one.user, now=NOW)
    with pytest.raises(NotAllowed, match="your own count"):
        tills.confirm_closing(closing, by=one.user, now=NOW)
    tills.confirm_closing(closing, by=other.user, now=NOW)
    assert tills.held(staff) == 47 and closing.counted_by == one.user


def test_the_operator_confirms_for_a_house_with_one_admin() -> None:
    owner = factories.owner()
    client = factories.customer()
    wallets.take_cash(client, Decimal(50), by=owner.user, now=NOW)
    tills.count_till(owner, Decimal(48), by=owner.user, now=NOW, note="a hole")
    out = StringIO()

    call_command("confirm_till", owner.user.email, stdout=out)

    assert "counted 48.00, should hold 50.00, difference -2.00" in out.getvalue()
    assert tills.held(owner) == 48
    assert TillClosing.objects.get().note == "a hole"
    with pytest.raises(CommandError, match="no count waits"):
        call_command("confirm_till", owner.user.email)


def test_a_statement_of_some_days_and_the_balance_before_them(staff: Staff) -> None:
    client = factories.customer()
    for day in range(4):
        wallets.take_cash(client, Decimal(10 + day), by=staff.user, now=NOW + timedelta(days=day))
    span = (NOW + timedelta(days=1), NOW + timedelta(days=3))

    assert [line.amount for line in wallets.statement(client, span=span)] == [12, 11]
    assert wallets.balance_at(client, span[0]) == 10
    assert wallets.balance_at(client, NOW) == 0


@pytest.mark.parametrize(("counted", "difference"), [("48.5", "-1.5"), ("51", "1"), ("50", None)])
def test_a_confirmed_count_is_what_the_till_holds_and_the_difference_stays_on_record(
    staff: Staff, customer: Customer, counted: str, difference: str | None
) -> None:
    wallets.take_cash(customer, Decimal(50), by=staff.user, now=NOW)
    closing = tills.count_till(staff, Decimal(counted), by=staff.user, now=NOW)
    assert closing.expected == 50
    wallets.take_cash(customer, Decimal(7), by=staff.user, now=NOW)
    admin = factories.admin()

    transfer = tills.confirm_closing(closing, by=admin.user, now=NOW, note="seen")

    assert tills.held(staff) == Decimal(counted) + 7
    closing.refresh_from_db()
    assert (closing.confirmed_by, closing.confirmed_at) == (admin.user, NOW)
    assert AuditEntry.objects.get(action="till.closing_confirmed").person == admin.user
    if difference is None:
        assert transfer is None
    else:
        assert transfer is not None
        assert tills.till_statement(staff)[0].amount == Decimal(difference)
    assert ledger_check.check() == []


def test_nobody_confirms_their_own_till_and_only_admins_confirm(staff: Staff) -> None:
    admin = factories.admin()
    closing = tills.count_till(staff, Decimal(0), by=staff.user, now=NOW)
    own = tills.count_till(admin, Decimal(0), by=admin.user, now=NOW)

    with pytest.raises(NotAllowed):
        tills.confirm_closing(closing, by=factories.staff().user, now=NOW)
    with pytest.raises(NotAllowed, match="your own till"):
        tills.confirm_closing(own, by=admin.user, now=NOW)
    tills.confirm_closing(closing, by=admin.user, now=NOW)
    with pytest.raises(StateChanged):
        tills.confirm_closing(closing, by=admin.user, now=NOW)


def test_a_till_is_counted_by_its_member_and_once_until_confirmed(staff: Staff) -> None:
    with pytest.raises(NotAllowed):
        tills.count_till(staff, Decimal(0), by=factories.admin().user, now=NOW)
    for counted in (Decimal(-1), Decimal("NaN")):
        with pytest.raises(FieldErrors):
            tills.count_till(staff, counted, by=staff.user, now=NOW)

    tills.count_till(staff, Decimal(0), by=staff.user, now=NOW)
    with pytest.raises(StateChanged), transaction.atomic():
        tills.count_till(staff, Decimal(0), by=staff.user, now=NOW)
    assert TillClosing.objects.count() == 1


# ── Statements ───────────────────────────────────────────────────────────────────────────────


def test_a_statement_pages_by_keyset_with_the_same_queries(
    staff: Staff, customer: Customer
) -> None:
    def page(before: int | None = None) -> list[wallets.Line]:
        with CaptureQueriesContext(connection) as queries:
            lines = wallets.statement(customer, before, limit=3)
        counts.add(len(queries))
        return lines

    counts: set[int] = set()
    page()
    for n in range(1, 5):
        wallets.take_cash(customer, Decimal(n), by=staff.user, now=NOW)
        wallets.adjust(customer, Decimal(-1), by=staff.user, now=NOW, reason="x")
    first = page()
    second = page(first[-1].id)
    third = page(second[-1].id)

    assert [line.amount for line in first + second + third] == [-1, 4, -1, 3, -1, 2, -1, 1]
    assert first[0].transfer.balance_after == balance(customer) == 6
    assert counts == {3}


def test_every_refusal_is_a_declined_with_a_sentence(staff: Staff, customer: Customer) -> None:
    with pytest.raises(Declined, match=r"Type an amount above zero"):
        wallets.take_cash(customer, Decimal(0), by=staff.user, now=NOW)

"""Customers, staff and sign-ins: who is added, who sees whom, who may do what."""

import json
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders import leaving, ledger_check, people
from orders.enums import MarkupKind, PriceLevel, TransferKind
from orders.errors import FieldErrors, NotAllowed
from orders.models import Account, AuditEntry, Customer, MarkupRule, Staff, Transfer, User
from orders.people import PersonKind
from tests.support import factories
from tests.support.factories import NOW, PASSWORD
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db


# ── Phone numbers and addresses ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "typed",
    [
        "+44 20 7946 0018",
        "+44 (0) 20 7946-0018",
        "0044 20 7946 0018",
        "44.20.7946.0018",
        "  +44/20/79460018 ",
        "+٤٤ ٢٠ ٧٩٤٦ ٠٠١٨",
    ],
)
def test_one_number_however_it_is_typed(typed: str) -> None:
    assert people.normalise_phone(typed) == "442079460018"


@pytest.mark.parametrize(
    "typed", ["020 7946 0018", "12345", "+44 20 CALL ME", "1" * 16, "+", "²³⁴⁵⁶⁷⁸"]
)
def test_a_number_that_cannot_be_dialled_is_refused_with_what_to_do(typed: str) -> None:
    with pytest.raises(FieldErrors) as wrong:
        people.normalise_phone(typed)
    assert wrong.value.errors.keys() == {"phone"}


def test_no_number_is_no_error() -> None:
    assert people.normalise_phone("  ") == people.normalise_email(" ") == ""


# ── Adding customers ─────────────────────────────────────────────────────────────────────────


def test_a_client_needs_no_sign_in_to_have_a_wallet() -> None:
    staff = factories.staff()

    customer = people.add_customer(name="Ana", phone="+351 912 345 678", by=staff.user, now=NOW)

    assert (customer.phone, customer.user, customer.created_at) == ("351912345678", None, NOW)
    assert Account.objects.get(customer=customer).balance == 0
    assert AuditEntry.objects.get(action="customer.added").person == staff.user
    assert ledger_check.check() == []


def test_with_a_password_a_customer_signs_in_by_email(client: Client) -> None:
    customer = people.add_customer(email=" Pat@Example.COM ", password=PASSWORD, now=NOW)

    assert (customer.name, customer.email) == ("pat", "pat@example.com")
    assert authenticate(None, email="pat@example.com", password=PASSWORD) == customer.user
    assert people.person_of(customer.user).kind is PersonKind.CUSTOMER


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({}, {"name"}),
        ({"email": "nonsense", "phone": "0123"}, {"email", "phone"}),
        ({"name": "A", "password": PASSWORD}, {"email"}),
        ({"email": "a@example.com", "password": "short"}, {"password"}),
        ({"name": "A" * 121}, {"name"}),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_written(
    given: dict[str, Any], fields: set[str]
) -> None:
    with pytest.raises(FieldErrors) as wrong:
        people.add_customer(**given, now=NOW)

    assert wrong.value.errors.keys() == fields
    assert not Customer.objects.exists()
    assert not User.objects.exists()


def test_a_taken_number_or_address_names_the_client_who_has_it() -> None:
    holder = people.add_customer(
        name="Ana", phone="+351 912 345 678", email="ana@example.com", now=NOW
    )

    with pytest.raises(FieldErrors) as taken:
        people.add_customer(name="B", phone="00351-912-345-678", email="ANA@example.com", now=NOW)

    sentence = f"This is Ana already, client {holder.pk}."
    assert taken.value.errors == {"phone": sentence, "email": sentence}


def test_a_taken_number_of_a_client_one_may_not_see_names_nobody() -> None:
    people.add_customer(name="Secret Ana", phone="+351 912 345 678", now=NOW)

    with pytest.raises(FieldErrors) as taken:
        people.add_customer(name="B", phone="+351912345678", by=factories.staff().user, now=NOW)

    assert taken.value.errors == {
        "phone": "A client of somebody else has this already; ask an admin."
    }


def test_many_clients_have_neither_number_nor_address() -> None:
    for name in "ABC":
        people.add_customer(name=name, now=NOW)

    assert Customer.objects.count() == 3


def test_an_address_that_staff_sign_in_with_cannot_be_a_customers_sign_in() -> None:
    staff = factories.staff()

    with pytest.raises(FieldErrors, match="signs in with this"):
        people.add_customer(email=staff.user.email, password=PASSWORD, now=NOW)


def test_whoever_adds_a_client_manages_it_unless_an_admin() -> None:
    mira, jon, admin = factories.staff(), factories.staff("Jon"), factories.admin()

    assert people.add_customer(name="A", by=mira.user, now=NOW).manager == mira
    assert people.add_customer(name="B", by=admin.user, now=NOW).manager is None
    assert people.add_customer(name="C", manager=jon, by=admin.user, now=NOW).manager == jon
    with pytest.raises(NotAllowed):
        people.add_customer(name="D", manager=jon, by=mira.user, now=NOW)
    with pytest.raises(NotAllowed):
        people.add_customer(name="E", by=factories.customer(signs_in=True).user, now=NOW)


def test_a_call_from_a_known_number_finds_the_client_and_an_unknown_one_adds_it() -> None:
    mira = factories.staff()

    ana, added = people.find_or_create("+351 912 345 678", name="Ana", by=mira.user, now=NOW)
    again, added_again = people.find_or_create("00351912345678", by=mira.user, now=NOW)

    assert (added, added_again, again) == (True, False, ana)
    with pytest.raises(FieldErrors, match="ask an admin"):
        people.find_or_create("+351912345678", by=factories.staff("Jon").user, now=NOW)


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_number_make_one_client_and_one_clear_refusal() -> None:
    def add() -> Customer:
        return people.add_customer(name="Ana", phone="+351 912 345 678", now=NOW)

    results = at_once(add, add)

    assert sorted(type(result).__name__ for result in results) == ["Customer", "FieldErrors"]
    assert Account.objects.filter(kind="wallet").count() == 1


# ── Changing customers ───────────────────────────────────────────────────────────────────────


def test_staff_change_what_they_may_and_every_change_is_on_record() -> None:
    mira = factories.staff()
    customer = factories.customer("Ana", manager=mira)

    people.change_customer(customer, by=mira.user, now=NOW, phone="+351 912 345 678")
    for given in ({"credit_limit": Decimal(5)}, {"manager": None}, {"is_blocked": True}):
        with pytest.raises(NotAllowed):
            people.change_customer(customer, by=mira.user, now=NOW, **given)
    with pytest.raises(NotAllowed):
        people.change_customer(customer, by=factories.staff().user, now=NOW, name="B")
    people.change_customer(
        customer, by=factories.admin().user, now=NOW, credit_limit=Decimal(5), reason="trusted"
    )

    customer.refresh_from_db()
    assert (customer.phone, customer.credit_limit) == ("351912345678", 5)
    entry = AuditEntry.objects.latest("id")
    assert (entry.before, entry.after, entry.reason) == (
        {"credit_limit": "0.00000000"},
        {"credit_limit": "5"},
        "trusted",
    )
    with pytest.raises(FieldErrors):
        people.change_customer(customer, by=None, now=NOW, credit_limit=Decimal(-1))


def test_a_customer_signs_in_with_the_new_address() -> None:
    customer = people.add_customer(email="old@example.com", password=PASSWORD, now=NOW)
    taken = factories.staff()

    people.change_customer(customer, by=None, now=NOW, email="New@example.com")

    assert authenticate(None, email="new@example.com", password=PASSWORD) == customer.user
    for email in ("", taken.user.email):
        with pytest.raises(FieldErrors):
            people.change_customer(customer, by=None, now=NOW, email=email)
    customer.refresh_from_db()
    assert customer.email == "new@example.com"


def test_a_client_can_get_a_sign_in_later() -> None:
    customer = people.add_customer(name="Ana", email="ana@example.com", now=NOW)

    user = people.give_sign_in(customer, PASSWORD, by=None, now=NOW)

    assert authenticate(None, email="ana@example.com", password=PASSWORD) == user
    with pytest.raises(FieldErrors, match="already"):
        people.give_sign_in(customer, PASSWORD, by=None, now=NOW)


# ── Who sees whom ────────────────────────────────────────────────────────────────────────────


def test_staff_see_the_clients_they_manage_and_their_orders_and_nobody_elses() -> None:
    mira, jon = factories.staff(), factories.staff("Jon")
    hers, his, nobodys = (factories.customer(manager=m) for m in (mira, jon, None))
    itself = factories.customer("Self", signs_in=True)
    orders = {c: factories.order(c, by=mira.user) for c in (hers, his, nobodys, itself)}

    def seen(who: Any) -> set[Customer]:
        customers = set(people.visible_customers(who))
        assert set(people.visible_orders(who)) == {orders[c] for c in customers}
        return customers

    everybody = {hers, his, nobodys, itself}
    assert seen(mira) == seen(mira.user) == seen(people.person_of(mira.user)) == {hers}
    assert seen(jon.user) == {his}
    assert seen(itself.user) == {itself}
    assert seen(factories.staff(sees_all_customers=True)) == everybody
    assert seen(factories.admin()) == seen(factories.owner()) == everybody
    assert seen(AnonymousUser()) == seen(factories.user()) == set()
    his.manager = mira
    his.save()
    assert seen(mira) == {hers, his}


def test_a_switched_off_person_sees_nothing() -> None:
    admin = factories.admin()
    factories.customer()
    admin.user.is_active = False

    assert not people.visible_customers(admin).exists()
    assert people.staff_of(admin.user) is None


@pytest.mark.parametrize(
    ("fields", "kind", "rights"),
    [
        ({}, PersonKind.STAFF, (False, False, False)),
        ({"sees_cost": True}, PersonKind.STAFF, (False, True, False)),
        ({"decides_reviews": True}, PersonKind.STAFF, (False, False, True)),
        ({"sees_all_customers": True}, PersonKind.STAFF, (True, False, False)),
        ({"is_admin": True}, PersonKind.ADMIN, (True, True, True)),
        ({"is_admin": True, "is_owner": True}, PersonKind.OWNER, (True, True, True)),
    ],
)
def test_what_a_member_may_see_follows_from_their_row(
    fields: dict[str, bool], kind: PersonKind, rights: tuple[bool, bool, bool]
) -> None:
    person = people.person_of(factories.staff(**fields).user)

    assert person.kind is kind
    assert (person.sees_all, person.sees_cost, person.decides) == rights
    assert person.is_staff
    assert person.is_admin == (kind is not PersonKind.STAFF)


def test_a_customer_may_see_no_cost_and_decide_nothing() -> None:
    person = people.person_of(factories.customer(signs_in=True).user)

    assert (person.kind, person.is_staff, person.is_admin) == (PersonKind.CUSTOMER, False, False)
    assert (person.sees_all, person.sees_cost, person.decides) == (False, False, False)


def test_clients_are_found_by_number_phone_address_and_name_among_those_one_sees() -> None:
    mira = factories.staff()
    ana = factories.customer("Ana Sousa", phone="351912345678", email="a@x.example", manager=mira)
    factories.customer("Ana Elsewhere")

    for text in ("sousa", "+351 912", "00351912", "A@X.", str(ana.pk), f"#{ana.pk}", "", "351"):
        assert people.search_customers(mira, text) == [ana], text
    for text in ("nobody", "999", "+49"):
        assert people.search_customers(mira, text) == [], text
    for _ in range(5):
        factories.customer("Ana", manager=mira)
    assert len(people.search_customers(mira, "ana", limit=3)) == 3
    with CaptureQueriesContext(connection) as queries:
        for found in people.search_customers(mira.user, "ana"):
            assert found.wallet.balance == 0
    assert len(queries) == 1


@pytest.mark.parametrize(
    "typed",
    [
        "442079460018",
        "+44 20 7946 0018",
        "+44 (0) 20 7946-0018",
        "0044 20/7946.0018",
        "020 7946 0018",
        "(020) 7946 0018",
        "7946 0018",
        "+44 20 79",
        "0044207946",
        "\u0664\u0664\u0662\u0660",
    ],
)
def test_a_client_is_found_by_the_phone_number_in_any_shape(typed: str) -> None:
    boss = factories.admin()
    london = factories.customer("London", phone="442079460018")
    factories.customer("Lisbon", phone="351912345678")
    assert people.search_customers(boss, typed) == [london]


def test_a_few_digits_are_looked_for_at_the_beginning_of_a_number_alone() -> None:
    boss = factories.admin()
    factories.customer("London", phone="442079460018")
    assert people.search_customers(boss, "0018") == []


def test_the_client_with_the_typed_number_comes_before_those_with_it_in_phone_or_name() -> None:
    boss = factories.admin()
    wanted = factories.customer("Zoo")
    other = factories.customer(f"A {wanted.pk}")
    assert people.search_customers(boss, str(wanted.pk)) == [wanted, other]


# ── Staff ────────────────────────────────────────────────────────────────────────────────────


def add(email: str, by: User | None = None, **switches: Any) -> Staff:
    return people.add_staff(email=email, password=PASSWORD, by=by, now=NOW, **switches)


def test_the_first_admin_is_the_owner_and_the_others_are_not() -> None:
    plain = add("s@example.com")
    first = add("a@example.com", is_admin=True)
    second = add("b@example.com", is_admin=True)

    assert [row.is_owner for row in (plain, first, second)] == [False, True, False]
    assert authenticate(None, email="s@example.com", password=PASSWORD) == plain.user


def test_only_the_owner_makes_admins_and_admins_add_staff() -> None:
    owner, staff = add("o@example.com", is_admin=True), add("s@example.com")
    admin = add("a@example.com", by=owner.user, is_admin=True)

    add("s2@example.com", by=admin.user, sees_cost=True)
    for by, switches in [(admin, {"is_admin": True}), (staff, {}), (staff, {"is_admin": True})]:
        with pytest.raises(NotAllowed):
            add("x@example.com", by=by.user, **switches)
    with pytest.raises(NotAllowed):
        people.change_staff(staff, by=admin.user, now=NOW, is_admin=True)
    with pytest.raises(NotAllowed):
        people.change_staff(admin, by=admin.user, now=NOW, daily_limit=Decimal(9))
    with pytest.raises(NotAllowed):
        people.change_staff(owner, by=owner.user, now=NOW, is_admin=False)
    with pytest.raises(TypeError):
        people.change_staff(staff, by=owner.user, now=NOW, is_owner=True)
    people.change_staff(staff, by=admin.user, now=NOW, daily_limit=Decimal(9), reason="trial")
    staff.refresh_from_db()
    assert staff.daily_limit == 9
    assert AuditEntry.objects.latest("id").action == "staff.changed"


def test_switching_off_ends_every_session_for_good() -> None:
    owner = add("o@example.com", is_admin=True)
    staff, other = add("s@example.com"), add("t@example.com")
    browsers = {staff: Client(), other: Client()}
    for member, browser in browsers.items():
        browser.force_login(member.user)
        assert "_auth_user_id" in browser.session

    people.switch_off(staff.user, by=owner.user, now=NOW, reason="left")
    people.switch_on(staff.user, by=owner.user, now=NOW)

    assert "_auth_user_id" not in browsers[staff].session
    assert "_auth_user_id" in browsers[other].session
    actions = AuditEntry.objects.filter(action__startswith="sign_in").order_by("id")
    assert [entry.reason for entry in actions] == ["left", ""]


def test_who_switches_off_whom() -> None:
    owner = add("o@example.com", is_admin=True)
    admin, staff = add("a@example.com", is_admin=True), add("s@example.com")
    customer = factories.customer(signs_in=True)

    for by, user in [(staff, customer.user), (admin, admin.user), (admin, owner.user)]:
        with pytest.raises(NotAllowed):
            people.switch_off(user, by=by.user, now=NOW)
    with pytest.raises(NotAllowed):
        people.switch_off(owner.user, by=owner.user, now=NOW)
    people.switch_off(customer.user, by=admin.user, now=NOW)
    people.switch_off(admin.user, by=owner.user, now=NOW)
    customer.user.refresh_from_db()
    assert not customer.user.is_active


def test_a_leaving_member_gives_their_clients_to_another() -> None:
    admin, mira, tom = factories.admin(), factories.staff("Mira"), factories.staff("Tom")
    client, other = factories.customer(manager=mira), factories.customer(manager=tom)

    left = leaving.switch_off_member(mira, heir=tom, by=admin.user, now=NOW, reason="left")

    assert left.clients == 1
    assert set(Customer.objects.values_list("pk", "manager")) == {
        (client.pk, tom.pk),
        (other.pk, tom.pk),
    }
    assert not User.objects.get(pk=mira.user_id).is_active
    entry = AuditEntry.objects.get(action="staff.clients_given")
    assert entry.after == {"manager": f"staff:{tom.pk}", "clients": 1}


def test_nobody_leaves_their_clients_to_themselves_or_to_who_is_off() -> None:
    admin, mira, gone = factories.admin(), factories.staff(), factories.staff()
    people.switch_off(gone.user, by=admin.user, now=NOW)
    gone.refresh_from_db()
    for heir in (mira, gone):
        with pytest.raises(FieldErrors):
            leaving.switch_off_member(mira, heir=heir, by=admin.user, now=NOW)
    assert User.objects.get(pk=mira.user_id).is_active


def test_a_member_without_a_password_gets_in_by_no_password() -> None:
    member = people.add_staff(email="new@example.com", password=None, now=NOW)
    assert not member.user.has_usable_password()


def test_who_hands_whom_a_link_for_a_password() -> None:
    owner, admin, other = factories.owner(), factories.admin(), factories.admin()
    mira, tom = factories.staff(), factories.staff()
    nord = factories.customer(signs_in=True, manager=mira)
    refused = [
        (admin, owner.user),
        (owner, owner.user),
        (admin, other.user),
        (mira, tom.user),
        (tom, nord.user),
    ]
    for by, user in refused:
        with pytest.raises(NotAllowed):
            people.allow_password_link(user, by=by.user, now=NOW)
    assert not AuditEntry.objects.exists()
    for by, user in [(owner, admin.user), (admin, mira.user), (mira, nord.user)]:
        people.allow_password_link(user, by=by.user, now=NOW)
    nord.user.last_login = NOW
    with pytest.raises(NotAllowed):
        people.allow_password_link(nord.user, by=mira.user, now=NOW)
    people.allow_password_link(nord.user, by=admin.user, now=NOW)
    assert AuditEntry.objects.filter(action="sign_in.link_made").count() == 4


def test_nobody_raises_the_credit_limit_of_their_own_account() -> None:
    admin = factories.admin()
    own = factories.customer()
    own.user = admin.user
    own.save()
    with pytest.raises(NotAllowed):
        people.change_customer(own, by=admin.user, now=NOW, credit_limit=Decimal(5))


def test_an_earlier_link_finds_the_clients_who_ordered_for_it() -> None:
    mira = factories.staff()
    nord = factories.customer("Nord", manager=mira)
    casa = factories.customer("Casa")
    for client, link in ((nord, "https://www.Instagram.com/nord/"), (casa, "@casa.verde")):
        factories.order(client, link=link)
    admin = factories.admin()

    assert people.search_customers(admin, "http://instagram.com/nord?") == []
    for typed in ("instagram.com/nor", "https://instagram.com/nord", "http://www.instagram.com/"):
        assert people.search_customers(admin, typed) == [nord], typed
    assert people.search_customers(admin, "@casa") == [casa]
    assert people.search_customers(mira, "@casa") == []
    assert people.search_customers(mira, "instagram.com/nord") == [nord]
    for odd in ("/", "@", "https://"):
        assert len(people.search_customers(admin, odd)) <= 2


# ── Commands ─────────────────────────────────────────────────────────────────────────────────


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_add_customer_makes_a_customer_with_an_opening_balance() -> None:
    line = run("add_customer", "pat@example.com", "--password", PASSWORD, "--balance", "50.5")

    customer = Customer.objects.get()
    assert line == f"Client {customer.pk} pat@example.com, balance 50.50, signs in\n"
    assert Account.objects.get(customer=customer).balance == Decimal("50.5")
    assert Transfer.objects.get().kind == TransferKind.CORRECTION
    assert ledger_check.check() == []


def test_add_customer_answers_programs_in_json() -> None:
    answer = json.loads(run("add_customer", "pat@example.com", "--json"))

    customer = Customer.objects.get()
    assert answer == {"customer": customer.pk, "email": "pat@example.com", "balance": "0.00"}
    assert customer.user is None


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["taken@example.com"],
        ["p@example.com", "--balance", "-1"],
        ["p@example.com", "--balance", "lots"],
        ["p@example.com", "--balance", "NaN"],
        ["p@example.com", "--balance", "0.000000001"],
        ["p@example.com", "--password", "short"],
    ],
)
def test_add_customer_fails_with_one_line_and_leaves_nothing(arguments: list[str]) -> None:
    people.add_customer(email="taken@example.com", now=NOW)

    with pytest.raises(CommandError) as failed:
        run("add_customer", *arguments)

    assert "\n" not in str(failed.value)
    assert Customer.objects.count() == 1
    assert not Transfer.objects.exists()


def test_add_staff_makes_the_owner_and_staff_with_their_own_markup() -> None:
    assert run("add_staff", "o@example.com", "--password", PASSWORD, "--admin").startswith("Owner")
    line = run("add_staff", "s@example.com", "--password", PASSWORD, "--markup", "30")

    staff = Staff.objects.get(is_admin=False)
    assert line == f"Staff {staff.pk} s@example.com, markup 30 %\n"
    rule = MarkupRule.objects.get(level=PriceLevel.STAFF)
    assert (rule.staff, rule.kind, rule.value) == (staff, MarkupKind.PERCENT, 30)


def test_add_staff_makes_up_a_password_when_none_is_given() -> None:
    answer = json.loads(run("add_staff", "s@example.com", "--json"))

    assert answer["role"] == "staff"
    assert authenticate(None, email="s@example.com", password=answer["password"])


@pytest.mark.parametrize(
    "arguments", [["x"], ["s@example.com", "--markup", "much"], ["o@example.com"]]
)
def test_add_staff_fails_with_one_line_and_leaves_nothing(arguments: list[str]) -> None:
    add("o@example.com", is_admin=True)

    with pytest.raises(CommandError) as failed:
        run("add_staff", *arguments, "--password", PASSWORD)

    assert "\n" not in str(failed.value)
    assert Staff.objects.count() == User.objects.count() == 1

"""From a proven address to a customer with a wallet; invitations; sign-ups nobody finished."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orders import accounts, invitations, panel_settings
from orders.errors import FieldErrors, NotAllowed, StateChanged
from orders.models import Account, AuditEntry, Customer, Invitation, Staff, User
from orders.people import person_of
from tests.support import factories

pytestmark = pytest.mark.django_db

NOW = factories.NOW


def signed_up(email: str = "ida@example.com", name: str = "Ida Lund") -> User:
    return User.objects.create_user(email, "a long password", name=name, created_at=NOW)


# ── Opening ──────────────────────────────────────────────────────────────────────────────────


def test_a_proven_address_makes_a_customer_with_an_empty_wallet() -> None:
    customer = accounts.opened(signed_up(), now=NOW)
    assert customer and (customer.name, customer.email) == ("Ida Lund", "ida@example.com")
    assert Account.objects.get(customer=customer).balance == 0
    assert AuditEntry.objects.filter(action="customer.signed_up").count() == 1


def test_opening_twice_finds_the_first(db: None) -> None:
    user = signed_up()
    assert accounts.opened(user, now=NOW) == accounts.opened(user, now=NOW)
    assert Customer.objects.count() == 1


def test_a_client_who_had_no_sign_in_keeps_wallet_and_manager() -> None:
    mira = factories.staff("Mira")
    known = factories.customer("Ida", email="IDA@example.com", balance="12", manager=mira)
    customer = accounts.opened(signed_up(), now=NOW)
    assert customer == known
    known.refresh_from_db()
    assert known.user and known.user.email == "ida@example.com"
    assert known.manager == mira and known.name == "Ida"


def test_a_client_with_another_sign_in_is_left_alone() -> None:
    known = factories.customer("Ida", email="ida@example.com", signs_in=True)
    customer = accounts.opened(signed_up(), now=NOW)
    assert customer and customer != known and customer.email == ""


def test_staff_do_not_become_customers() -> None:
    assert accounts.opened(factories.staff("Mira").user, now=NOW) is None
    assert not Customer.objects.exists()


def test_a_new_address_of_a_customer_is_kept_on_the_client() -> None:
    customer = factories.customer("Ida", email="old@example.com", signs_in=True)
    assert customer.user
    customer.user.email = "new@example.com"
    customer.user.save()
    accounts.moved(customer.user, now=NOW)
    customer.refresh_from_db()
    assert customer.email == "new@example.com"


def test_an_address_on_record_for_another_client_stays_there() -> None:
    other = factories.customer("Other", email="new@example.com")
    customer = factories.customer("Ida", email="old@example.com", signs_in=True)
    assert customer.user
    customer.user.email = "new@example.com"
    customer.user.save()
    accounts.moved(customer.user, now=NOW)
    for row in (customer, other):
        row.refresh_from_db()
    assert (customer.email, other.email) == ("old@example.com", "new@example.com")


# ── Invitations ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def mira() -> Staff:
    return factories.staff("Mira")


def test_who_was_invited_is_a_client_of_who_invited(mira: Staff) -> None:
    invitation, key = invitations.make(by=mira.user, now=NOW)
    user = signed_up()
    invitations.take(invitation, user, NOW)
    customer = accounts.opened(user, now=NOW)
    assert customer and customer.manager == mira
    invitation.refresh_from_db()
    assert invitation.customer == customer
    assert invitations.with_key(key, NOW) is None


def test_an_invitation_is_taken_once(mira: Staff) -> None:
    invitation, _ = invitations.make(by=mira.user, now=NOW)
    invitations.take(invitation, signed_up(), NOW)
    with pytest.raises(StateChanged):
        invitations.take(invitation, signed_up("second@example.com"), NOW)


def test_its_key_stands_nowhere_and_ends_with_time_and_revoking(mira: Staff) -> None:
    invitation, key = invitations.make(by=mira.user, now=NOW)
    assert len(key) * 6 >= 128
    assert key not in str(list(Invitation.objects.values()))
    assert key not in str(list(AuditEntry.objects.values()))
    assert invitations.with_key(key, NOW) == invitation
    assert invitations.with_key(key, NOW + timedelta(days=15)) is None
    assert invitations.with_key("", NOW) is None
    invitations.revoke(invitation, by=mira.user, now=NOW)
    assert invitations.with_key(key, NOW) is None
    with pytest.raises(StateChanged):
        invitations.revoke(invitation, by=mira.user, now=NOW)
    with pytest.raises(StateChanged):
        invitations.take(invitation, signed_up(), NOW)


def test_only_who_made_it_and_admins_take_it_back(mira: Staff) -> None:
    invitation, _ = invitations.make(by=mira.user, now=NOW)
    tom, admin = factories.staff("Tom"), factories.admin()
    with pytest.raises(NotAllowed):
        invitations.revoke(invitation, by=tom.user, now=NOW)
    assert not invitations.still_open(person_of(tom.user), NOW).exists()
    assert invitations.still_open(person_of(admin.user), NOW).exists()
    invitations.revoke(invitation, by=admin.user, now=NOW)


def test_a_customer_invites_nobody() -> None:
    buyer = factories.customer(signs_in=True).user
    assert buyer
    with pytest.raises(NotAllowed):
        invitations.make(by=buyer, now=NOW)


def test_nobody_is_invited_who_signs_in_already(mira: Staff) -> None:
    signed_up()
    with pytest.raises(FieldErrors):
        invitations.make(email="Ida@example.com", by=mira.user, now=NOW)


@pytest.mark.parametrize(
    ("rule", "alone", "invited"),
    [("open", True, True), ("invitation", False, True), ("closed", False, False)],
)
def test_who_may_sign_up(rule: str, alone: bool, invited: bool, mira: Staff) -> None:
    panel_settings.change(by=None, now=NOW, sign_up=rule)
    invitation, _ = invitations.make(by=mira.user, now=NOW)
    assert accounts.may_sign_up(None) is alone
    assert accounts.may_sign_up(invitation) is invited


# ── What nobody finished ─────────────────────────────────────────────────────────────────────


def test_an_unfinished_sign_up_goes_after_a_week_and_frees_its_invitation(mira: Staff) -> None:
    invitation, key = invitations.make(by=mira.user, now=NOW)
    user = signed_up()
    invitations.take(invitation, user, NOW)
    assert accounts.forget_unproven(NOW + timedelta(days=6)) == 0
    assert accounts.forget_unproven(NOW + timedelta(days=8)) == 1
    assert not User.objects.filter(pk=user.pk).exists()
    assert invitations.with_key(key, NOW + timedelta(days=8)) == invitation


def test_staff_customers_superusers_and_who_signed_in_stay(mira: Staff) -> None:
    accounts.opened(signed_up("customer@example.com"), now=NOW)
    once = signed_up("once@example.com")
    User.objects.filter(pk=once.pk).update(last_login=timezone.now())
    User.objects.create_superuser("root@example.com", "x", created_at=NOW)
    User.objects.filter(pk=mira.user_id).update(created_at=NOW)
    assert accounts.forget_unproven(NOW + timedelta(days=30)) == 0

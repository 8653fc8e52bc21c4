"""Signing up as people do it: the form, the code, the first page; and what is not let in."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders import invitations, panel_settings
from orders.models import Customer, Invitation, User
from tests.support import factories

pytestmark = pytest.mark.django_db

NEW = {"name": "Ida Lund", "email": "ida@example.com", "password1": "correct horse battery"}
SIGN_UP, CODE, SIGN_IN = "/account/signup/", "/account/confirm-email/", "/account/login/"


@pytest.fixture(autouse=True)
def house() -> None:
    factories.owner()
    open_for("open")


def open_for(rule: str) -> None:
    panel_settings.change(by=None, now=factories.NOW, sign_up=rule)


def sign_up(browser: Client, **other: str) -> Any:
    return browser.post(SIGN_UP, NEW | other)


def code() -> str:
    found = re.search(r"Your code is\s+(\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def test_a_sign_up_is_proven_by_its_code_and_lands_on_the_customers_page(client: Client) -> None:
    asked = sign_up(client)
    assert asked["Location"] == CODE
    page = client.get(CODE).content.decode()
    assert "ida@example.com" in page
    assert not Customer.objects.exists()
    done = client.post(CODE, {"code": code()}, follow=True)
    assert done.request["PATH_INFO"].startswith("/my/")
    assert Customer.objects.get().user == User.objects.get(email="ida@example.com")


def test_a_wrong_code_proves_nothing(client: Client) -> None:
    sign_up(client)
    right = code()
    wrong = "WRONG1" if right != "WRONG1" else "WRONG2"
    answer = client.post(CODE, {"code": wrong})
    assert answer.status_code == 200 and not Customer.objects.exists()
    for _ in range(3):
        client.post(CODE, {"code": wrong})
    client.post(CODE, {"code": right})
    assert not Customer.objects.exists()


def test_without_the_code_nobody_gets_in(client: Client) -> None:
    sign_up(client)
    other = Client()
    other.post(SIGN_IN, {"login": NEW["email"], "password": NEW["password1"]})
    assert other.get("/my/orders/").status_code == 302


def test_who_signs_up_with_a_known_address_is_told_by_e_mail_only(client: Client) -> None:
    User.objects.create_user(NEW["email"], "another password")
    answer = sign_up(client)
    assert answer["Location"] == CODE
    assert "account already" in mail.outbox[-1].subject
    assert User.objects.filter(email=NEW["email"]).count() == 1
    assert "ida@example.com" in client.get(CODE).content.decode()


def test_a_client_of_the_house_gets_wallet_and_orders_with_the_code(client: Client) -> None:
    known = factories.customer("Ida", email=NEW["email"], balance="7.5")
    order = factories.order(known, paid=False)
    sign_up(client)
    client.post(CODE, {"code": code()})
    assert client.get(f"/my/orders/{order.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": "  "}, "required"),
        ({"email": "nowhere"}, "valid"),
        ({"password1": "short"}, "10"),
        ({"password1": "ida@example.com"}, "similar"),
    ],
)
def test_a_mistake_is_said_at_its_field_and_the_rest_stays(
    wrong: dict[str, str], words: str, client: Client
) -> None:
    page = sign_up(client, **wrong).content.decode()
    assert words in page
    kept = (NEW | wrong)["email"]
    assert f'value="{kept}"' in page
    assert User.objects.count() == 1


def test_closed_means_closed_also_for_a_post(client: Client) -> None:
    open_for("closed")
    assert "Sign-up is not open" in client.get(SIGN_UP).content.decode()
    sign_up(client)
    assert User.objects.count() == 1
    assert "Sign up" not in client.get(SIGN_IN).content.decode()


def invited(browser: Client, email: str = "") -> str:
    mira = factories.staff("Mira Kovač")
    _, key = invitations.make(email=email, by=mira.user, now=timezone.now())
    browser.get(reverse("join", args=[key]))
    return key


def test_an_invitation_opens_the_sign_up_once(client: Client) -> None:
    open_for("invitation")
    assert "Sign-up is not open" in client.get(SIGN_UP).content.decode()
    key = invited(client)
    assert "Make your account" in client.get(SIGN_UP).content.decode()
    sign_up(client)
    client.post(CODE, {"code": code()})
    assert Customer.objects.get().manager.user.name == "Mira Kovač"  # type: ignore[union-attr]
    assert Client().get(reverse("join", args=[key])).status_code == 404


def test_an_invitation_for_an_address_is_for_no_other(client: Client) -> None:
    open_for("invitation")
    invited(client, "somebody@example.com")
    assert "This invitation is for somebody@example.com" in sign_up(client).content.decode()
    assert not Invitation.objects.filter(user__isnull=False).exists()
    assert sign_up(client, email="somebody@example.com")["Location"] == CODE


def test_of_two_with_one_invitation_the_second_is_turned_away(client: Client) -> None:
    open_for("invitation")
    key = invited(client)
    other = Client()
    other.get(reverse("join", args=[key]))
    sign_up(client)
    sign_up(other, email="second@example.com")
    assert not User.objects.filter(email="second@example.com").exists()


def test_who_was_given_a_sign_in_by_the_house_needs_no_code(client: Client) -> None:
    member = factories.staff("Mira")
    member.user.set_password("correct horse battery")
    member.user.save()
    answer = client.post(SIGN_IN, {"login": member.user.email, "password": "correct horse battery"})
    assert answer["Location"] == "/"
    assert EmailAddress.objects.get(user=member.user).verified


def test_many_wrong_passwords_are_stopped(client: Client) -> None:
    buyer = factories.customer(signs_in=True).user
    assert buyer
    codes = [
        client.post(SIGN_IN, {"login": buyer.email, "password": f"wrong {n}"}) for n in range(12)
    ]
    assert "Too many" in codes[-1].content.decode()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (SIGN_UP, {"name": "Ida", "password1": "short"}),
        ("/account/password/reset/", {}),
    ],
)
def test_many_sign_ups_and_resets_from_one_address_are_stopped(
    url: str, said: dict[str, str], client: Client
) -> None:
    tried = [client.post(url, said | {"email": f"{n}@example.com"}).status_code for n in range(21)]
    assert 429 not in tried[:20]
    assert tried[20] == 429


def test_resets_for_one_person_are_stopped_wherever_they_come_from(client: Client) -> None:
    said = {"email": "ida@example.com"}
    tried = [
        client.post("/account/password/reset/", said, REMOTE_ADDR=f"203.0.113.{n}").status_code
        for n in range(6)
    ]
    assert tried == [302] * 5 + [429]


def test_a_reset_answers_alike_whether_somebody_has_the_address(client: Client) -> None:
    buyer = factories.customer(signs_in=True).user
    assert buyer
    answers = []
    for email in (buyer.email, "nobody@example.com"):
        answer = client.post("/account/password/reset/", {"email": email})
        answers.append((answer.status_code, answer["Location"]))
    assert answers[0] == answers[1]


def test_a_wrong_sign_in_answers_alike_whether_somebody_has_the_address(client: Client) -> None:
    buyer = factories.customer(signs_in=True).user
    assert buyer
    answers = []
    for email in (buyer.email, "nobody@example.com"):
        answer = client.post(SIGN_IN, {"login": email, "password": "wrong horse"})
        html = answer.content.decode().replace(email, "…")
        answers.append(
            (answer.status_code, re.sub(r'value="\w{64}"|"X-CSRFToken": "\w+"', "", html))
        )
    assert answers[0] == answers[1]


def test_signing_in_begins_a_new_session(client: Client) -> None:
    """Whoever planted a session on somebody's browser does not share it afterwards."""
    client.get(SIGN_IN)
    session = client.session
    session["planted"] = "by somebody"
    session.save()
    planted = session.session_key
    buyer = factories.customer(signs_in=True).user
    assert buyer
    buyer.set_password("correct horse battery")
    buyer.save()
    client.post(SIGN_IN, {"login": buyer.email, "password": "correct horse battery"})
    assert client.session["_auth_user_id"] == str(buyer.pk)
    assert client.session.session_key != planted
    assert not client.session.exists(planted)


def test_a_new_password_ends_the_other_sessions(client: Client) -> None:
    buyer = factories.customer(signs_in=True).user
    assert buyer
    client.force_login(buyer)
    assert client.get("/my/orders/").status_code == 200
    buyer.set_password("another horse battery")
    buyer.save()
    assert client.get("/my/orders/").status_code == 302


@pytest.mark.parametrize("then", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_after_the_sign_in_nobody_is_led_to_another_site(then: str, client: Client) -> None:
    buyer = factories.customer(signs_in=True).user
    assert buyer
    buyer.set_password("correct horse battery")
    buyer.save()
    said = {"login": buyer.email, "password": "correct horse battery"}
    for where in ({"query_params": {"next": then}}, {"data": {"next": then}}):
        data = said | where.get("data", {})
        answer = Client().post(SIGN_IN, data, query_params=where.get("query_params"))
        assert (answer.status_code, answer["Location"]) == (302, "/")


def test_a_new_address_is_proven_before_it_is_signed_in_with(client: Client) -> None:
    customer = factories.customer("Ida", email="old@example.com", signs_in=True)
    user = customer.user
    assert user
    User.objects.filter(pk=user.pk).update(email="old@example.com")
    user.refresh_from_db()
    user.set_password("correct horse battery")
    user.save()
    client.post(SIGN_IN, {"login": "old@example.com", "password": "correct horse battery"})
    change = {"email": "new@example.com", "action_add": ""}
    assert client.post("/account/email/", change)["Location"].startswith("/account/reauthenticate/")
    client.post("/account/reauthenticate/", {"password": "correct horse battery"})
    client.post("/account/email/", change)
    user.refresh_from_db()
    assert user.email == "old@example.com"
    client.post(CODE, {"code": code()})
    user.refresh_from_db()
    customer.refresh_from_db()
    assert (user.email, customer.email) == ("new@example.com", "new@example.com")


def test_a_changed_address_by_staff_ends_the_old_one(client: Client) -> None:
    from orders import people

    customer = factories.customer("Ida", email="old@example.com", signs_in=True)
    assert customer.user
    customer.user.email = "old@example.com"
    customer.user.set_password("correct horse battery")
    customer.user.save()
    Client().post(SIGN_IN, {"login": "old@example.com", "password": "correct horse battery"})
    people.change_customer(customer, by=None, now=factories.NOW, email="new@example.com")
    old = client.post(SIGN_IN, {"login": "old@example.com", "password": "correct horse battery"})
    assert old.status_code == 200 and "sessionid" not in client.cookies
    new = client.post(SIGN_IN, {"login": "new@example.com", "password": "correct horse battery"})
    assert new["Location"] == "/"


# ── Two-factor for the owner and admins ──────────────────────────────────────────────────────


@pytest.mark.parametrize(("kind", "is_led"), [("owner", True), ("admin", True), ("staff", False)])
def test_admins_set_up_a_second_factor_first(
    kind: str, is_led: bool, client: Client, settings: Any
) -> None:
    settings.TWO_FACTOR_REQUIRED = True
    people = {
        "owner": lambda: User.objects.get(staff__is_owner=True),
        "admin": lambda: factories.admin().user,
        "staff": lambda: factories.staff().user,
    }
    client.force_login(people[kind]())
    answer = client.get("/staff/")
    assert (answer.status_code == 302) is is_led
    if is_led:
        assert answer["Location"] == reverse("mfa_index")
        assert client.post("/staff/clients/new/", {"name": "X"}).status_code == 302
        assert not Customer.objects.exists()
        assert client.get(reverse("mfa_index")).status_code == 200


def test_with_a_second_factor_an_admin_goes_on(client: Client, settings: Any) -> None:
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP

    settings.TWO_FACTOR_REQUIRED = True
    admin = factories.admin().user
    TOTP.activate(admin, "JBSWY3DPEHPK3PXP")
    client.force_login(admin)
    assert client.get("/staff/").status_code == 200
    assert "JBSWY3DPEHPK3PXP" not in str(Authenticator.objects.values())


def test_production_asks_for_it_and_the_tests_do_not() -> None:
    assert settings.TWO_FACTOR_REQUIRED is False

"""Who fills in forms, as far as they have come, and which addresses are theirs."""

from collections.abc import Callable
from dataclasses import dataclass, field

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.test import Client
from django.urls import reverse

from orders import first_run, panel_settings
from orders.models import Customer, Staff, User
from panel.accounts import password_path
from tests.support import factories
from tests.support.everything import House, addresses, named_patterns, plant

SWITCHES = ("sees_all_customers", "sees_cost", "decides_reviews")
ACCOUNT = ("account_", "mfa_", "usersessions_", "language")
SECRET = "JBSWY3DPEHPK3PXP"


@dataclass
class Visitor:
    """A browser that has come somewhere, and where it goes."""

    browser: Client
    pages: list[str]
    known: dict[str, str] = field(default_factory=dict)
    """What somebody has to know to come further: a code."""


def _member(house: House, **switches: bool) -> User:
    """The member who placed the orders, with the client whose they are."""
    assert house.manager
    Customer.objects.filter(pk=house.customer.pk).update(manager=house.manager)
    Staff.objects.filter(pk=house.manager.pk).update(**switches)
    return house.manager.user


def _buyer(house: House) -> User:
    assert house.customer.user
    return house.customer.user


def _inside(face: str, somebody: Callable[[House], User]) -> Callable[[], Visitor]:
    def visitor() -> Visitor:
        house, browser = plant(), Client(raise_request_exception=False)
        person = somebody(house)
        pages = list(addresses(house, face))
        browser.force_login(person)
        return Visitor(browser, pages)

    return visitor


def _account_pages() -> list[str]:
    return [
        reverse(name)
        for name, pattern in named_patterns()
        if name.startswith(ACCOUNT) and not pattern.pattern.converters and _is_plain(name)
    ]


def _is_plain(name: str) -> bool:
    return name != "account_reset_password_from_key"


def _person(*, factor: bool = False) -> User:
    """A member with a password, and a second factor if asked for."""
    person = factories.staff("Tom").user
    person.set_password(factories.PASSWORD)
    person.save()
    if factor:
        TOTP.activate(person, SECRET)
        RecoveryCodes.activate(person)
    return person


def _sign_in(browser: Client, person: User) -> None:
    said = {"login": person.email, "password": factories.PASSWORD}
    assert browser.post(reverse("account_login"), said).status_code == 302


def _account(come: Callable[[Client], None], factor: bool = False) -> Callable[[], Visitor]:
    def visitor() -> Visitor:
        factories.owner()
        panel_settings.change(by=None, now=factories.NOW, sign_up="open")
        browser = Client(raise_request_exception=False)
        come(browser)
        return Visitor(browser, _account_pages())

    return visitor


def _stranger(browser: Client) -> None:
    _person()


def _signed_up(browser: Client) -> None:
    said = {"name": "Ida", "email": "ida@example.com", "password1": factories.PASSWORD}
    browser.post(reverse("account_signup"), said)


def _member_of_the_house(browser: Client) -> None:
    """Signed in, and asked for the password once more just now."""
    _sign_in(browser, _person())
    browser.post(reverse("account_reauthenticate"), {"password": factories.PASSWORD})


def _moving(browser: Client) -> None:
    """Signed in, and about to prove another address."""
    _member_of_the_house(browser)
    browser.post(reverse("account_email"), {"email": "new@example.com", "action_add": "1"})
    assert mail.outbox[-1].to == ["new@example.com"]


def _half_signed_in(browser: Client) -> None:
    _sign_in(browser, _person(factor=True))


def _with_factor(browser: Client) -> None:
    person = _person(factor=True)
    _sign_in(browser, person)
    codes = RecoveryCodes(person.authenticator_set.get(type="recovery_codes")).get_unused_codes()
    browser.post(reverse("mfa_authenticate"), {"code": codes[0]})
    browser.post(reverse("mfa_reauthenticate"), {"code": codes[1]})
    assert browser.get(reverse("mfa_view_recovery_codes")).status_code == 200


def _long_ago(browser: Client) -> None:
    """Signed in, but not just now: the password is asked for once more."""
    browser.force_login(_person(factor=True))


def _resetting() -> Visitor:
    """Came by a link that sets a password."""
    visitor = _account(_stranger)()
    link = password_path(User.objects.get(name="Tom"))
    led = visitor.browser.get(link)["Location"]
    visitor.pages = [led, link, reverse("account_reset_password")]
    return visitor


def _empty() -> Visitor:
    """Nobody is there yet."""
    return Visitor(
        Client(raise_request_exception=False),
        [reverse("setup"), reverse("language"), reverse("account_login")],
        known={"code": first_run.setup_code()},
    )


def _first_steps() -> Visitor:
    """The owner of a panel with nothing in it."""
    browser = Client(raise_request_exception=False)
    browser.force_login(factories.owner().user)
    steps = [
        reverse(name)
        for name, pattern in named_patterns()
        if name.startswith("staff:setup") and not pattern.pattern.converters
    ]
    return Visitor(browser, steps)


def _later_steps() -> Visitor:
    """The owner of a panel that has a provider and something to sell."""
    factories.service()
    return _first_steps()


INSIDE = ("owner", "admin", "plain", "switched", "customer")
"""Whose pages are so many that they are filled in by parts."""
VISITORS: dict[str, Callable[[], Visitor]] = {
    "owner": _inside("staff", lambda house: house.owner.user),
    "admin": _inside("staff", lambda house: factories.admin().user),
    "plain": _inside("staff", _member),
    "switched": _inside("staff", lambda house: _member(house, **dict.fromkeys(SWITCHES, True))),
    "customer": _inside("my", _buyer),
    "stranger": _account(_stranger),
    "signed up": _account(_signed_up),
    "resetting": _resetting,
    "half signed in": _account(_half_signed_in),
    "signed in": _account(_member_of_the_house),
    "moving": _account(_moving),
    "with a second factor": _account(_with_factor),
    "signed in long ago": _account(_long_ago),
    "empty panel": _empty,
    "first steps": _first_steps,
    "later steps": _later_steps,
}

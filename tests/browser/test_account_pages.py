"""allauth's pages that a signed-in person reaches: in our look, in our words, without a fault."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.faults import faults_of
from tests.support import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "count-every-coin"


def looked_at(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert faults_of(page) == []


def test_from_signing_in_through_every_page_of_ones_account(
    browser: Browser, live_server: LiveServer
) -> None:
    user = factories.owner().user
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    context = browser.new_context()
    page = context.new_page()

    def go(path: str) -> None:
        page.goto(f"{live_server.url}/account/{path}")

    go("login/")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/staff/")
    go("email/")
    looked_at(page, "E-mail address")
    page.get_by_label("New address").fill("second@example.com")
    page.get_by_role("button", name="Change it").click()
    looked_at(page, "Is it you?")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    looked_at(page, "Type the code")
    for path, title in (
        ("password/change/", "Change password"),
        ("inactive/", "This account is switched off"),
        ("confirm-email/", "Type the code"),
        ("logout/", "Sign out?"),
        ("2fa/", "Two-factor sign-in"),
    ):
        go(path)
        looked_at(page, title)

    go("reauthenticate/?next=/account/2fa/totp/activate/")
    looked_at(page, "Is it you?")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    looked_at(page, "Switch two-factor on")
    secret = page.get_by_label("Key").input_value()
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Switch it on").click()
    expect(page.locator(".field.bad")).to_be_visible()
    assert page.get_by_label("Key").input_value() == secret
    counter = next(yield_hotp_counters_from_time())
    page.get_by_label("Code").fill(format_hotp_value(hotp_value(secret, counter)))
    page.get_by_role("button", name="Switch it on").click()
    looked_at(page, "Recovery codes")
    expect(page.locator(".codes li")).to_have_count(10)
    go("2fa/recovery-codes/generate/")
    looked_at(page, "Make new recovery codes?")
    go("2fa/totp/deactivate/")
    looked_at(page, "Switch two-factor off?")
    page.get_by_role("button", name="Switch it off").click()
    expect(page.get_by_role("link", name="Switch on")).to_be_visible()
    context.close()

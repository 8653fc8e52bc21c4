"""The page of two-factor sign-in says what is on and what is left."""

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.urls import reverse

from tests.support import factories as make

pytestmark = pytest.mark.django_db


def page_of(browser: Client) -> str:
    return browser.get(reverse("mfa_index")).content.decode()


def test_off_offers_to_switch_it_on_and_no_codes(client: Client) -> None:
    client.force_login(make.staff("Mira").user)
    text = page_of(client)
    assert reverse("mfa_activate_totp") in text and "Recovery codes" not in text


def test_on_counts_the_codes_that_are_left(client: Client) -> None:
    user = make.staff("Mira").user
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    codes = RecoveryCodes.activate(user)
    codes.validate_code(codes.get_unused_codes()[0])
    client.force_login(user)
    text = page_of(client)
    assert reverse("mfa_deactivate_totp") in text and "9 left." in text

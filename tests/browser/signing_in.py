"""Signing in through the form, as people do."""

from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from orders.models import User

PASSWORD = "a long enough word 71"


def with_password(user: User | None) -> User:
    """This user, who can sign in with `PASSWORD` from now on."""
    assert user is not None
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(page: Page, live_server: LiveServer, email: str, lands: str = "/staff/") -> None:
    """Open the panel, type both and wait for the first page of this person's face."""
    page.goto(live_server.url)
    fill_in(page, email, lands)


def fill_in(page: Page, email: str, lands: str) -> None:
    """The same on a form that is open."""
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{lands}")

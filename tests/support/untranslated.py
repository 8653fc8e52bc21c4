"""English that no translation reaches, in every page of a planted house: `make untranslated`.

    python -m tests.support.untranslated [staff/orders] [--templates | --code]

Pages are what their forms answer too, where nothing was typed into them. `--templates` reads the
templates instead, with every branch that no planted row takes; `--code` guesses at sentences in
Python code.
"""

import argparse
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.brackets import bracketed
from tests.support.english import Data, english

BARE = ("/account/login/", "/account/signup/", "/account/password/reset/", "/offline/")
OWN = (
    *("/account/email/", "/account/password/change/", "/account/sessions/", "/account/logout/"),
    *("/account/2fa/", "/account/2fa/totp/activate/"),
    "/no/such/page/",
)
NOT_SENT = ("/logout/", "/sessions/", "/try", "/test", "/trial", "/act/")
"""Forms that would end the visit, or ask somebody outside."""


def crawl(house: Any, only: str = "") -> Iterator[tuple[str, str, str]]:
    """Of every page whose address holds `only`: address, place and text of what is English."""
    from orders import kept_words

    data = Data()
    kept_words._told_in.cache_clear()
    with bracketed():
        for client, url in visits(house, only):
            for html in _answers(client, url):
                for where, text in english(html, data):
                    yield url, where, text
    kept_words._told_in.cache_clear()


def visits(house: Any, only: str = "") -> Iterator[tuple[Any, str]]:
    """A browser of each kind of person, and the addresses it goes to."""
    from django.conf import settings
    from django.test import Client

    from tests.support.everything import addresses

    people = (
        (house.owner.user, [*addresses(house, "staff"), *OWN]),
        (house.manager.user, list(addresses(house, "staff"))),
        (house.customer.user, [*addresses(house, "my"), *OWN]),
        (None, [*BARE, "/offline/sent/", *_of_strangers(house)]),
    )
    for person, urls in people:
        client = Client(raise_request_exception=False)
        # Kept sentences are told anew only in a language that is not their own.
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "tr"
        if person is not None:
            client.force_login(person)
        for url in dict.fromkeys(urls):
            if only in url:
                yield client, url


def _of_strangers(house: Any) -> list[str]:
    from django.urls import reverse
    from django.utils import timezone

    from orders import tracking

    now, found = timezone.now(), []
    for order in house.orders.values():
        if order.status in ("in_progress", "completed", "canceled"):
            made = tracking.make(order, by=house.owner.user, now=now)
            found.append(reverse("tracking", args=[tracking.key_of(made)]))
    return [*found, reverse("tracking", args=["nothing"])]


def _answers(client: Any, url: str) -> Iterator[str]:
    """The page, and what it answers to a form that was sent empty."""
    from django.db import transaction

    is_quiet = any(word in url for word in NOT_SENT)
    for method in (client.get,) if is_quiet else (client.get, client.post):
        with transaction.atomic():
            answer = method(url)
            transaction.set_rollback(True)
        if answer.get("Content-Type", "").startswith("text/html") and not answer.streaming:
            yield answer.content.decode()


def main() -> None:
    options = _options()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    logging.disable(logging.CRITICAL)
    if options.templates or options.code:
        from tests.support import code_words, template_words

        reading = template_words if options.templates else code_words
        found = reading.untranslated(options.only)
    else:
        with _house() as house:
            found = _once(crawl(house, options.only))
    for url, where, text in found:
        print(f"{url}  {where}: {text[:160]}")
    print(f"{len(found)} untranslated")


def _once(found: Iterator[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Each text where it was met first."""
    first: dict[tuple[str, str], str] = {}
    for url, where, text in found:
        first.setdefault((where, text), url)
    return [(url, where, text) for (where, text), url in first.items()]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="List English that no translation reaches.")
    parser.add_argument("only", nargs="?", default="", help="addresses (or paths) that hold this")
    parser.add_argument("--templates", action="store_true", help="read the templates instead")
    parser.add_argument("--code", action="store_true", help="read the Python code instead")
    return parser.parse_args()


@contextmanager
def _house() -> Iterator[Any]:
    from django.db import connection
    from django.test.utils import setup_test_environment, teardown_test_environment

    from tests.support.everything import plant

    setup_test_environment()
    connection.creation.create_test_db(verbosity=0)
    try:
        yield plant()
    finally:
        connection.creation.destroy_test_db("", verbosity=0)
        teardown_test_environment()


if __name__ == "__main__":
    main()

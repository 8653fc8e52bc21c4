"""The pictures of the README, taken anew from a demo of their own: `make pictures`.

A demo is run beside this for the two or three minutes that its history takes, and ended. The
pictures go to docs/pictures/, light and dark.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.browser.palette import reduced
from tests.browser.screenshots import CHROMIUM, ROOT
from tests.support.servers import free_port

TO = ROOT / "docs" / "pictures"
SIZE = {"width": 1440, "height": 900}
PATIENCE = 900
"""Seconds until the demo has to answer; on a busy machine its history takes a while."""

Act = Callable[[Any], None]


def _nothing(page: Any) -> None:
    """The page as it comes."""


def _filled_order(page: Any) -> None:
    """A customer's order as far as the button that repeats its price."""
    page.get_by_label("Link", exact=True).fill("https://instagram.com/atelier.nord")
    page.get_by_label("How many").fill("1,000")
    page.get_by_role("button", name="Place order for").first.wait_for()
    page.get_by_label("Link", exact=True).focus()
    page.mouse.wheel(0, 400)


def _changed_rule(page: Any) -> None:
    """A markup typed, and what it would move."""
    page.get_by_label("Markup", exact=True).press_sequentially("34")
    page.get_by_role("button", name=re.compile("Change [0-9,]+ price")).wait_for()


PICTURES: dict[str, tuple[str, Act]] = {
    "overview": ("/staff/", _nothing),
    "pricing": ("/staff/pricing/", _changed_rule),
    "order": ("/staff/orders/{order}/", _nothing),
    "new-order": ("/my/new/?service=8", _filled_order),
}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="halfpenny-pictures-") as folder:
        os.environ["HALFPENNY_VAR"] = folder
        with _demo() as site:
            _take(site)


@contextmanager
def _demo() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "manage.py", "demo", "--port", str(port)]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        site = f"http://127.0.0.1:{port}"
        _wait_for(site, running)
        yield site
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(120)


def _wait_for(site: str, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and running.poll() is None:
        try:
            with urllib.request.urlopen(f"{site}/readyz", timeout=5) as answer:
                if not json.load(answer)["machinery"]["beat"]["late"]:
                    return
        except OSError:
            pass
        time.sleep(2)
    sys.exit("The demo does not answer.")


def _take(site: str) -> None:
    import django
    from playwright.sync_api import sync_playwright

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # Playwright keeps an event loop in this thread, and Django would refuse the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    django.setup()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, (path, act) in PICTURES.items():
            for scheme in ("light", "dark"):
                _picture(browser, site, TO / f"{name}-{scheme}.png", path, act)
        browser.close()


def _picture(browser: Any, site: str, to: Path, path: str, act: Act) -> None:
    from orders.models import Customer, Order, Staff
    from tests.browser.visits import signed_in

    owner = Staff.objects.get(is_owner=True)
    # Who has enough for the order that is typed.
    customer = Customer.objects.exclude(user=None).order_by("-wallet__balance")[0]
    # A partly delivered order has the most to tell: stages, a refund, the difference.
    order = Order.objects.filter(status="partial").order_by("-price")[0]
    look = {"reduced_motion": "reduce", "color_scheme": to.stem.rpartition("-")[2]}
    person = customer.user if path.startswith("/my/") else owner.user
    context = signed_in(browser, site, person, viewport=SIZE, **look)
    page = context.new_page()
    page.goto(site + path.format(order=order.pk), wait_until="networkidle")
    act(page)
    page.wait_for_timeout(500)  # transitions, and what follows what was typed
    to.write_bytes(reduced(page.screenshot()))
    context.close()
    print(f"{to.relative_to(ROOT)}: {to.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()

"""Pictures of every page at three widths, light and dark: `make screenshots`.

Taken from the demo's data when there is some (`make demo`), else from a small planted house. The
pictures go to test-results/screenshots/, one folder for each width and colour; those in another
language than English have its code in the folder's name.

    python -m tests.browser.screenshots [--planted] [--only staff/orders] [--widths 360,1440]
        [--language tr]
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TO = ROOT / "test-results" / "screenshots"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Playwright keeps an event loop in this thread, and Django would refuse to touch the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def main() -> None:
    options = _options()
    demo = ROOT / "var" / "halfpenny.sqlite3"
    with tempfile.TemporaryDirectory(prefix="halfpenny-screenshots-") as folder:
        if options.planted or not demo.exists():
            os.environ["HALFPENNY_VAR"] = folder
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, check=True)
            house = _planted()
        else:
            house = _of_the_demo()
        with _site() as site:
            _take(site, house, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Take pictures of every page.")
    parser.add_argument("--planted", action="store_true", help="not the demo's data")
    parser.add_argument("--only", default="", help="addresses that hold this")
    parser.add_argument("--widths", default="360,768,1440")
    parser.add_argument("--schemes", default="light,dark")
    parser.add_argument("--language", default="en", help="of whoever has chosen none")
    return parser.parse_args()


def _planted() -> Any:
    import django

    django.setup()
    from tests.support.everything import plant

    return plant()


def _of_the_demo() -> Any:
    """The newest row of each kind that the demo's data holds."""
    import django

    django.setup()
    from orders.enums import OrderStatus
    from orders.models import Customer, Order, Provider, Refill, Service, Staff
    from tests.support.everything import House

    owner = Staff.objects.filter(is_owner=True)[0]
    customer = Customer.objects.exclude(user=None).order_by("pk")[0]
    orders = {}
    for status in OrderStatus:
        found = Order.objects.filter(status=status).order_by("-pk").first()
        if found:
            orders[status.value] = found
    for number, own in enumerate(Order.objects.filter(customer=customer).order_by("-pk")[:2]):
        orders[f"own {number}"] = own
    newest = Order.objects.order_by("-pk")[0]
    for status in (OrderStatus.UNCONFIRMED, OrderStatus.FAILED):
        orders.setdefault(status, newest)
    service = Service.objects.filter(pause="").order_by("pk")[0]
    provider = Provider.objects.order_by("pk")[0]
    refill = Refill.objects.order_by("-pk").first()
    return House(owner, customer, provider, service, orders, refill)


@contextmanager
def _site() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
    server = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        site = f"http://127.0.0.1:{port}"
        _wait_for(site, server)
        yield site
    finally:
        server.terminate()
        server.wait()


def _wait_for(site: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(60):
        try:
            urllib.request.urlopen(f"{site}/healthz", timeout=1).close()
        except OSError:
            if server.poll() is not None:
                sys.exit("The panel did not start.")
            time.sleep(1)
        else:
            return
    sys.exit("The panel does not answer.")


def _take(site: str, house: Any, options: argparse.Namespace) -> None:
    from playwright.sync_api import sync_playwright

    from tests.browser.visits import pages, signed_in

    if not options.only:
        shutil.rmtree(TO, ignore_errors=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for face, person in (("staff", house.owner.user), ("my", house.customer.user)):
            context = signed_in(browser, site, person, options.language, reduced_motion="reduce")
            for url, page in pages(context, site, house, face, options.only):
                for scheme in options.schemes.split(","):
                    page.emulate_media(color_scheme=scheme)
                    for width in options.widths.split(","):
                        page.set_viewport_size({"width": int(width), "height": 900})
                        folder = TO / f"{width}-{scheme}{_suffix(options.language)}"
                        path = folder / f"{_file_name(url)}.png"
                        page.screenshot(path=path, full_page=True)
                print(url)
            context.close()
        browser.close()
    print(f"Pictures are in {TO.relative_to(ROOT)}")


def _suffix(language: str) -> str:
    return "" if language == "en" else f"-{language}"


def _file_name(url: str) -> str:
    path, _, query = url.partition("?")
    return path.strip("/").replace("/", "-") + ("-filled" if query else "")


if __name__ == "__main__":
    main()

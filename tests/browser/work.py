"""The workers' part of a journey, done by the test between two looks at the page."""

from django.utils import timezone
from playwright.sync_api import Page

from orders import rounds
from orders.models import Order

ROUNDS = 80
PAUSE = 250
"""ms between two rounds."""


def work_until(order: Order, status: str, page: Page) -> None:
    """Send and ask until the order has this status; the page goes on living meanwhile."""
    for _ in range(ROUNDS):
        rounds.run_once(timezone.now())
        order.refresh_from_db()
        if order.status == status:
            return
        page.wait_for_timeout(PAUSE)
    raise AssertionError(f"order {order.pk} is {order.status}, not {status}")

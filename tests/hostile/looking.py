"""The pages that staff would open after a job."""

from collections.abc import Iterator

from django.test import Client as Browser
from django.urls import reverse

from orders import review
from orders.models import Order, Refill, SyncRun
from tests.hostile.house import House
from tests.hostile.judging import orders_of

MARKUP = ("<script>alert", "<img src=x")
"""What hostile answers hold and no page may show unescaped."""


def look(house: House, browser: Browser, job: str) -> None:
    """Everything that staff would open after this job shows, with nothing unescaped."""
    for address in _addresses(house, job):
        response = browser.get(address)
        assert response.status_code == 200, address
        body = response.content.decode()
        for tag in MARKUP:
            assert tag not in body, (address, tag)


def _addresses(house: House, job: str) -> Iterator[str]:
    yield reverse("staff:provider", args=[house.provider.pk])
    if job == "sync":
        yield reverse("staff:sync_run", args=[SyncRun.objects.latest("id").pk])
        yield reverse("staff:sync_runs", args=[house.provider.pk])
        yield reverse("staff:services")
        yield reverse("staff:decisions")
    if job in ("submit", "probe", "poll"):
        yield reverse("staff:orders")
        yield reverse("staff:review")
        for order in Order.objects.filter(pk__in=orders_of(house, job)):
            yield reverse("staff:order", args=[order.pk])
            if review.choices(order):
                yield reverse("staff:case", args=[order.pk])
    if job in ("refill", "refill_status"):
        yield reverse("staff:refills")
        for refill in Refill.objects.filter(provider=house.provider):
            yield reverse("staff:order", args=[refill.order_id])
    if job == "cancel":
        yield reverse("staff:cancellations")
        for one in house.to_cancel:
            yield reverse("staff:order", args=[one.order_id])

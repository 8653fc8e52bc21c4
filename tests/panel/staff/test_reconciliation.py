"""The reconciliation pages: verdict, days, top-ups, and what the file holds."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.enums import MovementKind, OrderStatus
from orders.models import BalanceReading, Movement, Provider
from tests.support import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider() -> Provider:
    return factories.provider("Bulkhaus")


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(factories.admin().user)
    return client


def url(provider: Provider, more: str = "/") -> str:
    return f"/staff/reconciliation/{provider.pk}{more}"


def readings(provider: Provider, *amounts: str) -> None:
    for minutes, amount in enumerate(reversed(amounts)):
        at = timezone.now() - timedelta(minutes=minutes + 1)
        BalanceReading.objects.create(provider=provider, at=at, amount=Decimal(amount))


def corrected(provider: Provider) -> None:
    """An order that was charged half more than quoted."""
    service = factories.service(factories.offer(provider))
    order = factories.order(
        of=service, status=OrderStatus.COMPLETED, charge_upstream=Decimal("1.5")
    )
    at = timezone.now() - timedelta(seconds=90)
    Movement.objects.create(
        provider=provider,
        order=order,
        kind=MovementKind.CORRECTION,
        amount=Decimal("-0.5"),
        begun_at=at,
        at=at,
        recorded_at=at,
    )


@pytest.mark.parametrize(
    ("after", "word"),
    [("100", "agrees with what is known"), ("95", "went unexplained"), ("1000", "came unexpl")],
)
def test_the_page_leads_with_the_verdict(
    desk: Client, provider: Provider, after: str, word: str
) -> None:
    readings(provider, "100", after)
    assert word in desk.get(url(provider)).content.decode()


def test_a_provider_that_was_never_read_has_a_page(desk: Client, provider: Provider) -> None:
    text = desk.get(url(provider)).content.decode()
    assert "Nothing to compare yet." in text and "No day to show yet" in text


def test_the_pages_ask_as_much_for_much_as_for_little(desk: Client, provider: Provider) -> None:
    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(address).status_code == 200
        return len(queries)

    readings(provider, "100", "98")
    corrected(provider)
    one, index = count(url(provider)), count("/staff/reconciliation/")
    for _ in range(4):
        corrected(provider)
        readings(factories.provider(), "7", "5")
    assert count(url(provider)) == one
    assert count("/staff/reconciliation/") == index


def test_a_top_up_is_recorded_once_and_taken_back(desk: Client, provider: Provider) -> None:
    readings(provider, "100", "1000")
    at = timezone.localtime(timezone.now() - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%S")
    form = {"amount": "900", "at": at, "memo": "By card", "token": "t"}
    for _ in range(2):
        assert desk.post(url(provider, "/top-up/"), form).status_code == 302
    row = Movement.objects.get()
    desk.post(url(provider, "/take-back/"), {"number": row.pk, "reason": "Another account"})
    assert [each.amount for each in Movement.objects.order_by("pk")] == [900, -900]


def test_what_is_wrong_stands_at_its_field_and_is_kept(desk: Client, provider: Provider) -> None:
    answer = desk.post(url(provider, "/top-up/"), {"amount": "0", "at": "", "token": "t"})
    assert answer.status_code == 422
    assert "Say when, to the minute." in answer.content.decode()


def test_the_file_holds_the_days(desk: Client, provider: Provider) -> None:
    readings(provider, "100", "95")
    answer = desk.get(url(provider, ".csv?days=7"))
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith("\ufeffDay,From,Balance")
    assert len(lines) == 8
    assert ",-5.00000000," in lines[-1]


def test_who_does_not_see_costs_has_no_way_there(client: Client, provider: Provider) -> None:
    client.force_login(factories.staff(sees_all_customers=True).user)
    assert client.get(url(provider)).status_code == 403
    assert "Reconciliation" not in client.get("/staff/").content.decode()
    client.force_login(factories.staff(sees_cost=True).user)
    text = client.get(url(provider)).content.decode()
    assert "Record a top-up" not in text and "Reconciliation" in text

"""The pretend gateway makes one page a form, and its book tells what was paid on each."""

from decimal import Decimal

import pytest
import requests

from tests.chaos.gateway import FORGETS, Gateway, Payment
from tests.support.checkout import KEY, standing_in

FORMS = 40


def make(gateway: Gateway, number: int) -> dict[str, str] | None:
    """What a panel is answered that asks for a page; None when that was lost."""
    reference = f"HP-{number}.deposit-{number}"
    form = {
        "client_reference_id": reference,
        "success_url": "https://panel.example",
        "line_items[0][price_data][unit_amount]": "1050",
        "line_items[0][price_data][currency]": "usd",
    }
    headers = {"Authorization": f"Bearer {KEY}", "Idempotency-Key": reference}
    try:
        return requests.post(f"{gateway.url}/v1/x", form, headers=headers, timeout=5).json()
    except requests.RequestException:
        return None


def test_an_answer_may_be_lost_once_and_the_page_is_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.chaos.gateway.ANSWERS_IN", 0)
    with standing_in(Gateway) as gateway:
        first = [make(gateway, number) for number in range(FORMS)]
        again = [make(gateway, number) for number in range(FORMS)]
    lost = first.count(None)
    assert 0 < lost < 2 * FORGETS * FORMS
    assert all(one in (None, other) for one, other in zip(first, again, strict=True))
    assert len({other["id"] for other in again if other}) == len(gateway.book()) == FORMS


def test_its_book_has_what_was_paid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.chaos.gateway.ANSWERS_IN", 0)
    with standing_in(Gateway) as gateway:
        for number in (0, 1):
            make(gateway, number)
    paid, unpaid = gateway.session_of("deposit-0"), gateway.session_of("deposit-1")
    assert paid and unpaid and gateway.session_of("deposit-2") is None
    gateway.take(paid, Decimal("11.00"))
    gateway.end_the_day()
    assert gateway.book() == [
        Payment(paid["id"], "deposit-0", Decimal(11)),
        Payment(unpaid["id"], "deposit-1", Decimal(0)),
    ]
    assert (paid["status"], unpaid["status"]) == ("complete", "expired")

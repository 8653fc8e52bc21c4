"""News are brought until they are heard, in their order; forged ones once."""

from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from tests.chaos.courier import Courier
from tests.chaos.payments import CARD, Deposit
from tests.support.hook import Receiver, receiver, says

UNPAID = {"id": "cs_1", "payment_status": "unpaid"}
PAID = {"id": "cs_1", "payment_status": "paid"}


@pytest.fixture
def panel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setattr("tests.chaos.courier.TRY_AGAIN", 0.01)
    with receiver() as panel:
        yield panel


def courier_to(panel: Receiver) -> Courier:
    courier = Courier("", 1)
    courier._url = panel.url
    courier.start()
    return courier


def kinds(panel: Receiver) -> list[tuple[Any, Any]]:
    said = [(one["type"].rpartition(".")[2], one["data"]["object"]) for one in panel.posted]
    return [(kind, about["payment_status"]) for kind, about in said]


def test_news_are_repeated_until_they_are_taken_each_as_it_was_when_it_was_told(
    panel: Receiver,
) -> None:
    answers = iter([503, 500])

    def at_last(handler: BaseHTTPRequestHandler) -> None:
        says(next(answers, 200), b"added")(handler)

    panel.answer = at_last
    courier = courier_to(panel)
    deposit = Deposit(0, CARD, "paid", 0, Decimal(1), "key", news=("paid", "open"))
    courier.tell(deposit, PAID, UNPAID)
    courier.close()

    paid = ("async_payment_succeeded", "paid")
    assert kinds(panel) == [paid, paid, paid, ("completed", "unpaid")]
    assert courier.heard == {"added": 2} and courier.tries == 4


def test_forged_news_are_brought_once_when_they_are_refused(panel: Receiver) -> None:
    panel.answer = says(400, b"Signed by somebody else.")
    courier = courier_to(panel)
    courier.forge(UNPAID)
    courier.close()

    assert kinds(panel) == [("async_payment_succeeded", "paid")]
    assert courier.heard == {"forged, refused": 1}

"""The guide to adding a provider's quirk, carried out: each answer was not understood before, and
is with the guide's change."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orders.enums import OrderStatus
from orders.statuses import received
from orders.upstream import verdicts
from orders.upstream.errors import AnswerUnknown, Refused, Unreadable
from orders.upstream.replies import BalanceReply
from tests.support.guides import block, patched
from tests.upstream import recordings
from tests.upstream.conftest import Play

GUIDE = "add-a-provider-quirk"
ORDER = {"service": "1", "link": "https://example.com/a", "quantity": "100"}


@pytest.fixture(autouse=True)
def _recordings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answers that the guide shows, as files."""
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    for name, holding in (("wallet_is_empty", "wallet"), ("named_funds", "funds")):
        (tmp_path / f"{name}.json").write_text(block(GUIDE, "json", holding))


def test_words_of_a_refusal_are_learned_from_one_line(
    play: Play, soon: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(AnswerUnknown):
        play("wallet_is_empty").add(ORDER, send_before=soon)
    learned = patched(GUIDE, "orders/upstream/refusals.py")
    monkeypatch.setattr(verdicts, "refusal_family", learned.refusal_family)
    with pytest.raises(Refused) as caught:
        play("wallet_is_empty").add(ORDER, send_before=soon)
    assert caught.value.family == "funds"


def test_a_word_for_a_status_is_learned_from_one_line() -> None:
    learned = patched(GUIDE, "orders/statuses/received.py")
    for word in ("Queued", "QUEUED", " queued"):
        assert received.from_upstream(word) is None
        assert learned.from_upstream(word) == OrderStatus.PENDING


def test_another_name_is_learned_from_one_line(play: Play) -> None:
    before = play("named_funds")
    with pytest.raises(Unreadable):
        before.balance()
    learned = patched(GUIDE, "orders/upstream/client.py")
    told: dict[str, Any] = {"BalanceReply": BalanceReply, "Decimal": Decimal}
    exec(block(GUIDE, "python", "LINE"), told)
    with learned.Client(before.account) as client:
        assert client.balance() == told["LINE"]["named_funds"]

"""Writing down what cannot be heard a second time."""

import pytest
from django.db import InterfaceError, OperationalError

from orders import sql
from orders.errors import Busy, StateChanged

pytestmark = pytest.mark.django_db(transaction=True)


class Away:
    """A write that fails so many times with these errors, then succeeds."""

    def __init__(self, *errors: Exception):
        self.errors = list(errors)
        self.tries = 0

    def __call__(self) -> str:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return "written"


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders.sql.transactions.INSISTING_PAUSES", (0, 0, 0))


def test_it_is_tried_again_while_the_database_is_away_or_a_row_is_locked() -> None:
    write = Away(OperationalError("gone"), InterfaceError("closed"), Busy())
    assert sql.insist(write, "an answer") == "written"
    assert write.tries == 4


def test_in_the_end_the_error_is_raised() -> None:
    write = Away(*[OperationalError("gone")] * 9)
    with pytest.raises(OperationalError):
        sql.insist(write, "an answer")
    assert write.tries == 4


def test_what_is_no_outage_is_raised_at_once() -> None:
    write = Away(StateChanged("No."))
    with pytest.raises(StateChanged):
        sql.insist(write, "an answer")
    assert write.tries == 1

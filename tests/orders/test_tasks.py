"""What stands between a worker and its verbs."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from orders import machinery, tasks

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_a_verb_is_told_the_moment_at_which_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sign of life before it is a statement too, and may hang."""
    told = []
    with time_machine.travel(NOW, tick=False) as clock:
        monkeypatch.setattr(machinery, "began", lambda name, at: clock.shift(20))
        tasks._run("orders.prune", told.append)

    assert told == [NOW + timedelta(seconds=20)]

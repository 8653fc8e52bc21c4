"""The provider's clock: real time, or a moment that somebody fixed."""

from datetime import UTC, datetime


class Clock:
    """Tells the time to the server; `fix` stops it at a moment or lets it go on."""

    def __init__(self) -> None:
        self._at: datetime | None = None

    def now(self) -> datetime:
        return self._at or datetime.now(UTC)

    def fix(self, at: datetime | None) -> None:
        """Stop at `at` (naive means UTC); None returns to real time."""
        self._at = at if at is None or at.tzinfo else at.replace(tzinfo=UTC)

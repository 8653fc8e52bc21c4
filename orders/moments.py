"""Time inside one operation: a given beginning, and how far the clock ran since."""

import time
from datetime import datetime, timedelta


class Stopwatch:
    """The moment that a verb was given, moved on by the seconds that really passed.

    So a verb that is told a past `now` (the demo's history) writes past moments throughout, and
    one that runs for half a minute does not stamp its last row with its first moment.
    """

    def __init__(self, now: datetime):
        self._began, self._start = now, time.monotonic()

    @property
    def now(self) -> datetime:
        return self._began + timedelta(seconds=self.seconds)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._start

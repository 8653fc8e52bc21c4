"""Cutting a worker off from the database while an answer is on its way to it.

The claim has been committed, the request has left, the answer comes, and the statement that would
write it down hangs. Meanwhile the claim expires and somebody decides. When the worker can write
again it brings the id that makes the alarm: as after a pause of the machine or the network.
"""

import threading
import time
from datetime import datetime, timedelta

import psycopg
from django.db import DatabaseError, InterfaceError, connection, connections
from django.utils import timezone

from orders.enums import SubmissionOutcome
from orders.models import Submission
from tests.chaos.cast import Cast
from tests.chaos.plan import decision
from tests.chaos.stage import TOTAL
from tests.chaos.wants import target_of

PATIENCE, AT_MOST = 20.0, 30.0
"""Seconds that it lies in wait for an order about which somebody will err; then any will do."""

LOOKS = 0.04
FRESH = timedelta(seconds=2)
"""What was claimed longer ago is about to be given up as lost."""


class Ambush(threading.Thread):
    """Waits for the moment, then stops one worker's sessions for `seconds`."""

    def __init__(self, cast: Cast, seed: int, seconds: float):
        super().__init__(name="ambush")
        self._cast, self._seed, self._seconds = cast, seed, seconds
        self.worker = ""
        self.struck = False
        self.spans: list[tuple[datetime, datetime]] = []
        """When sessions stood still, from and to."""

    def run(self) -> None:
        began = time.monotonic()
        try:
            while (waited := time.monotonic() - began) < AT_MOST and not self.struck:
                try:
                    self._look(any_will_do=waited > PATIENCE)
                except (DatabaseError, InterfaceError, psycopg.Error):
                    connection.close()
                if self._cast.stopping.wait(LOOKS):
                    break
        finally:
            connections.close_all()

    def _look(self, *, any_will_do: bool) -> None:
        # By its lease: what is sent again with its key was claimed first long ago.
        latest = timezone.now() + 2 * timedelta(seconds=TOTAL) - FRESH
        claimed = Submission.objects.filter(outcome=SubmissionOutcome.OPEN, expires_at__gte=latest)
        for found in claimed.select_related("order"):
            if any_will_do or decision(self._seed, target_of(found.order), found.number).errs:
                self._strike(found)
                return

    def _strike(self, submission: Submission) -> None:
        """Stop the sessions of its worker; let them go at once if the answer had come already."""
        self.worker = self._cast.worker_of(int(submission.worker.rpartition(":")[2]))
        began = timezone.now()
        sessions = self._cast.database.stop_sessions(self.worker) if self.worker else []
        try:
            if sessions and not self._cast.stopping.wait(LOOKS):
                submission.refresh_from_db()
                self.struck = submission.outcome == SubmissionOutcome.OPEN
                self._cast.stopping.wait(self._seconds if self.struck else 0)
        finally:
            self._cast.database.wake(sessions)
            self.spans.append((began, timezone.now()))
            self.worker = ""

"""The lease of a sweep: one process walks one provider at a time, and a dead one is replaced."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db.models import Q
from django.utils import timezone

from orders.enums import SweepKind
from orders.models import Sweep
from orders.polling.rounds import Rounds
from orders.progress import Lease, LeaseLost

LIFE = timedelta(seconds=60)
"""A lease that was not renewed for so long, and the longest wait, is a dead process's."""

RENEW_AFTER = timedelta(seconds=20)


class HeldSweep:
    """A sweep that is ours until we give it back, or stop renewing it.

    Leases go by the real clock, whatever `now` the caller lives in.
    """

    def __init__(self, sweep: Sweep, lease: Lease, life: timedelta):
        self.lease, self._life = lease, life
        self.rounds = Rounds.of(sweep)
        self._renewed = timezone.now()

    def keep(self) -> None:
        """Renew if it is time to. Raises `LeaseLost`."""
        if timezone.now() - self._renewed > RENEW_AFTER:
            self._write()

    def save(self) -> None:
        """Put down how far we came. Raises `LeaseLost`."""
        self._write(**self.rounds.columns())

    def give_back(self, *, asked: int, changed: int, at: datetime) -> None:
        """Let the next one in, at once."""
        done = {"last_asked": asked, "last_changed": changed, "last_at": at}
        self._held().update(token=None, expires_at=None, **done, **self.rounds.columns())

    def _write(self, **columns: Any) -> None:
        self._renewed = timezone.now()
        if not self._held().update(expires_at=self._renewed + self._life, **columns):
            raise LeaseLost

    def _held(self) -> Any:
        return Sweep.objects.filter(pk=self.lease.sweep_id, token=self.lease.token)


def take(
    provider_id: int, kind: SweepKind, shard: int = 0, *, patience_seconds: float = 0
) -> HeldSweep | None:
    """The lease, or None: somebody holds it.

    `patience_seconds` is how long a single request may keep its holder from renewing it.
    """
    life = LIFE + timedelta(seconds=patience_seconds)
    sweep, _ = Sweep.objects.get_or_create(provider_id=provider_id, kind=kind, shard=shard)
    token, now = uuid4(), timezone.now()
    if not Sweep.objects.filter(_free(now), pk=sweep.pk).update(token=token, expires_at=now + life):
        return None
    sweep.refresh_from_db()
    return HeldSweep(sweep, Lease(sweep.pk, token), life)


def _free(now: datetime) -> Q:
    return Q(token=None) | Q(expires_at__lt=now)

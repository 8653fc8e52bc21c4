"""Whether the panel's machinery lives, for monitors: ages and two counts.

Whoever calls the probes may read it without a sign-in: no money, no names, no numbers of orders.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from orders import backlog, machinery
from orders.enums import ProviderHold
from orders.models import Heartbeat, Order, Provider

WAITS_LONG = timedelta(minutes=10)
BEAT_LATE = timedelta(seconds=60)
"""Beat leaves a sign four times in that."""


@dataclass(frozen=True)
class Sign:
    """One sign of life: how long ago, None when there never was one, and whether that is late."""

    age: timedelta | None
    late: bool


@dataclass(frozen=True)
class Vitals:
    """The signs of life, the oldest of what is to be done, and how many providers do not answer."""

    beat: Sign
    jobs: dict[str, Sign]
    oldest_waiting: Sign
    oldest_unchecked: Sign
    providers_held: int
    providers_rested: int

    @property
    def wrong(self) -> list[str]:
        """The names of what is not as it should be."""
        signs = {"beat": self.beat, **{f"job {name}": sign for name, sign in self.jobs.items()}}
        signs |= {"oldest waiting": self.oldest_waiting, "oldest unchecked": self.oldest_unchecked}
        found = [name for name, sign in signs.items() if sign.late]
        counts = (("held", self.providers_held), ("rested", self.providers_rested))
        return found + [f"providers {word}" for word, count in counts if count]

    def as_json(self) -> dict[str, Any]:
        """Ages in whole seconds."""
        return {
            "ok": not self.wrong,
            "wrong": self.wrong,
            "beat": _json(self.beat),
            "jobs": {name: _json(sign) for name, sign in self.jobs.items()},
            "oldest_waiting": _json(self.oldest_waiting),
            "oldest_unchecked": _json(self.oldest_unchecked),
            "providers": {"held": self.providers_held, "rested": self.providers_rested},
        }


def vitals(now: datetime) -> Vitals:
    """Take them, in four queries. Raises what the database raises."""
    beats = {beat.job: beat for beat in Heartbeat.objects.all()}
    beat = beats.get(machinery.BEAT)
    unchecked = backlog.unchecked(now)
    providers = Provider.objects.aggregate(
        held=Count("pk", filter=~Q(state__hold=ProviderHold.NONE)),
        rested=Count("pk", filter=Q(state__rested_until__gt=now)),
    )
    return Vitals(
        beat=_sign(beat.began_at if beat else None, now, BEAT_LATE),
        jobs={
            name.removeprefix("orders."): _job(beats.get(name), beat, now, 2 * pace)
            for name, pace in machinery.BEATS.items()
        },
        oldest_waiting=_waiting(now),
        oldest_unchecked=Sign(None, False)
        if unchecked is None
        else Sign(now - unchecked.since, unchecked.is_late(now)),
        providers_held=providers["held"],
        providers_rested=providers["rested"],
    )


def _job(job: Heartbeat | None, beat: Heartbeat | None, now: datetime, within: timedelta) -> Sign:
    """One that has never begun is given as long from the timetable's first sign: a new panel's
    hourly job is not late in its first minute."""
    within += machinery.SLACK
    if job is None and beat is not None:
        return Sign(None, now - beat.first_at > within)
    return _sign(job.began_at if job else None, now, within)


def _waiting(now: datetime) -> Sign:
    """The oldest waiting order, counted from when it last became waiting."""
    since = backlog.waiting(Order.objects.all()).since
    return Sign(None, False) if since is None else _sign(since, now, WAITS_LONG)


def _sign(moment: datetime | None, now: datetime, limit: timedelta) -> Sign:
    if moment is None:
        return Sign(None, True)
    return Sign(now - moment, now - moment > limit)


def _json(sign: Sign) -> dict[str, Any]:
    seconds = None if sign.age is None else max(int(sign.age.total_seconds()), 0)
    return {"seconds_ago": seconds, "late": sign.late}

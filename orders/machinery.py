"""Signs of life of the periodic jobs: when each last began and ended, and whether that is late."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from orders.models import Heartbeat

SILENT_AFTER = timedelta(seconds=30)
"""The quickest job runs every five seconds; half a minute without any means that beat or the
workers are gone."""

BEAT = "beat"
"""The heartbeat of the timetable itself; the others are those of jobs, begun by a worker."""

BEATS = {
    "orders.submit_due": timedelta(seconds=5),
    "orders.sweep_orders": timedelta(seconds=10),
    "orders.place_many": timedelta(seconds=10),
    "orders.expire_claims": timedelta(seconds=15),
    "orders.repeat_lost": timedelta(seconds=15),
    "orders.cancellations": timedelta(seconds=15),
    "orders.move_in": timedelta(seconds=15),
    "orders.refills": timedelta(seconds=30),
    "orders.probe_providers": timedelta(seconds=30),
    "orders.fall_back": timedelta(seconds=30),
    "orders.alerts": timedelta(seconds=30),
    "orders.read_balances": timedelta(seconds=60),
    "orders.retier": timedelta(seconds=60),
    "orders.tell_customers": timedelta(seconds=60),
    "orders.follow_payments": timedelta(seconds=60),
    "orders.add_up": timedelta(seconds=60),
    "orders.sync_catalogs": timedelta(seconds=600),
    "orders.expire_waiting": timedelta(seconds=600),
    "orders.measure_speeds": timedelta(seconds=600),
    "orders.check_reports": timedelta(seconds=600),
    "orders.check_ledger": timedelta(seconds=600),
    "orders.prune": timedelta(hours=1),
}
"""How often each job runs; the timetable in `config/celery.py` says the same (a test holds it)."""

SLACK = timedelta(seconds=30)
"""How much two beats may be late before a light goes out."""


@dataclass(frozen=True)
class Pulse:
    """The machinery as a whole: `age` since anything last began, None when nothing ever did."""

    age: timedelta | None

    @property
    def is_alive(self) -> bool:
        return self.age is not None and self.age < SILENT_AFTER


def is_fresh(moment: datetime | None, job: str, now: datetime) -> bool:
    """Whether what `job` does was done within two of its beats; else no light is green."""
    return moment is not None and moment >= now - 2 * BEATS[job] - SLACK


def began(job: str, now: datetime) -> None:
    """A job was taken up by a worker."""
    first = {"first_at": now, "began_at": now}
    Heartbeat.objects.update_or_create(job=job, defaults={"began_at": now}, create_defaults=first)


def ended(job: str, now: datetime, summary: str) -> None:
    """A job came to its end and this is what it did."""
    Heartbeat.objects.filter(job=job).update(ended_at=now, summary=summary[:300])


def ticked(now: datetime) -> None:
    """The timetable is being followed."""
    began(BEAT, now)


def pulse(now: datetime) -> Pulse:
    """Whether the workers are at work. Beat may be, and nobody to do what it asks for."""
    begun = Heartbeat.objects.exclude(job=BEAT).order_by("-began_at")
    return pulse_of(begun.values_list("began_at", flat=True).first(), now)


def pulse_of(latest: datetime | None, now: datetime) -> Pulse:
    """The same, told from when the last job began."""
    return Pulse(None if latest is None else now - latest)


def jobs() -> list[Heartbeat]:
    """Every job's last run, by name."""
    return list(Heartbeat.objects.exclude(job=BEAT).order_by("job"))

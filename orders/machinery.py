"""Signs of life of the periodic jobs: when each last began and ended, and whether that is late."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from orders.models import Heartbeat

SILENT_AFTER = timedelta(seconds=30)
"""The quickest job runs every five seconds; half a minute without any means that beat or the
workers are gone."""


@dataclass(frozen=True)
class Pulse:
    """The machinery as a whole: `age` since anything last began, None when nothing ever did."""

    age: timedelta | None

    @property
    def is_alive(self) -> bool:
        return self.age is not None and self.age < SILENT_AFTER


def began(job: str, now: datetime) -> None:
    """A job was taken up by a worker."""
    Heartbeat.objects.update_or_create(job=job, defaults={"began_at": now})


def ended(job: str, now: datetime, summary: str) -> None:
    """A job came to its end and this is what it did."""
    Heartbeat.objects.filter(job=job).update(ended_at=now, summary=summary[:300])


def pulse(now: datetime) -> Pulse:
    """Whether the workers are at work."""
    latest = Heartbeat.objects.order_by("-began_at").values_list("began_at", flat=True).first()
    return Pulse(None if latest is None else now - latest)


def jobs() -> list[Heartbeat]:
    """Every job's last run, by name."""
    return list(Heartbeat.objects.order_by("job"))

"""The overview's machinery card: each job's last beat, and how far behind the work is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from orders import backlog, machinery
from orders.models import Heartbeat
from orders.people import Person, visible_orders
from panel.display import capped, span

JOBS = {
    "orders.submit_due": "Sending",
    "orders.sweep_orders": "Status sweep",
    "orders.refills": "Refills",
    "orders.cancellations": "Cancel requests",
    "orders.read_balances": "Balances",
    "orders.sync_catalogs": "Catalog",
}
"""The jobs that have a line; the others have one only while they are silent."""

QUIET_JOBS = {
    "orders.alerts": "Alerts",
    "orders.place_many": "Many orders at once",
    "orders.move_in": "Moving in",
    "orders.expire_claims": "Lost answers",
    "orders.repeat_lost": "Repeats with a key",
    "orders.probe_providers": "Probing",
    "orders.fall_back": "To fallbacks",
    "orders.retier": "Pace of asking",
    "orders.expire_waiting": "Waited too long",
    "orders.tell_customers": "E-mails to customers",
    "orders.follow_payments": "Payments under way",
    "orders.measure_speeds": "Measuring services",
    "orders.add_up": "Adding up reports",
    "orders.check_reports": "Checking reports",
    "orders.check_ledger": "Checking the books",
    "orders.prune": "Tidying up",
}

WAITS_LONG = timedelta(minutes=10)


@dataclass(frozen=True)
class Line:
    """One line: `tone` is green only for what happened within two beats."""

    label: str
    tone: str
    words: str
    last: datetime | None = None
    said: str = ""
    """What the job itself said in the end."""

    @property
    def coin(self) -> str:
        return {"green": "completed", "amber": "held", "red": "failed"}[self.tone]


@dataclass(frozen=True)
class Machinery:
    """The card: jobs, then the two ages that say whether they keep up."""

    jobs: list[Line]
    backlog: list[Line]
    silent: int
    to_come: int
    """Jobs whose first turn has not come, while others run."""
    swept_at: datetime | None

    @property
    def sweeps(self) -> bool:
        """Whether the status sweep is alive: what a page shows is live only then."""
        return any(job.label == "Status sweep" and job.tone == "green" for job in self.jobs)


def machines(who: Person, now: datetime) -> Machinery:
    """Everything, in three queries."""
    known = {beat.job: beat for beat in machinery.jobs()}
    latest = max((beat.began_at for beat in known.values()), default=None)
    others_run = latest is not None and machinery.Pulse(now - latest).is_alive

    def line(name: str, label: str) -> Line:
        return _job(name, label, known.get(name), others_run, now)

    jobs = [line(name, label) for name, label in JOBS.items()]
    quiet = [line(name, label) for name, label in QUIET_JOBS.items()]
    silent = [job for job in quiet if job.tone == "red" and job.last]
    swept = known.get("orders.sweep_orders")
    return Machinery(
        jobs=jobs + silent,
        backlog=[_waiting(who, now), _unchecked(now)],
        silent=sum(job.tone == "red" for job in jobs + silent),
        to_come=sum(job.tone == "amber" for job in jobs),
        swept_at=swept.began_at if swept else None,
    )


def _job(name: str, label: str, beat: Heartbeat | None, others_run: bool, now: datetime) -> Line:
    if beat is None:
        # The slow ones have their first turn many minutes after the start.
        return Line(label, "amber", "not yet") if others_run else Line(label, "red", "never ran")
    if machinery.is_fresh(beat.began_at, name, now):
        return Line(label, "green", "on time", beat.began_at, beat.summary)
    return Line(label, "red", "silent", beat.began_at)


def _waiting(who: Person, now: datetime) -> Line:
    found = backlog.waiting(visible_orders(who))
    if found.since is None:
        return Line("Oldest waiting", "green", "nothing waits")
    tone = "amber" if now - found.since > WAITS_LONG else "green"
    words = f"{span((now - found.since).total_seconds())}, {capped(found.count)} waiting"
    return Line("Oldest waiting", tone, words)


def _unchecked(now: datetime) -> Line:
    found = backlog.unchecked(now)
    if found is None:
        return Line("Oldest unchecked", "amber", "nothing asked yet")
    age, pace = (span(each.total_seconds()) for each in (now - found.since, found.pace))
    tone = "amber" if found.is_late(now) else "green"
    return Line("Oldest unchecked", tone, f"{age}, due every {pace}")

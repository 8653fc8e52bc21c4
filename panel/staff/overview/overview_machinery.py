"""The overview's machinery card: each job's last beat, and how far behind the work is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from orders import backlog, machinery
from orders.kept_words import told
from orders.models import Heartbeat
from orders.people import Person, visible_orders
from panel.display import capped, span

JOBS = {
    "orders.submit_due": pgettext_lazy("job", "Sending"),
    "orders.sweep_orders": gettext_lazy("Status sweep"),
    "orders.refills": gettext_lazy("Refills"),
    "orders.cancellations": gettext_lazy("Cancel requests"),
    "orders.read_balances": gettext_lazy("Balances"),
    "orders.sync_catalogs": gettext_lazy("Catalog"),
}
"""The jobs that have a line; the others have one only while they are silent."""

QUIET_JOBS = {
    "orders.alerts": gettext_lazy("Alerts"),
    "orders.place_many": gettext_lazy("Many orders at once"),
    "orders.move_in": gettext_lazy("Moving in"),
    "orders.expire_claims": gettext_lazy("Lost answers"),
    "orders.repeat_lost": gettext_lazy("Repeats with a key"),
    "orders.probe_providers": gettext_lazy("Probing"),
    "orders.fall_back": gettext_lazy("To fallbacks"),
    "orders.retier": gettext_lazy("Pace of asking"),
    "orders.expire_waiting": gettext_lazy("Waited too long"),
    "orders.tell_customers": gettext_lazy("E-mails to customers"),
    "orders.follow_payments": gettext_lazy("Payments under way"),
    "orders.measure_speeds": gettext_lazy("Measuring services"),
    "orders.add_up": gettext_lazy("Adding up reports"),
    "orders.check_reports": gettext_lazy("Checking reports"),
    "orders.check_ledger": gettext_lazy("Checking the books"),
    "orders.prune": gettext_lazy("Tidying up"),
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
    sweeps: bool
    """Whether the status sweep is alive: what a page shows is live only then."""


def machines(who: Person, now: datetime) -> Machinery:
    """Everything, in three queries."""
    known = {beat.job: beat for beat in machinery.jobs()}
    latest = max((beat.began_at for beat in known.values()), default=None)
    others_run = latest is not None and machinery.Pulse(now - latest).is_alive

    def line(name: str, label: str | Promise) -> Line:
        return _job(name, str(label), known.get(name), others_run, now)

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
        sweeps=line("orders.sweep_orders", "").tone == "green",
    )


def _job(name: str, label: str, beat: Heartbeat | None, others_run: bool, now: datetime) -> Line:
    if beat is None:
        # The slow ones have their first turn many minutes after the start.
        return (
            Line(label, "amber", _("not yet")) if others_run else Line(label, "red", _("never ran"))
        )
    if machinery.is_fresh(beat.began_at, name, now):
        return Line(label, "green", _("on time"), beat.began_at, told(beat.summary))
    return Line(label, "red", _("silent"), beat.began_at)


def _waiting(who: Person, now: datetime) -> Line:
    found = backlog.waiting(visible_orders(who))
    if found.since is None:
        return Line(_("Oldest waiting"), "green", _("nothing waits"))
    tone = "amber" if now - found.since > WAITS_LONG else "green"
    words = _("%(age)s, %(number)s waiting") % {
        "age": span((now - found.since).total_seconds()),
        "number": capped(found.count),
    }
    return Line(_("Oldest waiting"), tone, words)


def _unchecked(now: datetime) -> Line:
    found = backlog.unchecked(now)
    if found is None:
        return Line(_("Oldest unchecked"), "amber", _("nothing asked yet"))
    age, pace = (span(each.total_seconds()) for each in (now - found.since, found.pace))
    tone = "amber" if found.is_late(now) else "green"
    words = _("%(age)s, due every %(pace)s") % {"age": age, "pace": pace}
    return Line(_("Oldest unchecked"), tone, words)

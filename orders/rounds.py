"""Every periodic job, by name: what the workers run at its pace and `run_once` runs in turn."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from orders import (
    alerts,
    balances,
    call_times,
    cancellations,
    catalog,
    doorbell,
    ledger_check,
    mass_orders,
    moving_in,
    notices,
    polling,
    pruning,
    refills,
    speeds,
    submission,
    topups,
)
from orders.enums import SyncOutcome
from orders.models import Provider, SyncRun
from orders.moments import Stopwatch
from orders.reports import agreement, rolling

Job = Callable[[datetime], Any]


def sync_catalogs(now: datetime) -> str:
    """Read every provider's catalog; orders that waited for fresh costs may go."""
    watch, providers = Stopwatch(now), Provider.objects.order_by("pk")
    # Each begins when it begins: by the first one's clock the last one's lease might be over.
    runs = [sync_catalog(watch.now, pk) for pk in providers.values_list("pk", flat=True)]
    return ", ".join(run.outcome for run in runs) or "no provider"


def sync_catalog(now: datetime, provider_id: int) -> SyncRun:
    """Read one provider's catalog."""
    run = catalog.sync(Provider.objects.get(pk=provider_id), now=now)
    if run.outcome != SyncOutcome.FAILED:
        doorbell.ring("orders.submit_due", provider_id)
    return run


def refill_round(now: datetime, *, all_now: bool = False) -> str:
    """Send requested refills, then ask how those on their way stand."""
    return f"{refills.send_requested(now)}; {refills.poll(now, all_now=all_now)}"


JOBS: dict[str, Job] = {
    "orders.sync_catalogs": sync_catalogs,
    "orders.expire_claims": submission.expire_claims,
    "orders.repeat_lost": submission.repeat_lost,
    "orders.probe_providers": submission.probe_providers,
    "orders.fall_back": submission.fall_back,
    "orders.place_many": mass_orders.carry_out,
    "orders.submit_due": submission.submit_due,
    "orders.sweep_orders": polling.sweep_all,
    "orders.refills": refill_round,
    "orders.cancellations": lambda now: cancellations.send_requested(now),
    "orders.retier": polling.retier,
    "orders.read_balances": balances.read_balances,
    "orders.expire_waiting": submission.expire_waiting,
    "orders.tell_customers": notices.tell,
    "orders.follow_payments": topups.follow,
    "orders.measure_speeds": lambda now: speeds.measure(now),
    "orders.add_up": lambda now: rolling.add_up(now),
    "orders.check_reports": lambda now: agreement.check(now),
    "orders.check_ledger": lambda now: ledger_check.go_on(now),
    "orders.move_in": lambda now: moving_in.go_on(now),
    "orders.prune": pruning.prune,
    "orders.alerts": alerts.run,
}
"""In the order in which `run_once` runs them; their paces stand in `config/celery.py`."""

# `run_once` asks about every order and every refill, whatever its pace, and ends every file.
AT_ONCE: dict[str, Job] = JOBS | {
    "orders.sweep_orders": polling.poll_everything,
    "orders.refills": lambda now: refill_round(now, all_now=True),
    "orders.move_in": lambda now: moving_in.go_on(now, seconds=None),
}


def run_once(now: datetime) -> dict[str, str]:
    """Every job once, in this process, whatever its pace; what each said."""
    # Each job at its own moment: what one wrote must not look later than what the next one asks.
    watch = Stopwatch(now)
    said = {name.removeprefix("orders."): str(job(watch.now)) for name, job in AT_ONCE.items()}
    call_times.write(watch.now)
    return said

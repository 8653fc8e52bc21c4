"""The Celery app and the timetable of every periodic job.

Each entry: task -> (seconds between runs, queue). A job that finds the one before it still at
work leaves it alone (each takes its own lease), and a run that nobody took in time expires, so a
backlog never piles up.
"""

import os
from typing import Any

from celery import Celery

from config import garbage, log_context, stopping

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

TIMETABLE: dict[str, tuple[float, str]] = {
    "orders.submit_due": (5, "send"),
    "orders.expire_claims": (15, "send"),
    "orders.repeat_lost": (15, "send"),
    "orders.probe_providers": (30, "send"),
    "orders.fall_back": (30, "send"),
    "orders.sweep_orders": (10, "poll"),
    "orders.place_many": (10, "default"),
    "orders.refills": (30, "poll"),
    "orders.cancellations": (15, "poll"),
    "orders.move_in": (15, "default"),
    "orders.alerts": (30, "default"),
    "orders.retier": (60, "default"),
    "orders.read_balances": (60, "default"),
    "orders.tell_customers": (60, "default"),
    "orders.follow_payments": (60, "default"),
    "orders.add_up": (60, "default"),
    "orders.sync_catalogs": (600, "default"),
    "orders.expire_waiting": (600, "default"),
    "orders.measure_speeds": (600, "default"),
    "orders.check_reports": (600, "default"),
    "orders.check_ledger": (600, "default"),
    "orders.prune": (3600, "default"),
}


def beat_schedule() -> dict[str, dict[str, Any]]:
    """The timetable as Celery reads it."""
    return {
        name: {
            "task": name,
            "schedule": seconds,
            "options": {"queue": queue, "expires": max(seconds, 10)},
        }
        for name, (seconds, queue) in TIMETABLE.items()
    }


app = Celery("halfpenny")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = beat_schedule()
app.conf.task_routes = {name: {"queue": queue} for name, (_, queue) in TIMETABLE.items()}
app.autodiscover_tasks()
stopping.protect()
garbage.settle_children()
log_context.follow_jobs()

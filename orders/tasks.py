"""What the workers are asked to do: take the moment, call one verb, log one line."""

import time
from datetime import datetime
from typing import Any

import structlog
from celery import shared_task
from django.utils import timezone

from orders import call_times, machinery, rounds, submission

log = structlog.get_logger(__name__)


def _run(name: str, verb: Any, *args: Any) -> None:
    began = time.monotonic()
    machinery.began(name, timezone.now())
    # Anew: where the database hung meanwhile, what is done now must not look done before that.
    try:
        result = str(verb(timezone.now(), *args))
    finally:
        call_times.write(timezone.now())
    machinery.ended(name, timezone.now(), result)
    log.info(name, result=result, seconds=round(time.monotonic() - began, 3))


def _periodic(name: str, job: rounds.Job) -> Any:
    @shared_task(name=name)
    def task() -> None:
        _run(name, job)

    return task


PERIODIC = {
    name: _periodic(name, job) for name, job in rounds.JOBS.items() if name != "orders.submit_due"
}


@shared_task(name="orders.submit_due")
def submit_due(provider_id: int | None = None) -> None:
    """Send what waits, of one provider when the doorbell names it."""

    def verb(now: datetime) -> submission.Sent:
        return submission.submit_due(now, provider_id)

    _run("orders.submit_due", verb)


@shared_task(name="orders.sync_catalog")
def sync_catalog(provider_id: int) -> None:
    """Read one provider's catalog now."""
    _run("orders.sync_catalog", rounds.sync_catalog, provider_id)

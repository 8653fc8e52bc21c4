"""`/metrics` for Prometheus: off unless it is asked for, and then for those who hold the token, or
for this machine alone. Everything comes from the database and the broker, so any web process may
answer.
"""

import ipaddress
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import accumulate

import redis
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from orders import call_times
from orders.gauges import Calls, Gauges, take

QUEUES = ("send", "poll", "default")
STEPS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds, of the histograms that are told; those that are kept are finer."""


def is_on() -> bool:
    """Whether anybody may ask."""
    return bool(settings.METRICS_TOKEN) or settings.METRICS_LOOPBACK


def metrics(request: HttpRequest) -> HttpResponse:
    """The figures in Prometheus's text format; 401 for who may not read them."""
    if not _may_read(request):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Panel())
    response = HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)
    response["Cache-Control"] = "no-store"
    return response


def _may_read(request: HttpRequest) -> bool:
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and kind == "Bearer":
        return constant_time_compare(given.strip(), settings.METRICS_TOKEN)
    return bool(settings.METRICS_LOOPBACK) and _is_from_here(request)


def _is_from_here(request: HttpRequest) -> bool:
    """Whether a program of this machine asks, and not a proxy on it for somebody else."""
    if any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP")):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


class Panel(Collector):
    """The panel at this moment. Without a database it says that much and no more."""

    def collect(self) -> Iterator[Metric]:
        tasks = _tasks()
        try:
            found = take(timezone.now())
        except DatabaseError:
            found = None
        up = _gauge("up", "Whether it answers", "part")
        up.add_metric(["database"], float(found is not None))
        up.add_metric(["broker"], float(tasks is not None))
        yield up
        if tasks is not None:
            yield _labelled("queue_tasks", "Tasks that no worker has taken yet", "queue", tasks)
        if found is not None:
            yield from _of_queues(found)
            yield from _of_providers(found)
            yield from _of_jobs_and_books(found)


def _of_queues(found: Gauges) -> Iterator[Metric]:
    count = _gauge("waiting", "How many wait; 1001 is more than 1000", "what")
    age = _gauge("oldest_seconds", "How long the oldest has waited; 0: none waits", "what")
    for queue in found.queues:
        count.add_metric([queue.name], queue.count)
        age.add_metric([queue.name], queue.age.total_seconds() if queue.age else 0)
    age.add_metric(["unchecked"], found.unchecked.total_seconds() if found.unchecked else 0)
    yield from (count, age)


def _of_providers(found: Gauges) -> Iterator[Metric]:
    held = _gauge("provider_held", "1 while nothing is sent to it, and why", "provider", "reason")
    failures = _gauge("provider_failures", "Failed readings in a row", "provider")
    for provider in found.providers:
        reason = "stopped" if provider.not_sent else provider.state.hold
        held.add_metric([provider.name, reason], float(bool(reason)))
        failures.add_metric([provider.name], provider.state.failures)
    asked = _gauge("sweep_asked", "Orders asked about in the last slice", "provider")
    changed = _gauge("sweep_changed", "... of which so many had changed", "provider")
    age = _gauge("sweep_age_seconds", "Since the last slice ended", "provider")
    rounds = _gauge("sweep_round_seconds", "The last whole round of a pace", "provider", "pace")
    for walk in found.walks:
        asked.add_metric([walk.provider], walk.asked)
        changed.add_metric([walk.provider], walk.changed)
        if walk.age is not None:
            age.add_metric([walk.provider], walk.age.total_seconds())
        for tier, took in walk.rounds.items():
            rounds.add_metric([walk.provider, tier.name.lower()], took.total_seconds())
    yield from (held, failures, asked, changed, age, rounds)
    yield from _of_calls(found.calls)


def _of_calls(calls: list[Calls]) -> Iterator[Metric]:
    times = HistogramMetricFamily(
        "halfpenny_upstream_seconds",
        "Calls to providers by duration; begins anew with each hour",
        labels=["provider", "action"],
    )
    errors = _gauge("upstream_errors", "... and by error", "provider", "action", "error")
    for each in calls:
        labels = [each.provider, each.action]
        times.add_metric(labels, *_histogram(each.tally.times))
        for error, count in sorted(each.tally.errors.items()):
            errors.add_metric([*labels, error], count)
    yield from (times, errors)


def _histogram(kept: Counter[int]) -> tuple[list[tuple[str, float]], float]:
    """Buckets that add up, and about the sum: each call counts as long as its finer step ends."""
    ends = (*call_times.STEPS, call_times.STEPS[-1])
    counts = [0] * (len(STEPS) + 1)
    for step, count in kept.items():
        # A finer step that ends beyond ours belongs to the next: a call never looks quicker.
        counts[bisect_right(STEPS, ends[step] - 1e-9)] += count
    names = [*(str(step) for step in STEPS), "+Inf"]
    buckets = [(name, float(n)) for name, n in zip(names, accumulate(counts), strict=True)]
    return buckets, sum(ends[step] * count for step, count in kept.items())


def _of_jobs_and_books(found: Gauges) -> Iterator[Metric]:
    ages = {name: age.total_seconds() for name, age in found.beats.items()}
    yield _labelled("job_age_seconds", "Since each job last began; beat too", "job", ages)
    ledger = found.ledger
    plain = {
        "ledger_findings": (
            ledger.findings,
            "What the last check of the books found, 20 at most",
        ),
        "ledger_age_seconds": (_seconds(ledger.checked), "Since the books were last checked"),
        "report_differences": (ledger.differences, "Sums that differed from the ledger"),
        "report_age_seconds": (_seconds(ledger.compared), "Since they were last compared"),
    }
    for name, (value, text) in plain.items():
        if value is not None:
            yield GaugeMetricFamily(f"halfpenny_{name}", text, value=value)


def _seconds(age: timedelta | None) -> float | None:
    return None if age is None else age.total_seconds()


def _gauge(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"halfpenny_{name}", text, labels=labels)


def _labelled(name: str, text: str, label: str, values: dict[str, float]) -> Metric:
    family = _gauge(name, text, label)
    for each, value in values.items():
        family.add_metric([each], value)
    return family


def _tasks() -> dict[str, float] | None:
    """How many tasks lie in each queue of the broker; None when it does not answer."""
    if not settings.REDIS_URL:
        return None
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1
        ) as client:
            pipe = client.pipeline(transaction=False)
            for queue in QUEUES:
                pipe.llen(f"{prefix}{queue}")
            return dict(zip(QUEUES, map(float, pipe.execute()), strict=True))
    except (redis.RedisError, OSError):
        return None

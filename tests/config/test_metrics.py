"""`/metrics`: who may read it, that its figures are those of the rows, and what it costs."""

from datetime import UTC, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from config import metrics
from orders import ledger_check
from orders.enums import OrderStatus, ProviderHold, RefillStatus
from orders.models import CallTimes, Heartbeat, ProviderState, Refill, Sweep
from tests.support import factories

TOKEN = "a-token-of-more-than-24-characters"
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def on(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def read(client: Client) -> Samples:
    answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name.removeprefix("halfpenny_"), tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def of(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, tuple(sorted(labels.items()))]


# ── Who may read it ──────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_unless_it_is_asked_for_there_is_no_such_page(client: Client) -> None:
    factories.staff()
    assert client.get("/metrics").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer x", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN]
)
def test_without_the_token_nobody_reads_it(client: Client, on: None, given: str) -> None:
    answer = client.get("/metrics", headers={"authorization": given})
    assert (answer.status_code, answer.content) == (401, b"")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("203.0.113.9", {}, 401),
        ("", {}, 401),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, 401),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}, 401),
    ],
)
def test_this_machine_alone_reads_it_not_a_proxy_on_it(
    client: Client, settings: Any, address: str, headers: dict[str, str], status: int
) -> None:
    settings.METRICS_LOOPBACK = True
    answer = client.get("/metrics", REMOTE_ADDR=address, headers=headers)
    assert answer.status_code == status


# ── What it says ─────────────────────────────────────────────────────────────────────────────


def waiting_order(since: timedelta, status: OrderStatus = OrderStatus.WAITING) -> Any:
    moment = timezone.now() - since
    return factories.order(status=status, waiting_since=moment, status_at=moment, upstream_id=None)


@pytest.mark.django_db
def test_it_tells_what_stands_in_the_rows(client: Client, on: None) -> None:
    first = waiting_order(timedelta(minutes=9))
    waiting_order(timedelta(minutes=3))
    waiting_order(timedelta(minutes=7), OrderStatus.UNCONFIRMED)
    Refill.objects.create(
        order=first,
        provider=first.provider,
        status=RefillStatus.UNKNOWN,
        asked_at=timezone.now() - timedelta(hours=2),
        changed_at=timezone.now(),
    )
    now = timezone.now()
    ProviderState.objects.filter(pk=first.provider_id).update(hold=ProviderHold.FUNDS, failures=2)
    Sweep.objects.create(
        provider=first.provider,
        last_asked=300,
        last_changed=7,
        last_at=now - timedelta(seconds=20),
        started={"1": (now - timedelta(seconds=80)).isoformat()},
        rounds={"1": (now - timedelta(seconds=20)).isoformat()},
    )
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    CallTimes.objects.create(
        provider=first.provider,
        action="add",
        hour=hour,
        calls=5,
        times={"0": 2, "20": 1, "40": 1},
        errors={"timeout": 1},
    )
    Heartbeat.objects.create(job="orders.submit_due", began_at=now - timedelta(seconds=4))
    said, name = read(client), first.provider.name

    assert of(said, "waiting", what="waiting") == 2
    assert 540 <= of(said, "oldest_seconds", what="waiting") < 600
    assert of(said, "waiting", what="unconfirmed") == 1
    assert 420 <= of(said, "oldest_seconds", what="unconfirmed") < 480
    assert of(said, "waiting", what="refills_unanswered") == 1
    assert of(said, "oldest_seconds", what="cancellations_requested") == 0
    assert of(said, "provider_held", provider=name, reason="provider_funds") == 1
    assert of(said, "provider_failures", provider=name) == 2
    assert of(said, "sweep_asked", provider=name) == 300
    assert of(said, "sweep_round_seconds", provider=name, pace="fast") == 60
    call = {"provider": name, "action": "add"}
    assert of(said, "upstream_seconds_bucket", le="0.1", **call) == 2
    assert of(said, "upstream_seconds_bucket", le="1.0", **call) == 3
    assert of(said, "upstream_seconds_bucket", le="30.0", **call) == 3
    assert of(said, "upstream_seconds_bucket", le="+Inf", **call) == 4
    assert of(said, "upstream_seconds_count", **call) == 4
    assert of(said, "upstream_errors", error="timeout", **call) == 1
    assert 4 <= of(said, "job_age_seconds", job="submit_due") < 60
    assert of(said, "up", part="database") == 1
    assert not [key for key in said if key[0].startswith(("python_", "process_"))]


@pytest.mark.django_db
def test_the_books_last_check_is_told_and_not_made_anew(client: Client, on: None) -> None:
    assert ("ledger_findings", ()) not in read(client)
    call_command("check_ledger")
    said = read(client)
    assert of(said, "ledger_findings") == 0
    assert of(said, "ledger_age_seconds") < 60
    ledger_check.checked(timezone.now(), [ledger_check.Finding("orders", "one")] * 3)
    assert of(read(client), "ledger_findings") == 3


@pytest.mark.django_db
def test_it_costs_the_same_with_one_and_with_many(client: Client, on: None) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            read(client)
        return len(found)

    waiting_order(timedelta(0))
    few = queries()
    for number in range(12):
        provider = factories.provider(f"Provider {number}")
        Sweep.objects.create(provider=provider)
        factories.order(of=factories.service(factories.offer(provider)))
    assert queries() == few <= 16


def test_without_a_database_it_says_so(
    client: Client, on: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any) -> None:
        raise DatabaseError("planted words of the database")

    monkeypatch.setattr(metrics, "take", refuse)
    said = read(client)
    assert of(said, "up", part="database") == 0
    assert {name for name, _ in said} <= {"up", "queue_tasks"}


@pytest.mark.services
@pytest.mark.django_db
def test_tasks_that_nobody_takes_are_counted(client: Client, on: None, settings: Any) -> None:
    import redis

    key = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] + "poll"
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.delete(key)
        broker.rpush(key, "a", "b")
        said = read(client)
        broker.delete(key)
    assert of(said, "queue_tasks", queue="poll") == 2
    assert of(said, "up", part="broker") == 1

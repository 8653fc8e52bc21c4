"""Production's own commands, without Docker: an order from a program's call to its end, and what
becomes of orders on their way when the processes are asked to stop."""

import re
import threading
import time
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from tests.support.production import (
    PATIENCE,
    ROOT,
    Production,
    check_of,
    command_of,
    compose,
    wait_until,
)
from tests.support.simulator import RunningSimulator

pytestmark = [
    pytest.mark.services,
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="production has PostgreSQL"),
]

OURS = ("migrate", "web", "worker", "beat")


@pytest.fixture(scope="module")
def upstream(wholesaler: RunningSimulator) -> RunningSimulator:
    return wholesaler


@pytest.fixture(scope="module")
def key(customer: dict[str, Any]) -> str:
    return str(customer["api_key"])


def a_purchase(production: Production, key: str, link: str) -> dict[str, Any]:
    service = next(
        row
        for row in production.call(key, "services")
        if row["type"] == "Default" and int(row["min"]) <= 1000 and Decimal(row["rate"]) < 10
    )
    quantity = max(int(service["min"]), 100)
    return {"service": service["service"], "link": link, "quantity": quantity}


def status(production: Production, key: str, order: int) -> str:
    return str(production.call(key, "status", order=order)["status"])


def status_within(production: Production, order: int) -> str:
    ((found,),) = production.database.rows("SELECT status FROM orders_order WHERE id = %s", order)
    return str(found)


def test_an_order_goes_all_the_way_and_every_health_check_passes(
    production: Production, key: str, upstream: RunningSimulator
) -> None:
    with production.running("web", "worker", "beat") as processes:
        link = "https://instagram.com/whole-way"
        order = production.call(key, "add", **a_purchase(production, key, link))["order"]
        wait_until(lambda: status(production, key, order) == "Completed", "its completion")
        assert [bought["link"] for bought in upstream.log()].count(link) == 1

        page = production.request("GET", "/account/login/")
        assert page.status_code == 200
        (style, *_) = re.findall(r'href="(/static/[^"]+\.css)"', page.text)
        assert production.request("GET", style).status_code == 200
        assert re.search(r"\.[0-9a-f]{12}\.css$", style), "collected, with its digest"

        for service in ("web", "worker", "beat"):
            assert production.healthy(service), service
        processes["worker"].ask_to_stop()
        assert processes["worker"].wait() == 0
        assert not production.healthy("worker")
        for service in ("beat", "web"):
            processes[service].ask_to_stop()
            assert processes[service].wait() == 0
        assert not production.healthy("web")
    assert "clean" in production.manage("check_ledger")


@pytest.mark.parametrize("whole_group", [False, True], ids=["leader", "whole group"])
def test_a_worker_that_is_asked_to_stop_hears_the_answer_first(
    production: Production, key: str, upstream: RunningSimulator, whole_group: bool
) -> None:
    """Without it the order would be unconfirmed, and a person would have to look for it."""
    link = f"https://instagram.com/cut-off-{whole_group}"
    with production.running("web", "worker") as processes:
        asked = upstream.counts().get("add", 0)
        upstream.faults(latency={"next": 1, "action": "add", "ms": 5000})
        order = production.call(key, "add", **a_purchase(production, key, link))["order"]
        wait_until(lambda: upstream.counts().get("add", 0) > asked, "the request to be written")
        assert status_within(production, order) == "sending"
        processes["worker"].ask_to_stop(whole_group=whole_group)
        assert processes["worker"].wait() == 0
    assert status_within(production, order) == "pending"
    assert [bought["link"] for bought in upstream.log()].count(link) == 1


def test_a_worker_that_is_asked_to_stop_leaves_what_waits_to_the_next_one(
    production: Production, key: str, upstream: RunningSimulator
) -> None:
    links = [f"https://instagram.com/queue-{number}" for number in range(4)]
    with production.running("web", "worker") as processes:
        upstream.faults(latency={"next": 4, "action": "add", "ms": 1500})
        for link in links:
            production.call(key, "add", **a_purchase(production, key, link))
        wait_until(lambda: any(links[0] == bought["link"] for bought in upstream.log()), "one")
        processes["worker"].ask_to_stop()
        assert processes["worker"].wait() == 0
        with production.running("worker", "beat"):
            wait_until(
                lambda: (
                    not production.database.rows(
                        "SELECT 1 FROM orders_order WHERE status IN ('waiting', 'sending')"
                    )
                ),
                "all to be sent",
            )
    assert sorted(b["link"] for b in upstream.log() if b["link"] in links) == links
    assert not production.database.rows("SELECT 1 FROM orders_order WHERE status = 'unconfirmed'")


def test_a_request_in_hand_is_answered_before_web_stops(production: Production, key: str) -> None:
    answers: list[Any] = []
    with production.running("web") as processes:
        purchase = a_purchase(production, key, "https://instagram.com/in-hand")
        with production.database.connected() as own:
            own.execute("SELECT 1 FROM orders_account WHERE kind = 'wallet' FOR UPDATE")
            call = threading.Thread(
                target=lambda: answers.append(production.call(key, "add", **purchase))
            )
            call.start()
            waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND wait_event_type = %s"
            wait_until(
                lambda: production.database.rows(waiting, production.database.name, "Lock"),
                "the request to wait for the wallet",
            )
            processes["web"].ask_to_stop()
            time.sleep(0.5)
        call.join(PATIENCE)
        assert processes["web"].wait() == 0
    assert status_within(production, answers[0]["order"]) == "waiting"


# ── The Compose file ─────────────────────────────────────────────────────────────────────────


def test_compose_runs_our_processes_as_nobody_on_a_file_system_that_they_cannot_write() -> None:
    for name in OURS:
        service = compose()[name]
        assert service["user"] == "10001:10001"
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        writable = [mount.split(":")[0] for mount in service["tmpfs"]]
        assert writable == ["/tmp", "/var/lib/halfpenny"]
        assert service["environment"]["HALFPENNY_ENV"] == "production"
    image = (ROOT / "Dockerfile").read_text()
    assert "--uid 10001" in image and "--gid 10001" in image and "USER 10001:10001" in image


def test_compose_checks_everybody_and_migrates_before_anybody() -> None:
    services = compose()
    assert set(services) == {"postgres", "redis", *OURS}
    assert {name for name in services if "healthcheck" not in services[name]} == {"migrate"}
    for name in ("web", "worker", "beat"):
        after = {other: needs["condition"] for other, needs in services[name]["depends_on"].items()}
        assert after == {
            "postgres": "service_healthy",
            "redis": "service_healthy",
            "migrate": "service_completed_successfully",
        }


def test_compose_takes_no_database_that_is_only_being_prepared_for_the_real_one() -> None:
    """While it makes a new one the image runs a server that listens at its socket alone."""
    assert "-h 127.0.0.1" in " ".join(check_of("postgres"))


def test_compose_lets_a_process_be_stopped_that_has_only_begun() -> None:
    """The kernel keeps SIGTERM from a container's first process until it has set a handler."""
    assert {name for name in compose() if compose()[name].get("init")} == set(OURS)


def test_compose_does_not_keep_logs_until_the_disk_is_full() -> None:
    for service in compose().values():
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}


def test_an_image_holds_what_the_panel_runs_on_and_nothing_else() -> None:
    """Dumps, keys and local data may lie beside it."""
    rules = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if not line.startswith("#")
    ]
    code = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    files = {"manage.py", "requirements.lock", "locale", "static", "templates"}
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == code | files
    assert all((ROOT / name).exists() for name in files)


def test_compose_gives_everybody_longer_to_stop_than_their_work_takes() -> None:
    from django.conf import settings

    from config import gunicorn

    grace = {name: _seconds(compose()[name].get("stop_grace_period")) for name in compose()}
    assert grace["worker"] > settings.CELERY_TASK_TIME_LIMIT
    assert grace["web"] > gunicorn.graceful_timeout
    assert command_of("web")[0] == "gunicorn"
    assert command_of("worker")[0] == command_of("beat")[0] == "celery"


def _seconds(text: str | None) -> int:
    return int(text.removesuffix("s")) if text else 10

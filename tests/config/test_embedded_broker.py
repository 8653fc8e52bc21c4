"""The broker in a wheel: starts, works with redis-py and Celery, stops, leaves nothing."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from celery import Celery

from config import embedded_broker
from tests.config.test_supervisor import eventually


@pytest.fixture
def var(tmp_path: Path) -> Path:
    return tmp_path / "a folder, 100 %"


@pytest.fixture
def broker(var: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(embedded_broker.command(var), stdout=subprocess.DEVNULL) as process:
        try:
            eventually(lambda: embedded_broker.is_running(var))
            yield process
        finally:
            process.terminate()
            process.wait(timeout=60)
            embedded_broker.tidy(var)


def test_it_serves_redis_clients_and_celery_in_a_folder_with_blanks(
    broker: "subprocess.Popen[bytes]", var: Path
) -> None:
    client = redis.Redis.from_url(embedded_broker.url(var))
    client.set("a", "1")
    assert client.get("a") == b"1"
    celery_url = embedded_broker.url(var).replace("unix://", "redis+socket://")
    app = Celery(broker=celery_url.removesuffix("?db=0"), set_as_current=False)
    app.send_task("anything", queue="somewhere", retry=False)
    assert client.llen("somewhere") == 1


def test_it_stops_at_once_and_takes_its_socket_with_it(
    broker: "subprocess.Popen[bytes]", var: Path
) -> None:
    broker.terminate()
    assert broker.wait(timeout=60) == 0
    assert not embedded_broker.is_running(var)
    assert not embedded_broker.socket_path(var).exists()


def test_nobody_else_can_open_its_socket(broker: "subprocess.Popen[bytes]", var: Path) -> None:
    path = embedded_broker.socket_path(var)
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_a_path_too_long_for_a_socket_moves_to_the_temporary_folder() -> None:
    deep = Path("/", *["a-rather-long-folder-name"] * 6)
    path = embedded_broker.socket_path(deep)
    assert len(str(path)) < embedded_broker.LONGEST_SOCKET_PATH
    assert path != embedded_broker.socket_path(deep / "other")

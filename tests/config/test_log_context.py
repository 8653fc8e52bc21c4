"""Every line of a request or a job says which it was, by whom and about what."""

import json
import logging
import sys
from typing import Any

import pytest
from django.test import Client
from structlog.contextvars import clear_contextvars

from config import log_context, logs
from config.celery import app
from orders import doorbell
from tests.support import factories

HEADER = log_context.HEADER


@pytest.fixture(autouse=True)
def _forget() -> Any:
    yield
    clear_contextvars()
    logs.current_request.set(None)


def line(words: str = "said") -> dict[str, Any]:
    """What a line that is written now would say, ours or other people's."""
    record = logging.LogRecord("somebody.elses", 20, "", 1, words, None, None)
    said = json.loads(logs.formatter("json").format(record))
    assert isinstance(said, dict)
    return said


@pytest.mark.parametrize(
    "given", ["", "short", "a" * 65, "evil\nline", 'quo"te-quote', "sp ace-sp"]
)
def test_a_request_without_a_harmless_id_is_given_one(
    client: Client, settings: Any, given: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    made = client.get("/healthz", headers={HEADER: given})[HEADER]
    assert made != given and log_context.HARMLESS.fullmatch(made)
    assert line()["request_id"] == made
    assert client.get("/healthz")[HEADER] != made


def test_a_trusted_proxys_id_is_kept_and_anybody_elses_is_not(
    client: Client, settings: Any
) -> None:
    given = "3f2a-9.c_01"
    assert client.get("/healthz", headers={HEADER: given})[HEADER] != given
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert client.get("/healthz", headers={HEADER: given})[HEADER] == given
    assert line()["request_id"] == given


@pytest.mark.django_db
def test_lines_of_a_page_say_whose_and_which_order(client: Client) -> None:
    mira = factories.staff("Mira Kovač")
    order = factories.order(factories.customer(manager=mira))
    client.force_login(mira.user)
    answer = client.get(f"/staff/orders/{order.pk}/")
    assert answer.status_code == 200
    said = line()
    assert (said["person"], said["order"]) == (mira.user.pk, order.pk)
    client.get("/healthz")
    assert not {"person", "order"} & line().keys()


@pytest.mark.django_db
def test_lines_of_a_job_say_which() -> None:
    heard: list[dict[str, Any]] = []

    @app.task(name="tests.listens")
    def listens() -> None:
        heard.append(line())

    listens.apply(task_id="a-job")
    assert (heard[0]["job"], heard[0]["job_id"]) == ("tests.listens", "a-job")
    assert "job" not in line()


@pytest.mark.django_db(transaction=True)
def test_the_doorbell_says_whose_request_it_was(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[Any] = []
    monkeypatch.setattr(
        doorbell.current_app, "send_task", lambda *_, **how: rung.append(how), raising=False
    )
    number = client.get("/healthz")[HEADER]
    doorbell.ring("orders.submit_due", 1)
    assert rung[0]["headers"] == {"rung_by": number}


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_what_an_exception_says_is_without_keys_in_every_format(log_format: str) -> None:
    try:
        raise ValueError("not found: /t/SECRET-KEY/ and /join/OTHER-KEY/")
    except ValueError:
        told = sys.exc_info()
    record = logging.LogRecord("somebody.elses", 40, "", 1, "broke", None, told)
    said = logs.formatter(log_format).format(record)
    assert "ValueError: not found: /t/" in said
    assert "SECRET-KEY" not in said and "OTHER-KEY" not in said

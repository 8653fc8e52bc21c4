"""What would be reported to Sentry: the error and where it happened, nothing that anybody typed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
from celery import shared_task
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from config import sentry

PLANTED = [
    "planted-provider-key",
    "planted-password",
    "planted-session",
    "planted-query",
    "planted-header",
    "planted-setting",
    "Zq3-planted_tracking_key",
    "planted-argument",
]
KEY, PASSWORD, SESSION, QUERY, HEADER, SETTING, TRACKING, ARGUMENT = PLANTED


class Kept(Transport):
    """What would have been sent."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        if (event := envelope.get_event()) is not None:
            self.events.append(json.loads(json.dumps(event)))


@pytest.fixture
def kept() -> Iterator[Kept]:
    transport = Kept()
    dsn = "https://public@sentry.example.com/1"
    with sentry_sdk.isolation_scope():
        sentry.start(dsn, "test", secrets=[SETTING, ""], transport=transport)
        yield transport
        sentry_sdk.get_client().close()
        sentry_sdk.get_global_scope().set_client(None)


@csrf_exempt
def breaks(request: HttpRequest, key: str) -> HttpResponse:
    typed = request.POST["password"]
    upstream_key = KEY
    raise RuntimeError(f"it broke with {SETTING}, not with {len(typed) + len(upstream_key)}")


urlpatterns = [path("t/<str:key>/", breaks)]


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_a_broken_page_is_reported_without_what_was_typed(kept: Kept) -> None:
    request = RequestFactory().post(
        f"/t/{TRACKING}/?q={QUERY}",
        {"password": PASSWORD},
        headers={
            "authorization": HEADER,
            "referer": f"https://x.example/t/{TRACKING}/",
            "cookie": f"halfpenny_session={SESSION}",
        },
    )
    answered: list[str] = []
    request_started.disconnect(close_old_connections)  # the test's own stays open
    try:
        WSGIHandler()(request.environ, lambda status, *_: answered.append(status))
    finally:
        request_started.connect(close_old_connections)
    assert answered == ["500 Internal Server Error"]
    said = json.dumps(kept.events)
    event = next(event for event in kept.events if event["exception"]["values"])
    assert [secret for secret in PLANTED if secret in said] == []
    (error,) = event["exception"]["values"]
    assert (error["type"], error["value"]) == ("RuntimeError", "it broke with …, not with 36")
    assert error["stacktrace"]["frames"][-1]["function"] == "breaks"
    assert event["request"] == {"method": "POST", "url": "http://testserver/t/…/"}


@shared_task(name="tests.breaks")
def broken_job(argument: str) -> None:
    raise RuntimeError("the job broke")


def test_a_broken_job_is_reported_without_its_arguments(kept: Kept) -> None:
    broken_job.apply(args=[ARGUMENT])
    said = json.dumps(kept.events)
    assert "the job broke" in said
    assert ARGUMENT not in said


def test_without_an_address_nothing_is_started(settings: Any) -> None:
    assert not settings.SENTRY_DSN
    assert not sentry_sdk.get_client().is_active()

"""Posting an alert, to a real server on loopback."""

import json
import logging
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from pytest_django import Settings

from orders import alerts, sealing
from orders.alerts import webhook
from orders.alerts.webhook import Hook, Note
from orders.enums import AlarmKind, WebhookShape
from orders.models import AlertSettings, Panel, Telling
from orders.upstream.wire import Limits
from tests.support import factories
from tests.support.hook import Receiver, receiver, says

NOW = factories.NOW
NOTE = Note("[Halfpenny] A & B <down>", "Since 12:00.", "started", "provider_held", "provider:3")
SECRET = "planted-hook-secret"


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def post(to: Receiver, shape: str = WebhookShape.SLACK, **more: Any) -> str:
    return webhook.post(Hook(to.url, shape, **more), NOTE)


def test_slack_reads_text_in_which_names_are_no_commands(hook: Receiver) -> None:
    assert post(hook) == ""
    assert hook.posted == [{"text": "[Halfpenny] A &amp; B &lt;down&gt;\nSince 12:00."}]
    assert hook.headers[0]["Content-Type"] == "application/json"
    assert hook.paths == [f"/services/T0/{SECRET}"]


def test_telegram_reads_the_chat_and_the_text_as_it_is(hook: Receiver) -> None:
    assert post(hook, WebhookShape.TELEGRAM, telegram_chat="-1001") == ""
    assert hook.posted == [{"chat_id": "-1001", "text": "[Halfpenny] A & B <down>\nSince 12:00."}]


def test_others_read_every_field(hook: Receiver) -> None:
    assert post(hook, WebhookShape.JSON) == ""
    assert hook.posted == [
        {
            "event": "started",
            "alarm": "provider_held",
            "subject": "provider:3",
            "title": "[Halfpenny] A & B <down>",
            "text": "Since 12:00.",
        }
    ]


def test_a_message_is_never_longer_than_telegram_takes() -> None:
    long = Note("t", "x" * 9000, "started", "job")
    body = webhook.body(Hook("https://a.example", WebhookShape.TELEGRAM, "1"), long)
    assert len(json.loads(body)["text"]) == 4096


@pytest.mark.parametrize("status", [400, 404, 429, 500])
def test_an_answer_that_says_no_is_told_with_its_words(hook: Receiver, status: int) -> None:
    hook.answer = says(status, b"no_service\n")
    assert post(hook) == f"It answered {status}: “no_service”."


def test_the_address_is_cut_out_of_what_is_told(hook: Receiver) -> None:
    hook.answer = says(404, f"No /services/T0/{SECRET} here, {hook.url}".encode())
    assert SECRET not in post(hook)


def test_a_redirect_is_not_followed(hook: Receiver) -> None:
    hook.answer = says(302, b"", Location=hook.url)
    assert "leads elsewhere" in post(hook)
    assert len(hook.posted) == 1


def test_an_endless_answer_is_cut_off_and_what_it_said_first_counts(hook: Receiver) -> None:
    hook.answer = says(200, b"x" * (webhook.ANSWER_BYTES * 20))
    assert post(hook) == ""
    hook.answer = says(500, b"x" * (webhook.ANSWER_BYTES * 20))
    assert post(hook) == "Its answer was too large."


def test_an_answer_that_drips_does_not_hold_anybody_up(
    hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "LIMITS", Limits(connect=1, read=0.5, total=1))

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        try:
            for _ in range(100):
                handler.wfile.write(b"x")
                handler.wfile.flush()
                time.sleep(0.1)
        except OSError:
            return

    hook.answer = drip
    began = time.monotonic()
    assert post(hook) == "It did not answer in time."
    assert time.monotonic() - began < 8, "it drips for 10"


def test_nobody_there_is_told_so() -> None:
    assert webhook.post(Hook("http://127.0.0.1:9/x", "slack"), NOTE) == "It cannot be reached."


def test_no_environment_sends_it_another_way(
    hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert post(hook) == ""


# ── Only to the outside ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_in_production_a_name_that_leads_inside_is_not_even_connected_to(
    hook: Receiver, settings: Settings, host: str
) -> None:
    settings.PRIVATE_WEBHOOKS = False
    url = hook.url.replace("127.0.0.1", host)
    assert "inside your own network" in webhook.post(Hook(url, "slack"), NOTE)
    assert not hook.posted


def test_each_address_of_a_name_is_looked_at(
    hook: Receiver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only the first: whoever owns the name chooses their order."""
    asked: list[str] = []

    def may_reach(address: str) -> bool:
        asked.append(address)
        return address == "127.0.0.1"

    port = hook.url.split(":")[2].split("/")[0]
    found = [(2, 1, 6, "", ("10.9.9.9", int(port))), (2, 1, 6, "", ("127.0.0.1", int(port)))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **more: found)
    monkeypatch.setattr(webhook, "may_reach", may_reach)
    assert webhook.post(Hook(f"http://hook.example:{port}/x", "slack"), NOTE) == ""
    assert asked == ["10.9.9.9", "127.0.0.1"]


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://hooks.example/x", "https"),
        ("https://127.0.0.1/x", "own network"),
        ("https://localhost/x", "own network"),
        ("https://10.0.0.7/x", "own network"),
        ("https://[fd00::1]/x", "own network"),
        ("https://169.254.169.254/latest/meta-data", "own network"),
        ("hooks.example", "whole address"),
        ("https://hooks.example/" + "x" * 1000, "too long"),
    ],
)
def test_in_production_such_an_address_is_not_taken(
    settings: Settings, url: str, word: str
) -> None:
    settings.PRIVATE_WEBHOOKS = False
    assert word in alerts.configuring.why_not_webhook(url)


def test_in_production_an_address_outside_is_taken(settings: Settings) -> None:
    settings.PRIVATE_WEBHOOKS = False
    assert alerts.configuring.why_not_webhook("https://hooks.slack.com/services/T0/B0/x") == ""
    assert alerts.configuring.why_not_webhook("https://8.8.8.8/x") == ""


# ── From an alert to the receiver ────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_an_alert_is_posted_and_its_address_stands_nowhere(
    hook: Receiver, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    alerts.change(by=None, now=NOW, emails_on=False)
    alerts.set_webhook(hook.url, "json", by=None, now=NOW)
    Panel.objects.update(not_sent=True)
    alerts.run(NOW)
    assert [posted["alarm"] for posted in hook.posted] == [AlarmKind.SENDING_STOPPED]
    assert Telling.objects.get().told_to == "127.0.0.1"
    row = AlertSettings.objects.get()
    assert SECRET not in str(vars(row))
    assert sealing.unseal(row.webhook_sealed) == hook.url
    assert SECRET not in "".join(capsys.readouterr()) + caplog.text
    assert SECRET not in repr(Hook(hook.url, "json"))


@pytest.mark.django_db
def test_an_address_whose_key_is_lost_is_a_failure_like_any_other(
    hook: Receiver, settings: Settings
) -> None:
    from cryptography.fernet import Fernet

    alerts.change(by=None, now=NOW, emails_on=False)
    alerts.set_webhook(hook.url, "slack", by=None, now=NOW)
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    Panel.objects.update(not_sent=True)
    alerts.run(NOW)
    assert "FIELD_KEYS" in Telling.objects.get().failure
    assert not hook.posted

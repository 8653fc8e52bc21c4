"""A whole journey at the level where everything is told, and no secret in anything that is told:
neither in what the processes wrote nor in what the database keeps."""

import json
import re
import subprocess
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.db import connection

from tests.journeys.conftest import UPSTREAM_KEY
from tests.support.databases import program
from tests.support.production import HOST, Production, wait_until
from tests.support.simulator import RunningSimulator

pytestmark = [
    pytest.mark.services,
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="production has PostgreSQL"),
]

STAFF, OLA = "planted-password-of-mira-2Pd", "planted-password-of-ola-4Tz"
WRONG, HOOK = "planted-wrong-password-8Jn", "planted-path-of-the-webhook-5Gb"


class Visitor:
    """A browser behind the reverse proxy, as far as cookies and forms go."""

    def __init__(self, panel: Production):
        self.panel, self.cookies = panel, dict[str, str]()

    def get(self, path: str, **headers: str) -> requests.Response:
        return self._keep(self.panel.request("GET", path, headers=self._headers(headers)))

    def post(self, path: str, **typed: str) -> requests.Response:
        page = self.get(path)
        (token, *_) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        form = {"csrfmiddlewaretoken": token, **typed}
        headers = self._headers({"Referer": f"https://{HOST}{path}"})
        return self._keep(self.panel.request("POST", path, data=form, headers=headers))

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        said = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": said, **more} if said else more

    def _keep(self, answer: requests.Response) -> requests.Response:
        self.cookies |= answer.cookies.get_dict()
        return answer


def a_purchase(panel: Production, key: str) -> dict[str, Any]:
    service = next(
        row
        for row in panel.call(key, "services")
        if row["type"] == "Default" and int(row["min"]) <= 1000 and float(row["rate"]) < 10
    )
    quantity = max(int(service["min"]), 100)
    link = "https://instagram.com/journey"
    return {"service": service["service"], "link": link, "quantity": quantity}


def made_in_a_shell(panel: Production, order: int) -> str:
    """A tracking address, and a webhook that nobody answers; returns the address's key."""
    code = f"""
from django.utils import timezone
from orders import alerts, tracking
from orders.models import Order, Staff, User
mira = User.objects.get(email="mira@example.com")
Staff.objects.filter(user=mira).update(sees_all_customers=True)
alerts.set_webhook("https://hooks.invalid/{HOOK}", "slack", by=None, now=timezone.now())
print("KEY", tracking.key_of(tracking.make(Order.objects.get(pk={order}), by=mira,
    now=timezone.now())))
"""
    return re.findall(r"KEY (\S+)", panel.manage("shell", "-v0", "-c", code))[0]


def the_link_that_was_mailed(panel: Production) -> str:
    mails = "".join(file.read_text() for file in (panel.var / "mail").glob("*"))
    links = re.findall(r"https?://\S+/reset/key/\S+", mails)
    return urlsplit(links[0]).path if links else ""


def test_no_secret_is_told_by_anybody(
    production: Production, customer: dict[str, Any], wholesaler: RunningSimulator
) -> None:
    key = str(customer["api_key"])
    words = ("mira@example.com", "--password", STAFF, "--markup", "30")
    production.manage("add_staff", *words)
    mira, ola = Visitor(production), Visitor(production)
    with production.running("web", "worker", "beat"):
        # Programs: keys in bodies, in a query and in a header, right and wrong ones.
        order = int(production.call(key, "add", **a_purchase(production, key))["order"])
        production.request("GET", f"/api/v2?action=balance&key={key}")
        production.request(
            "POST", f"/api/v2?key={key}x", headers={"Authorization": f"Bearer {key}"}
        )
        production.request(
            "GET", "/metrics", headers={"Authorization": "Bearer " + _token(production)}
        )

        tracking = made_in_a_shell(production, order)

        # People: a wrong password, a right one, pages, a broken address, a forgotten password.
        assert mira.post("/account/login/", login="mira@example.com", password=WRONG).ok
        signed_in = mira.post("/account/login/", login="mira@example.com", password=STAFF)
        assert signed_in.status_code == 302
        assert mira.get(f"/staff/orders/{order}/").status_code == 200
        mira.get("/staff/orders/999999/?q=nothing")
        ola.post("/account/login/", login="ola@example.com", password=OLA)
        ola.get("/my/orders/")
        Visitor(production).post("/account/password/reset/", email="ola@example.com")
        reset = wait_until(lambda: the_link_that_was_mailed(production), "the mail")
        Visitor(production).get(reset)
        assert Visitor(production).get(f"/t/{tracking}/").status_code == 200

        # A provider that breaks while it is asked, and refuses the key for a while.
        wholesaler.faults(html_502_before={"next": 3, "action": "status"})
        wholesaler.faults(timeout_before={"next": 1, "action": "balance"})
        wait_until(
            lambda: production.call(key, "status", order=order)["status"] == "Completed", "the end"
        )
        wait_until(lambda: '"orders.alerts"' in production.logs(), "the alerts to be looked at")

    secrets = {
        "key at the provider": UPSTREAM_KEY,
        "SECRET_KEY": production.secret_key,
        "FIELD_KEYS": production.field_keys,
        "key of the API": key,
        "password of the owner": "planted-password-of-the-owner-6Hs",
        "password of staff": STAFF,
        "password of a client": OLA,
        "wrong password": WRONG,
        "webhook": HOOK,
        "tracking key": tracking,
        "reset key": reset.rstrip("/").split("/")[-1],
        "metrics token": _token(production),
        "database password": "planted-password-of-the-database-9Kw",
    }
    cookies = {f"cookie {n}": v for v_ in (mira, ola) for n, v in v_.cookies.items()}
    logs = production.logs()
    assert {name for name, secret in (secrets | cookies).items() if secret in logs} == set()
    assert {name for name, secret in secrets.items() if secret in _stored(production)} == set()
    _lines_say_what_they_are_of(logs, order)


def _lines_say_what_they_are_of(logs: str, order: int) -> None:
    """The call that placed the order, and the job that it rang for, are found by one id."""
    lines = [json.loads(line) for line in logs.splitlines() if line.startswith("{")]
    (placed,) = [
        line
        for line in lines
        if line["event"] == "request" and line["path"] == "/api/v2" and line.get("order") == order
    ]
    assert placed["method"] == "POST" and placed["client"] and placed["api_key"]
    (sent,) = [
        line
        for line in lines
        if line["event"] == "submission.answered" and line.get("order") == order
    ]
    assert (sent["job"], bool(sent["job_id"])) == ("orders.submit_due", True)
    assert sent.get("rung_by") in (placed["request_id"], None)
    page = next(line for line in lines if line.get("path") == f"/staff/orders/{order}/")
    assert page["person"] and page["order"] == order
    requests_ = [line for line in lines if line["event"] == "request"]
    assert all(line["request_id"] for line in requests_)


def _stored(panel: Production) -> str:
    """Everything that stands in the database, as text."""
    command = [program("pg_dump"), "--data-only", "--inserts", panel.database.url]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout


def _token(panel: Production) -> str:
    return panel.more["METRICS_TOKEN"]

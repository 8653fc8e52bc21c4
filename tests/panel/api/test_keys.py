"""Who is let in, how often, and that no key is told to anybody."""

import io
import json
import logging
import random
import time
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from config import sentry
from config.logs import configure
from orders import api_keys
from orders.models import ApiKey, Customer, Service, User
from panel.api import limits
from tests.support import factories
from tests.support.programs import Program

pytestmark = pytest.mark.django_db

INVALID = {"error": "Invalid API key"}
TOO_OFTEN = {"error": "Rate limit exceeded"}


@pytest.mark.parametrize("key", ["", "wrong", "k" * 5000, "null", "ключ"])
@pytest.mark.parametrize("action", ["balance", "add", "nonsense", ""])
def test_without_a_key_nothing_is_told(key: str, action: str, program: Program) -> None:
    said = {"key": key, "action": action}
    assert program.read(program.http.post("/api/v2", said)) == INVALID


@pytest.mark.parametrize("action", ["", "nonsense", "Balance", "__class__", "services "])
def test_an_action_that_is_none(action: str, program: Program) -> None:
    answer = program.call(action)
    assert answer == ([] if action == "services " else {"error": "Incorrect request"})


def test_a_revoked_key_is_invalid_at_once(program: Program) -> None:
    assert "balance" in program.call("balance")
    api_keys.revoke(program.row, by=None, now=factories.NOW)
    assert program.call("balance") == INVALID


def test_a_customer_whose_sign_in_is_switched_off_is_suspended(program: Program) -> None:
    person = factories.user()
    Customer.objects.filter(pk=program.customer.pk).update(user=person)
    assert "balance" in program.call("balance")
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert program.call("balance") == {"error": "Account suspended"}


def test_the_last_use_is_kept_with_its_address(program: Program) -> None:
    program.call("balance")
    row = ApiKey.objects.get()
    assert row.last_used_at is not None
    assert row.last_used_from == "127.0.0.1"
    with CaptureQueriesContext(connection) as seen:
        program.call("balance")
    assert not [query for query in seen if query["sql"].startswith("UPDATE")]


# ── Limits ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def limited(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    # Every call of a test belongs to one minute, which is no other test's.
    minute = 60.0 * random.randrange(10**9)
    clock = SimpleNamespace(time=lambda: minute, monotonic=time.monotonic)
    monkeypatch.setattr(limits, "time", clock)
    settings.API_CALLS_PER_KEY = 3
    settings.API_CALLS_PER_ADDRESS = 5
    settings.API_WRONG_KEYS_PER_ADDRESS = 2
    return settings


def test_a_key_has_so_many_calls_a_minute(
    limited: Any, program: Program, stranger: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ["error" in program.call("balance") for _ in range(4)] == [False] * 3 + [True]
    assert program.call("balance") == TOO_OFTEN
    stranger.http.defaults["REMOTE_ADDR"] = "203.0.113.9"
    assert "balance" in stranger.call("balance")

    later = limits.time.time() + 60
    monkeypatch.setattr("panel.api.limits.time.time", lambda: later)
    assert "balance" in program.call("balance")


def test_the_list_of_services_is_asked_for_so_often_and_all_else_as_ever(
    limited: Any, program: Program, stranger: Program
) -> None:
    limited.API_CALLS_PER_KEY = limited.API_CALLS_PER_ADDRESS = 100
    limited.API_LISTS_PER_KEY = 2
    answers = [program.call("services") for _ in range(3)]
    assert [isinstance(answer, list) for answer in answers] == [True, True, False]
    assert answers[-1] == TOO_OFTEN
    assert "balance" in program.call("balance")
    assert isinstance(stranger.call("services"), list)


def test_so_has_an_address_whatever_the_keys(limited: Any, program: Program) -> None:
    limited.API_CALLS_PER_KEY = 100
    assert ["error" in program.call("balance") for _ in range(6)] == [False] * 5 + [True]
    program.http.defaults["REMOTE_ADDR"] = "203.0.113.9"
    assert "balance" in program.call("balance")


def test_all_addresses_of_one_ipv6_network_are_one(limited: Any, program: Program) -> None:
    limited.API_CALLS_PER_KEY = 100
    answers = []
    for last in range(6):
        program.http.defaults["REMOTE_ADDR"] = f"2001:db8:1:2::{last}"
        answers.append("error" in program.call("balance"))
    assert answers == [False] * 5 + [True]


def test_wrong_keys_are_soon_refused_and_right_ones_behind_the_address_are_not(
    limited: Any, program: Program
) -> None:
    def guess(number: int) -> Any:
        said = {"key": f"guess-{number}", "action": "balance"}
        return program.read(program.http.post("/api/v2", said))

    assert [guess(n) for n in range(3)] == [INVALID, INVALID, TOO_OFTEN]
    assert "balance" in program.call("balance")


def test_a_call_beyond_the_limit_asks_the_database_for_no_key(
    limited: Any, program: Program
) -> None:
    for _ in range(3):
        program.call("balance")
    with CaptureQueriesContext(connection) as seen:
        assert program.call("balance") == TOO_OFTEN
    assert not [query for query in seen if "orders_apikey" in query["sql"]]


class Away:
    """A Redis that does not answer."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def pipeline(self, **_: Any) -> Any:
        raise self.error


@pytest.mark.parametrize(
    "error", [redis.ConnectionError("away"), ValueError("I/O operation on closed file.")]
)
def test_while_redis_is_away_each_process_counts_by_itself(
    error: Exception, limited: Any, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited.REDIS_URL = "redis://away"
    monkeypatch.setattr(limits, "client_of", lambda url: Away(error))
    assert ["error" in program.call("balance") for _ in range(4)] == [False] * 3 + [True]


class OneTrip:
    """A Redis that counts its round trips."""

    def __init__(self) -> None:
        self.trips = 0
        self.counts: dict[str, int] = {}
        self.asked: list[Any] = []

    def pipeline(self, **_: Any) -> Any:
        return self

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: Any) -> None:
        self.asked = []

    def incr(self, name: str) -> Any:
        self.counts[name] = self.counts.get(name, 0) + 1
        self.asked.append(self.counts[name])
        return self

    def expire(self, name: str, seconds: int) -> Any:
        self.asked.append(True)
        return self

    def execute(self) -> list[Any]:
        self.trips += 1
        return self.asked


def test_a_call_costs_one_round_trip(
    limited: Any, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited.REDIS_URL, counters = "redis://one", OneTrip()
    monkeypatch.setattr(limits, "client_of", lambda url: counters)
    assert ["error" in program.call("balance") for _ in range(4)] == [False] * 3 + [True]
    assert counters.trips == 4
    assert not [name for name in counters.counts if program.key in name]


@pytest.mark.services
def test_the_counters_of_redis_are_shared_by_processes(limited: Any, program: Program) -> None:
    assert "balance" in program.call("balance")
    limits.forget()  # another process, that has counted nothing
    assert ["error" in program.call("balance") for _ in range(3)] == [False, False, True]


# ── Nothing is told ──────────────────────────────────────────────────────────────────────────


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """All that is logged, as the product writes it."""
    written = io.StringIO()
    made = configure("json", "DEBUG")
    handler = logging.StreamHandler(written)
    formatter = dict(made["formatters"]["halfpenny"])
    handler.setFormatter(formatter.pop("()")(**formatter))
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [*root.handlers, handler])
    monkeypatch.setattr(root, "level", logging.DEBUG)
    return written


def broken(*_: Any, **__: Any) -> Any:
    raise DatabaseError("the database is gone")


def test_an_error_of_ours_is_json_too_and_logged_without_the_key(
    program: Program,
    followers: Service,
    monkeypatch: pytest.MonkeyPatch,
    logged: io.StringIO,
) -> None:
    monkeypatch.setattr("orders.shop.listed", broken)
    monkeypatch.setattr("orders.placement.place", broken)
    answer = {"error": "Internal error, try again later"}

    assert program.call("services") == answer
    assert program.add(followers) == answer
    query = f"/api/v2?key={program.key}&action=services"
    assert program.read(program.http.get(query)) == answer
    program.http.get(f"/api/v3?key={program.key}")

    text = logged.getvalue()
    assert "the database is gone" in text
    assert "/api/v3" in text
    assert program.key not in text


def test_an_error_report_holds_no_key(program: Program) -> None:
    event = {
        "request": {
            "url": "https://panel.example/api/v2",
            "query_string": f"key={program.key}",
            "data": {"key": program.key},
            "headers": {"Authorization": f"Bearer {program.key}"},
        }
    }
    assert program.key not in json.dumps(sentry.scrubbed(event))


def test_the_operators_command_prints_a_key_that_works(program: Program) -> None:
    out = io.StringIO()
    call_command("add_customer", "ola@example.com", "--api-key", "--json", stdout=out)
    said = json.loads(out.getvalue())
    answer = program.http.post("/api/v2", {"key": said["api_key"], "action": "balance"})
    assert program.read(answer)["balance"] == "0"

    line = io.StringIO()
    call_command("add_customer", "bo@example.com", "--api-key", stdout=line)
    assert api_keys.find(line.getvalue().split()[-1]) is not None
    plain = io.StringIO()
    call_command("add_customer", "cy@example.com", stdout=plain)
    assert "key" not in plain.getvalue()

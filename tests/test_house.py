"""The house: imports, settings, locks, the quick start, and what must not be in the repository."""

import json
import logging
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib import admin
from django.test import Client, RequestFactory
from gunicorn.config import Config
from structlog.testing import capture_logs

from config import celery, gunicorn, logs, safety
from orders.models import User
from tests.support import factories

ROOT = Path(settings.BASE_DIR)
LOCKS = ("requirements.lock", "requirements-dev.lock")


def tracked_files() -> list[Path]:
    """Every text file under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    if not paths:
        pytest.skip("not a git checkout")
    return [path for path in paths if path.is_file() and path.suffix not in (".png", ".ico")]


# ── Imports ──────────────────────────────────────────────────────────────────────────────────


def test_the_tests_run_with_settings_of_their_own() -> None:
    """On every database: with those of the product they would share one cache, and limits."""
    assert settings.SETTINGS_MODULE == "tests.settings"


def test_imports_flow_one_way() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


# ── Settings ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def safe() -> dict[str, Any]:
    """Settings that production takes."""
    return {
        "ENVIRONMENT": "production",
        "PRODUCTION": True,
        "DEBUG": False,
        "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "FIELD_KEYS": [Fernet.generate_key().decode()],
        "ALLOWED_HOSTS": ["panel.example.com"],
        "CSRF_TRUSTED_ORIGINS": ["https://panel.example.com"],
        "HTTPS": True,
        "METRICS_TOKEN": "",
        "REDIS_URL": "redis://127.0.0.1/0",
    }


def test_production_starts_with_safe_settings(safe: dict[str, Any]) -> None:
    assert safety.problems(safe) == []


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("DEBUG", True, "DEBUG is on"),
        ("SECRET_KEY", "", "SECRET_KEY is missing"),
        ("SECRET_KEY", "short", "SECRET_KEY"),
        ("SECRET_KEY", "a" * 80, "SECRET_KEY"),
        ("FIELD_KEYS", [], "FIELD_KEYS is missing"),
        ("FIELD_KEYS", ["no key"], "not a Fernet key"),
        ("ALLOWED_HOSTS", [], "ALLOWED_HOSTS is empty"),
        ("ALLOWED_HOSTS", ["*"], "wildcard"),
        ("CSRF_TRUSTED_ORIGINS", ["http://panel.example.com"], "not https"),
        ("HTTPS", False, "HTTPS is off"),
        ("REDIS_URL", "", "REDIS_URL is missing"),
        ("METRICS_TOKEN", "guess-me", "METRICS_TOKEN is shorter"),
        ("ENVIRONMENT", "prod", "HALFPENNY_ENV"),
    ],
)
def test_production_refuses_each_unsafe_setting_and_says_why(
    safe: dict[str, Any], name: str, value: object, word: str
) -> None:
    (problem,) = safety.problems({**safe, name: value})
    assert word in problem


def test_production_keeps_sessions_and_tokens_to_https_and_calls_nothing_inside() -> None:
    environment = {
        "HALFPENNY_ENV": "production",
        "HALFPENNY_ENV_FILE": "/dev/null",
        "SECRET_KEY": "".join(chr(97 + n % 26) for n in range(60)),
        "FIELD_KEYS": Fernet.generate_key().decode(),
        "ALLOWED_HOSTS": "panel.example.com",
        "DATABASE_URL": "postgres://nobody@127.0.0.1/nothing",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    names = {
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "DEBUG": False,
        "PRIVATE_PROVIDERS": False,
        "PRIVATE_WEBHOOKS": False,
        "TWO_FACTOR_REQUIRED": True,
        "API_LISTS_PER_KEY": 60,
    }
    asking = (
        "import json, sys; from django.conf import settings; "
        "print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}))"
    )
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
    told = subprocess.run(
        [sys.executable, "-c", asking, *names],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(told.stdout) == names


def test_a_production_process_with_unsafe_settings_does_not_start() -> None:
    environment = {"HALFPENNY_ENV": "production", "PATH": "", "HALFPENNY_ENV_FILE": "/dev/null"}
    started = subprocess.run(
        [sys.executable, "-c", "import config.wsgi"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode != 0
    assert "Halfpenny refuses to start" in started.stderr
    assert "SECRET_KEY is missing" in started.stderr


@pytest.mark.django_db
def test_the_content_policy_is_exactly_ours(client: Client) -> None:
    policy = client.get("/account/login/")["Content-Security-Policy"]
    assert sorted(policy.split("; ")) == [
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self' data:",
        "manifest-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "worker-src 'self'",
    ]


@pytest.mark.parametrize("shape", ["json", "console"])
def test_a_log_line_never_holds_the_query_of_an_address(shape: str) -> None:
    record = logging.LogRecord("django.request", 30, "", 1, "Not Found: %s", ("/orders/",), None)
    record.request = RequestFactory().get("/orders/?key=abcdef")
    line = logs.formatter(shape).format(record)
    assert "Not Found: /orders/" in line
    assert "abcdef" not in line


KEY = "Zq3-planted_tracking_key-8Ld0fKwNxT"


@pytest.mark.parametrize("shape", ["json", "console"])
@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("Not Found: %s", (f"/t/{KEY}/",)),
        ('"GET %s HTTP/1.1" 200', (f"/t/{KEY}/?x=1",)),
        (f"Referrer https://panel.example.com/t/{KEY}", ()),
    ],
)
def test_a_log_line_never_holds_the_key_of_a_tracking_address(
    shape: str, words: str, values: tuple[str, ...]
) -> None:
    line = logs.formatter(shape).format(
        logging.LogRecord("django.request", 30, "", 1, words, values, None)
    )
    assert "/t/" in line
    assert KEY not in line


def test_every_logger_of_django_writes_through_the_one_handler() -> None:
    for name in ("django", "django.request", "django.server"):
        assert not logging.getLogger(name).handlers
        assert logging.getLogger(name).propagate


def test_the_servers_own_lines_hold_neither_query_nor_key() -> None:
    server = gunicorn.logger_class(Config())
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": f"/t/{KEY}/",
        "QUERY_STRING": f"key={KEY}",
        "RAW_URI": f"/t/{KEY}/?key={KEY}",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_REFERER": f"https://panel.example.com/t/{KEY}/",
        "REMOTE_ADDR": "203.0.113.9",
    }
    answer = SimpleNamespace(status="200 OK", sent=1, headers=[])
    with capture_logs(processors=[logs.without_tracking_keys]) as lines:
        server.access(answer, SimpleNamespace(headers=[]), environ, timedelta(milliseconds=12))
    (line,) = lines
    assert (line["method"], line["path"], line["status"], line["ms"]) == ("GET", "/t/…/", 200, 12)
    assert KEY not in str(line)
    record = logging.LogRecord("gunicorn.error", 40, "", 1, "Error: %s", (f"/t/{KEY}/",), None)
    for handler in server.error_log.handlers:
        assert KEY not in handler.format(record)


@pytest.mark.django_db
def test_the_probes_answer_whatever_the_host_is_called(client: Client) -> None:
    assert client.get("/healthz", headers={"host": "10.0.0.7"}).status_code == 200
    assert client.get("/readyz", headers={"host": "10.0.0.7"}).json()["database"] == "ok"
    assert client.get("/account/login/", headers={"host": "10.0.0.7"}).status_code == 400


@pytest.mark.django_db
def test_raw_data_sends_strangers_to_the_panels_own_sign_in(client: Client) -> None:
    factories.staff()  # an empty panel leads on to its set-up
    assert "/account/login/" in client.get("/django-admin/", follow=True).redirect_chain[-1][0]
    assert client.post("/django-admin/login/", {"username": "a"}).status_code == 302


@pytest.mark.django_db
def test_superusers_look_at_every_table_and_change_none(client: Client) -> None:
    User.objects.create_superuser("root@example.com", "a long password")
    client.force_login(User.objects.get())
    for model, table in admin.site._registry.items():
        assert model._meta.app_label == "orders"
        url = f"/django-admin/orders/{model._meta.model_name}/"
        assert client.get(url).status_code == 200, url
        assert client.get(f"{url}add/").status_code == 403, url
        request = RequestFactory().get(url)
        request.user = User.objects.get()
        assert not table.has_change_permission(request)
        assert not table.has_delete_permission(request)
    page = client.get(f"/django-admin/orders/user/{User.objects.get().pk}/change/").content
    assert b"md5$" not in page


@pytest.mark.django_db
def test_nobody_signs_up_by_themselves(client: Client) -> None:
    answer = client.post("/account/signup/", {"email": "a@example.com", "password1": "p"})
    assert b"password1" not in answer.content


# ── The timetable ────────────────────────────────────────────────────────────────────────────


def test_a_late_periodic_run_expires_so_that_a_backlog_never_piles_up() -> None:
    for entry in celery.beat_schedule().values():
        assert 0 < entry["options"]["expires"] <= max(entry["schedule"], 10)


def test_every_periodic_job_exists_as_a_task() -> None:
    celery.app.loader.import_default_modules()
    assert set(celery.TIMETABLE) <= set(celery.app.tasks)


def test_a_killed_workers_task_comes_back_only_after_it_cannot_run_any_more() -> None:
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    assert options["visibility_timeout"] > settings.CELERY_TASK_TIME_LIMIT


# ── The repository ───────────────────────────────────────────────────────────────────────────


def test_the_quick_start_is_two_commands_of_the_makefile() -> None:
    readme = (ROOT / "README.md").read_text()
    block = re.search(r"## Quick start\n+```\n(.*?)```", readme, re.DOTALL)
    assert block
    assert block[1].splitlines() == ["make demo", "make test"]
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"demo", "test"} <= set(targets)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_every_package_by_hash_and_names_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    packages = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE | re.IGNORECASE)
    pinned = [package for package in packages if package.strip()]
    assert len(pinned) > 30
    for package in pinned:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+", package), package
        assert "--hash=sha256:" in package, package
    assert "://" not in text
    assert "index" not in text.replace("hash", "").lower().split()


def test_the_development_lock_pins_the_same_versions() -> None:
    runtime, development = (
        set(re.findall(r"^([a-z0-9._-]+==[^ ;\\]+)", (ROOT / name).read_text(), re.MULTILINE))
        for name in LOCKS
    )
    assert runtime <= development


def test_no_file_names_a_folder_of_one_machine() -> None:
    machine = re.compile(r"(?<![\w.])/(?:home|Users|root|work|opt)/[\w.-]+")
    found = {
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked_files()
        for match in machine.finditer(path.read_text(errors="ignore"))
    }
    assert not found


def test_no_file_names_a_package_index() -> None:
    index = re.compile(r"pypi[.]org|pythonhosted[.]org|(?:extra-)?index-url|find-links")
    found = {
        str(path.relative_to(ROOT))
        for path in tracked_files()
        if path != Path(__file__) and index.search(path.read_text(errors="ignore"))
    }
    assert not found

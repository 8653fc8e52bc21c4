"""What every log line of one request, or of one job, says beside its own words: which it was, by
whom and about what. Lines are found by these across web and workers.
"""

import re
import secrets
from collections.abc import Callable
from typing import Any

from celery.signals import task_postrun, task_prerun
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from structlog.contextvars import bind_contextvars, clear_contextvars

from config.logs import current_request

HEADER = "X-Request-ID"
HARMLESS = re.compile(r"[A-Za-z0-9._-]{8,64}")
"""What may be taken over from a proxy: nothing that ends a line or means something in one."""

_ABOUT = re.compile(r"(\w+?)s?/<int:number>")
"""What a number in an address is the number of: `orders/<int:number>/`."""


class RequestLogMiddleware:
    """Gives each request an id, which the answer bears too, and its log lines what it is about."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Cleared at the beginning: the server writes its own line after the answer.
        clear_contextvars()
        number = request_id(request)
        bind_contextvars(request_id=number)
        current_request.set(request)
        response = self.get_response(request)
        response[HEADER] = number
        return response

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        """Now it is known which page was asked for."""
        match = request.resolver_match
        about = _ABOUT.search(match.route) if match else None
        if match and about:
            bind_contextvars(**{about[1]: match.kwargs["number"]})


def request_id(request: HttpRequest) -> str:
    """The trusted proxy's own, if it is harmless; else a new one."""
    given = request.headers.get(HEADER, "") if settings.ALLAUTH_TRUSTED_PROXY_COUNT else ""
    return given if HARMLESS.fullmatch(given) else secrets.token_hex(8)


def follow_jobs() -> None:
    """Let the lines of each job say which it is, and which request rang for it."""
    task_prerun.connect(_job_begins, weak=False)
    task_postrun.connect(_job_ends, weak=False)


def _job_begins(task_id: str, task: Any, **_: Any) -> None:
    _job_ends()
    bind_contextvars(job=task.name, job_id=task_id)
    if rung_by := task.request.get("rung_by"):
        bind_contextvars(rung_by=rung_by)


def _job_ends(**_: Any) -> None:
    clear_contextvars()
    current_request.set(None)

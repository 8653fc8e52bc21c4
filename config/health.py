"""The two probes: `/healthz` (this process answers) and `/readyz` (it can do its work).

Both tell how the machinery is, in ages and counts. Neither fails for it: a web process is not taken
out of rotation, nor started anew, because a worker is silent. A monitor that looks at codes alone
asks `/readyz?machinery`, which answers 503 for that too.
"""

from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from config import metrics, watchman
from orders.vitals import vitals


class ProbeMiddleware:
    """Answers the probes before anything else: load balancers call by address, in plain HTTP,
    and neither the host name check nor the redirect to https is meant for them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.probes = {"/healthz": alive, "/readyz": ready}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == "/metrics" and metrics.is_on():
            return metrics.metrics(request)
        return self.probes.get(request.path_info, self.get_response)(request)


def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as the process serves requests; touches nothing else.

    What it tells of the machinery is what this process's own watchman last saw.
    """
    return _answer({"alive": True, **watchman.last_seen()}, 200)


def ready(request: HttpRequest) -> HttpResponse:
    """200 when the database answers. A missing broker is told but is no reason to stop serving:
    the rows are the queue, and the periodic jobs find them once it is back.
    """
    states: dict[str, Any] = {"database": "ok", "broker": _broker(), "machinery": None}
    code = 200
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return _answer(states | {"database": "not answering"}, 503)
    try:
        found = vitals(timezone.now())
    except DatabaseError:  # not migrated yet, or too busy to say
        return _answer(states, 503 if "machinery" in request.GET else 200)
    if found.wrong and "machinery" in request.GET:
        code = 503
    return _answer(states | {"machinery": found.as_json()}, code)


def _answer(states: dict[str, Any], status: int) -> HttpResponse:
    response = JsonResponse(states, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _broker() -> str:
    if not settings.REDIS_URL:
        return "none"
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1
        ) as client:
            client.ping()
    except (redis.RedisError, OSError):
        return "not answering"
    return "ok"

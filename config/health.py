"""The two probes: `/healthz` (this process answers) and `/readyz` (it can do its work)."""

from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse


class ProbeMiddleware:
    """Answers the probes before anything else: load balancers call by address, in plain HTTP,
    and neither the host name check nor the redirect to https is meant for them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.probes = {"/healthz": alive, "/readyz": ready}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.probes.get(request.path_info, self.get_response)(request)


def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as the process serves requests; touches nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    """200 when the database answers. A missing broker is told but is no reason to stop serving:
    the rows are the queue, and the periodic jobs find them once it is back.
    """
    database = _database()
    states = {"database": database, "broker": _broker()}
    return JsonResponse(states, status=200 if database == "ok" else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "not answering"
    return "ok"


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

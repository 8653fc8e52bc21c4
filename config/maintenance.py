"""Closing the panel while it is worked on: `MAINTENANCE=1` answers every page with 503.

The probes (`config.health`) and the static files stand before it and go on answering. Workers go
on too: orders that were placed are sent and followed while nobody can look.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.log import log_response

RETRY_AFTER = 60
"""Seconds after which browsers and programs may ask again."""


class MaintenanceMiddleware:
    """Answers instead of the panel while `settings.MAINTENANCE` is set; touches no table."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.MAINTENANCE:
            return self.get_response(request)
        response = closed(request)
        # Said here, because Django would call it an error of ours in the log, and to Sentry.
        log_response("Closed: %s", request.path, response=response, request=request, level="debug")
        return response


def closed(request: HttpRequest) -> HttpResponse:
    """The page that says so; HTMX, which shows no page of this answer, gets a line of text."""
    headers = {"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"}
    if "HX-Request" in request.headers:
        line = "Closed for maintenance. Nothing was changed.\n"
        return HttpResponse(line, content_type="text/plain", status=503, headers=headers)
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)

"""What every page has in common, and every answer to HTMX."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.messages import get_messages
from django.core.exceptions import BadRequest
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django_htmx.http import trigger_client_event

from orders import panel_settings
from panel import branding, languages
from panel.display import in_currency

GetResponse = Callable[[HttpRequest], HttpResponse]


def readable_text(get_response: GetResponse) -> GetResponse:
    """Answer 400 to a NUL in what was typed: PostgreSQL stores none, and nobody types one.

    What speaks with programs (it has no CSRF token either) reads its requests by itself and has
    answers of its own.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_view(request: HttpRequest, view: Any, *_: Any) -> None:
        if getattr(view, "csrf_exempt", False):
            return
        for typed in (request.GET, request.POST):
            if any("\x00" in text for _, texts in typed.lists() for text in texts):
                raise BadRequest("A NUL in what was typed.")

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


def panel_terms(get_response: GetResponse) -> GetResponse:
    """Write money in the panel's currency, times in its zone and words in the person's language,
    everywhere in this request; `request.panel` holds its settings where they could be read."""

    def middleware(request: HttpRequest) -> HttpResponse:
        try:
            panel = panel_settings.current()
        except DatabaseError:
            if _speaks_with_programs(request):
                return get_response(request)  # which has its own words for what is broken
            raise
        request.panel = panel  # type: ignore[attr-defined]
        zone = timezone.override(ZoneInfo(panel.time_zone))
        language = languages.spoken_in(request, panel)
        with in_currency(panel.currency), branding.shown_as(panel), zone, language as code:
            response = get_response(request)
            languages.label(response, code)
            return response

    return middleware


def _speaks_with_programs(request: HttpRequest) -> bool:
    with suppress(Resolver404):
        return bool(getattr(resolve(request.path_info).func, "csrf_exempt", False))
    return False


def htmx_manners(get_response: GetResponse) -> GetResponse:
    """Vary by HTMX's headers, turn redirects into whole pages, add toasts to partial answers.

    Without this a lapsed session would put the sign-in form into a table's corner.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        patch_vary_headers(response, ("HX-Request", "HX-Target"))
        if not getattr(request, "htmx", False):
            return response
        if response.status_code in (301, 302, 303):
            return _whole_page(response)
        _add_toasts(request, response)
        return response

    return middleware


def ended_sessions(get_response: GetResponse) -> GetResponse:
    """Say that a session has ended, and lead back to the page, not to the address of a form.

    HTMX is told by an event: what was typed into the page is not thrown away for a sign-in form
    (`static/js/connection.js` says it and links there).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != 302 or not _asks_to_sign_in(response["Location"]):
            return response
        if getattr(request, "htmx", False):
            page = request.htmx.current_url_abs_path  # type: ignore[attr-defined]
            told = HttpResponse(status=204)
            return trigger_client_event(told, "signed-out", {"url": _sign_in_url(page)})
        page = _own_path(request, request.headers.get("Referer", ""))
        if request.method == "POST" and not _asks_to_sign_in(page):
            messages.warning(request, _("You were signed out; nothing was sent. Sign in to go on."))
            response["Location"] = _sign_in_url(page)
        return response

    return middleware


def _asks_to_sign_in(url: str) -> bool:
    """Whether it sends a stranger to the sign-in, as signing out itself does not."""
    parts = urlsplit(url)
    return parts.path == resolve_url(settings.LOGIN_URL) and "next=" in parts.query


def _sign_in_url(then: str | None) -> str:
    url = resolve_url(settings.LOGIN_URL)
    return f"{url}?{urlencode({'next': then})}" if then else url


def _whole_page(redirect: HttpResponse) -> HttpResponse:
    response = HttpResponse(status=204)
    response["HX-Redirect"] = redirect["Location"]
    response.cookies = redirect.cookies
    return response


def _own_path(request: HttpRequest, url: str) -> str:
    """Path and query of an address of this site; "" for any other."""
    parts = urlsplit(url)
    if parts.netloc != request.get_host():
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _add_toasts(request: HttpRequest, response: HttpResponse) -> None:
    is_html = response.get("Content-Type", "").startswith("text/html")
    if response.streaming or not is_html or response.has_header("HX-Redirect"):
        return
    waiting = list(get_messages(request))
    if waiting:
        toasts = render_to_string("components/toasts.html", {"messages": waiting}, request)
        response.write(toasts)

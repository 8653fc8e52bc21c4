"""The language of a page, and the switch by which anybody chooses it.

Signed in: what the person chose, else what this browser chose, else the panel's. A stranger: what
this browser chose, else what it asks for, else the panel's.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import JavaScriptCatalog

from orders import languages
from orders.models import Panel, User
from panel.branding import FOR_GOOD

COOKIE_AGE = 365 * 24 * 3600
FOR_EVERYBODY = ("/offline/", "/logo/", "/texts/")
"""The same for whoever asks; `?language=` says which of them."""


@contextmanager
def spoken_in(request: HttpRequest, panel: Panel | None) -> Iterator[str]:
    """Answer this request in its language."""
    code = language_of(request, panel)
    with translation.override(code):
        request.LANGUAGE_CODE = code
        yield code


def language_of(request: HttpRequest, panel: Panel | None) -> str:
    """The code of the language to answer in; no panel: its settings cannot be read."""
    own = (panel and languages.known(panel.language)) or settings.LANGUAGE_CODE
    if request.path.startswith(FOR_EVERYBODY):
        return languages.known(request.GET.get("language")) or own
    chosen = languages.known(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME))
    user = _signed_in(request)
    if user is not None:
        return languages.known(user.language) or chosen or own
    return chosen or _asked_for(request) or own


def label(response: HttpResponse, code: str) -> None:
    """Tell browsers and caches in which language the answer is, and what decided it."""
    response.headers.setdefault("Content-Language", code)
    patch_vary_headers(response, ("Accept-Language",))


def _signed_in(request: HttpRequest) -> User | None:
    """Without a session there is nobody to look for."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    try:
        return request.user if request.user.is_authenticated else None
    except DatabaseError:  # the page that says so is worth its language
        return None


def _asked_for(request: HttpRequest) -> str:
    """The first language of the browser's list that the panel speaks, "tr" for "tr-CY" too."""
    for code, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if found := languages.known(code) or languages.known(code.partition("-")[0]):
            return found
    return ""


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language, for the person and for this browser, and go back to the page."""
    code = languages.known(request.POST.get("language"))
    back = redirect(_page(request))
    if not code:
        return back
    if request.user.is_authenticated:
        languages.choose(request.user, code)
    back.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return back


@lru_cache(maxsize=8)
def _script_texts(code: str) -> tuple[str, bytes]:
    """What scripts say in a language, and a word that changes with every byte of it."""
    with translation.override(code):
        answer = JavaScriptCatalog().get(HttpRequest(), packages="panel")
    content = bytes(answer.content)
    return hashlib.sha256(content).hexdigest()[:16], content


def script_texts_url(code: str) -> str:
    """Where a page finds them; "" where the scripts' own English will do."""
    if code == settings.LANGUAGE_CODE:
        return ""
    return reverse("script_texts", args=[code, _script_texts(code)[0]])


@require_safe
def script_texts(request: HttpRequest, code: str, version: str) -> HttpResponse:
    """They may be kept for good: others have another address."""
    if not languages.known(code):
        raise Http404
    found, content = _script_texts(code)
    kept = FOR_GOOD if version == found else "no-cache"
    return HttpResponse(content, content_type="text/javascript", headers={"Cache-Control": kept})


def _page(request: HttpRequest) -> str:
    """Where the switch was pressed; never an address of another site."""
    parts = urlsplit(request.headers.get("Referer", ""))
    if parts.netloc != request.get_host() or parts.path == request.path:
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")

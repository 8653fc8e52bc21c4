"""What a browser shows when it cannot reach us: two pages, and the worker that keeps them.

The worker holds these pages and what they are made of, and nothing else: no page of anybody's is
ever kept. It answers for navigations that found no connection, and for its own files then.
"""

import hashlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from panel import branding

AWAY = "/offline/"
SENT = "/offline/sent/"
_PAGES = {AWAY: "offline.html", SENT: "offline_sent.html"}

# By their plain names, which outlast a deployment: the pages and what they are made of are
# fetched in one go and always fit each other, whichever release answered. Without the font, which
# weighs more than all of them together: the system's own stands in.
_FILES = (
    "css/tokens.css",
    "css/base.css",
    "css/layout.css",
    "css/buttons.css",
    "css/entrance.css",
    "img/favicon.svg",
    "img/halfpenny.svg",
    "js/offline.js",
    "js/theme.js",
)


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The script. It stands at the root because a worker acts only below its own folder.

    It keeps the pages in the language of whoever asks for it; another one makes another script.
    """
    away, sent = (f"{path}?language={get_language()}" for path in _PAGES)
    kept = [away, sent, *(f"{settings.STATIC_URL}{name}" for name in _FILES)]
    names = {"version": version(), "away": away, "sent": sent, "kept": kept}
    script = render_to_string("worker.js", names)
    headers = {"Cache-Control": "no-cache"}
    return HttpResponse(script, content_type="text/javascript", headers=headers)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """One of the two pages; in one language the same for everybody."""
    return HttpResponse(_html(request.path), headers={"Cache-Control": "no-cache"})


def version() -> str:
    """Changes with every byte of the pages and their files, and with nothing else."""
    name = branding.name()
    found = _fingerprints if settings.DEBUG else _fingerprints_once
    return _version_of(found(name, get_language()))


def _html(path: str) -> str:
    return render_to_string(_PAGES[path])


def _version_of(fingerprints: tuple[str, ...]) -> str:
    return hashlib.sha256("".join(fingerprints).encode()).hexdigest()[:16]


def _fingerprints(name: str, language: str | None) -> tuple[str, ...]:
    """Of the pages as a panel of this name shows them in this language, those at hand, and of their
    files."""
    files = [Path(str(finders.find(name))).read_bytes() for name in _FILES]
    pages = [_html(path).encode() for path in _PAGES]
    return tuple(hashlib.sha256(content).hexdigest() for content in (*pages, *files))


_fingerprints_once = lru_cache(maxsize=8)(_fingerprints)

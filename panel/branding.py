"""The panel's name and logo, wherever a page shows them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from orders.models import Logo, Panel
from panel import icons

FOR_GOOD = "public, max-age=31536000, immutable"

_shown: ContextVar[tuple[str, str]] = ContextVar("panel_brand", default=("Halfpenny", ""))


@contextmanager
def shown_as(panel: Panel) -> Iterator[None]:
    """Show this panel's name and logo: `panel.middleware` sets them for each request."""
    token = _shown.set((panel.name, panel.logo_digest))
    try:
        yield
    finally:
        _shown.reset(token)


def name() -> str:
    """What the panel is called."""
    return _shown.get()[0]


def mark() -> SafeString:
    """The logo as a picture, or our mark; the name beside it says what it is."""
    digest = _shown.get()[1]
    if not digest:
        return icons.MARK
    return format_html(
        '<img class="logo" src="{}" width="26" height="26" alt="">', reverse("logo", args=[digest])
    )


@require_safe
def logo(request: HttpRequest, digest: str) -> HttpResponse:
    """The logo, for everybody: the sign-in shows it. Nothing may take it for another type."""
    found = Logo.objects.filter(digest=digest).first()
    if found is None:
        raise Http404
    answer = HttpResponse(bytes(found.content), content_type=found.content_type)
    answer["Cache-Control"] = FOR_GOOD
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Disposition"] = "inline"
    return answer

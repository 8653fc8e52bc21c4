"""What was typed into a form that could not be carried out, for the page that says so.

Where such a form leads back to the page that it stands on, that page puts the words into it again
(`{% unsent action "reason" %}`), once. Only fields that never hold a secret are kept.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.messages import ERROR, get_messages
from django.http import HttpRequest, HttpResponse

NAMES = ("reason", "note", "text", "days")
LONGEST = 20_000
_HELD = "unsent"

GetResponse = Callable[[HttpRequest], HttpResponse]


def kept(get_response: GetResponse) -> GetResponse:
    """Keep what was typed when a form leads to another page with an error to be told there."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method == "POST" and response.status_code == 302 and _is_refused(request):
            typed = {name: request.POST.get(name, "")[:LONGEST] for name in NAMES}
            if any(typed.values()):
                request.session[_HELD] = {"path": request.path, "typed": typed}
        return response

    return middleware


def _is_refused(request: HttpRequest) -> bool:
    # Reading the messages as pages do would use them up.
    told: list[Any] = getattr(get_messages(request), "_queued_messages", [])
    return any(message.level >= ERROR for message in told)


def text(request: HttpRequest, path: str, name: str) -> str:
    """What was typed into a field of the form that is sent to `path`, if it was refused just now.

    A part of a page that HTMX fetches uses nothing up: the page does, which comes first.
    """
    if getattr(request, "htmx", False):
        return ""
    held = _held(request)
    return str(held["typed"].get(name, "")) if held.get("path") == path else ""


def _held(request: HttpRequest) -> dict[str, Any]:
    """Taken out of the session once a request, for all the fields of its page."""
    known: dict[str, Any] | None = getattr(request, "unsent", None)
    if known is None:
        known = request.session.pop(_HELD, None) or {}
        request.unsent = known  # type: ignore[attr-defined]
    return known

"""The manners of HTMX, in one place: which part to answer with, when to stop asking."""

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as render_page

STOP_ASKING = 286
"""htmx ends polling when an answer has this status."""


def render(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    parts: Collection[str] = (),
    finished: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The whole page, or the named partial when HTMX asks for it by its target's id.

    `parts` are ids of elements that are also names of partials in the template. `finished` says
    that nothing on the page can change any more, which ends a live part's polling; templates are
    given it too, so that a page that is finished does not begin to poll nor looks alive.
    """
    context = {"finished": finished} | context
    target = getattr(getattr(request, "htmx", None), "target", None)
    if target in parts:
        code = STOP_ASKING if finished and status == 200 else status
        return render_page(request, f"{template}#{target}", context, status=code)
    return render_page(request, template, context, status=status)

"""Undoing the last change of prices: a new change, with its own preview and reason."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import rules
from orders.errors import Declined, FieldErrors
from panel.access import admin_required, person, user
from panel.htmx import render
from panel.staff.amounts import refusal_text
from panel.staff.pricing.preview_box import PreviewBox
from panel.staff.pricing.rule_words import change_words, reason_words
from panel.staff.pricing.workbench import told_of

INVALID = 422
MOST_LISTED = 20


@admin_required
def undo(request: HttpRequest) -> HttpResponse:
    """What the last change was and what undoing it would do; posted, it is undone."""
    last = rules.last_change()
    if last is None:
        messages.info(request, _("There is no change to undo."))
        return redirect("staff:pricing")
    wrong = {}
    if request.method == "POST":
        try:
            done = rules.save(
                last.undoing,
                request.POST.get("fingerprint", ""),
                by=user(request),
                now=timezone.now(),
                reason=request.POST.get("reason", ""),
            )
        except FieldErrors as error:
            wrong = error.errors
        except Declined as error:
            wrong = {"": refusal_text(error)}
        else:
            messages.success(request, _("Undone. %(told)s") % {"told": told_of(done)})
            return redirect("staff:pricing")
    return _page(request, last, wrong)


def _page(request: HttpRequest, last: rules.LastChange, wrong: dict[str, str]) -> HttpResponse:
    try:
        box = PreviewBox(rules.preview(last.undoing), person(request))
    except Declined as declined:
        messages.error(request, refusal_text(declined))
        return redirect("staff:pricing")
    context = {
        "last": last,
        "reason": reason_words(last.reason),
        "box": box,
        "changes": [
            change_words(change, stood) for change, stood in list(box.preview.pairs)[:MOST_LISTED]
        ],
        "more": max(0, len(last.undoing) - MOST_LISTED),
        "wrong_reason": wrong.get("reason", ""),
        "refused": wrong.get("", ""),
        "typed_reason": request.POST.get("reason", ""),
    }
    return render(request, "staff/pricing/undo.html", context, status=INVALID if wrong else 200)

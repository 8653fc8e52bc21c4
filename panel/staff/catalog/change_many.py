"""Changing many services: what to change, what would differ, then the change."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from orders import catalog
from orders.errors import Declined, FieldErrors
from orders.kept_words import told
from orders.models import Category, Service
from panel import unsent
from panel.access import admin_required, person, user
from panel.display import count
from panel.drafting import number_in
from panel.htmx import render
from panel.staff.amounts import add_refusal, refusal_text
from panel.staff.catalog import selection
from panel.staff.catalog.change_forms import BY_SLUG, KINDS, Kind

INVALID = 422
MOST_LISTED = 100


@dataclass(frozen=True)
class Line:
    """One service before and after."""

    number: int
    name: str
    before: str
    after: str


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_many(request: HttpRequest) -> HttpResponse:
    """The kinds of change; of one its form; after a preview what would differ, then it is done."""
    query = request.POST if request.method == "POST" else request.GET
    try:
        numbers = selection.chosen(query, person(request), catalog.MOST_CHANGED)
    except Declined as declined:
        messages.error(request, str(declined))
        return redirect("staff:services")
    kind = BY_SLUG.get(query.get("kind", ""))
    context = {
        "count": len(numbers),
        "ids": selection.written(numbers),
        "kinds": KINDS,
        "kind": kind,
        "first": selection.services(numbers[:10]),
        "reason": query.get("reason", "")[: unsent.LONGEST],
    }
    if kind is None:
        return render(request, "staff/change_many.html", context)
    # Of a thousand services the numbers are too long for an address: a kind is opened by a POST.
    opened = request.method != "POST" or request.POST.get("act") == "open"
    data = None if opened else request.POST
    context["form"] = form = kind.form(data)
    if data is not None and form.is_valid():
        try:
            return _answer(request, kind, numbers, context)
        except Declined as declined:
            _refuse(request, form, declined)
    status = INVALID if data is not None else 200
    return render(request, "staff/change_many.html", context, status=status)


def _answer(
    request: HttpRequest, kind: Kind, numbers: list[int], context: dict[str, Any]
) -> HttpResponse:
    now, reason = timezone.now(), context["reason"].strip()[:300]
    if kind.needs_reason and not reason:
        raise FieldErrors({"reason": _("Say why; the next person has to know.")})
    bulk = kind.make(context["form"].cleaned_data, reason, now)
    if request.POST.get("act") != "save":
        found = catalog.preview(numbers, bulk)
        lines = [_line(each) for each in found[:MOST_LISTED]]
        return render(request, "staff/change_many.html", context | _shown(found, lines))
    changed = catalog.change_many(
        numbers,
        bulk,
        by=user(request),
        now=now,
        reason=reason,
        expected=number_in(request.POST.get("expected")),
    )
    kept = len(numbers) - changed
    done = ngettext("%(count)s service is changed.", "%(count)s services are changed.", changed)
    said = [done % {"count": count(changed)}]
    if kept:
        said.append(_("%(count)s stay as they were.") % {"count": count(kept)})
    messages.success(request, " ".join(said))
    return redirect("staff:services")


def _shown(found: list[catalog.Difference], lines: list[Line]) -> dict[str, Any]:
    return {
        "preview": True,
        "lines": lines,
        "changing": len(found),
        "cut": len(found) - len(lines),
    }


def _refuse(request: HttpRequest, form: forms.Form, declined: Declined) -> None:
    """A refusal at the field that it is about; of what is no field, above the page."""
    if isinstance(declined, FieldErrors) and not set(declined.errors) <= set(form.fields):
        messages.error(request, refusal_text(declined))
    else:
        add_refusal(form, declined)


def _line(each: catalog.Difference) -> Line:
    row = each.service
    name = next((name for name in each.after if name not in ("position", "paused_at")), "")
    was, then = _words(row, name, each.before), _words(row, name, each.after)
    shown = each.before.get("name", row.name)
    return Line(row.pk, shown, was, then)


def _words(row: Service, name: str, values: dict[str, Any]) -> str:
    value = values.get(name)
    if name == "is_visible":
        return _("on sale") if value else _("hidden")
    if isinstance(value, Category):
        return value.name
    if name == "refill_days":
        return _("%(days)s days") % {"days": value} if value else _("as the provider says")
    if name in ("pause", "pause_detail"):
        return told(values.get("pause_detail") or "") or (
            _("paused") if values.get("pause") else _("on sale")
        )
    return str(value) if value else _("nothing")

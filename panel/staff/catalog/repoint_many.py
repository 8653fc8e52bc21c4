"""Buying many services elsewhere: proposals to choose from, both sides compared, then the press."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from orders import catalog
from orders.errors import Declined
from orders.people import Person
from panel.access import admin_required, person, user
from panel.display import count
from panel.drafting import number_in
from panel.htmx import render
from panel.staff.amounts import refusal_text
from panel.staff.catalog import repoint_rows, selection
from panel.staff.services.service_rows import providers

INVALID = 422
MOST = 200
"""So many on one page; the verb takes more."""


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def repoint_many(request: HttpRequest) -> HttpResponse:
    """Proposals by GET; by POST what was picked is compared, and with `act=point` bought there."""
    who = person(request)
    query = request.POST if request.method == "POST" else request.GET
    try:
        numbers = selection.chosen(query, who, MOST)
    except Declined as declined:
        messages.error(request, str(declined))
        return redirect("staff:services")
    if request.method != "POST":
        return _propose(request, numbers)
    if request.POST.get("act") == "point":
        return _point(request, numbers, who)
    return _compare(request, numbers, _picks(request.POST), who)


def _propose(
    request: HttpRequest,
    numbers: list[int],
    picks: dict[int, int] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    query = request.POST if request.method == "POST" else request.GET
    provider, likest = number_in(query.get("from")), query.get("pick") == "likest"
    services = selection.services(numbers)
    context = {
        "ids": selection.written(numbers),
        "rows": repoint_rows.proposed(services, provider, picks or {}, likest=likest),
        "providers": providers(),
        "from": provider,
        "likest": likest,
    }
    return render(request, "staff/repoint_many.html", context, status=status)


def _compare(
    request: HttpRequest, numbers: list[int], picks: dict[int, int], who: Person
) -> HttpResponse:
    if not picks:
        messages.error(request, _("Pick an offer for at least one of them."))
        return _propose(request, numbers, status=INVALID)
    services = selection.services(numbers)
    rows = repoint_rows.compared(services, picks, who, timezone.now())
    good = [row for row in rows if not row.refused]
    context = {
        "ids": selection.written(numbers),
        "rows": rows,
        "good": len(good),
        "warned": sum(bool(row.warnings) for row in good),
        "left": len(numbers) - len(rows),
        "agreed": catalog.agreed_prices([row.service.pk for row in good]),
        "buyers": sum(row.touched.customers for row in good),
        "days": catalog.DAYS_TOUCHED,
        "reason": request.POST.get("reason", "")[:300],
    }
    return render(request, "staff/repoint_compare.html", context)


def _point(request: HttpRequest, numbers: list[int], who: Person) -> HttpResponse:
    reason = request.POST.get("reason", "").strip()[:300]
    said = request.POST.getlist("move")[:MOST]
    moves = [move for text in said if (move := repoint_rows.move_of(text))]
    try:
        if not reason:
            raise Declined(_("Say why; the next person has to know."))
        done = catalog.point_many(moves, by=user(request), now=timezone.now(), reason=reason)
    except Declined as declined:
        messages.error(request, refusal_text(declined))
        return _compare(request, numbers, _picks(request.POST), who)
    paused = sum(bool(row.pause) for row in done)
    words = ngettext(
        "%(count)s service is bought elsewhere now. Orders under way stay where they are.",
        "%(count)s services are bought elsewhere now. Orders under way stay where they are.",
        len(done),
    )
    told = [words % {"count": count(len(done))}]
    if paused:
        told.append(_("%(count)s of them stay paused.") % {"count": count(paused)})
    messages.success(request, " ".join(told))
    return redirect("staff:services")


def _picks(data: QueryDict) -> dict[int, int]:
    """Which offer was picked for which service: "12:345", one field a service."""
    picks = {}
    for text in data.getlist("pick_of")[:MOST]:
        service, __, offer = text.partition(":")
        numbers = number_in(service), number_in(offer)
        if numbers[0] and numbers[1]:
            picks[numbers[0]] = numbers[1]
    return picks

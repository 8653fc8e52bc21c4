"""Services that an admin decides about: risen costs, fixed prices below the floor, removals."""

from datetime import datetime
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from orders import catalog, rules
from orders.enums import PriceLevel
from orders.errors import Declined, StateChanged
from orders.kept_words import told
from orders.models import Service, SyncRun
from panel import amounts
from panel.access import admin_required, person, user
from panel.display import NBSP, count, percent
from panel.drafting import number_in
from panel.htmx import render
from panel.staff.amounts import refusal_text
from panel.staff.services import decision_rows

MOST_MARKUP = 99_999


@admin_required
def decisions(request: HttpRequest) -> HttpResponse:
    """The list, one kind of trouble at a time."""
    waiting, now = decision_rows.counts(), timezone.now()
    kind = decision_rows.kind_of(request.GET.get("kind", ""), waiting)
    context = {
        "kind": kind,
        "tabs": decision_rows.tabs(kind, waiting),
        "count": waiting[kind.slug],
        "most": catalog.MOST_DECIDED,
        "seen_at": now,
        "days": catalog.DAYS_TOUCHED,
    }
    if kind.reasons:
        context["markup"] = markup = _markup(request.GET) if kind.slug == "rises" else None
        context["listed"] = decision_rows.listed(kind, person(request), request.GET, now, markup)
    else:
        context["runs"] = decision_rows.held_runs(now)
    return render(request, "staff/decisions.html", context)


@admin_required
@require_POST
def decide_costs(request: HttpRequest) -> HttpResponse:
    """Accept the risen costs that were chosen, or all; or keep them paused."""
    try:
        messages.success(request, _decided(request))
    except Declined as error:
        messages.error(request, refusal_text(error))
    return redirect(f"{reverse('staff:decisions')}?kind=rises")


def _decided(request: HttpRequest) -> str:
    act, reason = request.POST.get("act", ""), request.POST.get("reason", "").strip()[:300]
    ids = None if act.endswith("_all") else _chosen(request)
    by, now, seen_at = user(request), timezone.now(), _seen_at(request)
    if act.startswith("keep"):
        kept = catalog.keep_paused(ids, by=by, now=now, seen_at=seen_at, reason=reason)
        words = ngettext(
            "%(count)s service kept paused until somebody resumes.",
            "%(count)s services kept paused until somebody resumes.",
            kept.done,
        )
        return decision_rows.told(kept, words)
    if act == "reprice":
        markup = _markup(request.POST)
        if markup is None:
            raise Declined(_("Type the new markup in per cent, and look at the prices first."))
        anew = rules.reprice(
            _chosen(request), markup, by=by, now=now, seen_at=seen_at, reason=reason
        )
        words = ngettext(
            "%(count)s service re-priced at %(percent)s.",
            "%(count)s services re-priced at %(percent)s.",
            anew.done,
        )
        return decision_rows.told(anew, words, percent=percent(markup, None).replace(NBSP, " "))
    done = catalog.accept_costs(ids, by=by, now=now, seen_at=seen_at, reason=reason)
    words = ngettext(
        "%(count)s service accepted at today's cost.",
        "%(count)s services accepted at today's cost.",
        done.done,
    )
    said = decision_rows.told(done, words)
    if done.still_paused:
        paused = _("%(count)s of them stay paused: the floor would lift a fixed price.")
        said += " " + paused % {"count": count(done.still_paused)}
    return said


def _chosen(request: HttpRequest) -> list[int]:
    said = request.POST.getlist("service")[: catalog.MOST_DECIDED]
    ids = [number for text in said if (number := number_in(text))]
    if not ids:
        raise Declined(_("Nothing was chosen: tick services, or take all of them."))
    return ids


def _markup(data: QueryDict) -> Decimal | None:
    """The markup that is asked about, in per cent; None for what is none."""
    markup = amounts.read(data.get("markup", "").strip(" %"))
    return markup if markup is not None and 0 <= markup <= MOST_MARKUP else None


def _seen_at(request: HttpRequest) -> datetime:
    try:
        seen = parse_datetime(request.POST.get("seen_at", ""))
    except ValueError:
        seen = None
    if seen is None or seen.tzinfo is None:
        raise StateChanged(_("Open the list again and look at the costs."))
    return seen


@admin_required
@require_POST
def drop_fixed_price(request: HttpRequest, number: int) -> HttpResponse:
    """Take the fixed price of one service away; the next rule acts."""
    service = get_object_or_404(Service, pk=number)
    reason = request.POST.get("reason", "").strip()[:200]
    try:
        by, now = user(request), timezone.now()
        if not rules.end_markup(PriceLevel.SERVICE, by, now, reason, service=service):
            raise Declined(_("It has no price of its own; its category's or the panel's acts."))
    except Declined as error:
        messages.error(request, refusal_text(error))
    else:
        service.refresh_from_db()
        done = _("Service %(number)s has no price of its own any more.") % {"number": number}
        then = _("It is sold.")
        if service.pause:
            then = _("It stays paused: %(why)s") % {"why": told(service.pause_detail)}
        messages.success(request, f"{done} {then}")
    return redirect("staff:service", number=number)


@admin_required
@require_POST
def decide_removals(request: HttpRequest, number: int) -> HttpResponse:
    """Retire what a run found to be gone, or keep it: what was ticked, or all that waits."""
    run = get_object_or_404(SyncRun.objects.select_related("provider"), pk=number)
    by, now = user(request), timezone.now()
    reason = request.POST.get("reason", "").strip()[:300]
    try:
        changes = None if request.POST.get("scope") == "all" else _ticked(request)
        if request.POST.get("act") == "release":
            done = catalog.release_removals(run, by, now, reason, changes=changes)
            words = _("Retired: %(count)s. What was bought there is paused.")
        else:
            done = catalog.dismiss_removals(run, by, now, reason, changes=changes)
            words = _("Kept as they are: %(count)s.")
        messages.success(request, words % {"count": count(done)})
    except Declined as error:
        messages.error(request, refusal_text(error))
    return redirect(f"{reverse('staff:decisions')}?kind=removals")


def _ticked(request: HttpRequest) -> list[int]:
    said = request.POST.getlist("change")[: decision_rows.MOST_REMOVALS]
    found = [number for text in said if (number := number_in(text))]
    if not found:
        raise Declined(_("Nothing was chosen: tick offers, or take all of them."))
    return found

"""The pricing workbench: the table of prices, and one change at a time beside it."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from orders import rules
from orders.enums import PriceLevel
from orders.errors import Declined, FieldErrors
from orders.models import Bound, MarkupRule, Provider, Service
from orders.panel_settings import current
from panel import paginator
from panel.access import admin_required, person, user
from panel.display import count
from panel.drafting import number_in
from panel.htmx import render
from panel.staff.amounts import refusal_text
from panel.staff.pricing import change_form
from panel.staff.pricing.change_form import ChangeForm
from panel.staff.pricing.meanwhile import meanwhile
from panel.staff.pricing.preview_box import PreviewBox
from panel.staff.pricing.rows import rows, said_words
from panel.staff.pricing.wanted import Wanted
from panel.staff.services import service_rows

INVALID = 422
PAGE = "staff/pricing/workbench.html"
MOST_SHOWN = 100
ROWS = 25


@admin_required
def pricing(request: HttpRequest) -> HttpResponse:
    """The workbench; to HTMX only the table."""
    wanted = Wanted.of(request.GET)
    panel = current()
    ticked = [number_in(text) or 0 for text in request.GET.getlist("ticked")][:MOST_SHOWN]
    data = change_form.begun(request.GET, wanted, panel)
    form = ChangeForm(data, person(request), panel, ticked, wanted)
    box = _looked(form, request)[0] if "what" in request.GET else None
    context = _context(request, wanted, form, box) | {"ticked": ticked}
    return render(request, PAGE, context, parts=("pricing-table",))


@admin_required
@require_POST
def change_prices(request: HttpRequest) -> HttpResponse:
    """Show what the typed change would do, or make it: as it was seen, or not at all."""
    wanted = Wanted.of(request.POST)
    ticked = [number_in(text) or 0 for text in request.POST.getlist("service")]
    form = ChangeForm(request.POST, person(request), current(), ticked[:10_000], wanted)
    if request.POST.get("act") != "save":
        box, wrong = _looked(form, request)
        return _answer(request, wanted, form, box, wrong=wrong, ticked=ticked)
    try:
        done = rules.save(
            form.changes(),
            request.POST.get("fingerprint", ""),
            by=user(request),
            now=timezone.now(),
            reason=request.POST.get("reason", ""),
        )
    except rules.PricesMoved as moved:
        box = PreviewBox(moved.preview, person(request))
        since = _seen_at(request)
        told = meanwhile(moved.preview, since) if since else []
        return _answer(request, wanted, form, box, moved=True, meanwhile=told, ticked=ticked)
    except Declined as declined:
        box, wrong = _looked(form, request)
        wrong |= declined.errors if isinstance(declined, FieldErrors) else {}
        said = "" if isinstance(declined, FieldErrors) else refusal_text(declined)
        return _answer(request, wanted, form, box, wrong=wrong, refused=said, ticked=ticked)
    messages.success(request, told_of(done))
    return redirect(wanted.url)


def told_of(done: rules.Preview) -> str:
    """How a change went."""
    counts = {"count": count(done.moved), "rules": count(len(done.changes))}
    if not done.moved:
        told = [_("The rule is saved; no price moves.")]
    elif len(done.changes) > 1:
        by_rules = ngettext(
            "%(count)s price changed by %(rules)s rules.",
            "%(count)s prices changed by %(rules)s rules.",
            done.moved,
        )
        told = [by_rules % counts]
    else:
        told = [
            ngettext("%(count)s price changed.", "%(count)s prices changed.", done.moved) % counts
        ]
    if done.pausing:
        told.append(_("Paused below the floor: %(count)s.") % {"count": count(len(done.pausing))})
    if done.releasing:
        told.append(_("On sale again: %(count)s.") % {"count": count(len(done.releasing))})
    return " ".join(told)


def _looked(form: ChangeForm, request: HttpRequest) -> tuple[PreviewBox | None, dict[str, str]]:
    """What the change would do, or what is wrong with it."""
    try:
        return PreviewBox(rules.preview(form.changes()), person(request)), {}
    except FieldErrors as wrong:
        return None, dict(wrong.errors)
    except Declined as declined:
        return None, {"on": refusal_text(declined)}


def _answer(
    request: HttpRequest,
    wanted: Wanted,
    form: ChangeForm,
    box: PreviewBox | None,
    *,
    wrong: dict[str, str] | None = None,
    ticked: list[int],
    **said: Any,
) -> HttpResponse:
    """The panel or the preview to HTMX, else the whole page with all that was typed."""
    asked = getattr(request.htmx, "target", None)  # type: ignore[attr-defined]
    if asked == "pricing-preview":
        shown = [number_in(text) or 0 for text in request.POST.get("shown", "").split(",")]
        context = _panel(request, wanted, form, box, wrong) | {"rows": _shown(shown, box), **said}
        return render(request, PAGE, context, parts=("pricing-preview",))
    context = _context(request, wanted, form, box, wrong) | {"ticked": ticked, **said}
    status = INVALID if said or (wrong and request.POST.get("act") == "save") else 200
    return render(request, PAGE, context, parts=("pricing-panel",), status=status)


def _panel(
    request: HttpRequest,
    wanted: Wanted,
    form: ChangeForm,
    box: PreviewBox | None,
    wrong: dict[str, str] | None = None,
) -> dict[str, Any]:
    form.tell(_worth_telling(form, wrong or {}))
    return {
        "form": form,
        "box": box,
        "wanted": wanted,
        "seen_at": timezone.now(),
        "typed_reason": form.data.get("reason", ""),
    }


def _worth_telling(form: ChangeForm, wrong: dict[str, str]) -> dict[str, str]:
    """What is wrong with what was typed; a field that nobody has come to yet is not wrong."""
    saving = form.data.get("act") == "save"
    return {name: text for name, text in wrong.items() if saving or form.data.get(name)}


def _context(
    request: HttpRequest,
    wanted: Wanted,
    form: ChangeForm,
    box: PreviewBox | None,
    wrong: dict[str, str] | None = None,
) -> dict[str, Any]:
    page = paginator.page(
        service_rows.joined(wanted.services), _place(request), size=ROWS, rising=True
    )
    return _panel(request, wanted, form, box, wrong) | {
        "page": page,
        "rows": rows(page.rows, timezone.now(), _lines(box)),
        "fitting": wanted.services.count,
        "providers": lambda: list(Provider.objects.only("name").order_by("name")[:100]),
        "categories": service_rows.categories,
        "stands": _stands,
        "last_change": rules.last_change,
        "ticked": [],
    }


def _place(request: HttpRequest) -> QueryDict:
    """Which page of the table: the address says so, or the form that was sent."""
    place = QueryDict(mutable=True)
    for name, value in (request.GET or request.POST).items():
        if name in ("before", "after", "q", "category", "provider", "only") and value:
            place[name] = str(value)
    return place


def _shown(numbers: list[int], box: PreviewBox | None) -> list[Any]:
    """The rows that the person has before them, with their prices as they would be."""
    found = Service.objects.filter(pk__in=numbers[:MOST_SHOWN]).order_by("pk")
    return rows(service_rows.joined(found), timezone.now(), _lines(box))


def _lines(box: PreviewBox | None) -> dict[int, rules.Line]:
    """The lines of a change of everybody's list; the table shows no other."""
    if box is None or box.preview.changes[0].scope.level in CLIENTS:
        return {}
    return {line.service: line for line in box.preview.lines}


CLIENTS = (
    PriceLevel.STAFF,
    PriceLevel.CUSTOMER,
    PriceLevel.CUSTOMER_CATEGORY,
    PriceLevel.CUSTOMER_SERVICE,
)


def _stands() -> dict[str, Any]:
    """The panel's own rule and floor, and whether there is any other rule."""
    acting = MarkupRule.objects.filter(ended_at=None)
    panel = acting.filter(level=PriceLevel.PANEL).first()
    floor = Bound.objects.filter(ended_at=None, level=PriceLevel.PANEL).first()
    return {
        "markup": said_words(panel.kind, panel.value) if panel else "",
        "floor": floor.floor_percent if floor else None,
        "alone": not acting.exclude(level=PriceLevel.PANEL).exists(),
    }


def _seen_at(request: HttpRequest) -> datetime | None:
    try:
        seen = parse_datetime(request.POST.get("seen_at", ""))
    except ValueError:
        return None
    return seen if seen is not None and seen.tzinfo is not None else None

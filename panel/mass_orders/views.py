"""What both faces do with many orders: type, look, place, follow, take up again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders import mass_orders
from orders.enums import MassLineState, NotPlaced
from orders.errors import (
    Busy,
    Declined,
    FieldErrors,
    InsufficientFunds,
    NotAllowed,
    StateChanged,
)
from orders.models import Customer, MassOrder
from panel import paginator
from panel.access import person, user
from panel.display import count, money_text, panel_currency
from panel.htmx import render
from panel.mass_orders.face import Face
from panel.mass_orders.forms import LinesForm
from panel.mass_orders.preview import Preview
from panel.mass_orders.result import Result
from panel.mass_orders.words import BLOCKED
from panel.sheets import sheet as csv_sheet

INVALID = 422
CHANGED = gettext_lazy("Something has changed since you looked. This is how it is now.")


@dataclass(frozen=True)
class Listed:
    """One of the earlier ones."""

    url: str
    number: int
    made_at: datetime
    customer: str
    name: str
    is_draft: bool
    lines: int
    placed: int
    waiting: int

    @property
    def not_placed(self) -> int:
        return self.lines - self.placed - self.waiting


# ── Typing ───────────────────────────────────────────────────────────────────────────────────


def start(
    request: HttpRequest, face: Face, customer: Customer | None, **context: Any
) -> HttpResponse:
    """The box, the file, and the earlier ones; a POST leads to the look at what was sent."""
    form = LinesForm()
    if request.method == "POST" and customer is not None:
        form = LinesForm(request.POST, request.FILES)
        made = _keep(request, form, customer)
        if made is not None:
            return redirect(face.url(made))
    earlier = _earlier(request, face, customer)
    context |= {
        "form": form,
        "face": face,
        "customer": customer.name if customer else "",
        "is_blocked": customer is not None and customer.is_blocked,
        "start_url": face.start_url(customer),
        "most_lines": mass_orders.MOST_LINES,
        "earlier": [_listed(row, face) for row in earlier.rows],
        "newer": earlier.newer,
        "older": earlier.older,
    }
    return render(request, face.start_template, context, status=INVALID if form.errors else 200)


def _keep(request: HttpRequest, form: LinesForm, customer: Customer) -> MassOrder | None:
    if not form.is_valid():
        return None
    text = None
    try:
        text = form.lines()
        by, now = user(request), timezone.now()
        return mass_orders.keep(customer, text, by=by, now=now, name=form.file_name())
    except FieldErrors as error:
        form.refuse(error, text)
    except Declined as error:
        form.add_error(None, str(error))
    return None


def _earlier(
    request: HttpRequest, face: Face, customer: Customer | None
) -> paginator.Page[MassOrder]:
    found = mass_orders.visible(person(request)).select_related("customer")
    if customer is not None:
        found = found.filter(customer=customer)
    counted = found.annotate(
        count=Count("lines"),
        placed=Count("lines", filter=Q(lines__state=MassLineState.PLACED)),
        waiting=Count("lines", filter=Q(lines__state=MassLineState.WAITING)),
    )
    return paginator.page(counted, request.GET, size=20)


def _listed(row: Any, face: Face) -> Listed:
    return Listed(
        url=face.url(row),
        number=row.pk,
        made_at=row.confirmed_at or row.made_at,
        customer=row.customer.name,
        name=row.name,
        is_draft=row.confirmed_at is None,
        lines=row.count,
        placed=row.placed,
        waiting=row.waiting,
    )


# ── One of them ──────────────────────────────────────────────────────────────────────────────


def found(request: HttpRequest, number: int) -> MassOrder:
    """The one with this number, if this person may see it."""
    related = ("customer__wallet", "customer__manager__user", "made_by")
    mine = mass_orders.visible(person(request)).select_related(*related)
    return get_object_or_404(mine, pk=number)


def page(request: HttpRequest, face: Face, mass_order: MassOrder) -> HttpResponse:
    """The look at what is to be placed, or what became of it; and what the buttons of both do."""
    if request.method == "POST":
        return _act(request, face, mass_order)
    if mass_order.confirmed_at is not None:
        return _result(request, face, mass_order)
    return _preview(request, face, mass_order, LinesForm(initial={"text": mass_order.text}))


def sheet(request: HttpRequest, face: Face, mass_order: MassOrder) -> StreamingHttpResponse:
    """The result of every line as CSV."""
    result = Result(mass_order, person(request), face, {})
    head = ("Line", "Service", "Name", "Link", "Quantity", f"Price {panel_currency()}")
    name = f"orders-{mass_order.pk}.csv"
    return csv_sheet(name, (*head, "Result", "Order", "Why not"), result.sheet())


def _preview(
    request: HttpRequest,
    face: Face,
    draft: MassOrder,
    form: LinesForm,
    error: str = "",
) -> HttpResponse:
    preview = None
    try:
        preview = _looked_at(request, face, draft)
    except FieldErrors as refused:  # what could be read once cannot be any more
        form.fields["text"].help_text = " ".join(refused.errors.values())
    context = {
        "preview": preview,
        "form": form,
        "face": face,
        "customer": draft.customer.name,
        "number": draft.pk,
        "name": draft.name,
        "made_at": draft.made_at,
        "start_url": face.start_url(draft.customer),
        "retype_error": error,
    }
    is_wrong = bool(form.errors or error)
    return render(request, face.page_template, context, status=INVALID if is_wrong else 200)


def _looked_at(request: HttpRequest, face: Face, draft: MassOrder) -> Preview:
    source = mass_orders.read(draft.text)
    check = mass_orders.check(draft.customer, source, by=user(request))
    return Preview(draft, check, person(request), face, request.GET)


def _result(request: HttpRequest, face: Face, mass_order: MassOrder) -> HttpResponse:
    result = Result(mass_order, person(request), face, request.GET)
    context = {
        "result": result,
        "face": face,
        "customer": mass_order.customer.name,
        "customer_url": mass_order.customer_id,
        "number": mass_order.pk,
        "name": mass_order.name,
        "made_by": str(mass_order.made_by),
        "confirmed_at": mass_order.confirmed_at,
        "start_url": face.start_url(mass_order.customer),
        "sheet_url": face.sheet_url(mass_order),
        "live_url": request.get_full_path(),
    }
    parts, done = ("mass-live",), result.is_finished
    return render(request, face.page_template, context, parts=parts, finished=done)


# ── What the buttons do ──────────────────────────────────────────────────────────────────────


def _act(request: HttpRequest, face: Face, mass_order: MassOrder) -> HttpResponse:
    act = request.POST.get("act", "")
    if act == "check":
        return _retype(request, face, mass_order)
    if act in ("place", "place_all") and mass_order.confirmed_at is None:
        return _place(request, face, mass_order, act)
    by, now = user(request), timezone.now()
    try:
        if act == "stop":
            lines = mass_orders.stop(mass_order, by=by, now=now)
            said = ngettext(
                "Stopped; %(count)s line not placed.", "Stopped; %(count)s lines not placed.", lines
            )
            messages.success(request, said % {"count": count(lines)})
        elif act == "mend":
            return redirect(face.url(mass_orders.mend(mass_order, by=by, now=now)))
        elif act in NotPlaced.values:
            seen = request.POST.get("fingerprint", "")
            lines = mass_orders.again(mass_order, NotPlaced(act), seen, by=by, now=now)
            said = ngettext(
                "%(count)s line taken up again.", "%(count)s lines taken up again.", lines
            )
            messages.success(request, said % {"count": count(lines)})
    except Declined as error:
        messages.error(request, _told(error, face))
    return redirect(face.url(mass_order))


def _retype(request: HttpRequest, face: Face, draft: MassOrder) -> HttpResponse:
    """Another text in the place of the one that was kept."""
    form = LinesForm(request.POST, request.FILES)
    text = None
    if form.is_valid():
        try:
            text = form.lines()
            mass_orders.retype(draft, text, now=timezone.now())
        except FieldErrors as error:
            form.refuse(error, text)
        except Declined as error:
            messages.error(request, _told(error, face))
            return redirect(face.url(draft))
        else:
            return redirect(face.url(draft))
    return _preview(request, face, draft, form)


def _place(request: HttpRequest, face: Face, draft: MassOrder, act: str) -> HttpResponse:
    preview = _looked_at(request, face, draft)
    way = preview.way(act)
    if way is not None and preview.must_retype(way) and not _is_retyped(request, way.count):
        error = _("Type %(count)s, the number of orders that you place.") % {
            "count": count(way.count)
        }
        form = LinesForm(initial={"text": draft.text})
        return _preview(request, face, draft, form, error)
    try:
        mass_orders.confirm(
            draft,
            request.POST.get("fingerprint", ""),
            by=user(request),
            now=timezone.now(),
            overlapping=act == "place_all",
        )
    except Declined as error:
        messages.error(request, _told(error, face))
    return redirect(face.url(draft))


def _is_retyped(request: HttpRequest, orders: int) -> bool:
    typed = request.POST.get("confirm", "")
    return "".join(sign for sign in typed if sign.isdecimal()) == str(orders)


def _told(error: Declined, face: Face) -> str:
    """What the engine declined, in words for whoever reads."""
    if isinstance(error, StateChanged):
        return str(CHANGED)
    if isinstance(error, InsufficientFunds):
        words = _("%(amount)s more is needed. Nothing was placed.")
        return words % {"amount": money_text(error.missing)}
    if isinstance(error, NotAllowed) and not face.is_staff:
        return str(BLOCKED)
    if isinstance(error, Busy) or face.is_staff:
        return str(error)
    return " ".join((str(error), _("Nothing was charged.")))

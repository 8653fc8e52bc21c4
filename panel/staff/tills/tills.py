"""The till: putting cash into the safe, counting it blind, and confirming the counts of others."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders import handovers
from orders import tills as verbs
from orders.errors import Declined
from orders.models import Staff, TillClosing
from orders.people import require_staff
from panel.access import admin_required, person, staff_required, user
from panel.display import money_text
from panel.htmx import render
from panel.staff import setup_steps
from panel.staff.amounts import add_refusal, refusal_text
from panel.staff.tills.till_page import CountForm, DropForm, HandForm, OtherTillPage, TillPage
from panel.staff.tills.till_words import went_into

INVALID = 422


@staff_required
def tills(request: HttpRequest) -> HttpResponse:
    """One's own till; to admins the others too."""
    return _page(request, DropForm())


@admin_required
def till(request: HttpRequest, number: int) -> HttpResponse:
    """Somebody else's till; one's own stays blind."""
    staff = _member(number)
    if staff == person(request).staff:
        return redirect("staff:tills")
    return _other(request, staff, HandForm(staff))


@staff_required
@require_POST
def drop(request: HttpRequest) -> HttpResponse:
    """Cash out of one's till into the safe."""
    form, staff = DropForm(request.POST), require_staff(user(request))
    if _dropped(request, form, staff):
        return redirect("staff:tills")
    return _page(request, form, status=INVALID)


@admin_required
@require_POST
def drop_from(request: HttpRequest, number: int) -> HttpResponse:
    """Cash out of somebody's till into the safe, or into another till."""
    staff = _member(number)
    form = HandForm(staff, request.POST)
    if _dropped(request, form, staff):
        return redirect("staff:till", number=number)
    return _other(request, staff, form, status=INVALID)


@staff_required
def count(request: HttpRequest) -> HttpResponse:
    """Count one's till: the page shows nothing that the count could be fitted to."""
    if request.method != "POST":
        return render(request, "staff/count_till.html", {"form": CountForm()})
    form = CountForm(request.POST)
    if _counted(request, form, require_staff(user(request))):
        return redirect("staff:tills")
    return render(request, "staff/count_till.html", {"form": form}, status=INVALID)


@admin_required
@require_POST
def count_for(request: HttpRequest, number: int) -> HttpResponse:
    """Count the till of somebody who is switched off; another admin confirms."""
    form, staff = CountForm(request.POST), _member(number)
    if _counted(request, form, staff):
        return redirect("staff:till", number=number)
    return _other(request, staff, HandForm(staff), count_form=form, status=INVALID)


@admin_required
@require_POST
def confirm(request: HttpRequest, number: int) -> HttpResponse:
    """Take somebody else's count as true."""
    closing = get_object_or_404(TillClosing, pk=number)
    note = request.POST.get("reason", "").strip()
    try:
        moved = verbs.confirm_closing(closing, by=user(request), now=timezone.now(), note=note)
    except Declined as error:
        messages.error(request, refusal_text(error))
    else:
        told = _("The count is confirmed.")
        if moved:
            words = _("The count is confirmed; a difference of %(amount)s is on record.")
            told = words % {"amount": money_text(moved.amount)}
        messages.success(request, told)
    return redirect("staff:tills")


def _member(number: int) -> Staff:
    return get_object_or_404(Staff.objects.select_related("user"), pk=number)


def _counted(request: HttpRequest, form: CountForm, staff: Staff) -> bool:
    """Keep the count of a valid form; whether that went well. A refusal is said in the form."""
    if not form.is_valid():
        return False
    try:
        verbs.count_till(staff, by=user(request), now=timezone.now(), **form.cleaned_data)
    except Declined as error:
        add_refusal(form, error)
        return False
    messages.success(request, _("Your count is kept. Another admin confirms it."))
    return True


def _dropped(request: HttpRequest, form: DropForm, staff: Staff) -> bool:
    """Carry out a valid form; whether that went well. A refusal is said in the form."""
    if not form.is_valid():
        return False
    said: dict[str, Any] = form.cleaned_data
    into: Staff | None = said.get("into")
    how: dict[str, Any] = {"by": user(request), "now": timezone.now()}
    how |= {"reference": said["token"], "memo": said["memo"]}
    try:
        if into is None:
            moved = verbs.drop(staff, said["amount"], **how)
        else:
            moved = handovers.hand_to(staff, into, said["amount"], **how)
    except Declined as error:
        add_refusal(form, error)
        return False
    messages.success(request, went_into(moved.amount, into))
    return True


def _page(request: HttpRequest, form: DropForm, *, status: int = 200) -> HttpResponse:
    who = person(request)
    page = TillPage(who, require_staff(user(request)), request.GET.get("before"))
    context = {"page": page, "form": form, "next_step": setup_steps.next_step(who)}
    return render(request, "staff/tills.html", context, status=status)


def _other(
    request: HttpRequest,
    staff: Staff,
    form: DropForm,
    *,
    count_form: CountForm | None = None,
    status: int = 200,
) -> HttpResponse:
    page = OtherTillPage(staff, request.GET.get("before"))
    context = {"page": page, "form": form, "count_form": count_form or CountForm()}
    return render(request, "staff/till.html", context, status=status)

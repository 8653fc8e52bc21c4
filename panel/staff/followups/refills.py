"""The refills list: what was asked for, how it stands and what the provider answered."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from orders import refills as verbs
from orders.enums import RefillStatus
from orders.errors import Declined
from orders.models import REFILL_IN_FLIGHT, Refill
from orders.people import Person
from panel.access import person, staff_required, user
from panel.htmx import render
from panel.staff.followups import follow_ups
from panel.staff.followups.follow_ups import Tab, whichever

NOT_DONE = (RefillStatus.REJECTED, RefillStatus.FAILED, RefillStatus.CANCELED)

TABS = (
    Tab(
        "",
        pgettext_lazy("requests", "All"),
        whichever(),
        _("No refill has been asked for"),
        _("Open a completed order whose service has refills to ask for one."),
    ),
    Tab(
        "under-way",
        _("Under way"),
        whichever(status__in=REFILL_IN_FLIGHT),
        _("No refill is under way"),
        _("What was asked for has come to its end."),
    ),
    Tab(
        "lost",
        _("Answer lost"),
        lambda now: verbs.LOST,
        _("No answer was lost"),
        _("The provider told us of every refill."),
        counted=True,
    ),
    Tab(
        "overdue",
        _("Overdue"),
        verbs.overdue,
        _("No refill is overdue"),
        _("Each one has ended within three days, or is younger."),
        counted=True,
    ),
    Tab(
        "done",
        _("Completed"),
        whichever(status=RefillStatus.COMPLETED),
        _("No refill is completed yet"),
    ),
    Tab(
        "declined",
        _("Declined"),
        whichever(status__in=NOT_DONE),
        _("No refill was declined"),
        _("Those that a provider declines stand here, with its words."),
    ),
)


def _is_lost(refill: Refill) -> bool:
    unnumbered = refill.status in verbs.AT_PROVIDER and not refill.upstream_id
    return refill.status == RefillStatus.UNKNOWN or unnumbered


def _has_number(refill: Refill) -> bool:
    followed = refill.status in verbs.AT_PROVIDER or refill.status in verbs.ENDED
    return followed and bool(refill.upstream_id)


LISTED = follow_ups.Listed(verbs.KIND, TABS, REFILL_IN_FLIGHT, _is_lost, _has_number)


@staff_required
def refills(request: HttpRequest) -> HttpResponse:
    """The refills of all orders that the person may see; to HTMX only the table."""
    context = follow_ups.context(LISTED, person(request), request.GET)
    finished = not context["is_live"]
    return render(
        request, "staff/refills.html", context, parts=("refill-table",), finished=finished
    )


class SettleForm(forms.Form):
    """What became of a refill; its number only from who sees the provider."""

    upstream_id = forms.CharField(label=_("Refill number"), max_length=64, required=False)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        error_messages={"required": _("Say why; it is kept with the order.")},
    )

    def __init__(self, who: Person, *args: Any):
        super().__init__(*args)
        if not who.sees_cost:
            del self.fields["upstream_id"]


@staff_required
def settle(request: HttpRequest, number: int) -> HttpResponse:
    """Say what became of a refill that nobody can ask the provider about."""
    who = person(request)
    refill = get_object_or_404(follow_ups.visible(LISTED, who).filter(verbs.LOST), pk=number)
    form = SettleForm(who, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and (answer := _settle(request, refill, form)):
        return answer
    context = {"row": follow_ups.row_of(LISTED, refill, who), "form": form}
    status = 422 if form.errors else 200
    return render(request, "staff/settle_refill.html", context, status=status)


def _settle(request: HttpRequest, refill: Refill, form: SettleForm) -> HttpResponse | None:
    """Settle it and go back; None when the form says what stands against it."""
    try:
        settled = verbs.settle(refill, by=user(request), now=timezone.now(), **form.cleaned_data)
    except Declined as error:
        follow_ups.show(form, error)
        return None
    words = gettext("The refill of order %(number)s is closed; it can be asked for again.")
    if settled.upstream_id:
        words = gettext("The refill of order %(number)s is followed.")
    messages.success(request, words % {"number": settled.order_id})
    return redirect("staff:refills")


class NumberForm(forms.Form):
    """The number that the provider's own pages show, and how that is known."""

    upstream_id = forms.CharField(
        label=_("Refill number"),
        max_length=64,
        error_messages={"required": _("Type the number that the provider's own pages show.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        error_messages={"required": _("Say why; it is kept with the order.")},
    )


@staff_required
def renumber(request: HttpRequest, number: int) -> HttpResponse:
    """Correct the number by which a refill is followed; only for who sees the provider."""
    who = person(request)
    mine = follow_ups.visible(LISTED, who) if who.sees_cost else Refill.objects.none()
    refill = get_object_or_404(mine.filter(verbs.NUMBERED), pk=number)
    form = NumberForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and (answer := _renumber(request, refill, form)):
        return answer
    context = {"row": follow_ups.row_of(LISTED, refill, who), "form": form}
    status = 422 if form.errors else 200
    return render(request, "staff/refill_number.html", context, status=status)


def _renumber(request: HttpRequest, refill: Refill, form: NumberForm) -> HttpResponse | None:
    try:
        verbs.renumber(refill, by=user(request), now=timezone.now(), **form.cleaned_data)
    except Declined as error:
        follow_ups.show(form, error)
        return None
    words = gettext("The refill of order %(number)s is followed by its number.")
    messages.success(request, words % {"number": refill.order_id})
    return redirect("staff:refills")

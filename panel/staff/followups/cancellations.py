"""The list of cancel requests: what was asked, how it stands and what the provider answered."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from orders import cancellations as verbs
from orders.enums import CancellationStatus
from orders.errors import Declined
from orders.models import CANCEL_IN_FLIGHT, Cancellation
from panel.access import person, staff_required, user
from panel.htmx import render
from panel.staff.followups import follow_ups
from panel.staff.followups.follow_ups import Tab, whichever

TABS = (
    Tab(
        "",
        pgettext_lazy("requests", "All"),
        whichever(),
        _("No cancel has been requested"),
        _("Open a running order whose service can be stopped, or select several in the list."),
    ),
    Tab(
        "under-way",
        _("Under way"),
        whichever(status__in=CANCEL_IN_FLIGHT),
        _("No cancel request is under way"),
        _("What was asked for has come to its end."),
    ),
    Tab(
        "lost",
        _("Answer lost"),
        lambda now: verbs.LOST,
        _("No answer was lost"),
        _("The provider told us of every request."),
        counted=True,
    ),
    Tab(
        "overdue",
        _("Overdue"),
        verbs.overdue,
        _("No cancel request is overdue"),
        _("Each one has ended within a day, or is younger."),
        counted=True,
    ),
    Tab(
        "declined",
        _("Declined"),
        whichever(status=CancellationStatus.DECLINED),
        _("No cancel request was declined"),
        _("Those that a provider declines, and those that came too late, stand here."),
    ),
    Tab(
        "done",
        _("Done"),
        whichever(status=CancellationStatus.DONE),
        _("No order was stopped by a request yet"),
    ),
)


def _is_lost(cancellation: Cancellation) -> bool:
    return cancellation.status == CancellationStatus.UNKNOWN


LISTED = follow_ups.Listed(verbs.KIND, TABS, CANCEL_IN_FLIGHT, _is_lost)


@staff_required
def cancellations(request: HttpRequest) -> HttpResponse:
    """The cancel requests of all orders that the person may see; to HTMX only the table."""
    context = follow_ups.context(LISTED, person(request), request.GET)
    parts, finished = ("cancellation-table",), not context["is_live"]
    return render(request, "staff/cancellations.html", context, parts=parts, finished=finished)


class SettleForm(forms.Form):
    """Whether a request arrived, and how that is known. Nothing is chosen beforehand."""

    arrived = forms.ChoiceField(
        label=_("Did it arrive?"),
        widget=forms.RadioSelect,
        choices=[
            ("yes", _("It arrived. The order's end is awaited.")),
            ("no", _("It did not. It is closed and can be asked for again.")),
        ],
        error_messages={"required": _("Say whether it arrived.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        error_messages={"required": _("Say why; it is kept with the order.")},
    )


@staff_required
def settle(request: HttpRequest, number: int) -> HttpResponse:
    """Say what became of a request whose answer was lost."""
    who = person(request)
    asked = get_object_or_404(follow_ups.visible(LISTED, who).filter(verbs.LOST), pk=number)
    form = SettleForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and (answer := _settle(request, asked, form)):
        return answer
    context = {"row": follow_ups.row_of(LISTED, asked, who), "form": form}
    status = 422 if form.errors else 200
    return render(request, "staff/settle_cancellation.html", context, status=status)


def _settle(request: HttpRequest, asked: Cancellation, form: SettleForm) -> HttpResponse | None:
    """Settle it and go back; None when the form says what stands against it."""
    arrived, reason = form.cleaned_data["arrived"] == "yes", form.cleaned_data["reason"]
    try:
        verbs.settle(asked, by=user(request), now=timezone.now(), reason=reason, arrived=arrived)
    except Declined as error:
        follow_ups.show(form, error)
        return None
    words = gettext("The cancel request of order %(number)s is closed; it can be asked for again.")
    if arrived:
        words = gettext("The cancel request of order %(number)s is awaited.")
    messages.success(request, words % {"number": asked.order_id})
    return redirect("staff:cancellations")

"""Inviting clients to make their own account, and who may make one at all."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from orders import invitations, panel_settings
from orders.enums import SignUp
from orders.errors import Declined
from orders.models import Invitation
from orders.people import Person
from panel.access import admin_required, person, staff_required, user
from panel.htmx import render
from panel.staff.amounts import add_refusal, refusal_text

MOST_SHOWN = 100
INVALID = 422


class InviteForm(forms.Form):
    """Whom to invite; without an address, whoever has the link."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        help_text=gettext_lazy(
            "Given: only this address can sign up with it. We send nothing; you do."
        ),
    )
    email.limits = gettext_lazy("optional")  # type: ignore[attr-defined]  # read by the field's tag


class SignUpForm(forms.Form):
    """Who may make an account."""

    sign_up = forms.ChoiceField(
        label=gettext_lazy("Who may sign up"), choices=SignUp.choices, widget=forms.RadioSelect
    )


@dataclass(frozen=True)
class Row:
    """One open invitation."""

    number: int
    email: str
    made_by: str
    made_at: datetime
    expires_at: datetime
    is_used: bool


@staff_required
def invite(request: HttpRequest) -> HttpResponse:
    """The open invitations, and making one: its link is shown in the answer and never again."""
    form, link, status = InviteForm(request.POST or None), "", 200
    if request.method == "POST":
        link = _link(request, form) if form.is_valid() else ""
        status = 200 if link else INVALID
    who = person(request)
    context = {
        "form": InviteForm() if link else form,
        "link": link,
        "days": invitations.OPEN_FOR.days,
        "rows": _rows(who),
        "rule": panel_settings.current().sign_up,
        "sign_up_form": SignUpForm(initial={"sign_up": panel_settings.current().sign_up}),
        "is_admin": who.is_admin,
    }
    response = render(request, "staff/invitations.html", context, status=status)
    add_never_cache_headers(response)
    return response


@staff_required
@require_POST
def revoke(request: HttpRequest, number: int) -> HttpResponse:
    """Take an invitation back."""
    found = invitations.still_open(person(request), timezone.now())
    invitation = get_object_or_404(found, pk=number)
    try:
        invitations.revoke(invitation, by=user(request), now=timezone.now())
    except Declined as error:
        messages.error(request, refusal_text(error))
    else:
        messages.success(request, _("Taken back; its link opens nothing any more."))
    return redirect("staff:invitations")


@admin_required
@require_POST
def set_sign_up(request: HttpRequest) -> HttpResponse:
    """Open or close the sign-up."""
    form = SignUpForm(request.POST)
    if form.is_valid():
        panel_settings.change(by=user(request), now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Kept."))
    else:
        messages.error(request, _("Choose who may sign up."))
    return redirect("staff:invitations")


def _link(request: HttpRequest, form: InviteForm) -> str:
    email = form.cleaned_data["email"]
    try:
        __, key = invitations.make(email=email, by=user(request), now=timezone.now())
    except Declined as error:
        add_refusal(form, error)
        return ""
    return request.build_absolute_uri(reverse("join", args=[key]))


def _rows(who: Person) -> list[Row]:
    found = invitations.still_open(who, timezone.now()).select_related("made_by")
    return [_row(invitation) for invitation in found.order_by("-pk")[:MOST_SHOWN]]


def _row(invitation: Invitation) -> Row:
    return Row(
        number=invitation.pk,
        email=invitation.email,
        made_by=str(invitation.made_by),
        made_at=invitation.made_at,
        expires_at=invitation.expires_at,
        is_used=invitation.user_id is not None,
    )

"""The people of the house, for admins: who they are, what they may do, and switching them off."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders import people as verbs
from orders.errors import Declined
from orders.models import Staff
from panel.access import admin_required, person, user
from panel.htmx import render
from panel.staff.amounts import add_refusal, refusal_text
from panel.staff.people.people_forms import (
    BoundsForm,
    ChangeMemberForm,
    MarkupForm,
    NewMemberForm,
)
from panel.staff.people.people_member import MemberPage
from panel.staff.people.people_rows import found, member_of
from panel.staff.sign_in_link import show_link

INVALID = 422


@admin_required
def people(request: HttpRequest) -> HttpResponse:
    """Everybody of the house, the newest first."""
    return render(request, "staff/people.html", {"found": found(request.GET)})


@admin_required
def new_member(request: HttpRequest) -> HttpResponse:
    """The form, and adding the member; without a password, the link that sets one."""
    who = person(request)
    form = NewMemberForm(who, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        status = INVALID if form.is_bound else 200
        return render(request, "staff/people_new.html", {"form": form}, status=status)
    said: dict[str, Any] = form.cleaned_data
    said["password"] = said["password"] or None
    try:
        added = verbs.add_staff(**said, by=user(request), now=timezone.now())
    except Declined as error:
        add_refusal(form, error)
        return render(request, "staff/people_new.html", {"form": form}, status=INVALID)
    if said["password"] is None:
        return _link(request, added)
    messages.success(request, _("%(name)s can sign in.") % {"name": added.name})
    return redirect("staff:member", number=added.pk)


@admin_required
def member(request: HttpRequest, number: int) -> HttpResponse:
    """One member: switches, limits, own markup, least and most."""
    return _page(request, member_of(number))


@admin_required
@require_POST
def change_member(request: HttpRequest, number: int) -> HttpResponse:
    """Change switches and limits."""
    staff = member_of(number)
    form = ChangeMemberForm(person(request), staff, request.POST)

    def change() -> str:
        said: dict[str, Any] = form.cleaned_data
        verbs.change_staff(staff, by=user(request), now=timezone.now(), **said)
        return _("%(name)s is changed; it holds from the next click.") % {"name": staff.name}

    return _carried_out(request, staff, form, change, "change_form")


@admin_required
@require_POST
def switch_on_member(request: HttpRequest, number: int) -> HttpResponse:
    """Let a member sign in again."""
    staff = member_of(number)
    try:
        verbs.switch_on(staff.user, by=user(request), now=timezone.now())
    except Declined as error:
        messages.error(request, refusal_text(error))
    else:
        messages.success(request, _("%(name)s can sign in again.") % {"name": staff.name})
    return redirect("staff:member", number=number)


@admin_required
@require_POST
def member_link(request: HttpRequest, number: int) -> HttpResponse:
    """A link with which the member sets a new password."""
    return _link(request, member_of(number))


def _link(request: HttpRequest, staff: Staff) -> HttpResponse:
    return show_link(request, staff.user, back=reverse("staff:member", args=[staff.pk]))


def _carried_out(
    request: HttpRequest, staff: Staff, form: Any, verb: Callable[[], str], name: str
) -> HttpResponse:
    """Do what a valid form says; a refused one comes back as it was typed."""
    if form.is_valid():
        try:
            words = verb()
        except Declined as error:
            add_refusal(form, error)
        else:
            messages.success(request, words)
            return redirect("staff:member", number=staff.pk)
    return _page(request, staff, {name: form}, status=INVALID)


def _page(
    request: HttpRequest, staff: Staff, said: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    who = person(request)
    forms = {
        "change_form": ChangeMemberForm(who, staff),
        "markup_form": MarkupForm(staff),
        "bounds_form": BoundsForm(staff),
    }
    context = {"page": MemberPage(staff, who, timezone.now()), **forms, **(said or {})}
    return render(request, "staff/people_member.html", context, status=status)

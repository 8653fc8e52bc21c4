"""Switching a member off: what they leave behind, who takes over, and one press for all of it."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from orders import leaving, wallets
from orders.errors import Declined
from orders.models import Staff
from orders.people import Person
from panel.access import admin_required, person, user
from panel.display import capped, money_text
from panel.htmx import render
from panel.staff.amounts import add_refusal
from panel.staff.people import price_moves
from panel.staff.people.people_forms import LeaveForm
from panel.staff.people.people_member import may_switch_off
from panel.staff.people.people_rows import member_of

INVALID = 422


class LeavePage:
    """One member who is to leave; each part asks the database when it is shown."""

    def __init__(self, staff: Staff, heir: Staff | None):
        self.staff, self.heir = staff, heir
        self.number, self.name = staff.pk, staff.name
        self.left = leaving.Leaving(staff, heir, timezone.now())

    @cached_property
    def moves(self) -> list[price_moves.Row]:
        return price_moves.of_handing(self.left.prices)

    @property
    def must_count(self) -> bool:
        """Whether the till holds anything by the books."""
        return bool(self.left.held)

    @property
    def figures(self) -> list[dict[str, Any]]:
        """What there is to hand over."""
        used = wallets.used_today(self.staff, timezone.now())
        return [
            {
                "label": "Clients",
                "value": f"{self.left.prices.clients:,}",
                "note": "they go to whom you choose",
            },
            {
                "label": "Till should hold",
                "amount": self.left.held,
                "tone": "accent" if self.left.held else "",
                "note": "counted and handed over" if self.left.held else "nothing to hand over",
            },
            {
                "label": "Given out today",
                "amount": used,
                "note": "admins have no limit"
                if self.staff.is_admin
                else f"of {money_text(self.staff.daily_limit)} a day",
            },
        ]

    @property
    def open(self) -> list[str]:
        """What else is open, and what becomes of it, in sentences."""
        told = []
        if self.left.proposals:
            proposed = capped(self.left.proposals)
            many = f"{proposed} decisions that they proposed wait for an admin, as before."
            one = "A decision that they proposed waits for an admin, as before."
            told.append(one if proposed == "1" else many)
        if self.left.invitations:
            invited = capped(self.left.invitations)
            many = f"{invited} open invitations of theirs are revoked."
            told.append("An open invitation of theirs is revoked." if invited == "1" else many)
        return told


@admin_required
def switch_off_member(request: HttpRequest, number: int) -> HttpResponse:
    """What a member leaves behind and what their clients would pay; by POST, switching them off."""
    staff, who = member_of(number), person(request)
    is_press = request.method == "POST"
    if not is_press and not (may_switch_off(who, staff) and staff.user.is_active):
        messages.error(request, _why_not(who, staff))
        return redirect("staff:member", number=number)
    form = LeaveForm(staff, request.POST if is_press else None, initial=_asked(staff, request))
    if is_press and form.is_valid() and _left(request, staff, form):
        return redirect("staff:member", number=number)
    page = LeavePage(staff, _heir(form))
    context = {"page": page, "form": form}
    status = INVALID if is_press else 200
    return render(
        request, "staff/people_leave.html", context, parts=("leave-prices",), status=status
    )


def _asked(staff: Staff, request: HttpRequest) -> dict[str, Any]:
    """Who is looked at as the one who takes over."""
    heir = LeaveForm(staff, {"heir": request.GET.get("heir", "")})["heir"].data
    return {"heir": heir} if str(heir).isdecimal() else {}


def _heir(form: LeaveForm) -> Staff | None:
    field = form.fields["heir"]
    value = form["heir"].value()
    members = field.queryset  # type: ignore[attr-defined]
    found: Staff | None = members.filter(pk=value).first() if str(value).isdecimal() else None
    return found


def _left(request: HttpRequest, staff: Staff, form: LeaveForm) -> bool:
    said: dict[str, Any] = form.cleaned_data
    try:
        left = leaving.switch_off_member(staff, by=user(request), now=timezone.now(), **said)
    except Declined as error:
        add_refusal(form, error)
        return False
    words = [f"{staff.name} is switched off and signed out everywhere."]
    if left.clients:
        heir = said["heir"].name if said["heir"] else "nobody"
        words.append(f"Clients: {left.clients:,} went to {heir}.")
    if left.cash:
        to = f"the till of {said['cash_to'].name}" if said["cash_to"] else "the safe"
        words.append(f"{money_text(left.cash)} went into {to}.")
    if left.difference:
        words.append("The count differs from the books; another admin confirms it.")
    messages.success(request, " ".join(words))
    return True


def _why_not(who: Person, staff: Staff) -> str:
    if not staff.user.is_active:
        return f"{staff.name} is switched off already."
    if staff.is_owner:
        return "The owner's sign-in stays on."
    if who.staff is not None and who.staff.pk == staff.pk:
        return "Nobody switches themselves off; ask the owner."
    return "Only the owner may do this."

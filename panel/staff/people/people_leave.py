"""Switching a member off: what they leave behind, who takes over, and one press for all of it."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders import leaving, wallets
from orders.errors import Declined
from orders.models import Staff
from orders.people import Person
from panel.access import admin_required, person, user
from panel.display import capped, count, money_text
from panel.htmx import render
from panel.staff.amounts import add_refusal
from panel.staff.people import price_moves
from panel.staff.people.people_forms import LeaveForm
from panel.staff.people.people_member import may_switch_off
from panel.staff.people.people_rows import member_of
from panel.staff.tills.till_words import went_into

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
                "label": _("Clients"),
                "value": count(self.left.prices.clients),
                "note": _("they go to whom you choose"),
            },
            {
                "label": _("Till should hold"),
                "amount": self.left.held,
                "tone": "accent" if self.left.held else "",
                "note": _("counted and handed over")
                if self.left.held
                else _("nothing to hand over"),
            },
            {
                "label": _("Given out today"),
                "amount": used,
                "note": _("admins have no limit")
                if self.staff.is_admin
                else _("of %(daily_limit)s a day")
                % {"daily_limit": money_text(self.staff.daily_limit)},
            },
        ]

    @property
    def open(self) -> list[str]:
        """What else is open, and what becomes of it, in sentences."""
        told = []
        if self.left.proposals:
            words = ngettext(
                "A decision that they proposed waits for an admin, as before.",
                "%(count)s decisions that they proposed wait for an admin, as before.",
                self.left.proposals,
            )
            told.append(words % {"count": capped(self.left.proposals)})
        if self.left.invitations:
            words = ngettext(
                "An open invitation of theirs is revoked.",
                "%(count)s open invitations of theirs are revoked.",
                self.left.invitations,
            )
            told.append(words % {"count": capped(self.left.invitations)})
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
    words = [_("%(name)s is switched off and signed out everywhere.") % {"name": staff.name}]
    if left.clients:
        words.append(_handed(left.clients, said["heir"]))
    if left.cash:
        words.append(went_into(left.cash, said["cash_to"]))
    if left.difference:
        words.append(_("The count differs from the books; another admin confirms it."))
    messages.success(request, " ".join(words))
    return True


def _handed(clients: int, heir: Staff | None) -> str:
    if heir is None:
        return _("Clients: %(count)s went to nobody.") % {"count": count(clients)}
    told = {"count": count(clients), "name": heir.name}
    return _("Clients: %(count)s went to %(name)s.") % told


def _why_not(who: Person, staff: Staff) -> str:
    if not staff.user.is_active:
        return _("%(name)s is switched off already.") % {"name": staff.name}
    if staff.is_owner:
        return _("The owner's sign-in stays on.")
    if who.staff is not None and who.staff.pk == staff.pk:
        return _("Nobody switches themselves off; ask the owner.")
    return _("Only the owner may do this.")

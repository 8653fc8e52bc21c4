"""The first page: each kind of person has their own; an empty panel has its first run."""

from typing import Any

from allauth.account.views import LoginView
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from orders import accounts, first_run
from orders.people import PersonKind
from panel.access import person
from panel.sign_up import invitation_of


def home(request: HttpRequest) -> HttpResponseBase:
    """Send staff to their overview, customers to a new order, strangers to the sign-in."""
    who = person(request)
    if who.is_staff:
        return redirect("staff:overview")
    if who.kind is PersonKind.CUSTOMER:
        return redirect("my:new_order")
    if first_run.is_empty():
        return redirect("setup")
    if request.user.is_authenticated:
        return render(request, "403.html", status=403)
    return redirect_to_login("/")


class SignIn(LoginView):
    """The sign-in, which says whether somebody can sign up."""

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        may = accounts.may_sign_up(invitation_of(self.request))
        context: dict[str, Any] = super().get_context_data(may_sign_up=may, **more)
        return context


def sign_in(request: HttpRequest) -> HttpResponseBase:
    """The sign-in; where nobody could sign in yet, the first run instead."""
    if request.method in ("GET", "HEAD") and first_run.is_empty():
        return redirect("setup")
    return SignIn.as_view()(request)

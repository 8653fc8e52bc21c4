"""The first page: each kind of person has their own; an empty panel has its first run."""

from allauth.account.views import login
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from orders import first_run
from orders.people import PersonKind
from panel.access import person


def home(request: HttpRequest) -> HttpResponseBase:
    """Send staff to their overview, customers to their orders, strangers to the sign-in."""
    who = person(request)
    if who.is_staff:
        return redirect("staff:overview")
    if who.kind is PersonKind.CUSTOMER:
        return redirect("my:orders")
    if first_run.is_empty():
        return redirect("setup")
    if request.user.is_authenticated:
        return render(request, "403.html", status=403)
    return redirect_to_login("/")


def sign_in(request: HttpRequest) -> HttpResponseBase:
    """The sign-in; where nobody could sign in yet, the first run instead."""
    if request.method in ("GET", "HEAD") and first_run.is_empty():
        return redirect("setup")
    return login(request)

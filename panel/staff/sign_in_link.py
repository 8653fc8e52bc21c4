"""The link with which somebody sets a password: shown once, to whoever passes it on."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from orders import people
from orders.errors import Declined
from orders.models import User
from panel import accounts
from panel.access import user
from panel.htmx import render
from panel.staff.amounts import refusal_text


def show_link(request: HttpRequest, whose: User, *, back: str) -> HttpResponse:
    """The page with the link, or back with the reason why there is none."""
    try:
        people.allow_password_link(whose, by=user(request), now=timezone.now())
    except Declined as error:
        messages.error(request, refusal_text(error))
        return redirect(back)
    context = {
        "name": str(whose),
        "email": whose.email,
        "link": request.build_absolute_uri(accounts.password_path(whose)),
        "days": accounts.LINK_DAYS,
        "back_url": back,
    }
    response = render(request, "staff/people_link.html", context)
    add_never_cache_headers(response)
    return response

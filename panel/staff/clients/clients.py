"""Clients: the list, adding one, and one client's page."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders import api_keys, people
from orders.errors import Declined
from orders.models import ApiKey, Customer
from orders.people import visible_customers
from panel.access import person, staff_required, user
from panel.htmx import render
from panel.staff import setup_steps
from panel.staff.amounts import add_refusal, refusal_text
from panel.staff.clients import client_rows
from panel.staff.clients.client_forms import ChangeClientForm, NewClientForm, there_already
from panel.staff.clients.client_money import MoneyBox, act_of, carry_out
from panel.staff.clients.client_page import ClientPage
from panel.staff.sign_in_link import show_link

INVALID = 422


@staff_required
def clients(request: HttpRequest) -> HttpResponse:
    """Every client that the person may see; to HTMX only the table."""
    who = person(request)
    text = client_rows.typed(request.GET)
    mine = request.GET.get("of") == "me" and not text
    listing = reverse("staff:clients")
    context = {
        "found": client_rows.found(who, request.GET),
        "text": text,
        "choices": [
            {"label": _("All"), "url": listing, "current": not mine},
            {"label": _("Mine"), "url": f"{listing}?of=me", "current": mine},
        ],
        "sees_all": who.sees_all,
        "next_step": setup_steps.next_step(who),
    }
    return render(request, "staff/clients.html", context, parts=("client-table",))


@staff_required
def new_client(request: HttpRequest) -> HttpResponse:
    """The form, and adding the client."""
    who = person(request)
    if request.method != "POST":
        form = NewClientForm(who, initial={"phone": request.GET.get("phone", "")})
        return render(request, "staff/new_client.html", {"form": form})
    form = NewClientForm(who, request.POST)
    if form.is_valid():
        try:
            added = people.add_customer(**form.cleaned_data, by=user(request), now=timezone.now())
        except Declined as error:
            add_refusal(form, error)
        else:
            messages.success(
                request,
                _("%(name)s is client %(number)s.") % {"name": added.name, "number": added.pk},
            )
            return redirect(_after_adding(request, added))
    context = {"form": form, "there_already": there_already(who, form)}
    return render(request, "staff/new_client.html", context, status=INVALID)


@staff_required
def client(request: HttpRequest, number: int) -> HttpResponse:
    """The page; to HTMX its live part."""
    found = _client(request, number)
    return _page(request, found, {"act": act_of(request.GET.get("act", ""))})


@staff_required
@require_POST
def change_client(request: HttpRequest, number: int) -> HttpResponse:
    """Change who the client is and what it may do."""
    found = _client(request, number)
    form = ChangeClientForm(person(request), found, request.POST)
    if form.is_valid():
        try:
            changed = people.change_customer(
                found, by=user(request), now=timezone.now(), **form.cleaned_data
            )
        except Declined as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("%(name)s is changed.") % {"name": changed.name})
            return redirect("staff:client", number=number)
    return _page(request, found, {"change_form": form}, status=INVALID)


@staff_required
@require_POST
def client_sign_in(request: HttpRequest, number: int) -> HttpResponse:
    """Give the client a sign-in, if they have none, and a link that sets its password."""
    found, back = _client(request, number), reverse("staff:client", args=[number])
    try:
        theirs = found.user or people.give_sign_in(
            found, None, by=user(request), now=timezone.now()
        )
    except Declined as error:
        messages.error(request, refusal_text(error))
        return redirect(back)
    return show_link(request, theirs, back=back)


@staff_required
@require_POST
def revoke_client_key(request: HttpRequest, number: int) -> HttpResponse:
    """Close a key of a client's program for good."""
    theirs = ApiKey.objects.filter(customer__in=visible_customers(person(request)))
    key = get_object_or_404(theirs.select_related("customer"), pk=number)
    try:
        api_keys.revoke(key, by=user(request), now=timezone.now())
    except Declined as error:
        messages.error(request, refusal_text(error))
    else:
        messages.success(
            request,
            _("%(name)s is revoked. Programs with that key are refused.") % {"name": key.name},
        )
    return redirect("staff:client", number=key.customer_id)


@staff_required
@require_POST
def client_money(request: HttpRequest, number: int, act: str) -> HttpResponse:
    """Take cash, pay out, correct or give; a refused form comes back as it was typed."""
    found, chosen = _client(request, number), act_of(act)
    form = chosen.form(request.POST)
    if form.is_valid():
        try:
            words = carry_out(chosen, found, form, user(request), timezone.now())
        except Declined as error:
            add_refusal(form, error)
        else:
            messages.success(request, words)
            return redirect("staff:client", number=number)
    return _page(request, found, {"act": chosen, "money_form": form}, status=INVALID)


def _client(request: HttpRequest, number: int) -> Customer:
    mine = visible_customers(person(request)).select_related("wallet", "manager__user", "user")
    return get_object_or_404(mine, pk=number)


def _page(
    request: HttpRequest, found: Customer, said: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    who = person(request)
    act = said.get("act") or act_of("")
    box = MoneyBox(who, found, act, said.get("money_form") or act.form())
    page = ClientPage(found, who, request.GET.get("before"))
    context = {
        "page": page,
        "box": box,
        "limit": lambda: box.limit(timezone.now()),
        "change_form": said.get("change_form") or ChangeClientForm(who, found),
        "change_open": "change_form" in said,
        "sees_cost": who.sees_cost,
    }
    return render(
        request,
        "staff/client.html",
        context,
        parts=("client-live",),
        finished=page.finished,
        status=status,
    )


def _after_adding(request: HttpRequest, added: Customer) -> str:
    if "order" in request.POST:
        return f"{reverse('staff:new_order')}?client={added.pk}"
    return reverse("staff:client", args=[added.pk])

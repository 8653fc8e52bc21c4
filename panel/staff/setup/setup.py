"""The first run after the owner is there: each step its own page, in any order, any time."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from orders import doorbell, panel_settings, people, providers
from orders.errors import Declined, FieldErrors
from orders.kept_words import told
from orders.models import Customer, Provider, Staff
from panel.access import admin_required, person, user
from panel.drafting import number_in
from panel.htmx import render
from panel.staff import setup_steps
from panel.staff.amounts import add_refusal, refusal_text
from panel.staff.people.people_forms import NewMemberForm
from panel.staff.providers import provider_page
from panel.staff.setup.setup_forms import (
    FirstClientForm,
    PanelForm,
    SetupProviderForm,
)
from panel.staff.sign_in_link import show_link

INVALID = 422
MOST = 20


@admin_required
def setup(request: HttpRequest) -> HttpResponse:
    """On with the first step that is not done."""
    step = setup_steps.course(timezone.now()).open
    return redirect(step.url if step else "staff:setup_done")


@admin_required
def setup_done(request: HttpRequest) -> HttpResponse:
    """What is done, and what is left for another day."""
    return page(request, "done", "")


@admin_required
def setup_panel(request: HttpRequest) -> HttpResponse:
    """Name, currency and time zone."""
    panel, fixed = panel_settings.current(), panel_settings.currency_is_fixed()
    initial = {"name": panel.name, "currency": panel.currency, "time_zone": panel.time_zone}
    form = PanelForm(request.POST or None, fixed=fixed, initial=initial)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            panel_settings.change(by=user(request), now=now, **form.cleaned_data)
            panel_settings.settle("panel", by=user(request), now=now)
        except Declined as declined:
            add_refusal(form, declined)
        else:
            return _onward(request, "panel")
    context = {"form": form, "has_providers": Provider.objects.exists()}
    return page(request, "panel", "panel", context, form=form)


# ── The provider ─────────────────────────────────────────────────────────────────────────────


@admin_required
@sensitive_post_parameters("key")
def setup_provider(request: HttpRequest) -> HttpResponse:
    """The providers there are, and the form for another; added after a call with its key."""
    form = SetupProviderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            added = providers.add_provider(
                **form.cleaned_data, by=user(request), now=timezone.now()
            )
        except Declined as declined:
            add_refusal(form, declined)
        else:
            doorbell.ring("orders.sync_catalog", added.pk)
            said = _("%(name)s answered and is added.") % {"name": added.name}
            messages.success(request, said)
            return redirect("staff:setup_catalog")
    return page(request, "provider", "provider", _provider_context(form), form=form)


@admin_required
@require_POST
@sensitive_post_parameters("key")
def setup_trial(request: HttpRequest) -> HttpResponse:
    """Ask a provider for the balance, a stored one or with what is typed; nothing is kept."""
    about = Provider.objects.filter(pk=number_in(request.POST.get("provider", "")) or 0).first()
    trial = providers.test(about) if about else _try_out(request.POST)
    own = panel_settings.current().currency
    foreign = about is None and trial.ok and trial.currency not in ("", own)
    context = {"trial": trial, "about": about, "foreign": foreign, "own": own}
    form = SetupProviderForm(initial=None if about else request.POST.dict())
    return page(
        request,
        "provider",
        "provider",
        _provider_context(form) | context,
        parts=("trial", "tested"),
    )


def _try_out(said: QueryDict) -> providers.Trial:
    try:
        return providers.try_out(said.get("url", ""), said.get("key", ""))
    except FieldErrors as wrong:
        return providers.Trial(False, refusal_text(wrong))


def _provider_context(form: SetupProviderForm) -> dict[str, Any]:
    now = timezone.now()
    found = Provider.objects.select_related("state").order_by("-pk")[:MOST]
    return {"form": form, "accounts": [provider_page.account(row, now) for row in found]}


# ── The catalog ──────────────────────────────────────────────────────────────────────────────


@admin_required
def setup_catalog(request: HttpRequest) -> HttpResponse:
    """How far the reading has come; to HTMX its live part. A press reads it now."""
    provider = Provider.objects.select_related("state").order_by("-pk").first()
    if request.method == "POST" and provider is not None:
        doorbell.ring("orders.sync_catalog", provider.pk)
        messages.success(request, _("A worker reads the catalog now."))
        return redirect("staff:setup_catalog")
    reading = provider_page.reading(provider, timezone.now()) if provider else None
    latest = reading.runs[0] if reading and reading.runs else None
    ended = latest is not None and reading is not None and reading.running is None
    context = {
        "provider": provider,
        "reading": reading,
        "latest": latest,
        "detail": told(latest.detail) if latest else "",
        "ended": ended,
    }
    return page(request, "catalog", "catalog", context, parts=("catalog-progress",), finished=ended)


# ── People and the first order ───────────────────────────────────────────────────────────────


@admin_required
@sensitive_post_parameters("password")
def setup_staff(request: HttpRequest) -> HttpResponse:
    """Add the first member of the house, or say that one works alone."""
    if request.POST.get("act") == "alone":
        panel_settings.settle("staff", by=user(request), now=timezone.now())
        return _onward(request, "staff")
    form = NewMemberForm(person(request), request.POST if request.method == "POST" else None)
    if form.is_valid():
        said: dict[str, Any] = form.cleaned_data
        said["password"] = said["password"] or None
        try:
            added = people.add_staff(**said, by=user(request), now=timezone.now())
        except Declined as declined:
            add_refusal(form, declined)
        else:
            if said["password"] is None:
                return show_link(request, added.user, back=reverse("staff:setup_order"))
            words = _("%(name)s can sign in with %(email)s.")
            messages.success(request, words % {"name": added.name, "email": added.user.email})
            return _onward(request, "staff")
    members = Staff.objects.select_related("user").order_by("pk")[:MOST]
    return page(request, "staff", "staff", {"form": form, "members": members}, form=form)


@admin_required
def setup_order(request: HttpRequest) -> HttpResponse:
    """A client for the first order; the order form takes it from there."""
    form = FirstClientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            client = _client(request, form.cleaned_data)
        except Declined as declined:
            add_refusal(form, declined)
        else:
            return redirect(f"{reverse('staff:new_order')}?client={client.pk}")
    clients = Customer.objects.order_by("-pk")[:MOST]
    return page(request, "order", "order", {"form": form, "clients": clients}, form=form)


def _client(request: HttpRequest, said: dict[str, Any]) -> Customer:
    """Whoever has this phone number already is the client."""
    by, now = user(request), timezone.now()
    if said["phone"] and not said["email"]:
        return people.find_or_create(said["phone"], name=said["name"], by=by, now=now)[0]
    return people.add_customer(**said, by=by, now=now)


# ── What the pages share ─────────────────────────────────────────────────────────────────────


def page(
    request: HttpRequest,
    template: str,
    here: str,
    context: dict[str, Any] | None = None,
    *,
    form: Any = None,
    parts: tuple[str, ...] = (),
    finished: bool = False,
) -> HttpResponse:
    """A step's page with the rail of all steps beside it."""

    def course() -> setup_steps.Course:
        return setup_steps.course(timezone.now(), here)

    return render(
        request,
        f"staff/setup/{template}.html",
        {"course": course} | (context or {}),
        parts=parts,
        finished=finished,
        status=INVALID if form is not None and form.errors else 200,
    )


def _onward(request: HttpRequest, here: str) -> HttpResponse:
    step = setup_steps.course(timezone.now(), here).onward
    return redirect(step.url if step else "staff:setup")

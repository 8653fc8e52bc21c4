"""Providers: the list, adding one, and one provider's page with its switches and catalog."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from orders import catalog, doorbell, stops
from orders import providers as verbs
from orders.errors import Declined
from orders.models import Provider
from panel.access import admin_required, person, user
from panel.htmx import render
from panel.staff import provider_page, setup_steps
from panel.staff.amounts import add_refusal
from panel.staff.provider_forms import KeyForm, NewProviderForm, ProfileForm

INVALID = 422
MOST = 100


@admin_required
def providers(request: HttpRequest) -> HttpResponse:
    """Every provider with its balance, hold and freshness."""
    now = timezone.now()
    found = Provider.objects.select_related("state").order_by("name")[:MOST]
    accounts = [provider_page.account(provider, now) for provider in found]
    context = {"accounts": accounts, "next_step": setup_steps.next_step(person(request))}
    return render(request, "staff/providers.html", context)


@admin_required
def new_provider(request: HttpRequest) -> HttpResponse:
    """The form; it is added only after a call with its key went well."""
    form = NewProviderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            added = verbs.add_provider(**form.cleaned_data, by=user(request), now=timezone.now())
        except Declined as declined:
            add_refusal(form, declined)
        else:
            doorbell.ring("orders.sync_catalog", added.pk)
            messages.success(request, f"{added.name} answered. Its catalog is being read.")
            return redirect("staff:provider", number=added.pk)
    status = INVALID if form.errors else 200
    return render(request, "staff/new_provider.html", {"form": form}, status=status)


@admin_required
def provider(request: HttpRequest, number: int) -> HttpResponse:
    """The page; to HTMX the catalog's live part."""
    return _page(request, _provider(number))


@admin_required
@require_POST
def act(request: HttpRequest, number: int, act: str) -> HttpResponse:
    """One act on a provider: test, read, stop, resume, release, dismiss."""
    if act not in ACTS:
        raise Http404
    try:
        ACTS[act](request, _provider(number))
    except Declined as declined:
        messages.error(request, str(declined))
    return redirect("staff:provider", number=number)


@admin_required
@require_POST
def change_provider(request: HttpRequest, number: int) -> HttpResponse:
    """Change money terms and profile."""
    found = _provider(number)
    form = ProfileForm(found, request.POST)
    if form.is_valid():
        try:
            paused = verbs.change(found, by=user(request), now=timezone.now(), **form.cleaned_data)
        except Declined as declined:
            add_refusal(form, declined)
        else:
            more = f" {paused} services paused: their cost rose." if paused else ""
            messages.success(request, f"{found.name} is changed.{more}")
            return redirect("staff:provider", number=number)
    return _page(request, found, profile=form, status=INVALID)


@admin_required
@require_POST
def change_key(request: HttpRequest, number: int) -> HttpResponse:
    """Replace the key (the owner's alone), after a call with the new one."""
    found, form = _provider(number), KeyForm(request.POST)
    if form.is_valid():
        try:
            verbs.change_key(found, form.cleaned_data["key"], by=user(request), now=timezone.now())
        except Declined as declined:
            add_refusal(form, declined)
        else:
            messages.success(request, "The new key works and is kept.")
            return redirect("staff:provider", number=number)
    return _page(request, found, key=form, status=INVALID)


def _provider(number: int) -> Provider:
    return get_object_or_404(Provider.objects.select_related("state"), pk=number)


def _page(
    request: HttpRequest, found: Provider, *, status: int = 200, **forms: Any
) -> HttpResponse:
    now = timezone.now()
    reading = provider_page.reading(found, now)
    context = {
        "account": provider_page.account(found, now),
        "switches": provider_page.switches(found),
        "reading": reading,
        "profile": forms.get("profile") or ProfileForm(found),
        "key": forms.get("key") or KeyForm(),
        "is_owner": person(request).is_owner,
    }
    return render(
        request,
        "staff/provider.html",
        context,
        parts=("catalog-live",),
        finished=reading.running is None,
        status=status,
    )


# ── Acts ─────────────────────────────────────────────────────────────────────────────────────


def _test(request: HttpRequest, found: Provider) -> None:
    trial = verbs.test(found)
    tell = messages.success if trial.ok else messages.error
    tell(request, trial.words)


def _read(request: HttpRequest, found: Provider) -> None:
    doorbell.ring("orders.sync_catalog", found.pk)
    messages.success(request, "A worker reads the catalog now.")


def _stop(request: HttpRequest, found: Provider) -> None:
    stops.stop(
        found,
        _switch(request),
        by=user(request),
        now=timezone.now(),
        reason=request.POST.get("reason", ""),
    )


def _resume(request: HttpRequest, found: Provider) -> None:
    stops.resume(found, _switch(request), by=user(request), now=timezone.now())
    doorbell.ring("orders.submit_due", found.pk)


def _switch(request: HttpRequest) -> stops.Switch:
    asked = request.POST.get("switch", "")
    for switch in stops.SWITCHES:
        if switch == asked:
            return switch
    raise Declined("There is no such switch.")


def _release(request: HttpRequest, found: Provider) -> None:
    run = catalog.held_runs().filter(provider=found).first()
    if run is None:
        raise Declined("Nothing is held any more.")
    count = catalog.release_removals(run, user(request), timezone.now())
    messages.success(request, f"{count} offers are retired; what was bought there is paused.")


def _dismiss(request: HttpRequest, found: Provider) -> None:
    run = catalog.held_runs().filter(provider=found).first()
    if run is None:
        raise Declined("Nothing is held any more.")
    count = catalog.dismiss_removals(run, user(request), timezone.now())
    messages.success(request, f"{count} offers stay as they are.")


ACTS = {
    "test": _test,
    "read": _read,
    "stop": _stop,
    "resume": _resume,
    "release": _release,
    "dismiss": _dismiss,
}

"""Providers: the list, adding one, and one provider's page with its switches and catalog."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from orders import backlog, catalog, doorbell, panel_settings, reports, stops
from orders import providers as verbs
from orders.errors import Declined
from orders.models import Order, Panel, Provider, SyncRun
from orders.money import ZERO
from panel.access import admin_required, person, user
from panel.htmx import render
from panel.staff import setup_steps
from panel.staff.amounts import add_refusal, refusal_text
from panel.staff.overview import overview_accounts
from panel.staff.providers import balance_chart, call_chart, provider_page, provider_state
from panel.staff.providers.provider_forms import KeyForm, ProfileForm

INVALID = 422
MOST = 100


@admin_required
def providers(request: HttpRequest) -> HttpResponse:
    """Every provider with its balance, hold and freshness."""
    now = timezone.now()
    found = Provider.objects.select_related("state").order_by("name")[:MOST]
    spending = reports.spending(now)
    accounts = [
        {
            "head": provider_page.account(provider, now),
            "money": overview_accounts.account(provider, spending.get(provider.pk, ZERO), now),
        }
        for provider in found
    ]
    panel = Panel.objects.select_related("stopped_by").get(pk=1)
    context = {"accounts": accounts, "switches": provider_page.switches(panel)}
    context["next_step"] = setup_steps.next_step(person(request))
    return render(request, "staff/providers.html", context)


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
    back = reverse("staff:provider", args=[number])
    try:
        query = ACTS[act](request, _provider(number))
    except Declined as declined:
        messages.error(request, refusal_text(declined))
        return redirect(back)
    return redirect(f"{back}?{query}" if query else back)


@admin_required
@require_POST
def panel_act(request: HttpRequest, act: str) -> HttpResponse:
    """Throw or take back one of the panel's own switches."""
    if act not in PANEL_ACTS:
        raise Http404
    try:
        PANEL_ACTS[act](request, panel_settings.current())
    except Declined as declined:
        messages.error(request, refusal_text(declined))
    return redirect("staff:providers")


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
            told = [_("%(name)s is changed.") % {"name": found.name}]
            if paused:
                words = _("%(count)s services paused: their cost rose.")
                told.append(words % {"count": paused})
            messages.success(request, " ".join(told))
            return redirect("staff:provider", number=number)
    return _page(request, found, profile=form, status=INVALID)


@admin_required
@require_POST
@sensitive_post_parameters("key")
def change_key(request: HttpRequest, number: int) -> HttpResponse:
    """Replace the key (the owner's alone), after a call with the new one, unless they insist."""
    found, form = _provider(number), KeyForm(request.POST)
    if form.is_valid():
        try:
            verbs.change_key(
                found,
                form.cleaned_data["key"],
                by=user(request),
                now=timezone.now(),
                tested=not form.cleaned_data["insist"],
            )
        except Declined as declined:
            add_refusal(form, declined)
        else:
            tested = not form.cleaned_data["insist"]
            told = (
                _("The new key works and is kept.")
                if tested
                else _("The new key is kept, untested.")
            )
            messages.success(request, told)
            return redirect("staff:provider", number=number)
    return _page(request, found, key=form, status=INVALID)


def _provider(number: int) -> Provider:
    found = Provider.objects.select_related("state", "stopped_by")
    return get_object_or_404(found, pk=number)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _kept(name: str, value: str) -> str:
    """What the links of one chart keep of the other's choice."""
    return f"&{name}={value}" if _is_number(value) else ""


def _page(
    request: HttpRequest, found: Provider, *, status: int = 200, **forms: Any
) -> HttpResponse:
    now = timezone.now()
    after, days, calls = (request.GET.get(name, "") for name in ("after", "days", "calls"))
    reading = provider_page.reading(found, now, int(after) if _is_number(after) else 0)
    context = {
        "account": provider_page.account(found, now),
        "switches": provider_page.switches(found),
        "reading": reading,
        "health": provider_state.health(found, now),
        "balances": balance_chart.chart(found, now, days, _kept("calls", calls)),
        "calls": call_chart.calls(found, now, calls, _kept("days", days)),
        "usual": panel_settings.current(),
        "waiting": backlog.waiting(Order.objects.filter(provider=found)),
        "profile": forms.get("profile") or ProfileForm(found),
        "key": forms.get("key") or KeyForm(),
        "is_owner": person(request).is_owner,
    }
    return render(
        request,
        "staff/provider.html",
        context,
        parts=("catalog-live",),
        finished=reading.is_finished,
        status=status,
    )


# ── Acts ─────────────────────────────────────────────────────────────────────────────────────


def _test(request: HttpRequest, found: Provider) -> None:
    trial = verbs.test(found)
    tell = messages.success if trial.ok else messages.error
    tell(request, trial.words)


def _read(request: HttpRequest, found: Provider) -> str:
    return read_now(found)


def read_now(found: Provider) -> str:
    """Have its catalog read; the query of its page, which then asks until that run has ended."""
    if catalog.under_way(found, timezone.now()):
        return ""
    latest = SyncRun.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    doorbell.ring("orders.sync_catalog", found.pk)
    return f"after={latest + 1}"


def _stop(request: HttpRequest, found: Provider | Panel) -> None:
    stops.stop(
        found,
        _switch(request),
        by=user(request),
        now=timezone.now(),
        reason=request.POST.get("reason", ""),
    )


def _resume(request: HttpRequest, found: Provider | Panel) -> None:
    stops.resume(found, _switch(request), by=user(request), now=timezone.now())
    doorbell.ring("orders.submit_due", found.pk if isinstance(found, Provider) else None)


def _switch(request: HttpRequest) -> stops.Switch:
    asked = request.POST.get("switch", "")
    for switch in stops.SWITCHES:
        if switch == asked:
            return switch
    raise Declined(_("There is no such switch."))


def _release(request: HttpRequest, found: Provider) -> None:
    run = catalog.held_runs().filter(provider=found).first()
    if run is None:
        raise Declined(_("Nothing is held any more."))
    count = catalog.release_removals(run, user(request), timezone.now())
    messages.success(
        request,
        _("%(count)s offers are retired; what was bought there is paused.") % {"count": count},
    )


def _dismiss(request: HttpRequest, found: Provider) -> None:
    run = catalog.held_runs().filter(provider=found).first()
    if run is None:
        raise Declined(_("Nothing is held any more."))
    count = catalog.dismiss_removals(run, user(request), timezone.now())
    messages.success(request, _("%(count)s offers stay as they are.") % {"count": count})


ACTS: dict[str, Callable[[HttpRequest, Provider], str | None]] = {
    "test": _test,
    "read": _read,
    "stop": _stop,
    "resume": _resume,
    "release": _release,
    "dismiss": _dismiss,
}
PANEL_ACTS: dict[str, Callable[[HttpRequest, Panel], None]] = {"stop": _stop, "resume": _resume}

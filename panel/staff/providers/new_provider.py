"""Adding a provider, step by step: address and key, what it answered, money, policy, reading."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from orders import panel_settings
from orders import providers as verbs
from orders.errors import Declined, FieldErrors
from orders.models import Provider
from panel.access import admin_required, user
from panel.htmx import render
from panel.staff.amounts import add_refusal, refusal_text
from panel.staff.providers.provider_forms import GuidedProviderForm
from panel.staff.providers.providers import read_now

INVALID = 422


@admin_required
@sensitive_post_parameters("key")
def new_provider(request: HttpRequest) -> HttpResponse:
    """The form; it is added only after a call with its key went well."""
    form = GuidedProviderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            added = verbs.add_provider(**form.cleaned_data, by=user(request), now=timezone.now())
        except Declined as declined:
            add_refusal(form, declined)
        else:
            messages.success(
                request, _("%(name)s answered. Its catalog is being read.") % {"name": added.name}
            )
            back = reverse("staff:provider", args=[added.pk])
            return redirect(f"{back}?{read_now(added)}")
    return _page(request, form, status=INVALID if form.errors else 200)


@admin_required
@require_POST
@sensitive_post_parameters("key")
def try_provider(request: HttpRequest) -> HttpResponse:
    """Ask with what was typed and tell what came back; nothing is kept, and no key sent back."""
    trial = _trial(request.POST.get("url", ""), request.POST.get("key", ""))
    said = request.POST.dict()
    if trial.ok and trial.currency:
        said["currency"] = trial.currency
    own = panel_settings.current().currency
    foreign = trial.ok and trial.currency not in ("", own)
    context = {"trial": trial, "foreign": foreign, "own": own, "twins": _twins(said.get("url"))}
    return _page(request, GuidedProviderForm(initial=said), context, parts=("trial",))


def _trial(url: str, key: str) -> verbs.Trial:
    try:
        return verbs.try_out(url, key)
    except FieldErrors as wrong:
        return verbs.Trial(False, refusal_text(wrong))


def _twins(url: str | None) -> list[str]:
    """Providers at the same address: a second account is fine, a second entry of one is not."""
    found = Provider.objects.filter(url=(url or "").strip()).order_by("name")
    return list(found.values_list("name", flat=True)[:5])


def _page(
    request: HttpRequest,
    form: GuidedProviderForm,
    context: dict[str, Any] | None = None,
    *,
    parts: tuple[str, ...] = (),
    status: int = 200,
) -> HttpResponse:
    shown = {"form": form, "usual": panel_settings.current()} | (context or {})
    return render(request, "staff/new_provider.html", shown, parts=parts, status=status)

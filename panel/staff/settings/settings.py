"""The settings of the whole panel, its logo, and the way to what is set elsewhere."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from orders import logo, panel_settings
from orders.errors import Declined
from panel.access import admin_required, user
from panel.htmx import render
from panel.staff.amounts import add_refusal
from panel.staff.settings.settings_form import LogoForm, SettingsForm

INVALID = 422


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Everything on one form; saved with a reason."""
    panel, fixed = panel_settings.current(), panel_settings.currency_is_fixed()
    form = SettingsForm(request.POST or None, panel, fixed=fixed)
    if request.method == "POST" and form.is_valid():
        try:
            panel_settings.change(by=user(request), now=timezone.now(), **form.cleaned_data)
        except Declined as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Kept."))
            return redirect("staff:settings")
    return _page(request, form, LogoForm(), status=INVALID if form.errors else 200)


@admin_required
@require_POST
def set_logo(request: HttpRequest) -> HttpResponse:
    """Put a picture in the place of the mark."""
    form = LogoForm(request.POST, request.FILES)
    if form.is_valid():
        sent = form.cleaned_data["logo"]
        try:
            # One byte more than is taken is enough to be refused.
            content = sent.read(logo.MOST_BYTES + 1)
            logo.set_logo(content, by=user(request), now=timezone.now())
        except Declined as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("The logo is set."))
            return redirect("staff:settings")
    return _page(request, _as_it_is(), form, status=INVALID)


@admin_required
@require_POST
def forget_logo(request: HttpRequest) -> HttpResponse:
    """Show the mark again."""
    logo.forget_logo(by=user(request), now=timezone.now())
    messages.success(request, _("The logo is gone."))
    return redirect("staff:settings")


def _as_it_is() -> SettingsForm:
    fixed = panel_settings.currency_is_fixed()
    return SettingsForm(None, panel_settings.current(), fixed=fixed)


def _page(
    request: HttpRequest, form: SettingsForm, picture: forms.Form, *, status: int
) -> HttpResponse:
    has_logo = bool(panel_settings.current().logo_digest)
    context = {"form": form, "picture": picture, "has_logo": has_logo}
    return render(request, "staff/settings.html", context, status=status)

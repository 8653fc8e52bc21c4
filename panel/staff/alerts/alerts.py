"""Alerts: what is the matter, what was, and the settings with their test."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders import alerts as verbs
from orders.errors import Declined
from panel import paginator
from panel.access import admin_required, person, user
from panel.htmx import render
from panel.staff.alerts import alert_rows
from panel.staff.alerts.alert_forms import ThresholdForm, WebhookForm
from panel.staff.amounts import add_refusal

INVALID = 422
MOST_OPEN = 50
MOST_TROUBLED = 5


@admin_required
def alerts(request: HttpRequest) -> HttpResponse:
    """What goes on, then what is over, page by page."""
    who, now = person(request), timezone.now()
    rows = verbs.alerts_for(who)
    page = paginator.page(rows.exclude(ended_at=None), request.GET)
    settings = verbs.current()
    context = {
        "open": [
            alert_rows.row(one, who, now)
            for one in rows.filter(ended_at=None).order_by("-pk")[:MOST_OPEN]
        ],
        "past": [alert_rows.row(one, who, now) for one in page.rows],
        "newer": page.newer,
        "older": page.older,
        "troubled": [alert_rows.told(one) for one in verbs.troubled_tellings()[:MOST_TROUBLED]],
        "tells_nobody": not settings.emails_on and not settings.webhook_sealed,
    }
    return render(request, "staff/alerts.html", context)


@admin_required
def alert_settings(request: HttpRequest) -> HttpResponse:
    """Thresholds and addresses."""
    row = verbs.current()
    if request.method != "POST":
        return _settings(request)
    form = ThresholdForm(row, request.POST)

    def save() -> None:
        # Messages lead back to where they are read; the engine knows no address of a page.
        page_url = request.build_absolute_uri(reverse("staff:alerts"))[:300]
        by, now = user(request), timezone.now()
        verbs.change(by=by, now=now, page_url=page_url, **form.cleaned_data)

    if _saved(form, save):
        messages.success(request, _("Saved. It acts from the next look on, within half a minute."))
        return redirect("staff:alert_settings")
    return _settings(request, thresholds=form)


@admin_required
@require_POST
def set_webhook(request: HttpRequest) -> HttpResponse:
    """Where to post, and in which shape."""
    form = WebhookForm(verbs.current(), request.POST)

    def save() -> None:
        verbs.set_webhook(**form.cleaned_data, by=user(request), now=timezone.now())

    if _saved(form, save):
        messages.success(request, _("The webhook is kept. Send a test to see whether it answers."))
        return redirect("staff:alert_settings")
    return _settings(request, webhook=form)


@admin_required
@require_POST
def forget_webhook(request: HttpRequest) -> HttpResponse:
    """Post nowhere any more."""
    verbs.forget_webhook(by=user(request), now=timezone.now())
    messages.success(request, _("The webhook is forgotten."))
    return redirect("staff:alert_settings")


@admin_required
@require_POST
def test_alerts(request: HttpRequest) -> HttpResponse:
    """Send a test through each channel and show what became of it."""
    outcomes = verbs.try_channels(by=user(request), now=timezone.now())
    return _settings(request, outcomes=outcomes)


def _saved(form: forms.Form, save: Callable[[], None]) -> bool:
    if not form.is_valid():
        return False
    try:
        save()
    except Declined as declined:
        add_refusal(form, declined)
        return False
    return True


def _settings(request: HttpRequest, **given: Any) -> HttpResponse:
    row = verbs.current()
    bound = [form for form in (given.get("thresholds"), given.get("webhook")) if form]
    context = {
        "thresholds": given.get("thresholds") or ThresholdForm(row),
        "webhook": given.get("webhook") or WebhookForm(row),
        "outcomes": given.get("outcomes"),
        "tested": "outcomes" in given,
        "webhook_host": row.webhook_host,
        "recipients": verbs.recipients(row),
        "emails_on": row.emails_on,
        "can_test": row.emails_on or bool(row.webhook_sealed),
    }
    status = INVALID if bound else 200
    return render(request, "staff/alert_settings.html", context, status=status)

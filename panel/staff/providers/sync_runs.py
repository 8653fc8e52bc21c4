"""Readings of a provider's catalog: the list of runs, and what one of them found."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.enums import ChangeKind, SyncOutcome
from orders.models import Provider, SyncChange, SyncRun
from panel import paginator
from panel.access import admin_required
from panel.display import as_decimal, money_text
from panel.htmx import render

WORDS = {
    "name": gettext_lazy("name"),
    "description": gettext_lazy("description"),
    "category": gettext_lazy("category"),
    "rate": gettext_lazy("rate"),
    "least": gettext_lazy("least quantity"),
    "most": gettext_lazy("most quantity"),
    "type_name": gettext_lazy("type"),
    "service_type": gettext_lazy("type"),
    "refill": gettext_lazy("refill"),
    "cancel": gettext_lazy("cancel"),
    "dripfeed": gettext_lazy("dripfeed"),
    "average_time": gettext_lazy("average time"),
    "refill_days": gettext_lazy("refill days"),
}


@dataclass(frozen=True)
class Change:
    """One difference, in words."""

    kind: str
    label: str
    what: str
    lines: list[tuple[str, str, str]]
    """Name, before, after."""
    state: str


@admin_required
def runs(request: HttpRequest, number: int) -> HttpResponse:
    """A provider's runs, the latest first; those that changed something, or all."""
    provider = get_object_or_404(Provider, pk=number)
    every = request.GET.get("show") == "all"
    found = SyncRun.objects.filter(provider=provider)
    if not every:
        found = found.exclude(outcome=SyncOutcome.UNCHANGED)
    context = {
        "provider": provider.name,
        "number": provider.pk,
        "page": paginator.page(found.select_related("asked_by"), request.GET),
        "shows": [
            {"label": _("With changes"), "url": "?", "current": not every},
            {"label": _("All"), "url": "?show=all", "current": every},
        ],
    }
    return render(request, "staff/sync_runs.html", context)


@admin_required
def run(request: HttpRequest, number: int) -> HttpResponse:
    """One run and its changes."""
    found = get_object_or_404(SyncRun.objects.select_related("provider", "asked_by"), pk=number)
    wanted = request.GET.get("kind", "")
    changes = SyncChange.objects.filter(run=found)
    if wanted in ChangeKind.values:
        changes = changes.filter(kind=wanted)
    page = paginator.page(changes.select_related("offer", "decided_by"), request.GET)
    kinds = [("", _("All")), *ChangeKind.choices]
    context = {
        "run": found,
        "provider": found.provider.name,
        "changes": [change_words(change, found.provider.currency) for change in page.rows],
        "newer": page.newer,
        "older": page.older,
        "kinds": [
            {"label": label, "url": f"?kind={value}", "current": value == wanted}
            for value, label in kinds
        ],
        "now": timezone.now(),
    }
    return render(request, "staff/sync_run.html", context)


def change_words(change: SyncChange, currency: str) -> Change:
    """A change as people read it (join its `offer`)."""
    names = list(dict.fromkeys([*change.before, *change.after]))
    lines = [
        (
            str(WORDS.get(name, name.replace("_", " "))),
            _value(name, change.before.get(name), currency),
            _value(name, change.after.get(name), currency),
        )
        for name in names
        if name not in _said_elsewhere(change, names)
    ]
    return Change(
        kind=change.kind,
        label=change.get_kind_display(),
        what=str(change.offer) if change.offer else "",
        lines=lines,
        state=_state(change),
    )


def _said_elsewhere(change: SyncChange, names: list[str]) -> set[str]:
    """What would be said twice: the offer's name, and our word for a type beside theirs."""
    twice = {"service_type"} if "type_name" in names else set()
    return twice | ({"name"} if change.kind in (ChangeKind.NEW, ChangeKind.RETIRED) else set())


def _value(name: str, value: object, currency: str) -> str:
    if value is None or value == "":
        return ""
    if name == "rate":
        return money_text(as_decimal(value), currency)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def _state(change: SyncChange) -> str:
    if not change.held:
        return ""
    if change.decided_at is None:
        return _("held")
    if change.decided_by is None:
        return _("settled by a newer reading")
    return _("decided by %(name)s") % {"name": change.decided_by}

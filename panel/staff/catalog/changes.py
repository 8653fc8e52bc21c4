"""What every reading of every catalog brought, as one list; and what of it waits for a person."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from orders import catalog
from orders.enums import ChangeKind, SyncOutcome
from orders.models import Service, SyncChange, SyncRun
from panel import paginator
from panel.access import admin_required
from panel.drafting import number_in
from panel.htmx import render
from panel.staff.providers.sync_runs import Change, change_words
from panel.staff.services import decision_rows
from panel.staff.services.service_rows import providers

KINDS = ["", *ChangeKind.values]
READINGS = "readings"


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; anything odd in the address narrows nothing."""

    kind: str = ""
    provider: int | None = None

    @classmethod
    def of(cls, query: QueryDict) -> "Wanted":
        kind = query.get("kind", "")
        known = kind in KINDS or kind == READINGS
        return cls(kind if known else "", number_in(query.get("provider")))

    @property
    def url(self) -> str:
        said = {"kind": self.kind, "provider": self.provider}
        query = urlencode({name: value for name, value in said.items() if value})
        return reverse("staff:catalog") + (f"?{query}" if query else "")


@dataclass(frozen=True)
class Row:
    """A change with its reading, and the services that are bought there."""

    change: Change
    provider: str
    run: int
    at: datetime
    services: list[int]


@admin_required
def changes(request: HttpRequest) -> HttpResponse:
    """The list, of all providers or one, of all kinds or one; or the readings themselves."""
    wanted = Wanted.of(request.GET)
    context: dict[str, Any] = {
        "wanted": wanted,
        "tabs": _tabs(wanted),
        "providers": providers(),
        "arrivals": catalog.arrivals(timezone.now()),
        "waiting": decision_rows.counts(),
    }
    page: paginator.Page[Any]
    if wanted.kind == READINGS:
        page = paginator.page(_readings(wanted), request.GET)
        context["runs"] = page.rows
    else:
        page = paginator.page(_changes(wanted), request.GET)
        context["rows"] = _rows(page.rows)
    context |= {"newer": page.newer, "older": page.older}
    return render(request, "staff/catalog.html", context, parts=("catalog-list",))


def _changes(wanted: Wanted) -> QuerySet[SyncChange]:
    found = SyncChange.objects.select_related("offer", "decided_by", "run__provider")
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.provider is not None:
        found = found.filter(run__provider=wanted.provider)
    return found


def _readings(wanted: Wanted) -> QuerySet[SyncRun]:
    found = SyncRun.objects.exclude(outcome=SyncOutcome.UNCHANGED).select_related("provider")
    return found if wanted.provider is None else found.filter(provider=wanted.provider)


def _rows(found: Iterable[SyncChange]) -> list[Row]:
    changes = list(found)
    offers = {change.offer_id for change in changes if change.offer_id}
    services: dict[int, list[int]] = {}
    sold = Service.objects.filter(offer__in=offers).order_by("pk")
    for offer, number in sold.values_list("offer", "pk"):
        services.setdefault(offer, []).append(number)

    def row(change: SyncChange) -> Row:
        run = change.run
        words = change_words(change, run.provider.currency)
        sold = services.get(change.offer_id or 0, [])[:3]
        return Row(words, run.provider.name, run.pk, run.started_at, sold)

    return [row(change) for change in changes]


def _tabs(wanted: Wanted) -> list[dict[str, Any]]:
    labels = {"": _("All changes")} | dict(ChangeKind.choices) | {READINGS: _("Readings")}
    return [
        {"label": label, "url": replace(wanted, kind=kind).url, "current": kind == wanted.kind}
        for kind, label in labels.items()
    ]

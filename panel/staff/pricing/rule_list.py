"""All rules that act: every markup and every bound, on every level."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.enums import PriceLevel
from orders.models import Bound, Customer, MarkupRule
from orders.panel_settings import current
from panel import paginator
from panel.access import admin_required
from panel.drafting import number_in
from panel.htmx import render
from panel.staff.pricing.rule_words import TONES, level_words, reason_words, row_about, row_words

KINDS: dict[str, tuple[Promise, type[MarkupRule] | type[Bound]]] = {
    "markups": (gettext_lazy("Markups"), MarkupRule),
    "bounds": (gettext_lazy("Floors and ceilings"), Bound),
}
LEVELS = [level for level in PriceLevel if level not in (PriceLevel.TYPED, PriceLevel.TYPED_TOTAL)]
RELATED = ("service", "category", "customer", "staff__user", "set_by")


@dataclass(frozen=True)
class RuleRow:
    """One acting rule."""

    number: int
    level: str
    tone: str
    about: str
    words: str
    by: str
    at: datetime
    reason: str
    change_url: str
    end_url: str


@admin_required
def rule_list(request: HttpRequest) -> HttpResponse:
    """Every acting rule, the newest first; to HTMX only the table."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else "markups"
    level = request.GET.get("level", "")
    level = level if level in LEVELS else ""
    text = request.GET.get("q", "").strip()[:200]
    found = _found(kind, level, text)
    client = _client(request.GET.get("client", ""))
    if client is not None:
        found = found.filter(customer=client)
    page = paginator.page(found, request.GET)
    context = {
        "rows": [_row(row) for row in page.rows],
        "page": page,
        "kind": kind,
        "level": level,
        "text": text,
        "client": client,
        "levels": [(each, level_words(each)) for each in LEVELS],
        "choices": [
            {"label": label, "url": _url(name, level, text, client), "current": name == kind}
            for name, (label, model) in KINDS.items()
        ],
        "panel": current,
    }
    return render(request, "staff/pricing/rules.html", context, parts=("rule-table",))


def _client(text: str) -> Customer | None:
    """The client whose rules alone are asked for."""
    number = number_in(text)
    return None if number is None else get_object_or_404(Customer, pk=number)


def _found(kind: str, level: str, text: str) -> QuerySet[Any]:
    rows: QuerySet[Any] = KINDS[kind][1]._default_manager.filter(ended_at=None)
    if kind == "bounds":
        rows = rows.exclude(floor_percent=None, ceiling_percent=None)
    if level:
        rows = rows.filter(level=level)
    for word in text.split():
        about = Q(category__name__icontains=word) | Q(customer__name__icontains=word)
        about |= Q(service__name__icontains=word) | Q(staff__user__name__icontains=word)
        if word.isascii() and word.isdigit() and len(word) < 19:
            about |= Q(service=int(word)) | Q(customer=int(word))
        rows = rows.filter(about | Q(reason__icontains=word))
    return rows.select_related(*RELATED)


def _row(row: MarkupRule | Bound) -> RuleRow:
    level = PriceLevel(row.level)
    change = _change_url(row)
    return RuleRow(
        number=row.pk,
        level=level_words(level),
        tone=TONES[level],
        about=row_about(row),
        words=row_words(row),
        by=str(row.set_by) if row.set_by else _("The operator"),
        at=row.set_at,
        reason=reason_words(row.reason),
        change_url=change,
        end_url="" if level == PriceLevel.PANEL else _end_url(row),
    )


def _scope_fields(row: MarkupRule | Bound) -> dict[str, Any]:
    """The fields of the form that say about what a rule speaks."""
    if row.level == PriceLevel.SERVICE:
        return {"on": "services", "ticked": row.service_id, "q": row.service_id}
    return {
        "on": row.level,
        "shelf": row.category_id or "",
        "member": row.staff_id or "",
        "client": row.customer_id or "",
        "number": row.service_id or "",
    }


def _change_url(row: MarkupRule | Bound) -> str:
    if isinstance(row, MarkupRule):
        said = {"what": "markup", "kind": row.kind, "value": f"{row.value.normalize():f}"}
    else:
        ends = {"floor_percent": row.floor_percent, "ceiling_percent": row.ceiling_percent}
        said = {"what": "bounds"} | {
            name: f"{end.normalize():f}" for name, end in ends.items() if end is not None
        }
    return _workbench(_scope_fields(row) | said)


def _end_url(row: MarkupRule | Bound) -> str:
    """The form with the rule taken away, to be looked at and saved."""
    said = {"what": "markup", "kind": "end"} if isinstance(row, MarkupRule) else {"what": "bounds"}
    return _workbench(_scope_fields(row) | said)


def _workbench(said: dict[str, Any]) -> str:
    query = urlencode({name: value for name, value in said.items() if value != ""})
    return f"{reverse('staff:pricing')}?{query}#pricing-panel"


def _url(kind: str, level: str, text: str, client: Customer | None) -> str:
    said = {"kind": kind, "level": level, "q": text, "client": client.pk if client else ""}
    query = urlencode({name: value for name, value in said.items() if value})
    return f"{reverse('staff:pricing_rules')}?{query}"

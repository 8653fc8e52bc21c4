"""The audit trail: who changed what, when, from what to what, and why."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from orders import audit as trail
from orders.models import AuditEntry
from panel.access import admin_required
from panel.htmx import render
from panel.paginator import page
from panel.sheets import Cell, sheet
from panel.staff.audit import audit_words
from panel.staff.audit.audit_search import AuditSearch

AT_ONCE = 500
MOST = 50_000
"""Lines of a file; a narrower search gives the rest."""

HEAD = ("Number", "When", "Who", "What", "About", "Before", "After", "Reason")


@admin_required
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """The newest entries that fit, fifty a page."""
    search = AuditSearch(request.GET)
    found = page(trail.entries(search.wanted()).select_related("person"), request.GET)
    context = {
        "search": search,
        "lines": audit_words.lines(found.rows),
        "newer": found.newer,
        "older": found.older,
        "query": request.GET.urlencode(),
    }
    return render(request, "staff/audit.html", context)


@admin_required
@require_safe
def audit_sheet(request: HttpRequest) -> StreamingHttpResponse:
    """The same as a file, the newest first."""
    wanted = AuditSearch(request.GET).wanted()
    return sheet("audit.csv", HEAD, _cells(wanted))


def _cells(wanted: trail.Wanted) -> Iterator[list[Cell]]:
    """Some hundreds of entries at a time, so that a long file costs no memory."""
    before: int | None = None
    for _batch in range(MOST // AT_ONCE):
        rows = trail.entries(wanted).select_related("person").order_by("-pk")
        if before is not None:
            rows = rows.filter(pk__lt=before)
        batch: list[AuditEntry] = list(rows[:AT_ONCE])
        if not batch:
            return
        for line in audit_words.lines(batch):
            yield _row(line)
        before = batch[-1].pk


def _row(line: audit_words.Line) -> list[Cell]:
    return [
        line.number,
        line.at,
        line.person,
        line.what,
        ", ".join(subject.words for subject in line.subjects),
        "; ".join(f"{change.name}: {change.before}" for change in line.changes if change.before),
        "; ".join(f"{change.name}: {change.after}" for change in line.changes if change.after),
        line.reason,
    ]

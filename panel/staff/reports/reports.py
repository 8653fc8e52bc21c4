"""Reports over any period, and their tables as CSV files. For staff who see costs."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone

from panel.access import cost_required, person
from panel.htmx import render
from panel.sheets import sheet as csv_sheet
from panel.staff.reports import report_page
from panel.staff.reports.report_page import TABS, ReportPage
from panel.staff.reports.tables import sheet_values
from panel.staff.reports.tabs import MOST_IN_A_SHEET


@cost_required
def reports(request: HttpRequest) -> HttpResponse:
    """Figures, chart and the open tab of a period."""
    page = ReportPage(person(request), request.GET, timezone.now())
    status = 422 if page.form is not None and page.form.errors else 200
    return render(request, "staff/reports.html", {"page": page}, status=status)


@cost_required
def sheet(request: HttpRequest) -> StreamingHttpResponse:
    """The open tab as CSV: every row, bounded; amounts as exact as they are kept."""
    query = request.GET.copy()
    query.pop("after", None)
    now = timezone.now()
    asked = report_page.asked_of(person(request), query, now, size=MOST_IN_A_SHEET)
    tab = report_page.tab_of(query)
    table = TABS[tab][1](asked)
    lines = [*table.lines, *([table.together] if table.together else [])]
    span = asked.period.span
    name = f"report-{tab}-{span.first.isoformat()}-{span.last.isoformat()}.csv"
    return csv_sheet(name, table.sheet_head, (sheet_values(line) for line in lines))

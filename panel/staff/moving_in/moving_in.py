"""Moving in: upload a file, look at what it would do, press once; raise the order numbers."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from orders import machinery
from orders import moving_in as moving
from orders.enums import ImportKind
from orders.errors import Declined, StateChanged
from orders.models import ImportFile, Provider, User
from panel.access import admin_required, user
from panel.display import count
from panel.htmx import render
from panel.paginator import page as page_of
from panel.sheets import sheet
from panel.staff.amounts import add_refusal, refusal_text
from panel.staff.moving_in import file_page

INVALID = 422
MOST_MB = moving.MOST_BYTES // 1024 // 1024


class FileForm(forms.Form):
    """A CSV file."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        widget=forms.FileInput({"accept": ".csv,text/csv"}),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("The file is empty."),
        },
    )

    def clean_file(self) -> UploadedFile:
        """Small enough to be read at all."""
        sent: UploadedFile = self.cleaned_data["file"]
        if (sent.size or 0) > moving.MOST_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(size)s MB. Split it.") % {"size": MOST_MB}
            )
        return sent


class NumberForm(forms.Form):
    """The number that the next order is to have."""

    number = forms.IntegerField(
        label=gettext_lazy("The next order's number"),
        min_value=1,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )


@admin_required
@require_http_methods(["GET", "HEAD"])
def moving_in(request: HttpRequest) -> HttpResponse:
    """The three things that can be brought along, and the files with how far they are."""
    return _page(request)


@admin_required
@require_POST
def upload_services(request: HttpRequest) -> HttpResponse:
    """Read a file of services and lead to what it would do; nothing of it is written yet."""
    return _upload(request, ImportKind.SERVICES)


@admin_required
@require_POST
def upload_clients(request: HttpRequest) -> HttpResponse:
    """The same for a file of clients."""
    return _upload(request, ImportKind.CUSTOMERS)


@admin_required
@require_POST
def next_order(request: HttpRequest) -> HttpResponse:
    """Raise the number of the next order."""
    form = NumberForm(request.POST)
    if form.is_valid():
        number = form.cleaned_data["number"]
        try:
            moving.set_next_order_number(number, by=user(request), now=timezone.now())
        except Declined as error:
            add_refusal(form, error)
        else:
            messages.success(
                request, _("The next order has the number %(number)s.") % {"number": number}
            )
            return redirect("staff:moving_in")
    return _page(request, number=form, status=INVALID)


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest, number: int) -> HttpResponse:
    """What a file would do, with the button that begins it; how far it is; or what it did."""
    found = _found(number)
    if request.method == "POST":
        return _start(request, found)
    row = file_page.file_row(found)
    context: dict[str, Any] = {"file": row}
    if row.state == "waits":
        context |= _preview(found, user(request))
    else:
        context |= _results(found)
    finished = row.state != "runs"
    template = "staff/moving_in_file.html"
    return render(request, template, context, parts={"file-live"}, finished=finished)


@admin_required
@require_POST
def stop(request: HttpRequest, number: int) -> HttpResponse:
    """Bring in no more of a file."""
    found = _found(number)
    try:
        left = moving.stop(found, by=user(request), now=timezone.now())
    except Declined as error:
        messages.error(request, refusal_text(error))
    else:
        if left:
            words = _("Stopped. %(count)s were still to come; what is in stays in.")
            messages.success(request, words % {"count": count(left)})
    return redirect("staff:moving_in_file", number=number)


@admin_required
@require_http_methods(["GET", "HEAD"])
def results(request: HttpRequest, number: int) -> StreamingHttpResponse:
    """What became of every line, as a CSV file."""
    found = _found(number)
    head = ("line", "what became of it", file_page.COLUMNS[ImportKind(found.kind)], "remarks")
    return sheet(f"moving-in-{number}.csv", head, file_page.sheet_rows(found))


def _found(number: int) -> ImportFile:
    return get_object_or_404(
        ImportFile.objects.select_related("uploaded_by", "started_by"), pk=number
    )


def _preview(found: ImportFile, by: User) -> dict[str, Any]:
    report = moving.preview(found, by=by)
    coming = file_page.coming(report.counts)
    return {
        "fates": file_page.fates(report.counts, done=False),
        "lines": file_page.preview_lines(report),
        "lines_total": len(report.remarks),
        "fingerprint": report.fingerprint,
        "button": file_page.button(ImportKind(found.kind), coming),
        "coming": coming,
    }


def _results(found: ImportFile) -> dict[str, Any]:
    now = timezone.now()
    return {
        "fates": file_page.fates(found.counts, done=True),
        "lines": file_page.result_lines(found),
        "lines_total": moving.remarked(found).count(),
        "machinery_is_silent": found.done_at is None and not machinery.pulse(now).is_alive,
    }


def _upload(request: HttpRequest, kind: ImportKind) -> HttpResponse:
    form = FileForm(request.POST, request.FILES, auto_id=f"id_{kind.value}_%s")
    if form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            file = moving.keep(kind, sent.name, sent.read(), by=user(request), now=timezone.now())
        except Declined as error:
            add_refusal(form, error)
        else:
            return redirect("staff:moving_in_file", number=file.pk)
    return _page(request, status=INVALID, **{kind.value: form})


def _start(request: HttpRequest, found: ImportFile) -> HttpResponse:
    seen = request.POST.get("fingerprint", "")
    try:
        moving.start(found, seen, by=user(request), now=timezone.now())
    except StateChanged:
        messages.error(request, _("Something has changed since you looked. This is how it is now."))
    except Declined as error:
        messages.error(request, refusal_text(error))
        if not ImportFile.objects.filter(pk=found.pk).exists():
            return redirect("staff:moving_in")
    return redirect("staff:moving_in_file", number=found.pk)


def _page(request: HttpRequest, *, status: int = 200, **forms_: forms.Form) -> HttpResponse:
    kept = ImportFile.objects.defer("rows").select_related("uploaded_by", "started_by")
    files = page_of(kept, request.GET, size=20)
    rows = [file_page.file_row(row) for row in files.rows]
    next_number = moving.next_order_number()
    context = {
        "services": forms_.get("services") or FileForm(auto_id="id_services_%s"),
        "customers": forms_.get("customers") or FileForm(auto_id="id_customers_%s"),
        "number": forms_.get("number") or NumberForm(),
        "next_number": next_number,
        "has_providers": Provider.objects.exists(),
        "files": rows,
        "newer": files.newer,
        "older": files.older,
    }
    finished = not any(row.state == "runs" for row in rows)
    template = "staff/moving_in.html"
    parts = {"file-list"}
    return render(request, template, context, parts=parts, finished=finished, status=status)

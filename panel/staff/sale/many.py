"""New orders, many at once, for a client."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from panel.access import person, staff_required
from panel.drafting import number_in
from panel.mass_orders import views
from panel.mass_orders.face import STAFF
from panel.staff.sale.client_picker import ClientPicker


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def mass_orders(request: HttpRequest) -> HttpResponse:
    """The client, the box of lines and the earlier ones."""
    looked_for = request.GET.get("client_q", "").strip()[:200]
    number = number_in(request.POST.get("client") or request.GET.get("client"))
    picker = ClientPicker(person(request), number, looked_for)
    return views.start(request, STAFF, picker.customer, picker=picker, looked_for=looked_for)


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def mass_order(request: HttpRequest, number: int) -> HttpResponse:
    """One of them: the look before it is placed, then what became of it."""
    return views.page(request, STAFF, views.found(request, number))


@staff_required
@require_safe
def sheet(request: HttpRequest, number: int) -> StreamingHttpResponse:
    """The result of every line as CSV."""
    return views.sheet(request, STAFF, views.found(request, number))

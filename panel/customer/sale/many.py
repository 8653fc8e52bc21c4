"""New orders, many at once, for the customer who is signed in."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from panel.access import customer, customer_required
from panel.mass_orders import views
from panel.mass_orders.face import CUSTOMER


@customer_required
@require_http_methods(["GET", "HEAD", "POST"])
def mass_orders(request: HttpRequest) -> HttpResponse:
    """The box of lines and the earlier ones."""
    return views.start(request, CUSTOMER, customer(request))


@customer_required
@require_http_methods(["GET", "HEAD", "POST"])
def mass_order(request: HttpRequest, number: int) -> HttpResponse:
    """One of them: the look before it is placed, then what became of it."""
    return views.page(request, CUSTOMER, views.found(request, number))


@customer_required
@require_safe
def sheet(request: HttpRequest, number: int) -> StreamingHttpResponse:
    """The result of every line as CSV."""
    return views.sheet(request, CUSTOMER, views.found(request, number))

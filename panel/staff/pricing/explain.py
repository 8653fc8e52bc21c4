"""Explaining a price: every stage from what it costs us to what is paid."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from orders import rules
from orders.models import Service
from orders.people import visible_customers
from panel.access import cost_required, person
from panel.drafting import number_in
from panel.htmx import render
from panel.staff.orders.stage_words import in_words
from panel.staff.services import service_rows


@cost_required
def explain(request: HttpRequest, number: int) -> HttpResponse:
    """The stages of the price of 1000, or of one package: the price list's, or one client's."""
    service = get_object_or_404(service_rows.joined(Service.objects.all()), pk=number)
    who, asked = person(request), number_in(request.GET.get("client", ""))
    client = None
    if asked is not None:
        client = visible_customers(who).select_related("manager").filter(pk=asked).first()
        if client is None:
            raise Http404("no such client")
    quote = rules.price_list([service], client).get(service.pk)
    context = {
        "service": service,
        "client": client,
        "quote": quote,
        "stages": in_words(quote.stages) if quote else [],
        "dialog": "explain-price",
    }
    return render(request, "staff/pricing/explain.html", context, parts=("explain-price",))

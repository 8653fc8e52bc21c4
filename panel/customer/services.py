"""All services that a customer can order, at their own prices, the starred ones first."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders import catalog, favourites, shop
from orders.errors import Declined
from panel import paginator
from panel.access import customer, customer_required
from panel.customer.sale.picker import FAVOURITES
from panel.customer.service_cards import STARRED_FIRST, Card, cards, starred_first
from panel.drafting import number_in
from panel.htmx import render

TEMPLATE = "customer/services.html"


@dataclass(frozen=True)
class Row:
    """A service, and the heading above it where another shelf begins."""

    card: Card
    heading: str


@customer_required
def services(request: HttpRequest) -> HttpResponse:
    """The list; to HTMX only the table."""
    who = customer(request)
    text = request.GET.get("q", "").strip()[:200]
    category = request.GET.get("category", "")
    stars = favourites.favourites(who)
    for_sale = shop.for_sale(who)
    found = starred_first(for_sale, stars)
    if category == FAVOURITES:
        found = found.filter(pk__in=stars)
    elif number := number_in(category):
        found = found.filter(category=number)
    if text:
        found = found.filter(catalog.fitting(text.removeprefix("#")))
    page = paginator.ordered_page(found, request.GET, STARRED_FIRST)
    context = {
        "rows": _rows(cards(page.rows, who, stars, text.split())),
        "newer": page.newer,
        "older": page.older,
        "search": text,
        "category": category,
        "is_narrowed": bool(text or category),
        "has_stars": bool(stars),
        "shelves": lambda: [
            (str(shelf.number), shelf.name, shelf.services) for shelf in shop.shelves(for_sale)
        ],
    }
    return render(request, TEMPLATE, context, parts=("service-table",))


@customer_required
@require_POST
def star(request: HttpRequest, number: int) -> HttpResponse:
    """Star a service, or take the star away; to HTMX only the star."""
    who = customer(request)
    service = shop.for_sale(who).filter(pk=number).first()
    if service is None:
        raise Http404("No such service.")
    wanted = request.POST.get("on") == "1"
    try:
        (favourites.star if wanted else favourites.unstar)(who, service)
    except Declined as error:
        messages.error(request, str(error))
        wanted = False
    if request.htmx:  # type: ignore[attr-defined]
        context = {"number": number, "name": service.name, "is_starred": wanted}
        return render(request, "customer/parts/star.html", context)
    return redirect("my:services")


def _rows(found: list[Card]) -> list[Row]:
    rows, last = [], ""
    for card in found:
        shelf = _("Favourites") if card.is_starred else card.category
        rows.append(Row(card, "" if shelf == last else shelf))
        last = shelf
    return rows

"""The order of the shop: shelves among each other, and the services of one shelf."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from orders import catalog
from orders.catalog import Step
from orders.errors import Declined
from orders.models import Category, Service
from panel import paginator
from panel.access import admin_required, user
from panel.display import count
from panel.drafting import number_in
from panel.htmx import render

MOST = 500
STEPS = (
    (Step.FIRST, "chevrons-up", gettext_lazy("First")),
    (Step.UP, "chevron-up", gettext_lazy("Up")),
    (Step.DOWN, "chevron-down", gettext_lazy("Down")),
    (Step.LAST, "chevrons-down", gettext_lazy("Last")),
)


@dataclass(frozen=True)
class Row:
    """A shelf or a service at its place, counted from 1."""

    number: int
    name: str
    place: int
    note: str


@admin_required
def shelves(request: HttpRequest) -> HttpResponse:
    """The shelves in the shop's order."""
    return _shelves(request)


@admin_required
def shelf(request: HttpRequest, number: int) -> HttpResponse:
    """The services of one shelf in its order."""
    return _shelf(request, get_object_or_404(Category, pk=number))


@admin_required
@require_POST
def move_shelf(request: HttpRequest, number: int) -> HttpResponseBase:
    """Move a shelf; to HTMX the list as it is then, with the shelf still in focus."""
    found = get_object_or_404(Category, pk=number)
    return _moved(request, found, catalog.move_category) or _shelves(request, moved=number)


@admin_required
@require_POST
def move_service(request: HttpRequest, number: int) -> HttpResponseBase:
    """Move a service on its shelf; likewise."""
    found = get_object_or_404(Service.objects.select_related("category"), pk=number)
    return _moved(request, found, catalog.move_service) or _shelf(
        request, found.category, moved=number
    )


def _moved(request: HttpRequest, row: Any, verb: Callable[..., int]) -> HttpResponseBase | None:
    """Do it; an answer where HTMX is not there to show the list at once."""
    try:
        verb(row, _to(request), by=user(request), now=timezone.now())
    except Declined as declined:
        messages.error(request, str(declined))
    if request.headers.get("HX-Request"):
        return None
    if isinstance(row, Service):
        return redirect("staff:shelf", number=row.category_id)
    return redirect("staff:shelves")


def _to(request: HttpRequest) -> Step | int:
    step = request.POST.get("step", "")
    if step in list(Step):
        return Step(step)
    place = number_in(request.POST.get("place"))
    if place is None:
        raise Declined(_("Type a place from 1 on."))
    return place


def _shelves(request: HttpRequest, moved: int | None = None) -> HttpResponse:
    sold = Count("services", filter=Q(services__is_visible=True))
    rows = Category.objects.order_by("position", "name").annotate(
        every=Count("services"), sold=sold
    )
    context = {
        "rows": [
            Row(row.pk, row.name, place, _sold(row.sold, row.every))
            for place, row in enumerate(rows[:MOST], 1)
        ],
        "steps": STEPS,
        "moved": moved,
    }
    return render(request, "staff/shelves.html", context, parts=("order-list",))


def _shelf(request: HttpRequest, found: Category, moved: int | None = None) -> HttpResponse:
    services = Service.objects.filter(category=found)
    query = request.GET if moved is None else _page_of(services, moved)
    page = paginator.ordered_page(services, query, ("position", "pk"))
    start = _before(services, page.rows[0]) if page.rows else 0
    context = {
        "shelf": found,
        "rows": [
            Row(row.pk, row.name, start + place, _note(row))
            for place, row in enumerate(page.rows, 1)
        ],
        "newer": page.newer,
        "older": page.older,
        "steps": STEPS,
        "moved": moved,
    }
    return render(request, "staff/shelf.html", context, parts=("order-list",))


def _sold(some: int, every: int) -> str:
    return _("%(sold)s on sale of %(every)s") % {"sold": count(some), "every": count(every)}


def _note(row: Service) -> str:
    if not row.is_visible:
        return _("%(number)s · hidden") % {"number": row.pk}
    words = _("%(number)s · paused") if row.pause else _("%(number)s · on sale")
    return words % {"number": row.pk}


def _before(services: Any, row: Service) -> int:
    earlier = Q(position__lt=row.position) | Q(position=row.position, pk__lt=row.pk)
    return services.filter(earlier).count()


def _page_of(services: Any, number: int) -> dict[str, str]:
    """The page on which a service stands that was moved: the list goes where it went."""
    row = services.filter(pk=number).first()
    skip = _before(services, row) // paginator.SIZE * paginator.SIZE if row else 0
    if not skip:
        return {}
    last = services.order_by("position", "pk").values_list("pk", flat=True)[skip - 1 : skip]
    return {"after": str(next(iter(last)))}

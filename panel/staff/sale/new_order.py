"""New order: client, service, fields, markup, a live quote, and the one press that places it.

The page is one form. Each answer is told wholly from what was sent, so nothing typed is ever
lost, and the price is worked out here and nowhere else.
"""

from contextlib import suppress

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from orders import people, placement, tracking
from orders.errors import (
    Declined,
    FieldErrors,
    InsufficientFunds,
    KeyReused,
    OpenOverlap,
    PriceChanged,
)
from orders.models import Order
from orders.tills import TillFull
from panel.access import person, staff_required, user
from panel.display import money_text
from panel.drafting import Problem, amount_in, new_key
from panel.htmx import render
from panel.staff.sale import order_placed
from panel.staff.sale.order_desk import Desk
from panel.staff.sale.order_shown import Shown

TEMPLATE = "staff/new_order.html"
PARTS = ("order-form", "order-quote", "client-results", "service-results")


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_order(request: HttpRequest) -> HttpResponse:
    """The page, its live parts, and what its buttons do."""
    who = person(request)
    if request.method != "POST":
        if placed := request.GET.get("placed", ""):
            return order_placed.page(request, who, placed)
        return _shown(request, Desk(who, request.GET))
    desk = Desk(who, request.POST, is_filled=True)
    act = request.POST.get("act", "")
    if act == "add_client":
        return _add_client(request, desk)
    if act in ("place", "take"):
        return _place(request, desk, cash=act == "take")
    if act == "check":
        desk.tell(desk.worked.wrong)
    return _shown(request, desk)


def _shown(request: HttpRequest, desk: Desk, status: int = 200) -> HttpResponse:
    context = {"desk": Shown(desk), "live": request.htmx.target == "order-quote"}  # type: ignore[attr-defined]
    response = render(request, TEMPLATE, context, parts=PARTS, status=status)
    if request.htmx.target == "order-form":  # type: ignore[attr-defined]
        response["HX-Replace-Url"] = _address(desk)
    return response


def _address(desk: Desk) -> str:
    """Leads back to the same client and service."""
    chosen = {"client": desk.customer, "service": desk.service}
    query = urlencode({name: row.pk for name, row in chosen.items() if row is not None})
    return reverse("staff:new_order") + (f"?{query}" if query else "")


def _add_client(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A client by a phone number, or the one who has it already; then go on with the order."""
    phone, name = desk.text("new_phone"), desk.text("new_name")
    try:
        found, is_new = people.find_or_create(
            phone, name=name, by=user(request), now=timezone.now()
        )
    except FieldErrors as error:
        desk.errors |= error.errors
        return _shown(request, desk, status=422)
    except Declined as error:
        desk.errors["phone"] = str(error)
        return _shown(request, desk, status=422)
    if not is_new:
        words = _("This number is %(name)s's already.")
        messages.info(request, words % {"name": found.name})
    data = request.POST.copy()
    data["client"] = str(found.pk)
    return _shown(request, Desk(desk.who, data, is_filled=True))


# ── Placing ──────────────────────────────────────────────────────────────────────────────────


def _place(request: HttpRequest, desk: Desk, *, cash: bool) -> HttpResponse:
    """Place it at the price that the person saw, or say at the field why not."""
    if not _is_ready(desk):
        return _shown(request, desk, status=422)
    assert desk.customer is not None and desk.service is not None and desk.details is not None
    try:
        placed = placement.place(
            desk.customer,
            desk.service.pk,
            desk.details.values(),
            by=user(request),
            now=timezone.now(),
            client_key=desk.client_key,
            expected_price=amount_in(desk.text("expected_price")),
            typed=desk.markup.typed(),
            take_cash=amount_in(desk.text("take")) if cash else None,
            overlap_ok=desk.overlap_ok,
        )
    except Declined as error:
        _tell(desk, error)
        return _shown(request, desk, status=422)
    with suppress(Declined):  # the order stands without it; its page offers to make one
        tracking.make(placed.order, by=user(request), now=timezone.now())
    if not placed.is_new:
        messages.info(request, _("This form had placed it already; it was not placed twice."))
    return redirect(f"{reverse('staff:new_order')}?placed={placed.order.pk}")


def _is_ready(desk: Desk) -> bool:
    """Whether everything is there, a price was seen and a big order was confirmed."""
    worked = desk.worked
    desk.tell(worked.wrong)
    if worked.wrong or worked.draft is None:
        return False
    if amount_in(desk.text("expected_price")) is None:
        desk.problems.append(Problem(_("Look at the price, then press again."), tone="amber"))
        return False
    confirm = desk.box.confirm if desk.box else None
    typed = "".join(sign for sign in desk.text("confirm") if sign.isdecimal())
    if confirm is not None and typed != str(confirm.figure):
        words = _("%(label)s, %(figure)s, to place it.")
        desk.errors["confirm"] = words % {"label": confirm.label, "figure": confirm.shown}
        return False
    return True


def _tell(desk: Desk, error: Declined) -> None:
    """Word what the engine declined, at the field it is about; nothing was written."""
    if isinstance(error, TillFull):
        title = _("Nothing was placed: your till may not hold that much more.")
        text = _("Put cash into the safe, or let an admin take it; then press again.")
        desk.problems.append(Problem(title, text, tone="amber"))
    elif isinstance(error, FieldErrors):
        desk.tell(error.errors)
    elif isinstance(error, PriceChanged):
        prices = {"was": money_text(error.expected), "price": money_text(error.price)}
        title = _("The price changed from %(was)s to %(price)s.") % prices
        text = _("Nothing was charged. Place it at %(price)s, or leave it.") % prices
        desk.problems.append(Problem(title, text, tone="amber"))
    elif isinstance(error, OpenOverlap):
        desk.errors["overlap"] = _("Tick this to order it all the same.")
    elif isinstance(error, KeyReused):
        desk.problems.append(_used(desk))
    elif isinstance(error, InsufficientFunds):
        desk.look_again()
        title = _("%(amount)s more is needed.") % {"amount": money_text(error.missing)}
        desk.problems.append(Problem(title, _("Nothing was charged."), tone="amber"))
    else:
        desk.problems.append(Problem(_("Nothing was placed."), desk.words(error)))


def _used(desk: Desk) -> Problem:
    """The form placed another order before: say which, and let it be pressed anew."""
    assert desk.customer is not None
    earlier = Order.objects.filter(customer=desk.customer, client_key=desk.client_key).first()
    desk.client_key = new_key()
    text = _("It was changed since. Press again to place this as another order.")
    number = earlier.pk if earlier else None
    title = _("This form has placed order %(number)s already.") % {"number": number}
    return Problem(title, text, number, tone="amber")

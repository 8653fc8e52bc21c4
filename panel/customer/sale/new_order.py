"""New order: service, fields, a live price, and the one press that places it.

The page is one form. Each answer is told wholly from what was sent, so nothing typed is ever
lost, and the price is worked out on the server and nowhere else.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from orders import kept_forms, placement
from orders.errors import (
    Busy,
    Declined,
    FieldErrors,
    InsufficientFunds,
    KeyReused,
    NotAllowed,
    OpenOverlap,
    PriceChanged,
)
from orders.models import Order
from orders.people import visible_orders
from panel.access import customer, customer_required, person, user
from panel.customer.sale.desk import BLOCKED, Desk, words_of
from panel.display import money_text
from panel.drafting import Problem, amount_in, new_key, number_in
from panel.htmx import render
from panel.links import there

TEMPLATE = "customer/new_order.html"
PARTS = ("order-form", "order-quote", "service-results")


@customer_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where a customer begins: with what they most likely came for."""
    return redirect("my:new_order")


@customer_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_order(request: HttpRequest) -> HttpResponse:
    """The page, its live parts, and what its buttons do."""
    if request.method != "POST":
        return _shown(request, _opened(request))
    desk = Desk(customer(request), user(request), request.POST, is_filled=True)
    act = request.POST.get("act", "")
    if act == "place":
        return _place(request, desk)
    if act == "top_up":
        return _keep(request, desk)
    if act == "check":
        desk.check()
    return _shown(request, desk)


def _opened(request: HttpRequest) -> Desk:
    """An empty form, the one that was kept, or the one of an earlier order."""
    who, data = customer(request), request.GET.copy()
    typed: dict[str, str] = {}
    if token := request.GET.get("kept", ""):
        kept = kept_forms.kept(who, token, now=timezone.now())
        if kept is None:
            messages.info(request, _("This form is not kept any more."))
        else:
            data["service"], typed = str(kept.service_id), kept.fields
    elif number := number_in(request.GET.get("again")):
        order = visible_orders(person(request)).filter(pk=number).first()
        if order is not None:
            data["service"], typed = str(order.service_id), _typed_for(order)
    return Desk(who, user(request), data, typed=typed)


def _typed_for(order: Order) -> dict[str, str]:
    """An earlier order's fields, as a person would type them."""
    return {
        name: "\n".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in order.details.items()
    }


def _shown(request: HttpRequest, desk: Desk, status: int = 200) -> HttpResponse:
    target = request.htmx.target  # type: ignore[attr-defined]
    context = {
        "desk": desk,
        "live": target == "order-quote",
        "top_up": there("my:top_up"),
    }
    response = render(request, TEMPLATE, context, parts=PARTS, status=status)
    if target == "order-form":
        response["HX-Replace-Url"] = _address(desk)
    return response


def _address(desk: Desk) -> str:
    """Leads back to the same service."""
    if desk.service is not None:
        return f"{reverse('my:new_order')}?service={desk.service.number}"
    return f"{reverse('my:new_order')}?{urlencode({'category': desk.picker.category})}"


def _keep(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Keep the form and go for the money; the way back leads to the form as it was typed."""
    if desk.service is None or desk.details is None:
        return _shown(request, desk, status=422)
    try:
        token = kept_forms.keep(
            customer(request), desk.service.number, desk.details.values(), now=timezone.now()
        )
    except Declined as error:
        desk.problems.append(Problem(_("This form cannot be kept."), str(error), tone="amber"))
        return _shown(request, desk, status=422)
    back = f"{reverse('my:new_order')}?{urlencode({'kept': token})}"
    amount: dict[str, Any] = {"amount": f"{desk.quote.top_up:.2f}"} if desk.quote else {}
    if url := there("my:top_up", **amount, next=back):
        return redirect(url)
    messages.success(request, _("This form is kept for a week, at this address."))
    return redirect(back)


# ── Placing ──────────────────────────────────────────────────────────────────────────────────


def _place(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Place it at the price that the person saw, or say at the field why not."""
    desk.check()
    seen = amount_in(desk.text("expected_price"))
    if desk.service is None or desk.details is None or not desk.is_ready:
        return _shown(request, desk, status=422)
    if seen is None:
        desk.problems.append(Problem(_("Look at the price, then press again."), tone="amber"))
        return _shown(request, desk, status=422)
    try:
        placed = placement.place(
            customer(request),
            desk.service.number,
            desk.details.values(),
            by=user(request),
            now=timezone.now(),
            client_key=desk.client_key,
            expected_price=seen,
            overlap_ok=desk.overlap_ok,
        )
    except Declined as error:
        _tell(desk, error, request)
        return _shown(request, desk, status=422)
    order = placed.order
    said = (
        _("Order %(number)s is placed; %(price)s was taken from your balance.")
        if placed.is_new
        else _("This form placed order %(number)s.")
    )
    messages.success(request, said % {"number": order.pk, "price": money_text(order.price)})
    return redirect("my:order", number=order.pk)


def _tell(desk: Desk, error: Declined, request: HttpRequest) -> None:
    """Word what the engine declined, at the field it is about; nothing was written."""
    if isinstance(error, FieldErrors):
        desk.tell(error.errors)
    elif isinstance(error, PriceChanged):
        was, price = money_text(error.expected), money_text(error.price)
        desk.changed_price = True
        desk.look_again()
        desk.problems.append(
            Problem(
                _("The price changed from %(was)s to %(price)s.") % {"was": was, "price": price},
                _("Nothing was charged."),
                tone="amber",
            )
        )
    elif isinstance(error, OpenOverlap):
        desk.errors["overlap"] = _("Tick this to order anyway.")
    elif isinstance(error, KeyReused):
        desk.problems.append(_used(desk, request))
    elif isinstance(error, InsufficientFunds):
        desk.look_again()
    elif isinstance(error, Busy):
        desk.problems.append(Problem(words_of(error), tone="amber"))
    elif isinstance(error, NotAllowed):
        desk.problems.append(Problem(str(BLOCKED), _("Nothing was charged.")))
    else:
        desk.problems.append(Problem(words_of(error), _("Nothing was charged.")))


def _used(desk: Desk, request: HttpRequest) -> Problem:
    """The form placed another order before: say which, and let it be pressed anew."""
    mine = visible_orders(person(request))
    earlier = mine.filter(client_key=desk.client_key).values_list("pk", flat=True).first()
    desk.client_key = new_key()
    text = _("You changed it since. Press again to place this as another order.")
    title = _("This form has placed order %(number)s already.") % {"number": earlier}
    return Problem(title, text, earlier, tone="amber")

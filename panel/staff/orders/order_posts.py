"""What is done to one order from its page. Each calls one verb and goes back to the page."""

from collections.abc import Callable
from decimal import Decimal
from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders import cancellations, refills, submission, tracking
from orders.errors import Declined, FieldErrors, StateChanged
from orders.models import Order
from orders.people import visible_orders
from panel.access import person, staff_required, user
from panel.display import as_decimal, money_text

Act = Callable[[HttpRequest, Order], str]
WITH = ("customer", "provider", "offer", "service")


def _posted(act: Act) -> Callable[..., HttpResponseBase]:
    """A view that does `act` to an order of the person's and tells how it went."""

    @staff_required
    @require_POST
    @wraps(act)
    def view(request: HttpRequest, number: int) -> HttpResponse:
        mine = visible_orders(person(request)).select_related(*WITH)
        order = get_object_or_404(mine, pk=number)
        try:
            messages.success(request, act(request, order))
        except FieldErrors as error:
            messages.error(request, " ".join(error.errors.values()))
        except Declined as error:
            messages.error(request, str(error))
        return redirect("staff:order", number=number)

    return view


@_posted
def cancel(request: HttpRequest, order: Order) -> str:
    """Cancel and refund what waits; ask the provider about what runs."""
    asked = cancellations.request(order, by=user(request), now=timezone.now())
    if asked is None:
        return _("Order %(number)s is canceled, %(price)s went back.") % {
            "number": order.pk,
            "price": money_text(order.price),
        }
    return _("Asked to cancel. It is canceled when the provider's status says so.")


@_posted
def refill(request: HttpRequest, order: Order) -> str:
    """Ask the provider to fill up what has dropped."""
    refills.request(order, by=user(request), now=timezone.now())
    return _("Refill asked for.")


@_posted
def hold(request: HttpRequest, order: Order) -> str:
    """Keep a waiting order from being sent."""
    by, reason = user(request), _reason(request)
    submission.hold(order, by=by, now=timezone.now(), reason=reason)
    return _("Order %(number)s is held.") % {"number": order.pk}


@_posted
def release(request: HttpRequest, order: Order) -> str:
    """Let a held order go again."""
    reason = request.POST.get("reason", "").strip()
    submission.release(order, by=user(request), now=timezone.now(), reason=reason)
    return _("Order %(number)s is released.") % {"number": order.pk}


@_posted
def allow_loss(request: HttpRequest, order: Order) -> str:
    """Send an order whose cost rose, at no more than the loss that the person saw."""
    by, reason, seen = user(request), _reason(request), _seen_loss(request)
    loss = submission.allow_loss(order, seen=seen, by=by, now=timezone.now(), reason=reason)
    if not loss:
        return _("Order %(number)s is sent below the floor.") % {"number": order.pk}
    return _("Order %(number)s is sent at a loss of %(loss)s.") % {
        "number": order.pk,
        "loss": money_text(loss),
    }


@_posted
def track(request: HttpRequest, order: Order) -> str:
    """Make the address under which the order can be followed without a sign-in."""
    tracking.make(order, by=user(request), now=timezone.now())
    return _("Tracking address made. Copy it for the client.")


@_posted
def stop_tracking(request: HttpRequest, order: Order) -> str:
    """Close the address; whoever has it finds nothing there any more."""
    tracking.revoke(order, by=user(request), now=timezone.now())
    return _("Tracking address revoked. Nobody can open it any more.")


@_posted
def track_anew(request: HttpRequest, order: Order) -> str:
    """Close the address and make another one."""
    tracking.replace(order, by=user(request), now=timezone.now())
    return _("New tracking address made; the old one is closed.")


def _reason(request: HttpRequest) -> str:
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise FieldErrors({"reason": _("Say why; it is kept with the order.")})
    return reason


def _seen_loss(request: HttpRequest) -> Decimal:
    loss = as_decimal(request.POST.get("loss"))
    if loss is None:
        raise StateChanged(_("Open the order again and look at the loss."))
    return loss

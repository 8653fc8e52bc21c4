"""The review queue and its cases: what only a person can settle, with the evidence for it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import proposals, review
from orders.enums import Decision
from orders.errors import Declined, FieldErrors, LimitReached, StateChanged
from orders.models import Order
from orders.money import ZERO
from orders.people import visible_orders
from panel.access import person, staff_required, user
from panel.display import money_text
from panel.htmx import render
from panel.staff.reviews import (
    review_lately,
    review_looks,
    review_page,
    review_proposals,
    review_queue,
)
from panel.staff.reviews.review_choices import DecisionForm


@staff_required
def queue(request: HttpRequest) -> HttpResponse:
    """Every case by disturbance; to HTMX only the groups."""
    who = person(request)
    kind = review_queue.kind_of(request.GET.get("kind", ""))
    context = {
        "queue": review_queue.queue(who, timezone.now(), kind),
        "kind": kind,
        "kinds": [
            {"label": str(each.label), "url": _queue_url(each), "current": each is kind}
            for each in review_queue.KINDS
        ],
        "lately": review_lately.lately(who),
        "decides": who.decides,
    }
    return render(request, "staff/review.html", context, parts=("review-queue",))


def _queue_url(kind: review_queue.Kind) -> str:
    return reverse("staff:review") + (f"?kind={kind.slug}" if kind.slug else "")


@staff_required
def case(request: HttpRequest, number: int) -> HttpResponse:
    """One case; posted, the decision about it."""
    who = person(request)
    order = get_object_or_404(visible_orders(who).select_related(*review_page.WITH), pk=number)
    if not review.choices(order):
        messages.info(request, _("Order %(number)s needs no decision.") % {"number": number})
        return redirect("staff:order", number=number)
    if review_looks.asked(request):
        return _look(request, order)
    form = DecisionForm(order, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and (answer := _decide(request, order, form)):
        return answer
    return _case(request, order, form)


def _case(request: HttpRequest, order: Order, form: DecisionForm) -> HttpResponse:
    who = person(request)
    page = review_page.CasePage(order, who, form, timezone.now())
    context = {"page": page, "lately": review_lately.lately(who)}
    return render(request, "staff/case.html", context, status=422 if form.errors else 200)


def _look(request: HttpRequest, order: Order) -> HttpResponse:
    """Read the evidence anew; what was typed meanwhile stays as it was."""
    if declined := review_looks.carry_out(request, [order], timezone.now()):
        messages.error(request, declined)
    return _case(request, order, DecisionForm(order, initial=review_looks.typed(request.POST)))


def _decide(request: HttpRequest, order: Order, form: DecisionForm) -> HttpResponse | None:
    """Carry the decision out and go on; None when the form says what stands against it."""
    following = review_queue.queue(person(request), timezone.now()).neighbour(order.pk, 1)
    ruling = form.ruling(user(request))
    try:
        decided = review.decide(order, ruling, now=timezone.now())
    except StateChanged as error:
        messages.error(request, str(error))
        return redirect("staff:order", number=order.pk)
    except FieldErrors as error:
        form.take(error.errors)
        return None
    except LimitReached as error:
        proposals.propose(order, ruling, now=timezone.now())
        form.add_error(None, review_proposals.above(error))
        return None
    except Declined as error:
        form.add_error(None, str(error))
        return None
    messages.success(request, _told(decided, order, ruling))
    return redirect("staff:case", number=following) if following else redirect("staff:review")


def _told(decided: Order, before: Order, ruling: review.Ruling) -> str:
    back = max(decided.refunded - before.refunded, ZERO)
    named = {
        "number": decided.pk,
        "upstream_id": decided.upstream_id,
        "amount": money_text(back),
        "client": before.customer.name,
    }
    match ruling.decision:
        case Decision.FOUND:
            words = _("Order %(number)s is taken up as %(upstream_id)s.")
        case Decision.SEND_ANEW:
            words = _("Order %(number)s waits and is sent anew.")
        case Decision.WAIT:
            words = _("Order %(number)s waits; it stays in the queue.")
        case Decision.NOTHING_OWED:
            words = _("Order %(number)s is settled; nothing goes back.")
        case _other:
            words = _("Order %(number)s: %(amount)s went back to %(client)s.")
    return words % named

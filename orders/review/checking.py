"""What stands against a ruling, before anything is changed."""

from datetime import datetime

from django.utils.translation import gettext as _

from orders import evidence, people, providers
from orders.enums import Decision
from orders.errors import FieldErrors
from orders.models import Child, Order
from orders.review.rulings import ON_EVIDENCE, Ruling
from orders.spelling import count
from orders.upstream.errors import UpstreamError
from orders.upstream.replies import ItemError


def check(order: Order, ruling: Ruling, *, now: datetime) -> None:
    """Raise what stands against a ruling before anything is looked up: person, then form."""
    people.require_decider(ruling.by, order.customer)
    _check_form(order, ruling, now)


def _evidence_errors(order: Order, ruling: Ruling, now: datetime) -> dict[str, str]:
    if ruling.decision not in ON_EVIDENCE:
        return {}
    try:
        evidence.require(order, ruling.seen_at, now, without=ruling.without_evidence)
    except FieldErrors as error:
        return error.errors
    return {}


def _check_form(order: Order, ruling: Ruling, now: datetime) -> None:
    errors = _evidence_errors(order, ruling, now)
    if not ruling.reason.strip():
        errors["reason"] = _("Say why; it is kept with the order.")
    if ruling.decision == Decision.FOUND:
        errors |= id_errors(order, ruling.upstream_id.strip())
    if ruling.decision == Decision.PARTIAL:
        errors |= _remains_errors(order, ruling.remains)
    if errors:
        raise FieldErrors(errors)


def id_errors(order: Order, upstream_id: str) -> dict[str, str]:
    if not upstream_id:
        return {"upstream_id": _("Type the id that the provider shows for it.")}
    holder = Order.objects.filter(provider=order.provider_id, upstream_id=upstream_id)
    if other := holder.exclude(pk=order.pk).first():
        return {"upstream_id": _("Order %(other)s already has this id.") % {"other": other.pk}}
    run = Child.objects.filter(provider=order.provider_id, upstream_id=upstream_id).first()
    if run is not None:
        return {
            "upstream_id": _("This is run %(number)s of order %(order_id)s.")
            % {"number": run.number, "order_id": run.order_id}
        }
    return {}


def _remains_errors(order: Order, remains: int | None) -> dict[str, str]:
    if order.delivery_total is None:
        return {"remains": _("This type cannot be delivered in part; refund it or wait.")}
    if remains is None or not 0 <= remains <= order.delivery_total:
        return {
            "remains": _("Between 0 and %(delivery_total)s.")
            % {"delivery_total": count(order.delivery_total)}
        }
    return {}


def check_upstream_knows(order: Order, upstream_id: str) -> None:
    """Ask the provider for the id; only its plain "no" stops the decision."""
    if not providers.opens(order.provider):
        return
    with providers.client_for(order.provider) as client:
        try:
            answer = client.status(upstream_id.strip())
        except UpstreamError:
            return  # it cannot be asked now; the person has seen the id elsewhere
    if isinstance(answer, ItemError):
        raise FieldErrors(
            {
                "upstream_id": _("The provider knows no such order: “%(text)s”.")
                % {"text": answer.text}
            }
        )

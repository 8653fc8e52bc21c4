"""What people decide about a service: on sale, paused, at what cost."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from orders import service_types, sql
from orders.catalog.costs import cost_per_1000
from orders.catalog.pauses import Standing, standing_of
from orders.editing import edit
from orders.enums import PauseReason
from orders.errors import Declined, FieldErrors, StateChanged
from orders.kept_words import told
from orders.models import Offer, Service, User
from orders.panel_settings import current
from orders.spelling import figure


def accept_rate(
    service: Service,
    by: User | None,
    now: datetime,
    *,
    seen_rate: Decimal | None = None,
    reason: str = "",
) -> Service:
    """Accept what the offer costs now; a pause because of its cost ends.

    `seen_rate` is the rate that the person had before them: `StateChanged` if it moved since.
    """
    with sql.short_transaction():
        row = _locked(service)
        if seen_rate is not None and row.offer.rate != seen_rate:
            raise StateChanged(
                _("The rate moved again, to %(rate)s. Look once more.")
                % {"rate": figure(row.offer.rate)}
            )
        accept_cost(row, by=by, now=now, reason=reason)
    return row


def accept_cost(row: Service, *, by: User | None, now: datetime, reason: str = "") -> None:
    """The same for a locked service, inside the caller's transaction: a new price accepts too."""
    cost = cost_per_1000(row.offer.rate, row.offer.provider)
    values: dict[str, Any] = {"accepted_cost": cost}
    if row.pause in (PauseReason.COST_ROSE, PauseReason.CHARGED_MORE):
        values |= _pause_values(standing_of(row, cost, current().rise_threshold), now)
    edit(row, values, action="service.cost_accepted", by=by, now=now, reason=reason)


def pause(service: Service, by: User | None, now: datetime, *, reason: str) -> Service:
    """Take a service off sale until a person resumes it. Raises `FieldErrors` without a reason."""
    if not reason.strip():
        raise FieldErrors({"reason": _("Say why; the next person has to know.")})
    with sql.short_transaction():
        row = _locked(service)
        keep_off_sale(row, by=by, now=now, reason=reason)
    return row


def keep_off_sale(row: Service, *, by: User | None, now: datetime, reason: str) -> None:
    """The same for a locked service, inside the caller's transaction."""
    values = _pause_values(Standing(PauseReason.STAFF, reason.strip()[:300]), now)
    edit(row, values, action="service.paused", by=by, now=now, reason=reason)


def resume(service: Service, by: User | None, now: datetime, *, reason: str = "") -> Service:
    """End a pause. Where the machine has a reason of its own by now, that one takes its place.

    Raises `Declined` while only the provider, or accepting the cost, can end it.
    """
    with sql.short_transaction():
        row = _locked(service)
        if row.pause == PauseReason.COST_ROSE:
            raise Declined(
                _("%(why)s Accept the new cost first.") % {"why": told(row.pause_detail)}
            )
        if row.pause == PauseReason.BELOW_FLOOR:
            raise Declined(
                _("%(why)s Drop the fixed price first.") % {"why": told(row.pause_detail)}
            )
        if row.offer.retired_at is not None and row.pause == PauseReason.GONE:
            raise Declined(
                _("The provider no longer offers it. Point the service at another offer.")
            )
        _require_orderable(row.offer)
        standing = standing_of(row, row.accepted_cost, current().rise_threshold)
        values = _pause_values(standing, now)
        edit(row, values, action="service.resumed", by=by, now=now, reason=reason)
    return row


def hide(service: Service, by: User | None, now: datetime, *, reason: str = "") -> Service:
    """Take a service out of the shop."""
    return _set_visible(service, False, by, now, reason)


def show(service: Service, by: User | None, now: datetime, *, reason: str = "") -> Service:
    """Put a service into the shop. Raises `Declined` when its type cannot be ordered."""
    return _set_visible(service, True, by, now, reason)


def describe(
    service: Service, by: User | None, now: datetime, *, name: str, description: str = ""
) -> Service:
    """Change the words that customers read. Raises `FieldErrors`."""
    if not name.strip():
        raise FieldErrors({"name": _("Type a name.")})
    values = {"name": name.strip(), "description": description.strip()}
    with sql.short_transaction():
        row = _locked(service)
        edit(row, values, action="service.described", by=by, now=now)
    return row


def _set_visible(
    service: Service, visible: bool, by: User | None, now: datetime, reason: str
) -> Service:
    action = "service.shown" if visible else "service.hidden"
    with sql.short_transaction():
        row = _locked(service)
        if visible:
            _require_orderable(row.offer)
        edit(row, {"is_visible": visible}, action=action, by=by, now=now, reason=reason)
    return row


def _require_orderable(offer: Offer) -> None:
    if why := service_types.why_not_orderable(offer.type_name):
        raise Declined(why)


def _locked(service: Service) -> Service:
    """The row as it stands. Locked first and joined then: were it pointed elsewhere while we wait
    for it, a join that was made before would not hold, and the row would not be found."""
    Service.objects.select_for_update(no_key=True).get(pk=service.pk)
    return Service.objects.select_related("offer__provider").get(pk=service.pk)


def _pause_values(standing: Standing, now: datetime) -> dict[str, Any]:
    return {
        "pause": standing.pause.value,
        "paused_at": now if standing.pause else None,
        "pause_detail": standing.detail,
    }

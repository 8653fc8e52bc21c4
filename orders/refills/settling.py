"""What a person decides about a refill: what became of it, and which number it has."""

from datetime import datetime

from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orders import auditing, followups, persons, sql
from orders.enums import NoRefill, RefillStatus
from orders.errors import FieldErrors, NotAllowed, StateChanged
from orders.kept_words import Sentence
from orders.models import Refill, User
from orders.refills.asking import KIND
from orders.refills.states import LOST, NUMBERED

WAS_NUMBERED = Sentence(gettext_noop("Its number was %(number)s: %(reason)s"))


def settle(
    refill: Refill, *, by: User, now: datetime, reason: str, upstream_id: str = ""
) -> Refill:
    """A person says what became of a refill whose answer was lost, or which has no number.

    With `upstream_id` it was taken and is followed; without, it is closed and may be asked for
    again. Raises `FieldErrors`, `StateChanged` or `NotAllowed`.
    """
    persons.require_staff(by)
    persons.require_sight(by, refill.order.customer)
    if not reason.strip():
        raise FieldErrors({"reason": _("Say why; it is kept with the order.")})
    upstream_id = upstream_id.strip()[:64]
    _check_number(refill, upstream_id)
    try:
        _settle(refill, by, now, reason.strip(), upstream_id)
    except IntegrityError:
        _check_number(refill, upstream_id)  # another one got this number a moment ago
        raise
    refill.refresh_from_db()
    return refill


def _check_number(refill: Refill, upstream_id: str) -> None:
    if upstream_id and (other := followups.holder(KIND, refill, upstream_id)):
        raise FieldErrors(
            {
                "upstream_id": _("The refill of order %(other)s already has this number.")
                % {"other": other}
            }
        )


def _settle(refill: Refill, by: User, now: datetime, reason: str, upstream_id: str) -> None:
    status = RefillStatus.PENDING if upstream_id else RefillStatus.FAILED
    with sql.short_transaction():
        settled = _unsettled(refill.pk).update(
            status=status,
            upstream_id=upstream_id,
            claim=None,
            answer=reason[:300],
            changed_at=now,
            ended_at=None if upstream_id else now,
        )
        if not settled:
            raise StateChanged(_("This refill moved on in the meantime; look at it again."))
        followups.tell(
            KIND, refill.pk, refill.order_id, status, now, person_id=by.pk, detail=reason
        )
        told = {"status": status, "upstream_id": upstream_id}
        auditing.record_order(by, "refill.settled", refill.order, {}, told, reason, at=now)


def _unsettled(pk: int) -> QuerySet[Refill]:
    return Refill.objects.filter(LOST, pk=pk)


def renumber(refill: Refill, *, upstream_id: str, by: User, now: datetime, reason: str) -> Refill:
    """A person found that a refill was followed by a wrong number: it is followed by this one,
    from the beginning, also where the wrong one has led to an end.

    Raises `FieldErrors`, `StateChanged` or `NotAllowed`.
    """
    persons.require_staff(by)
    persons.require_sight(by, refill.order.customer)
    if not persons.person_of(by).sees_cost:
        raise NotAllowed(_("Only who sees the provider corrects its numbers."))
    upstream_id = upstream_id.strip()[:64]
    errors = {"reason": _("Say why; it is kept with the order.")} if not reason.strip() else {}
    if not upstream_id:
        errors["upstream_id"] = _("Type the number that the provider's own pages show.")
    elif upstream_id == refill.upstream_id:
        errors["upstream_id"] = _("It has this number already.")
    if errors:
        raise FieldErrors(errors)
    _check_number(refill, upstream_id)
    try:
        _renumber(refill, by, now, reason.strip(), upstream_id)
    except IntegrityError as error:
        _check_number(refill, upstream_id)  # another one got this number a moment ago
        raise StateChanged(str(NoRefill.ASKED.label)) from error
    refill.refresh_from_db()
    return refill


def _renumber(refill: Refill, by: User, now: datetime, reason: str, upstream_id: str) -> None:
    was, status = refill.upstream_id, RefillStatus.PENDING
    with sql.short_transaction():
        standing = Refill.objects.filter(NUMBERED, pk=refill.pk, upstream_id=was)
        changed = standing.update(
            status=status, upstream_id=upstream_id, answer="", changed_at=now, ended_at=None
        )
        if not changed:
            raise StateChanged(_("This refill moved on in the meantime; look at it again."))
        words = WAS_NUMBERED.of(number=was, reason=reason)
        followups.tell(KIND, refill.pk, refill.order_id, status, now, person_id=by.pk, detail=words)
        before = {"status": refill.status, "upstream_id": was}
        told = {"status": status, "upstream_id": upstream_id}
        auditing.record_order(by, "refill.renumbered", refill.order, before, told, reason, at=now)

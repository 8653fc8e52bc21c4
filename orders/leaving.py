"""Somebody leaves the house: what they leave behind, and handing all of it over by one press."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orders import auditing, handovers, managing, review, rules, sign_ins, sql, tills
from orders.enums import EventKind
from orders.errors import FieldErrors, StateChanged
from orders.models import Customer, Event, Invitation, Order, Staff, TillClosing, User
from orders.persons import require_over
from orders.rules import Handing

MOST_COUNTED = 1000


@dataclass(frozen=True)
class Left:
    """What was handed over: clients, cash, and the difference that another admin confirms."""

    clients: int
    cash: Decimal
    difference: Decimal


class Leaving:
    """What a member would leave behind, and what their clients would pay with `heir`."""

    def __init__(self, staff: Staff, heir: Staff | None, now: datetime):
        self.staff, self.heir, self._now = staff, heir, now

    @cached_property
    def prices(self) -> Handing:
        """What the clients would pay."""
        clients = Customer.objects.filter(manager=self.staff)
        return rules.handing(clients, self.heir.pk if self.heir else None)

    @cached_property
    def held(self) -> Decimal:
        """What the till should hold by the books."""
        return tills.held(self.staff)

    @cached_property
    def uncounted(self) -> TillClosing | None:
        """A count of the till that no admin has confirmed yet; it stands in the way."""
        return TillClosing.objects.filter(staff=self.staff, confirmed_at=None).first()

    @cached_property
    def proposals(self) -> int:
        """Cases that they put to an admin and that are still open; they stay."""
        theirs = Event.objects.filter(
            kind=EventKind.PROPOSED, person=self.staff.user, at__gte=F("order__status_at")
        )
        cases = theirs.filter(order__in=Order.objects.filter(review.OPEN_CASES).values("pk"))
        return cases.values("order").distinct()[: MOST_COUNTED + 1].count()

    @cached_property
    def invitations(self) -> int:
        """Invitations that somebody may still use; they are revoked."""
        return _open_invitations(self.staff, self._now)[: MOST_COUNTED + 1].count()

    @cached_property
    def fingerprint(self) -> str:
        """Of the prices and of the till, as they were seen."""
        waiting = self.uncounted.pk if self.uncounted else None
        said = repr((self.prices.fingerprint, self.held, waiting))
        return hashlib.sha256(said.encode()).hexdigest()[:40]


def switch_off_member(
    staff: Staff,
    *,
    heir: Staff | None,
    by: User | None,
    now: datetime,
    reason: str = "",
    counted: Decimal | None = None,
    cash_to: Staff | None = None,
    seen: str | None = None,
) -> Left:
    """End a member's sign-in and sessions and hand over what is theirs, all of it or nothing.

    Their clients go to `heir` (None: to nobody); the cash that was `counted` in their till goes
    into the till of `cash_to` (None: into the safe); open invitations are revoked. What the count
    lacks stays on the till until another admin confirms it. `seen` is the fingerprint of what the
    person saw. Raises `FieldErrors`, `NotAllowed`, or `StateChanged`.
    """
    if by is not None:
        require_over(by, staff)
    if staff in (heir, cash_to):
        raise FieldErrors({"heir": _("Choose somebody else of the house.")})
    with tills.refusals_kept(by=by, now=now), sql.short_transaction():
        managing.lock_working([one for one in (heir, cash_to) if one], also=[staff])
        handovers.lock(staff, cash_to)
        _require_on(staff)
        if seen is not None and Leaving(staff, heir, now).fingerprint != seen:
            raise StateChanged(managing.MOVED_ON)
        sign_ins.switch_off(staff.user, by=by, now=now, reason=reason)
        clients = managing.hand_over(staff, heir, by=by, now=now, reason=reason)
        _revoke_invitations(staff, by, now)
        emptied = handovers.empty(staff, counted, cash_to, by=by, now=now, note=reason)
    return Left(clients, emptied.cash, emptied.difference)


def _require_on(staff: Staff) -> None:
    if not User.objects.filter(pk=staff.user_id, is_active=True).exists():
        raise StateChanged(_("%(staff)s is switched off already.") % {"staff": staff.name})


def _open_invitations(staff: Staff, now: datetime) -> QuerySet[Invitation]:
    theirs = Invitation.objects.filter(made_by=staff.user, customer=None, revoked_at=None)
    return theirs.filter(expires_at__gt=now)


def _revoke_invitations(staff: Staff, by: User | None, now: datetime) -> None:
    """Whoever signed up with one would be a client of somebody who is not there."""
    theirs = _open_invitations(staff, now)
    rows = list(theirs)
    theirs.update(revoked_at=now)
    auditing.record_alike(
        by, "invitation.revoked", rows, {}, {}, gettext_noop("Its maker left"), at=now
    )

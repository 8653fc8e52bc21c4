"""Who manages which clients: giving them to a member, some by number or all of somebody's.

The manager's own markup, floor and ceiling make what a client pays, so a change of manager is one
of prices: `rules.handing` works out which, and whoever presses says which of it they saw.
`by` is who does it; None is the operator at the command line, who may do everything.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import auditing, rules, sql
from orders.errors import FieldErrors, NotAllowed, StateChanged
from orders.models import Customer, Staff, User
from orders.persons import require_admin

MOST_AT_ONCE = 100
MOVED_ON = gettext_lazy(
    "Prices or clients changed since you looked. Look once more, then press again."
)


def assign(
    numbers: Collection[int],
    manager: Staff | None,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    seen: str | None = None,
) -> int:
    """Give these clients to a member (None: to nobody); their markup and sight apply from now on.

    Open orders keep their price. `seen` is the fingerprint of the prices that the person saw. Each
    client that changed hands has an entry in the audit trail; returns how many did. Raises
    `FieldErrors`, `NotAllowed`, or `StateChanged` when what was seen has moved.
    """
    if len(numbers) > MOST_AT_ONCE:
        raise FieldErrors(
            {
                "heir": _("At most %(most_at_once)s clients at once.")
                % {"most_at_once": MOST_AT_ONCE}
            }
        )
    if by is not None:
        require_admin(by)
    with sql.short_transaction():
        if manager is not None:
            lock_working([manager])
        rows = _locked(Customer.objects.filter(pk__in=numbers))
        if len(rows) < len(set(numbers)):
            raise StateChanged(_("One of these clients is not there any more."))
        require_seen(Customer.objects.filter(pk__in=numbers), manager, seen)
        moving = [row for row in rows if row.manager_id != (manager.pk if manager else None)]
        _not_their_own(moving, by)
        Customer.objects.filter(pk__in=[row.pk for row in moving]).update(manager=manager)
        former: defaultdict[int | None, list[Customer]] = defaultdict(list)
        for row in moving:
            former[row.manager_id].append(row)
        for given in former.values():
            said = {"manager": given[0].manager}, {"manager": manager}
            auditing.record_alike(by, "customer.changed", given, *said, reason, at=now)
    return len(moving)


def hand_over(
    staff: Staff,
    heir: Staff | None,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    seen: str | None = None,
) -> int:
    """Give all clients of a member to another one (None: to nobody); returns how many there were.

    Raises as `assign` does.
    """
    if by is not None:
        require_admin(by)
    if heir is not None and heir.pk == staff.pk:
        raise FieldErrors({"heir": _("Choose somebody else of the house.")})
    with sql.short_transaction():
        lock_working([heir] if heir else [], also=[staff])
        theirs = _locked(Customer.objects.filter(manager=staff))
        require_seen(Customer.objects.filter(manager=staff), heir, seen)
        _not_their_own(theirs, by)
        moved = Customer.objects.filter(pk__in=[row.pk for row in theirs]).update(manager=heir)
        if moved:
            after = {"manager": heir, "clients": moved}
            auditing.record(
                by, "staff.clients_given", staff, {"manager": staff}, after, reason, at=now
            )
    return moved


def lock_working(
    members: Collection[Staff], also: Collection[Staff] = (), *, field: str = "heir"
) -> None:
    """Lock the rows of members, by id, and see that the sign-ins of `members` are on.

    Whoever is switched off is locked so too: nobody is given clients or cash while they leave.
    Raises `FieldErrors`.
    """
    wanted = sorted({member.pk for member in (*members, *also)})
    rows = Staff.objects.filter(pk__in=wanted).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))
    working = rows.filter(user__is_active=True).values_list("pk", flat=True)
    if {member.pk for member in members} - set(working):
        raise FieldErrors({field: _("Choose somebody else of the house: they are switched off.")})


def require_seen(clients: QuerySet[Customer], manager: Staff | None, seen: str | None) -> None:
    """Raises `StateChanged` when prices, rules or clients are not those that the person saw."""
    if seen is None:
        return
    if rules.handing(clients, manager.pk if manager else None).fingerprint != seen:
        raise StateChanged(MOVED_ON)


def _locked(clients: QuerySet[Customer]) -> list[Customer]:
    # NO KEY: an order that is being placed for the client must not wait for this lock.
    return list(clients.order_by("pk").select_for_update(no_key=True))


def _not_their_own(clients: Collection[Customer], by: User | None) -> None:
    """The manager's markup makes the price: nobody chooses who makes their own."""
    if by is not None and any(client.user_id == by.pk for client in clients):
        raise NotAllowed(_("Your own customer account is among these; ask somebody else."))

"""The tills of the others, as admins see them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Max

from orders import auditing, tills
from orders.enums import AccountKind
from orders.models import Account, AuditEntry, Staff, TillClosing
from orders.money import ZERO

MOST_TILLS = 100
MOST_REFUSALS = 99


@dataclass(frozen=True)
class OtherTill:
    """Somebody's till: what it should hold and when it was last counted and confirmed."""

    number: int
    name: str
    is_active: bool
    held: Decimal
    counted_at: datetime | None


def other_tills(but: Staff) -> list[OtherTill]:
    """The tills that were ever used, by name, without one's own. Four queries."""
    accounts = Account.objects.filter(kind=AccountKind.TILL).exclude(staff=but)
    listed = list(
        accounts.select_related("staff__user").order_by("staff__user__name", "pk")[:MOST_TILLS]
    )
    sums = tills.sums([account.pk for account in listed])
    counted = _last_counts([account.staff_id for account in listed])
    return [
        OtherTill(
            account.staff.pk,
            account.staff.name,
            account.staff.user.is_active,
            sums.get(account.pk, ZERO),
            counted.get(account.staff.pk),
        )
        for account in listed
        if account.staff is not None
    ]


def refusals_since(staff: Staff, moment: datetime | None) -> int:
    """How often more was asked of the till than it held or may hold; counted to 99."""
    tried = AuditEntry.objects.filter(subject=auditing.subject_of(staff), action__in=tills.TRIES)
    if moment is not None:
        tried = tried.filter(at__gt=moment)
    return tried[:MOST_REFUSALS].count()


def _last_counts(members: list[int | None]) -> dict[int, datetime]:
    counted = TillClosing.objects.filter(staff__in=members).exclude(confirmed_at=None)
    return dict(counted.order_by().values_list("staff").annotate(Max("counted_at")))

"""Money that we pay onto a provider's account: written down by a person, taken back by another
line, never changed."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from orders import auditing
from orders.enums import MovementKind
from orders.errors import FieldErrors, KeyReused, StateChanged
from orders.models import Movement, Provider, User
from orders.persons import require_admin
from orders.spelling import spelled
from orders.statements import positive

ABOUT = timedelta(minutes=5)
"""People note a payment when they have made it: it arrived within so long before."""

OLDEST = timedelta(days=400)


def top_ups(provider: Provider) -> QuerySet[Movement]:
    """What was paid onto a provider's account and what of it was taken back, with who did."""
    rows = Movement.objects.filter(provider=provider, kind=MovementKind.TOP_UP)
    return rows.select_related("person", "taken_back")


def record_top_up(
    provider: Provider,
    amount: Decimal,
    at: datetime,
    *,
    by: User,
    now: datetime,
    memo: str = "",
    token: str,
) -> Movement:
    """An admin writes down that `amount`, in the provider's currency, arrived there at a moment.

    The same form twice returns the first line. Raises `FieldErrors`, `NotAllowed`, or `KeyReused`
    when the form carried another amount before.
    """
    require_admin(by)
    amount = positive(amount)
    if not now - OLDEST <= at <= now:
        when = (
            _("It has not happened yet.") if at > now else _("That is too long ago to be compared.")
        )
        raise FieldErrors({"at": when})
    values = {
        "provider": provider,
        "kind": MovementKind.TOP_UP,
        "amount": amount,
        "begun_at": at - ABOUT,
        "at": at,
        "recorded_at": now,
        "person": by,
        "memo": memo.strip()[:300],
    }
    try:
        with transaction.atomic():
            row = Movement.objects.create(**values, token=token)
            after = {"amount": amount, "at": at.isoformat()}
            auditing.record(by, "provider.topped_up", provider, {}, after, row.memo, at=now)
    except IntegrityError:
        return _earlier(provider, amount, token)
    return row


def _earlier(provider: Provider, amount: Decimal, token: str) -> Movement:
    row = Movement.objects.filter(provider=provider, token=token, amount=amount).first()
    if row is None:
        raise KeyReused
    return row


def take_back(provider: Provider, number: int, *, by: User, now: datetime, reason: str) -> Movement:
    """Undo a top-up that was written down wrongly, by a line of the opposite amount.

    Raises `FieldErrors`, `NotAllowed`, or `StateChanged` when it was taken back already.
    """
    require_admin(by)
    if not reason.strip():
        raise FieldErrors({"reason": _("Say what was wrong; it is kept.")})
    row = top_ups(provider).filter(pk=number, takes_back=None).first()
    if row is None:
        raise StateChanged(_("There is no such top-up."))
    try:
        with transaction.atomic():
            undone = Movement.objects.create(
                provider=provider,
                kind=MovementKind.TOP_UP,
                amount=-row.amount,
                begun_at=row.begun_at,
                at=row.at,
                recorded_at=now,
                person=by,
                memo=reason.strip()[:300],
                takes_back=row,
            )
            before = {"amount": row.amount, "at": row.at.isoformat()}
            auditing.record(by, "provider.top_up_undone", provider, before, {}, reason, at=now)
    except IntegrityError as error:
        words = _("The top-up of %(amount)s was taken back already.") % {
            "amount": spelled(row.amount)
        }
        raise StateChanged(words) from error
    return undone

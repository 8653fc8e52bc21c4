"""Amounts as people type them, and movements as an account's owner reads them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from orders import ledger
from orders.errors import FieldErrors
from orders.models import Customer, Transfer
from orders.money import UNITS, ZERO, Unrepresentable, to_units

LARGEST = Decimal(10) ** 9
"""More than this in one movement is a slip of the hand."""


def positive(amount: Decimal, field: str = "amount") -> Decimal:
    """An amount that can be moved, or `FieldErrors` that say what is wrong with it."""
    try:
        units = to_units(amount)
    except Unrepresentable as error:
        raise FieldErrors(
            {field: _("Type an amount with at most eight decimal places.")}
        ) from error
    if not 0 < units <= LARGEST * UNITS:
        raise FieldErrors({field: _("Type an amount above zero, and at most a billion.")})
    return Decimal(amount)


@dataclass(frozen=True, slots=True)
class Line:
    """A transfer as it looks from one account: `amount` is below zero when money went out."""

    transfer: Transfer
    amount: Decimal

    @property
    def id(self) -> int:
        return self.transfer.pk


Span = tuple[datetime | None, datetime | None]
"""From the first moment up to, and without, the second; None is no end on that side."""

ALWAYS: Span = (None, None)


def statement(
    customer: Customer, before_id: int | None = None, limit: int = 50, span: Span = ALWAYS
) -> list[Line]:
    """Movements of a wallet, the newest first; the next page begins before the last line's id.

    Memos and persons are for staff.
    """
    return account_lines(ledger.wallet_id(customer.pk), before_id, limit, span)


def balance_at(customer: Customer, moment: datetime) -> Decimal:
    """What the wallet held just before a moment."""
    latest = account_lines(ledger.wallet_id(customer.pk), None, 1, (None, moment))
    return (latest[0].transfer.balance_after if latest else None) or ZERO


@dataclass(frozen=True, slots=True)
class Turnover:
    """What came into a wallet and went out of it over some time; both are zero or more."""

    incoming: Decimal
    outgoing: Decimal


def turnover(customer: Customer, span: Span) -> Turnover:
    """The sums of a wallet's movements over a span. Two queries."""
    wallet, moved = ledger.wallet_id(customer.pk), Transfer.objects.filter(_within(span))
    sums = [
        moved.filter(**{side: wallet}).aggregate(sum=Sum("amount"))["sum"] or ZERO
        for side in ("target_id", "source_id")
    ]
    return Turnover(*sums)


def _within(span: Span) -> Q:
    begin, end = span
    fits = Q(at__gte=begin) if begin is not None else Q()
    return fits & Q(at__lt=end) if end is not None else fits


def account_lines(
    account_id: int, before_id: int | None, limit: int, span: Span = ALWAYS
) -> list[Line]:
    """Movements of any account: each direction by its own index, merged here."""
    older = Q(pk__lt=before_id) if before_id is not None else Q()
    rows = Transfer.objects.filter(older, _within(span)).select_related(
        "person", "source", "target"
    )
    incoming = rows.filter(target_id=account_id).order_by("-id")[:limit]
    outgoing = rows.filter(source_id=account_id).order_by("-id")[:limit]
    lines = [Line(transfer, transfer.amount) for transfer in incoming]
    lines += [Line(transfer, -transfer.amount) for transfer in outgoing]
    return sorted(lines, key=lambda line: -line.id)[:limit]

"""What the till's page shows: one's own till, and to admins the tills and counts of the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Q, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone

from orders import tills
from orders.enums import AccountKind, TransferKind
from orders.models import Account, Staff, TillClosing, Transfer
from orders.money import ZERO
from orders.people import Person
from panel.staff.amounts import AmountField, OnceForm
from panel.staff.statement_lines import Statement, statement

MOST_TILLS = 100
LATEST = 8


class DropForm(OnceForm):
    """Cash into the safe."""

    amount = AmountField()
    memo = forms.CharField(max_length=300, required=False, label="Note")


class CountForm(forms.Form):
    """What was counted, before anything is shown."""

    counted = AmountField(label="Counted", help_text="Every note and coin in the till.")
    note = forms.CharField(max_length=300, required=False)


@dataclass(frozen=True)
class Closing:
    """A count of a till. Difference and expectation are None for the counter until confirmed."""

    number: int
    who: str
    is_mine: bool
    counted_at: datetime
    counted: Decimal
    expected: Decimal | None
    difference: Decimal | None
    confirmed_by: str
    confirmed_at: datetime | None
    note: str
    can_confirm: bool


@dataclass(frozen=True)
class OtherTill:
    """Somebody's till, as an admin sees it."""

    name: str
    held: Decimal


class TillPage:
    """The page of one member; each part asks the database when it is shown."""

    def __init__(self, who: Person, staff: Staff, now: datetime, before: str | None = None):
        self.who, self.staff, self.now, self._before = who, staff, now, before

    @cached_property
    def figures(self) -> list[dict[str, Any]]:
        """What the till should hold, and today's cash."""
        today = _cash_today(self.staff, self.now)
        return [
            {"label": "Should hold", "amount": tills.held(self.staff), "tone": "accent"},
            {"label": "Taken today", "amount": today.get(TransferKind.CASH_TAKEN, ZERO)},
            {"label": "Paid out today", "amount": today.get(TransferKind.PAID_OUT, ZERO)},
        ]

    @cached_property
    def statement(self) -> Statement:
        """Movements of the till, as the till sees them."""
        return statement(
            lambda before, limit: tills.till_statement(self.staff, before, limit),
            self._before,
            reverse("staff:tills"),
        )

    @cached_property
    def waiting(self) -> list[Closing]:
        """Counts that wait for an admin: one's own, and to an admin everybody's."""
        return self._closings(TillClosing.objects.filter(confirmed_at=None), MOST_TILLS)

    @cached_property
    def confirmed(self) -> list[Closing]:
        """The latest confirmed counts."""
        return self._closings(TillClosing.objects.exclude(confirmed_at=None), LATEST)

    @property
    def counted(self) -> Closing | None:
        """One's own count that waits; while it does, there is no other."""
        return next((row for row in self.waiting if row.is_mine), None)

    @cached_property
    def others(self) -> list[OtherTill]:
        """The tills of the others that were ever used, to admins; three queries."""
        if not self.who.is_admin:
            return []
        accounts = Account.objects.filter(kind=AccountKind.TILL).exclude(staff=self.staff)
        named = accounts.order_by("staff__user__name").values_list("pk", "staff__user__name")
        listed = list(named[:MOST_TILLS])
        sums = _sums([account for account, _ in listed])
        return [OtherTill(name, sums.get(account, ZERO)) for account, name in listed]

    def _closings(self, closings: QuerySet[TillClosing], most: int) -> list[Closing]:
        if not self.who.is_admin:
            closings = closings.filter(staff=self.staff)
        found = closings.select_related("staff__user", "confirmed_by").order_by("-pk")
        return [self._closing(row) for row in found[:most]]

    def _closing(self, row: TillClosing) -> Closing:
        decides = self.who.is_admin and row.staff_id != self.staff.pk
        told = decides or row.confirmed_at is not None
        return Closing(
            number=row.pk,
            who=row.staff.name,
            is_mine=row.staff_id == self.staff.pk,
            counted_at=row.counted_at,
            counted=row.counted,
            expected=row.expected if told else None,
            difference=row.counted - row.expected if told else None,
            confirmed_by=str(row.confirmed_by) if row.confirmed_by else "",
            confirmed_at=row.confirmed_at,
            note=row.note,
            can_confirm=decides,
        )


def _cash_today(staff: Staff, now: datetime) -> Mapping[str, Decimal]:
    """What the member took and paid since midnight in the panel's zone, by kind. One query."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    kinds = (TransferKind.CASH_TAKEN, TransferKind.PAID_OUT)
    mine = Transfer.objects.filter(person=staff.user_id, at__gte=midnight, kind__in=kinds)
    return dict(mine.order_by().values_list("kind").annotate(Sum("amount")))


def _sums(accounts: list[int]) -> dict[int, Decimal]:
    """What each till holds: what went out of its account minus what came in."""
    held: dict[int, Decimal] = {}
    for side, sign in (("source", 1), ("target", -1)):
        moved = Transfer.objects.filter(Q(**{f"{side}__in": accounts})).order_by()
        for account, amount in moved.values_list(side).annotate(Sum("amount")):
            held[account] = held.get(account, ZERO) + sign * amount
    return held

"""What the till's pages show.

One's own till is blind: neither its sum nor the amounts since the last confirmed count, whoever
looks, so that a count can be fitted to nothing. Admins see the tills of the others.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import people, tills
from orders.enums import TransferKind
from orders.models import Staff, TillClosing
from orders.people import Person
from panel.display import money_text
from panel.staff.amounts import AmountField, OnceForm
from panel.staff.clients.client_forms import managers
from panel.staff.statement_lines import Statement, statement
from panel.staff.tills.other_tills import OtherTill, other_tills, refusals_since

MOST_WAITING = 100
LATEST = 8


class DropForm(OnceForm):
    """Cash into the safe."""

    amount = AmountField()
    memo = forms.CharField(max_length=300, required=False, label=gettext_lazy("Note"))


class HandForm(DropForm):
    """Cash out of somebody else's till: into the safe, or into the till of who has it now."""

    into = forms.ModelChoiceField(
        managers(),
        required=False,
        empty_label=gettext_lazy("The safe"),
        label=gettext_lazy("Where it goes"),
        help_text=gettext_lazy("The safe, or the till of somebody who has it now."),
    )
    field_order = ["token", "amount", "into", "memo"]

    def __init__(self, giver: Staff, data: Any = None):
        super().__init__(data)
        others = managers().exclude(pk=giver.pk)
        self.fields["into"].queryset = others  # type: ignore[attr-defined]


class CountForm(forms.Form):
    """What was counted, before anything is shown."""

    counted = AmountField(
        label=gettext_lazy("Counted"), help_text=gettext_lazy("Every note and coin in the till.")
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)


@dataclass(frozen=True)
class Closing:
    """A count of a till. Difference and expectation are None for its member until confirmed.

    `counter` names who counted, where that is not the member.
    """

    number: int
    who: str
    is_mine: bool
    counted_at: datetime
    counted: Decimal
    counter: str
    expected: Decimal | None
    difference: Decimal | None
    confirmed_by: str
    confirmed_at: datetime | None
    note: str
    can_confirm: bool


class TillPage:
    """One's own till; each part asks the database when it is shown."""

    def __init__(self, who: Person, staff: Staff, before: str | None = None):
        self.who, self.staff, self._before = who, staff, before

    @property
    def last(self) -> Closing | None:
        """One's own latest confirmed count."""
        return next((row for row in self.confirmed if row.is_mine), None)

    @cached_property
    def statement(self) -> Statement:
        """Movements of the till; amounts only up to the last confirmed count."""
        counted = TillClosing.objects.filter(staff=self.staff).exclude(confirmed_at=None)
        until = counted.order_by("-pk").values_list("counted_at", flat=True).first()
        return statement(
            lambda before, limit: tills.till_statement(self.staff, before, limit),
            self._before,
            reverse("staff:tills"),
            lambda line: _is_kept_back(line.transfer, until),
        )

    @cached_property
    def waiting(self) -> list[Closing]:
        """Counts that wait for an admin: one's own, and to an admin everybody's."""
        return self._closings(TillClosing.objects.filter(confirmed_at=None), MOST_WAITING)

    @cached_property
    def confirmed(self) -> list[Closing]:
        """The latest confirmed counts."""
        return self._closings(TillClosing.objects.exclude(confirmed_at=None), LATEST)

    @property
    def counted(self) -> Closing | None:
        """One's own count that waits; while it does, there is no other."""
        return next((row for row in self.waiting if row.is_mine), None)

    @cached_property
    def needs_an_admin(self) -> bool:
        """Whether one's own count waits for somebody who does not exist: another admin."""
        return self.counted is not None and not people.has_other_admin(self.staff)

    @cached_property
    def others(self) -> list[OtherTill]:
        """The tills of the others that were ever used, to admins."""
        return other_tills(self.staff) if self.who.is_admin else []

    def _closings(self, closings: QuerySet[TillClosing], most: int) -> list[Closing]:
        if not self.who.is_admin:
            closings = closings.filter(staff=self.staff)
        found = closings.select_related("staff__user", "counted_by", "confirmed_by").order_by("-pk")
        return [closing(row, self.who) for row in found[:most]]


class OtherTillPage:
    """Somebody else's till, for an admin: what it should hold, and every movement."""

    def __init__(self, staff: Staff, before: str | None = None):
        self.staff, self._before = staff, before
        self.name, self.number = staff.name, staff.pk
        self.url = reverse("staff:till", args=[staff.pk])
        self.count_url = reverse("staff:count_for", args=[staff.pk])
        self.drop_url = reverse("staff:drop_from", args=[staff.pk])

    @cached_property
    def last(self) -> TillClosing | None:
        """The latest confirmed count."""
        counted = TillClosing.objects.filter(staff=self.staff).exclude(confirmed_at=None)
        return counted.order_by("-pk").first()

    @cached_property
    def waiting(self) -> TillClosing | None:
        """A count that nobody has confirmed yet."""
        counted = TillClosing.objects.filter(staff=self.staff, confirmed_at=None)
        return counted.select_related("counted_by").first()

    @property
    def can_count(self) -> bool:
        """Whoever is switched off cannot count; an admin does, and another one confirms."""
        return not self.staff.user.is_active and self.waiting is None

    @property
    def figures(self) -> list[dict[str, Any]]:
        """The sum by the books, the last count, and how often the till could not give."""
        last, most = self.last, self.staff.till_limit
        refused = refusals_since(self.staff, last.counted_at if last else None)
        apart = last.counted - last.expected if last else None
        return [
            {
                "label": _("Should hold"),
                "amount": tills.held(self.staff),
                "tone": "accent",
                "note": ""
                if most is None
                else _("of %(most)s at most") % {"most": money_text(most)},
            },
            {
                "label": _("Last difference"),
                "amount": apart,
                "value": "–",
                "tone": "red" if apart is not None and apart < 0 else "",
                "note": _("at the last confirmed count") if last else _("never counted"),
            },
            {
                "label": _("Refused"),
                "value": str(refused),
                "note": _("tries for more than it held or may hold, since then"),
            },
        ]

    @cached_property
    def statement(self) -> Statement:
        """Movements of the till."""
        return statement(
            lambda before, limit: tills.till_statement(self.staff, before, limit),
            self._before,
            self.url,
        )


def closing(row: TillClosing, who: Person) -> Closing:
    """A count as this person may read it."""
    is_mine = who.staff is not None and row.staff_id == who.staff.pk
    decides = who.is_admin and not is_mine and row.counted_by_id != who.user.pk
    told = decides or row.confirmed_at is not None
    confirmed_by = str(row.confirmed_by) if row.confirmed_by else _("at the command line")
    return Closing(
        number=row.pk,
        who=row.staff.name,
        is_mine=is_mine,
        counted_at=row.counted_at,
        counted=row.counted,
        counter=str(row.counted_by) if row.counted_by_id not in (None, row.staff.user_id) else "",
        expected=row.expected if told else None,
        difference=row.counted - row.expected if told else None,
        confirmed_by=confirmed_by if row.confirmed_at else "",
        confirmed_at=row.confirmed_at,
        note=row.note,
        can_confirm=decides,
    )


def _is_kept_back(transfer: Any, until: datetime | None) -> bool:
    if transfer.kind == TransferKind.TILL_DIFFERENCE:
        return False
    return until is None or transfer.at > until

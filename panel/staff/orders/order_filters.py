"""The filter row of the orders list: what may be asked for, and what that means for a query."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from orders import lateness, placed
from orders.enums import HoldReason, OrderStatus
from orders.models import Order, Provider, User
from orders.people import Person


class DateInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"


@dataclass(frozen=True)
class Chip:
    """A filter that acts, in words, and the query without it."""

    label: str
    value: str
    url: str


class OrderFilters(forms.Form):
    """Every field may be empty. One that is wrong is said so and filters nothing."""

    provider = forms.ModelChoiceField(
        Provider.objects.order_by("name"),
        required=False,
        empty_label=_("Any provider"),
        label=_("Provider"),
    )
    service = forms.IntegerField(required=False, min_value=1, label=_("Service no."))
    client = forms.IntegerField(required=False, min_value=1, label=_("Client no."))
    person = forms.ModelChoiceField(
        User.objects.filter(staff__isnull=False).order_by("name"),
        required=False,
        empty_label=_("Anybody"),
        label=_("Placed by"),
    )
    since = forms.DateField(required=False, label=_("From"), widget=DateInput)
    until = forms.DateField(required=False, label=_("To"), widget=DateInput)
    hold = forms.ChoiceField(
        choices=HoldReason.choices, required=False, widget=forms.HiddenInput, label=_("Hold")
    )
    unasked = forms.BooleanField(
        required=False, widget=forms.HiddenInput, label=_("Late, and nobody has asked")
    )

    def __init__(self, who: Person, data: QueryDict):
        super().__init__(data)
        self._query = data
        if not who.sees_cost:
            del self.fields["provider"]

    @property
    def is_active(self) -> bool:
        """Whether anything was asked for."""
        return any(self.data.get(name) for name in self.fields)

    def chips(self) -> Iterator[Chip]:
        """Every filter that acts; one that is wrong does not, and its field says so."""
        self.is_valid()
        for name, value in self.cleaned_data.items():
            if value:
                rest = self._query.copy()
                for gone in (name, "before", "after"):
                    rest.pop(gone, None)
                yield Chip(str(self[name].label), self._words(name, value), f"?{rest.urlencode()}")

    def _words(self, name: str, value: Any) -> str:
        if name == "hold":
            return str(HoldReason(value).label)
        if isinstance(value, date):
            return date_format(value, "j M Y")
        return "" if value is True else str(value)

    @property
    def statuses(self) -> frozenset[OrderStatus]:
        """Those that the orders which are left over can have."""
        said = self._said()
        return frozenset(OrderStatus).intersection(
            *(statuses for name, statuses in _STATUSES.items() if name in said)
        )

    def _said(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def apply(self, orders: QuerySet[Order]) -> QuerySet[Order]:
        """The orders that everything valid leaves over."""
        said = self._said()
        for name, lookup in _LOOKUPS.items():
            if name in said:
                orders = orders.filter(**{lookup: said[name]})
        if "hold" in said:
            # Only what waits is held, and of what waits there is an index.
            orders = orders.filter(hold=said["hold"], status=OrderStatus.WAITING)
        if "unasked" in said:
            orders = lateness.needing_a_person(orders, timezone.now())
        if "since" in said:
            orders = placed.placed_since(orders, _midnight(said["since"]))
        if "until" in said:
            orders = placed.placed_before(orders, _midnight(said["until"] + timedelta(days=1)))
        return orders


_LOOKUPS = {
    "provider": "provider",
    "service": "service",
    "client": "customer",
    "person": "placed_by",
}


_STATUSES = {"hold": (OrderStatus.WAITING,), "unasked": lateness.RUNNING}


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))

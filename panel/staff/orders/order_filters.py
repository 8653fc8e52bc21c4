"""The filter row of the orders list: what may be asked for, and what that means for a query."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from orders.enums import HoldReason
from orders.models import Order, Provider, User
from orders.people import Person


class DateInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"


class OrderFilters(forms.Form):
    """Every field may be empty. One that is wrong is said so and filters nothing."""

    provider = forms.ModelChoiceField(
        Provider.objects.order_by("name"), required=False, empty_label="Any provider"
    )
    service = forms.IntegerField(required=False, min_value=1, label="Service no.")
    client = forms.IntegerField(required=False, min_value=1, label="Client no.")
    person = forms.ModelChoiceField(
        User.objects.filter(staff__isnull=False).order_by("name"),
        required=False,
        empty_label="Anybody",
        label="Placed by",
    )
    since = forms.DateField(required=False, label="From", widget=DateInput)
    until = forms.DateField(required=False, label="To", widget=DateInput)
    hold = forms.ChoiceField(choices=HoldReason.choices, required=False, widget=forms.HiddenInput)

    def __init__(self, who: Person, data: Any):
        super().__init__(data)
        if not who.sees_cost:
            del self.fields["provider"]

    @property
    def is_active(self) -> bool:
        """Whether anything was asked for."""
        return any(self.data.get(name) for name in self.fields)

    def apply(self, orders: QuerySet[Order]) -> QuerySet[Order]:
        """The orders that everything valid leaves over."""
        self.is_valid()
        said = {name: value for name, value in self.cleaned_data.items() if value}
        for name, lookup in _LOOKUPS.items():
            if name in said:
                orders = orders.filter(**{lookup: said[name]})
        if "since" in said:
            orders = orders.filter(placed_at__gte=_midnight(said["since"]))
        if "until" in said:
            orders = orders.filter(placed_at__lt=_midnight(said["until"] + timedelta(days=1)))
        return orders


_LOOKUPS = {
    "provider": "provider",
    "service": "service",
    "client": "customer",
    "person": "placed_by",
    "hold": "hold",
}


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))

"""What the lists of refills and cancel requests can be narrowed to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from orders.models import Provider
from orders.people import Person

AGES = {"1": _("A day and more"), "3": _("Three days and more"), "7": _("A week and more")}
_LOOKUPS = {
    "provider": "provider",
    "service": "order__service",
    "client": "order__customer",
    "status": "status",
}


@dataclass(frozen=True)
class Chip:
    """A filter that acts, in words, and the address without it."""

    label: str
    value: str
    url: str


class FollowUpFilters(forms.Form):
    """Every field may be empty. One that is wrong is said so and filters nothing."""

    provider = forms.ModelChoiceField(
        Provider.objects.order_by("name"),
        required=False,
        empty_label=_("Any provider"),
        label=_("Provider"),
    )
    service = forms.IntegerField(required=False, min_value=1, label=_("Service no."))
    client = forms.IntegerField(required=False, min_value=1, label=_("Client no."))
    status = forms.ChoiceField(required=False, label=_("Status"))
    age = forms.ChoiceField(
        required=False, label=_("Asked for"), choices=[("", _("Whenever")), *AGES.items()]
    )

    def __init__(self, who: Person, statuses: list[tuple[str, str]], query: QueryDict):
        super().__init__(query)
        self._query = query
        self.fields["status"].choices = [("", _("Any status")), *statuses]  # type: ignore[attr-defined]
        if not who.sees_cost:
            del self.fields["provider"]

    @property
    def is_active(self) -> bool:
        """Whether anything was asked for, also wrongly."""
        return any(self.data.get(name) for name in self.fields)

    def chips(self) -> Iterator[Chip]:
        """Every filter that acts."""
        for name, value in self._said().items():
            words = value
            if isinstance(field := self.fields[name], forms.ChoiceField) and name != "provider":
                words = dict(field.choices)[value]  # type: ignore[arg-type]
            yield Chip(str(self[name].label), str(words), self.without(name))

    def without(self, *names: str) -> str:
        """The address without these filters; it begins at the newest."""
        rest = self._query.copy()
        for name in (*names, "before", "after"):
            rest.pop(name, None)
        return f"?{rest.urlencode()}"

    @property
    def cleared(self) -> str:
        return self.without(*self.fields)

    def at_tab(self, slug: str) -> str:
        """The address of another tab, narrowed as this one."""
        rest = self._query.copy()
        for name in ("tab", "before", "after"):
            rest.pop(name, None)
        if slug:
            rest["tab"] = slug
        return f"?{rest.urlencode()}"

    def apply(self, rows: QuerySet[Any], now: datetime) -> QuerySet[Any]:
        """The requests that everything valid leaves over."""
        said = self._said()
        for name, lookup in _LOOKUPS.items():
            if name in said:
                rows = rows.filter(**{lookup: said[name]})
        if "age" in said:
            rows = rows.filter(asked_at__lte=now - timedelta(days=int(said["age"])))
        return rows

    def _said(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

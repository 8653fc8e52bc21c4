"""What is typed to change prices, and the changes that it comes to."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.customer_search import search_customers
from orders.enums import MarkupKind, PriceLevel
from orders.errors import FieldErrors
from orders.models import Category, Customer, Panel, Service, Staff
from orders.people import Person
from orders.rules import BoundChange, Change, MarkupChange, Scope, TermsChange
from panel.amounts import NumberField, typed
from panel.display import marks, panel_currency
from panel.drafting import number_in
from panel.staff.pricing.wanted import Wanted

MOST_LISTED = 500
WHAT = {
    "markup": gettext_lazy("Markup"),
    "bounds": gettext_lazy("Floor and ceiling"),
    "terms": gettext_lazy("Step and minimum charge"),
}
ON = {
    "panel": gettext_lazy("Panel, everything"),
    "category": gettext_lazy("A category"),
    "services": gettext_lazy("Chosen services"),
    "matching": gettext_lazy("All services that match"),
    "staff": gettext_lazy("A member's clients"),
    "customer": gettext_lazy("A client"),
    "customer_category": gettext_lazy("A client and a category"),
    "customer_service": gettext_lazy("A client and a service"),
}
BOUNDED = ("panel", "category", "services", "matching", "staff")
END = "end"
KINDS = {
    MarkupKind.PERCENT.value: gettext_lazy("Percent"),
    MarkupKind.PER_1000.value: gettext_lazy("Amount per 1000"),
    MarkupKind.FIXED_RATE.value: gettext_lazy("Fixed rate"),
    END: gettext_lazy("None of its own"),
}
NEEDS = {
    "category": ("shelf",),
    "staff": ("member",),
    "customer": ("client",),
    "customer_category": ("client", "shelf"),
    "customer_service": ("client", "number"),
}
"""The fields that say about what a rule speaks."""
HARD_TO_READ = gettext_lazy("Type a number like 12.5, with a dot.")


class _Amount(NumberField):
    default_error_messages = {"invalid": HARD_TO_READ, "required": gettext_lazy("Type a number.")}

    def __init__(self, label: Any, **options: Any):
        super().__init__(label=label, required=False, **options)

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not set(text) <= set("0123456789." + marks()[0]):
            raise forms.ValidationError(HARD_TO_READ, code="invalid")
        return super().to_python(text)


class ChangeForm(forms.Form):
    """One change, about one scope or many services; what it does not need is not looked at."""

    what = forms.ChoiceField(choices=WHAT.items(), label=gettext_lazy("What"))
    on = forms.ChoiceField(choices=ON.items(), label=gettext_lazy("Rule"))
    shelf = forms.ChoiceField(required=False, label=gettext_lazy("Category"))
    member = forms.ChoiceField(required=False, label=gettext_lazy("Member"))
    client = forms.CharField(required=False, max_length=200, label=gettext_lazy("Client"))
    number = forms.CharField(required=False, max_length=20, label=gettext_lazy("Service"))
    kind = forms.ChoiceField(choices=KINDS.items(), required=False, label=gettext_lazy("Kind"))
    value = _Amount(gettext_lazy("Markup"))
    floor_percent = _Amount(gettext_lazy("Floor"))
    ceiling_percent = _Amount(gettext_lazy("Ceiling"))
    price_step = _Amount(gettext_lazy("Step of rates"))
    minimum_charge = _Amount(gettext_lazy("Minimum charge"))
    reason = forms.CharField(required=False, max_length=200, label=gettext_lazy("Reason"))

    def __init__(self, data: Any, who: Person, panel: Panel, ticked: list[int], wanted: Wanted):
        super().__init__(data, auto_id="pricing-%s")
        self._who, self._panel, self._ticked, self._wanted = who, panel, ticked, wanted
        self.customer: Customer | None = None
        shelves = Category.objects.values_list("pk", "name")[:MOST_LISTED]
        members = Staff.objects.select_related("user").order_by("user__name")[:MOST_LISTED]
        self._choose("shelf", _("Choose a category"), list(shelves))
        self._choose("member", _("Choose a member"), [(row.pk, row.name) for row in members])
        if self.chosen_what == "bounds":
            self._choices("on", [(name, ON[name]) for name in BOUNDED])

    @property
    def chosen_what(self) -> str:
        said = self.data.get("what", "")
        return said if said in WHAT else "markup"

    @property
    def chosen_on(self) -> str:
        said = self.data.get("on", "")
        return said if said in (BOUNDED if self.chosen_what == "bounds" else ON) else "panel"

    @property
    def keeps_on(self) -> bool:
        """Whether the rules on offer are those that the page shows already.

        A choice that is swapped while somebody types a name in it forgets the letters before.
        """
        return bool(self.data.get("built") == self.chosen_what)

    @property
    def chosen_kind(self) -> str:
        said = self.data.get("kind", "")
        return said if said in KINDS else MarkupKind.PERCENT.value

    @property
    def about(self) -> list[forms.BoundField]:
        """The fields that say about what the rule speaks."""
        return (
            [self[name] for name in NEEDS.get(self.chosen_on, ())]
            if self.chosen_what != "terms"
            else []
        )

    @property
    def affix(self) -> str:
        """What stands beside the value."""
        return "%" if self.chosen_kind == MarkupKind.PERCENT else panel_currency()

    @property
    def ends(self) -> bool:
        """Whether a rule is taken away, so that there is no value to type."""
        return self.chosen_kind == END

    def changes(self) -> list[Change]:
        """What is to be changed. Raises `FieldErrors` for what is typed wrongly or missing."""
        self.is_valid()
        wrong = {
            name: str(errors[0])
            for name, errors in self.errors.items()
            if name in self._read() and name != "reason"
        }
        if wrong:
            raise FieldErrors(wrong)
        if self.chosen_what == "terms":
            said = self._numbers("price_step", "minimum_charge")
            return [TermsChange(said["price_step"], said["minimum_charge"])]
        scopes = self._scopes()
        if self.chosen_what == "bounds":
            floor, ceiling = (
                self.cleaned_data.get(f"{name}_percent") for name in ("floor", "ceiling")
            )
            return [BoundChange(scope, floor, ceiling) for scope in scopes]
        if self.chosen_kind == END:
            return [MarkupChange(scope) for scope in scopes]
        value = self._numbers("value")["value"]
        return [MarkupChange(scope, MarkupKind(self.chosen_kind), value) for scope in scopes]

    def tell(self, wrong: Mapping[str, str]) -> None:
        """Say this beside the fields, and nothing about those that are not looked at."""
        self._errors = forms.utils.ErrorDict(
            {name: self.error_class([text]) for name, text in wrong.items() if name in self.fields}
        )

    def _read(self) -> set[str]:
        """The fields that are looked at."""
        if self.chosen_what == "terms":
            return {"price_step", "minimum_charge"}
        said = {"floor_percent", "ceiling_percent"} if self.chosen_what == "bounds" else {"value"}
        if self.chosen_kind == END and self.chosen_what == "markup":
            said = set()
        return {"on", *NEEDS.get(self.chosen_on, ()), *said}

    def _numbers(self, *names: str) -> dict[str, Decimal]:
        found = {name: self.cleaned_data.get(name) for name in names}
        if missing := {name: _("Type a number.") for name, value in found.items() if value is None}:
            raise FieldErrors(missing)
        return {name: value for name, value in found.items() if value is not None}

    def _scopes(self) -> list[Scope]:
        if self.chosen_on in ("services", "matching"):
            ids = self._ticked
            if self.chosen_on == "matching":
                ids = list(self._wanted.services.order_by("pk").values_list("pk", flat=True))
            if not ids:
                raise FieldErrors({"on": _("Tick the services in the table.")})
            return [Scope(PriceLevel.SERVICE, service=pk) for pk in ids]
        about: dict[str, int] = {}
        for name in NEEDS.get(self.chosen_on, ()):
            about |= getattr(self, f"_{name}")()
        return [Scope(PriceLevel(self.chosen_on), **about)]

    def _shelf(self) -> dict[str, int]:
        return {"category": self._chosen("shelf", _("Choose a category."))}

    def _member(self) -> dict[str, int]:
        return {"staff": self._chosen("member", _("Choose a member."))}

    def _number(self) -> dict[str, int]:
        number = number_in(self.cleaned_data["number"].strip())
        if number is None or not Service.objects.filter(pk=number).exists():
            raise FieldErrors({"number": _("Type the number of one of our services.")})
        return {"service": number}

    def _client(self) -> dict[str, int]:
        text = self.cleaned_data["client"].strip()
        if not text:
            raise FieldErrors({"client": _("Type a client's number, name, phone or e-mail.")})
        found = search_customers(self._who, text, limit=4)
        exact = [row for row in found if text.removeprefix("#") == str(row.pk) or row.name == text]
        if len(chosen := exact[:1] or found) != 1:
            names = ", ".join(f"{row.name} ({row.pk})" for row in found[:3])
            which = _("Which of them? Type the number: %(names)s.") % {"names": names}
            raise FieldErrors({"client": which if found else _("No client fits this.")})
        self.customer = chosen[0]
        return {"customer": chosen[0].pk}

    def _chosen(self, name: str, words: str) -> int:
        if not self.cleaned_data.get(name):
            raise FieldErrors({name: words})
        return int(self.cleaned_data[name])

    def _choose(self, name: str, nothing: str, rows: list[tuple[int, str]]) -> None:
        self._choices(name, [("", nothing), *((str(pk), text[:60]) for pk, text in rows)])

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]


def begun(query: QueryDict, wanted: Wanted, panel: Panel) -> Mapping[str, Any]:
    """What the form begins with: what the address says, else the category that is looked at."""
    said = {name: query.get(name, "") for name in ChangeForm.base_fields}
    for name, field in ChangeForm.base_fields.items():
        if isinstance(field, NumberField):
            said[name] = typed(said[name])
    begin = {
        "what": "markup",
        "on": "category" if wanted.category else "panel",
        "shelf": str(wanted.category or ""),
        "kind": MarkupKind.PERCENT.value,
        "price_step": typed(panel.price_step.normalize()),
        "minimum_charge": typed(panel.minimum_charge.normalize()),
    }
    return begin | {name: value for name, value in said.items() if value}

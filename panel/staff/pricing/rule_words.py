"""Rules in words: what they speak about, and what they say."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from orders import rules
from orders.enums import PriceLevel
from orders.kept_words import told
from orders.models import Bound, Category, Customer, MarkupRule, Staff
from orders.rules import MarkupChange, Scope, TermsChange
from panel.display import money_text
from panel.staff.pricing.rows import percent_words, said_words

TONES = {
    PriceLevel.PANEL: "grey",
    PriceLevel.CATEGORY: "accent",
    PriceLevel.SERVICE: "violet",
    PriceLevel.STAFF: "amber",
    PriceLevel.CUSTOMER: "green",
    PriceLevel.CUSTOMER_CATEGORY: "green",
    PriceLevel.CUSTOMER_SERVICE: "green",
}
SHORT = {
    PriceLevel.STAFF: gettext_lazy("Member"),
    PriceLevel.CUSTOMER: gettext_lazy("Client"),
    PriceLevel.CUSTOMER_CATEGORY: gettext_lazy("Client, category"),
    PriceLevel.CUSTOMER_SERVICE: gettext_lazy("Client, service"),
}

FIRST_RUN = gettext_noop("Set in the first run")
WITH_THE_MEMBER = gettext_noop("Set when the member was added")
MOVED_IN = gettext_noop("Moved in from another panel")
OWN_REASONS = {FIRST_RUN, WITH_THE_MEMBER, MOVED_IN}


@dataclass(frozen=True)
class ChangeWords:
    """One change: about what, from what, to what."""

    about: str
    before: str
    after: str


def level_words(level: str) -> str:
    """A level in one or two words, for a pill."""
    known = PriceLevel(level)
    return str(SHORT.get(known, known.label))


def change_words(change: rules.Change, stood: object) -> ChangeWords:
    """A change in words. As many queries as its scope has names."""
    if isinstance(change, TermsChange):
        after = _("step %(step)s, at least %(least)s") % {
            "step": money_text(change.step),
            "least": money_text(change.minimum_charge),
        }
        return ChangeWords(_("Panel"), "", after)
    if isinstance(change, MarkupChange):
        before = said_words(stood.kind, stood.value) if stood else _("none")  # type: ignore[attr-defined]
        ends = change.kind is None or change.value is None
        after = _("none of its own") if ends else said_words(change.kind, change.value)  # type: ignore[arg-type]
        return ChangeWords(_about(change.scope), before, after)
    ends_before = (stood.floor, stood.ceiling) if stood else (None, None)  # type: ignore[attr-defined]
    return ChangeWords(
        _about(change.scope), bound_words(*ends_before), bound_words(change.floor, change.ceiling)
    )


def bound_words(floor: Decimal | None, ceiling: Decimal | None) -> str:
    """A floor and a ceiling, in per cent over cost."""
    parts = []
    if floor is not None:
        parts.append(_("at least %(percent)s") % {"percent": percent_words(floor)})
    if ceiling is not None:
        parts.append(_("at most %(percent)s") % {"percent": percent_words(ceiling)})
    return ", ".join(parts) or _("no bound")


def reason_words(reason: str) -> str:
    """Why a rule was set: as its person wrote it, or in our own words."""
    return told(reason) if reason in OWN_REASONS else reason


def row_words(row: MarkupRule | Bound) -> str:
    """What a stored rule says."""
    if isinstance(row, MarkupRule):
        return said_words(row.kind, row.value)
    return bound_words(row.floor_percent, row.ceiling_percent)


def row_about(row: MarkupRule | Bound) -> str:
    """What a stored rule speaks about; its rows are at hand."""
    names = (row.customer, row.staff, row.category)
    parts = [each.name for each in names if each is not None]
    if row.service is not None:
        parts.append(f"{row.service_id} {row.service.name}")
    return ", ".join(parts) or _("Everything")


def _about(scope: Scope) -> str:
    parts = []
    if scope.customer is not None:
        parts.append(Customer.objects.get(pk=scope.customer).name)
    if scope.staff is not None:
        parts.append(Staff.objects.select_related("user").get(pk=scope.staff).name)
    if scope.category is not None:
        parts.append(Category.objects.get(pk=scope.category).name)
    if scope.service is not None:
        parts.append(_("Service %(number)s") % {"number": scope.service})
    return ", ".join(parts) or _("Panel")

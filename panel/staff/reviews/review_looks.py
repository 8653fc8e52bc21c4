"""How old the evidence is that a decision would rest on, and the fields that go with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import evidence
from orders.errors import Declined
from orders.kept_words import told
from orders.models import Evidence, Order
from orders.people import Person
from panel.access import person, user
from panel.display import ago_text
from panel.staff.amounts import refusal_text

IDS = "ids"
"""What the button says that also asks about neighbouring ids."""


class OnEvidence(forms.Form):
    """The part of a decision that says what the person had seen. Pages write `seen_at` anew."""

    seen_at = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    without_evidence = forms.BooleanField(
        label=gettext_lazy("I decide without the provider's evidence; this is kept with the order"),
        required=False,
    )

    def clean_seen_at(self) -> datetime | None:
        try:
            moment = datetime.fromisoformat(self.cleaned_data["seen_at"])
        except ValueError:
            return None
        return moment if moment.tzinfo else None


def typed(data: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in a form, to show it again after something else was done."""
    return {name: value for name, value in data.items() if name != "seen_at"}


@dataclass(frozen=True)
class Look:
    """The last reading of the evidence, as the page shows it. Without one, all is empty."""

    seen_at: str
    failure: str
    good: bool
    tone: str
    icon: str
    words: str


def of(row: Evidence | None, who: Person, now: datetime) -> Look:
    """In words what this reading is good for; the provider's own for who sees it."""
    if row is None:
        words = _(
            "Not read yet. “It was bought” and “send anew” need evidence of the last five minutes."
        )
        return Look("", "", False, "amber", "hourglass", words)
    good = evidence.is_good(row, now)
    read = {"ago": ago_text(row.at, now), "who": row.person}
    if row.failure:
        why = told(row.failure) if who.sees_cost else _("it could not be reached.")
        words = _("Read %(ago)s by %(who)s, and the provider gave nothing: %(why)s")
        words = words % {**read, "why": why}
        return Look(row.at.isoformat(), why, good, "amber", "cloud-off", words)
    if not good:
        words = _(
            "Read %(ago)s by %(who)s: too old by now. “It was bought” and “send anew” need "
            "evidence of the last five minutes."
        )
        return Look(row.at.isoformat(), "", False, "amber", "hourglass", words % read)
    words = _("Read %(ago)s by %(who)s. A decision may rest on it for five minutes.") % read
    return Look(row.at.isoformat(), "", True, "green", "check", words)


def asked(request: HttpRequest) -> bool:
    """Whether the form was sent to read the evidence, not to decide."""
    return request.method == "POST" and "look" in request.POST


def carry_out(request: HttpRequest, orders: list[Order], now: datetime) -> str:
    """Read the evidence about these orders of one provider; why not, or ""."""
    ids = request.POST.get("look") == IDS and person(request).sees_cost
    try:
        evidence.look(orders, by=user(request), now=now, probe=ids)
    except Declined as error:
        return refusal_text(error)
    return ""

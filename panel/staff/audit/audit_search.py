"""What may be asked of the trail."""

import re
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from orders import audit
from orders.models import User
from orders.spelling import lowered
from panel.staff.audit.audit_actions import ACTIONS
from panel.staff.audit.audit_words import NOBODY

OPERATOR = "0"
EXAMPLE = pgettext_lazy("an example of what to type", "service 2104")


class DateInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"


class AuditSearch(forms.Form):
    """Every field may be empty. One that is wrong says so and filters nothing."""

    person = forms.ChoiceField(label=_("Who"), required=False)
    subject = forms.CharField(
        label=_("About"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"placeholder": EXAMPLE, "autocomplete": "off"}),
    )
    action = forms.ChoiceField(label=_("What"), required=False)
    words = forms.CharField(label=_("Words of the reason"), required=False, max_length=100)
    since = forms.DateField(label=_("From"), required=False, widget=DateInput)
    until = forms.DateField(label=_("To"), required=False, widget=DateInput)

    def __init__(self, data: QueryDict):
        super().__init__(data)
        members = User.objects.filter(staff__isnull=False).order_by("name")[:500]
        people = [(str(user.pk), str(user)) for user in members]
        actions = [(action, str(words)) for action, words in ACTIONS.items()]
        choices: dict[str, Any] = {
            "person": [("", gettext("Anybody")), (OPERATOR, NOBODY), *people],
            "action": [
                ("", gettext("Anything")),
                *sorted(actions, key=lambda pair: pair[1]),
            ],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]

    def clean_subject(self) -> str:
        """Something that the trail can be about."""
        subject = _as_known(self.cleaned_data["subject"])
        if subject.strip() and audit.subjects(subject) is None:
            raise forms.ValidationError(
                gettext(
                    "Type a kind and its number: service 2104, client 7, order 17, provider 1, "
                    "panel."
                )
            )
        return subject

    @property
    def is_active(self) -> bool:
        """Whether anything was asked for."""
        return any(self.data.get(name) for name in self.fields)

    def wanted(self) -> audit.Wanted:
        """What everything valid asks for."""
        self.is_valid()
        said = self.cleaned_data
        person = said.get("person")
        return audit.Wanted(
            person=int(person) if person else None,
            subject=said.get("subject") or "",
            action=said.get("action") or "",
            words=said.get("words") or "",
            begin=_midnight(said.get("since")),
            end=_midnight(said["until"] + timedelta(days=1)) if said.get("until") else None,
        )


KINDS = {
    "alerts": pgettext_lazy("a kind, as it is typed", "alerts"),
    "category": pgettext_lazy("a kind, as it is typed", "category"),
    "client": pgettext_lazy("a kind, as it is typed", "client"),
    "invitation": pgettext_lazy("a kind, as it is typed", "invitation"),
    "member": pgettext_lazy("a kind, as it is typed", "member"),
    "offer": pgettext_lazy("a kind, as it is typed", "offer"),
    "order": pgettext_lazy("a kind, as it is typed", "order"),
    "panel": pgettext_lazy("a kind, as it is typed", "panel"),
    "payment": pgettext_lazy("a kind, as it is typed", "payment"),
    "provider": pgettext_lazy("a kind, as it is typed", "provider"),
    "reading": pgettext_lazy("a kind, as it is typed", "reading"),
    "service": pgettext_lazy("a kind, as it is typed", "service"),
    "sign-in": pgettext_lazy("a kind, as it is typed", "sign-in"),
    "till": pgettext_lazy("a kind, as it is typed", "till"),
    "top-up": pgettext_lazy("a kind, as it is typed", "top-up"),
}
"""What the trail can be asked about, in the reader's language too."""


def _as_known(subject: str) -> str:
    """With the kind in the word that the trail knows, however it was typed."""
    found = re.fullmatch(r"\s*(\D*?)([\s:#]*\d*)\s*", subject)
    typed = lowered(found[1]) if found else ""
    kind = next((kind for kind, word in KINDS.items() if typed == lowered(str(word))), "")
    return f"{kind}{found[2]}" if found and kind else subject


def _midnight(day: Any) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time())) if day else None

"""What may be asked of the trail."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from orders import audit
from orders.models import User
from panel.staff.audit.audit_actions import ACTIONS
from panel.staff.audit.audit_words import NOBODY

OPERATOR = "0"


class DateInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"


class AuditSearch(forms.Form):
    """Every field may be empty. One that is wrong says so and filters nothing."""

    person = forms.ChoiceField(label="Who", required=False)
    subject = forms.CharField(
        label="About",
        required=False,
        max_length=60,
        widget=forms.TextInput({"placeholder": "service 2104", "autocomplete": "off"}),
    )
    action = forms.ChoiceField(label="What", required=False)
    words = forms.CharField(label="Words of the reason", required=False, max_length=100)
    since = forms.DateField(label="From", required=False, widget=DateInput)
    until = forms.DateField(label="To", required=False, widget=DateInput)

    def __init__(self, data: QueryDict):
        super().__init__(data)
        members = User.objects.filter(staff__isnull=False).order_by("name")[:500]
        people = [(str(user.pk), str(user)) for user in members]
        choices: dict[str, Any] = {
            "person": [("", "Anybody"), (OPERATOR, NOBODY), *people],
            "action": [("", "Anything"), *sorted(ACTIONS.items(), key=lambda pair: pair[1])],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]

    def clean_subject(self) -> str:
        """Something that the trail can be about."""
        subject: str = self.cleaned_data["subject"]
        if subject.strip() and audit.subjects(subject) is None:
            raise forms.ValidationError(
                "Type a kind and its number: service 2104, client 7, order 17, provider 1, panel."
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


def _midnight(day: Any) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time())) if day else None

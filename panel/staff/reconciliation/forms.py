"""The forms of the reconciliation pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.models import Provider
from panel.staff.amounts import AmountField, OnceForm


class TopUpForm(OnceForm):
    """Money that we paid onto a provider's account."""

    amount = AmountField()
    at = forms.DateTimeField(
        label=_("Arrived there"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={
            "required": _("Say when, to the minute."),
            "invalid": _("Type a day and a time."),
        },
    )
    memo = forms.CharField(max_length=300, required=False, label=_("Note"))

    def __init__(self, provider: Provider, data: Any = None, **options: Any):
        super().__init__(data, **options)
        self.fields["amount"].currency = provider.currency  # type: ignore[attr-defined]


class TakeBackForm(forms.Form):
    """Why a top-up on record was none."""

    number = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"), max_length=300, error_messages={"required": _("Say what was wrong.")}
    )

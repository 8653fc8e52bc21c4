"""Forms about alerts: when an alarm sounds, and who is told."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.enums import WebhookShape
from orders.models import AlertSettings
from panel.staff.amounts import AmountField

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

PLAIN = {"autocomplete": "off", "spellcheck": "false"}


def _whole(
    label: "_StrOrPromise", hint: "_StrOrPromise", affix: "_StrOrPromise", **more: Any
) -> forms.IntegerField:
    field = forms.IntegerField(
        label=label,
        help_text=hint,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        **more,
    )
    field.affix = affix  # type: ignore[attr-defined]
    return field


class ThresholdForm(forms.Form):
    """When an alarm sounds, and to whom it is mailed."""

    low_hours = _whole(
        gettext_lazy("A balance lasts less than"),
        gettext_lazy("At the pace of the last day. Empty: no alarm by time."),
        gettext_lazy("hours"),
        required=False,
    )
    unconfirmed_minutes = _whole(
        gettext_lazy("Unconfirmed for over"),
        gettext_lazy("Empty: no alarm."),
        gettext_lazy("minutes"),
        required=False,
    )
    waiting_minutes = _whole(
        gettext_lazy("Waiting, held by nothing, for over"),
        gettext_lazy("Empty: no alarm."),
        gettext_lazy("minutes"),
        required=False,
    )
    silent_minutes = _whole(
        gettext_lazy("Machinery or a job silent for"),
        gettext_lazy("On top of the job's own pace. Two at least: a deployment takes one."),
        gettext_lazy("minutes"),
    )
    till_limit = AmountField(
        label=gettext_lazy("A till holds more than"),
        required=False,
        help_text=gettext_lazy("Empty: no alarm."),
    )
    unexplained_amount = AmountField(
        label=gettext_lazy("Unexplained money over"),
        required=False,
        help_text=gettext_lazy("Of one provider in 24 hours. Empty: no alarm."),
    )
    emails_on = forms.BooleanField(required=False, label=gettext_lazy("Send e-mail"))
    addresses = forms.CharField(
        required=False,
        max_length=2000,
        label=gettext_lazy("Addresses"),
        widget=forms.Textarea(attrs=PLAIN | {"rows": 3}),
        help_text=gettext_lazy("One a line. Empty: the owner and the admins."),
    )

    def __init__(self, row: AlertSettings, data: Any = None):
        initial = {name: getattr(row, name) for name in self.base_fields}
        for name in ("till_limit", "unexplained_amount"):
            if initial[name] is not None:
                initial[name] = format(initial[name].normalize(), "f")
        super().__init__(data, initial=initial)


class WebhookForm(forms.Form):
    """Where alerts are posted. The address is never shown again."""

    shape = forms.ChoiceField(choices=WebhookShape.choices, label=gettext_lazy("It speaks"))
    url = forms.CharField(
        required=False,
        max_length=1000,
        label=gettext_lazy("Address"),
        widget=forms.PasswordInput(attrs=PLAIN | {"autocomplete": "new-password"}),
        help_text=gettext_lazy(
            "Kept encrypted; only its host is shown. Telegram: "
            "https://api.telegram.org/bot<token>/sendMessage"
        ),
    )
    telegram_chat = forms.CharField(
        required=False,
        max_length=64,
        label=gettext_lazy("Telegram chat"),
        widget=forms.TextInput(attrs=PLAIN),
        help_text=gettext_lazy(
            "For Telegram alone: the chat's number, such as -1001234567890, or @channel."
        ),
    )

    def __init__(self, row: AlertSettings, data: Any = None):
        initial = {"shape": row.webhook_shape, "telegram_chat": row.telegram_chat}
        super().__init__(data, initial=initial)
        if row.webhook_sealed:
            self.fields["url"].help_text = _(
                "An address at %(webhook_host)s is kept. Empty: it stays."
            ) % {"webhook_host": row.webhook_host}

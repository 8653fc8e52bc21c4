"""What forms that move money share: a typed amount, a token, the words of a refusal."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _

from orders.errors import Declined, FieldErrors, InsufficientFunds, KeyReused, LimitReached
from panel.amounts import ODD, AmountField
from panel.display import money_text

__all__ = ["ODD", "AmountField", "OnceForm", "add_refusal", "refusal_text"]


class OnceForm(forms.Form):
    """A form whose second press moves nothing: its token is the transfer's reference."""

    token = forms.CharField(max_length=50, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **options: Any):
        super().__init__(data, initial={"token": uuid4().hex} | options.pop("initial", {}))

    def clean(self) -> dict[str, Any]:
        """The token is in no sight, so what is wrong with it is said above the form."""
        if "token" in self.errors:
            raise forms.ValidationError(
                _(
                    "Nothing was moved: this form has lost its token. "
                    "Open the page again and type it once more."
                )
            )
        return self.cleaned_data


def add_refusal(form: forms.Form, error: Declined) -> None:
    """Say why a verb declined: at the fields that it names, else above the form."""
    if not isinstance(error, FieldErrors):
        form.add_error(None, refusal_text(error))
        return
    for name, text in error.errors.items():
        form.add_error(name if name in form.fields else None, text)


def refusal_text(error: Declined) -> str:
    """A sentence that a person can act on, with money as pages write it."""
    if isinstance(error, FieldErrors):
        return " ".join(error.errors.values())
    if isinstance(error, LimitReached):
        limit, left = money_text(error.limit), money_text(error.left)
        if not error.left:
            return _("Your limit for today is used (%(limit)s); ask an admin.") % {"limit": limit}
        words = _("Your limit for today is %(limit)s, of which %(left)s is left; ask an admin.")
        return words % {"limit": limit, "left": left}
    if isinstance(error, InsufficientFunds):
        words = _("The balance does not cover it: %(amount)s is missing.")
        return words % {"amount": money_text(error.missing)}
    if isinstance(error, KeyReused):
        return _("This form was carried out already, with another amount. Look at the statement.")
    return str(error)

"""What a sign-up asks for, and the invitation that somebody came with.

Apart from `panel.accounts`: allauth's forms read this while they are being made.
"""

from typing import Any

from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import accounts, invitations
from orders.errors import StateChanged
from orders.models import Invitation, User

HELD_INVITATION = "invitation"
"""Where the session keeps the key of the invitation that somebody came with."""


class SignUpForm(forms.Form):
    """The part of the form that is ours; allauth adds address and password."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    field_order = ("name", "email", "password1")

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not name:
            raise ValidationError(_("Type your name."))
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        invitation = invitation_of(context.request)
        asked = str(data.get("email", ""))
        if invitation and invitation.email and asked and asked != invitation.email:
            whose = _("This invitation is for %(email)s.") % {"email": invitation.email}
            self.add_error("email", whose)
        return data

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the user is saved: the invitation is used up."""
        invitation = invitation_of(request)
        request.session.pop(HELD_INVITATION, None)
        try:
            if invitation is not None:
                invitations.take(invitation, user, timezone.now())
        except StateChanged as error:
            _turn_away(request, user, str(error))


def invitation_of(request: HttpRequest) -> Invitation | None:
    """The invitation that this browser came with, as long as it can be used."""
    key = request.session.get(HELD_INVITATION, "") if hasattr(request, "session") else ""
    return invitations.with_key(key, timezone.now()) if key else None


def _turn_away(request: HttpRequest, user: User, words: str) -> None:
    """Two signed up with one invitation at the same moment: this is the second."""
    if accounts.may_sign_up(None):
        return
    user.delete()
    messages.error(request, words)
    raise ImmediateHttpResponse(redirect("account_signup"))

"""Two-factor sign-in: who needs it, and how its secrets are kept."""

from collections.abc import Callable

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from orders import sealing
from panel import branding
from panel.access import person

GetResponse = Callable[[HttpRequest], HttpResponse]
FREE = ("/account/", "/static/", "/t/", "/language/")
"""Where somebody may go before the second factor is set up."""


class SealingAdapter(DefaultMFAAdapter):
    """Seals the secrets of authenticators under `FIELD_KEYS` and names the panel in them."""

    def get_totp_issuer(self) -> str:
        return branding.name()

    def encrypt(self, text: str) -> str:
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text)


def required(get_response: GetResponse) -> GetResponse:
    """Lead admins without a second factor to where they set it up, and nowhere else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not settings.TWO_FACTOR_REQUIRED or request.path.startswith(FREE):
            return get_response(request)
        if not person(request).is_admin or is_mfa_enabled(request.user):
            return get_response(request)
        messages.warning(request, _("Admins sign in with a second factor here. Set it up first."))
        return redirect("mfa_index")

    return middleware

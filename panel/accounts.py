"""How allauth behaves here: people are added by staff, nobody signs up by themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from orders.models import User

LINK_DAYS = settings.PASSWORD_RESET_TIMEOUT // 86_400
"""How long a link that sets a password works."""


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by e-mail; sign-up is closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def password_path(user: User) -> str:
    """Where this person sets a password without having one; it ends with its first use."""
    key = default_token_generator.make_token(user)
    names = {"uidb36": user_pk_to_url_str(user), "key": key}
    return reverse("account_reset_password_from_key", kwargs=names)

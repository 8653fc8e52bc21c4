"""How allauth behaves here: people are added by staff, nobody signs up by themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by e-mail; sign-up is closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

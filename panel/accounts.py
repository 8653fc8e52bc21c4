"""How allauth behaves here: who may sign up, and what a proven address leads to."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from orders import accounts, languages, panel_settings
from orders.models import User
from orders.people import PersonKind, person_of
from panel.sign_up import invitation_of

LINK_DAYS = settings.PASSWORD_RESET_TIMEOUT // 86_400
"""How long a link that sets a password works."""


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by e-mail; customers sign up by themselves where the panel lets them."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return accounts.may_sign_up(invitation_of(request))

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.name = form.cleaned_data["name"]
        user.created_at = timezone.now()
        user.language = languages.known(translation.get_language())
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def pre_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse | None:
        _vouch_for(user)
        return super().pre_login(request, user, **details)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        # Both or neither: an address that counts as proven leads to its customer.
        with transaction.atomic():
            if not super().confirm_email(request, email_address):
                return False
            user, now = User.objects.get(pk=email_address.user_id), timezone.now()
            accounts.opened(user, now=now)
            accounts.moved(user, now=now)
        return True

    def format_email_subject(self, subject: str) -> str:
        return f"{panel_settings.current().name}: {subject}"

    def get_from_email(self) -> str:
        return panel_settings.sender()

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        with languages.speaking_to(_reader(email, context)):
            super().send_mail(template_prefix, email, context)
        if settings.ENVIRONMENT == "demo" and self.request is not None:
            messages.info(
                self.request, _("This is the demo: its e-mails stand in var/log/web.log.")
            )

    def render_mail(self, template_prefix: str, email: str, context: dict, headers: Any = None):  # type: ignore[no-untyped-def]
        context = {"panel": panel_settings.current().name, **context}
        return super().render_mail(template_prefix, email, context, headers)


def _reader(email: str, context: dict[str, Any]) -> User | None:
    """Whose letter this is."""
    user = context.get("user")
    return user if isinstance(user, User) else User.objects.filter(email__iexact=email).first()


def _vouch_for(user: User | None) -> None:
    """Who was given a sign-in by the house need not prove the address: the house did.

    Those who signed up by themselves are nobody before they have proven it.
    """
    if user is None or person_of(user).kind is PersonKind.NOBODY:
        return
    if EmailAddress.objects.filter(user=user, verified=True).exists():
        return
    is_proven_by_another = EmailAddress.objects.filter(email__iexact=user.email, verified=True)
    if is_proven_by_another.exists():
        return
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"primary": True, "verified": True}
    )


def password_path(user: User) -> str:
    """Where this person sets a password without having one; it ends with its first use."""
    key = default_token_generator.make_token(user)
    names = {"uidb36": user_pk_to_url_str(user), "key": key}
    return reverse("account_reset_password_from_key", kwargs=names)

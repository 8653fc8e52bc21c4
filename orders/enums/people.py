"""How people come in and what they are told."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SignUp(TextChoices):
    """Who may make a customer's account by themselves."""

    OPEN = "open", _("Anybody")
    INVITATION = "invitation", _("Who was invited")
    CLOSED = "closed", _("Nobody")


class NoticeKind(TextChoices):
    """What a customer is told about by e-mail."""

    COMPLETED = "completed", _("An order is completed")
    RETURNED = "returned", _("Money comes back")
    ANSWERED = "answered", _("We answer a message")
    LOW_BALANCE = "low_balance", _("The balance runs low")

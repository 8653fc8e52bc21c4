"""How people come in and what they are told."""

from django.db.models import TextChoices


class SignUp(TextChoices):
    """Who may make a customer's account by themselves."""

    OPEN = "open", "Anybody"
    INVITATION = "invitation", "Who was invited"
    CLOSED = "closed", "Nobody"


class NoticeKind(TextChoices):
    """What a customer is told about by e-mail."""

    COMPLETED = "completed", "An order is completed"
    RETURNED = "returned", "Money comes back"
    ANSWERED = "answered", "We answer a message"
    LOW_BALANCE = "low_balance", "The balance runs low"

"""Money into and out of a client's wallet by hand: four acts, one form each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse

from orders import wallets
from orders.models import Customer, Transfer, User
from orders.people import Person
from panel.display import money_text
from panel.staff.amounts import AmountField, OnceForm

Verb = Callable[..., Transfer]


class CashForm(OnceForm):
    """Cash over the counter."""

    amount = AmountField()
    memo = forms.CharField(
        max_length=300, required=False, label="Note", help_text="Stays on the statement."
    )


class ReasonForm(OnceForm):
    """Credit that is no cash: it needs a reason."""

    amount = AmountField()
    reason = forms.CharField(max_length=300, help_text="Stays on the statement.")


class CorrectionForm(ReasonForm):
    """A correction goes either way."""

    direction = forms.ChoiceField(
        choices=[("add", "Add to the balance"), ("take", "Take from the balance")],
        initial="add",
        widget=forms.RadioSelect,
        label="Which way",
    )
    field_order = ["direction", "amount", "reason"]


@dataclass(frozen=True)
class Act:
    """One way to move money. `done` says what happened: {amount} and {name} are filled in."""

    slug: str
    label: str
    icon: str
    words: str
    button: str
    done: str
    form: type[OnceForm]
    verb: Verb
    limited: bool = False


ACTS = (
    Act(
        "take",
        "Take cash",
        "banknote",
        "The client hands you cash; it goes into your till and onto the balance.",
        "Take cash",
        "Took {amount} from {name}.",
        CashForm,
        wallets.take_cash,
    ),
    Act(
        "pay",
        "Pay out",
        "hand-coins",
        "You hand the client cash out of your till, as far as balance and till go.",
        "Pay out",
        "Paid {amount} out to {name}.",
        CashForm,
        wallets.pay_out,
    ),
    Act(
        "correct",
        "Correct",
        "pencil",
        "Puts a mistake right. No cash changes hands.",
        "Correct the balance",
        "Corrected the balance of {name} by {amount}.",
        CorrectionForm,
        wallets.adjust,
        limited=True,
    ),
    Act(
        "gift",
        "Gift",
        "gift",
        "Credit given away. No cash changes hands.",
        "Give",
        "Gave {amount} to {name}.",
        ReasonForm,
        wallets.gift,
        limited=True,
    ),
)
BY_SLUG = {act.slug: act for act in ACTS}


def act_of(slug: str) -> Act:
    """The act that an address names; taking cash for any other word."""
    return BY_SLUG.get(slug, ACTS[0])


@dataclass(frozen=True)
class Choice:
    """One of the acts, as the segmented control shows it."""

    label: str
    url: str
    current: bool


class MoneyBox:
    """The box on the client's page: one act, its form, and what the form allows today."""

    def __init__(self, who: Person, client: Customer, act: Act, form: forms.Form):
        self.who, self.client, self.act, self.form = who, client, act, form

    @property
    def url(self) -> str:
        return reverse("staff:client_money", args=[self.client.pk, self.act.slug])

    @property
    def choices(self) -> list[Choice]:
        page = reverse("staff:client", args=[self.client.pk])
        return [Choice(act.label, f"{page}?act={act.slug}#money", act is self.act) for act in ACTS]

    def limit(self, now: datetime) -> str:
        """What is left of the member's daily limit, where the act takes from it."""
        staff = self.who.staff
        if not self.act.limited or staff is None or staff.is_admin:
            return ""
        left = max(staff.daily_limit - wallets.used_today(staff, now), Decimal(0))
        if not left:
            return f"Your limit for today is used ({money_text(staff.daily_limit)}); ask an admin."
        return f"{money_text(left)} of your {money_text(staff.daily_limit)} a day is left."


def carry_out(act: Act, client: Customer, form: forms.Form, by: User, now: datetime) -> str:
    """Do what a valid form says; returns the sentence that tells it. Raises `Declined`."""
    said: dict[str, Any] = dict(form.cleaned_data)
    amount, token = said.pop("amount"), said.pop("token")
    if said.pop("direction", "add") == "take":
        amount = -amount
    act.verb(client, amount, by=by, now=now, reference=token, **said)
    return act.done.format(amount=money_text(amount), name=client.name)

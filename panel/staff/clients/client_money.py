"""Money into and out of a client's wallet by hand: four acts, one form each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
        max_length=300,
        required=False,
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("Stays on the statement."),
    )


class ReasonForm(OnceForm):
    """Credit that is no cash: it needs a reason."""

    amount = AmountField()
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("Stays on the statement."),
    )


class CorrectionForm(ReasonForm):
    """A correction goes either way."""

    direction = forms.ChoiceField(
        choices=[
            ("add", gettext_lazy("Add to the balance")),
            ("take", gettext_lazy("Take from the balance")),
        ],
        initial="add",
        widget=forms.RadioSelect,
        label=gettext_lazy("Which way"),
    )
    field_order = ["direction", "amount", "reason"]


@dataclass(frozen=True)
class Act:
    """One way to move money. `done` says what happened: `amount` and `name` are filled in."""

    slug: str
    label: str | Promise
    icon: str
    words: str | Promise
    button: str | Promise
    done: str | Promise
    form: type[OnceForm]
    verb: Verb
    limited: bool = False


ACTS = (
    Act(
        "take",
        gettext_lazy("Take cash"),
        "banknote",
        gettext_lazy("The client hands you cash; it goes into your till and onto the balance."),
        gettext_lazy("Take cash"),
        gettext_lazy("Took %(amount)s from %(name)s."),
        CashForm,
        wallets.take_cash,
    ),
    Act(
        "pay",
        gettext_lazy("Pay out"),
        "hand-coins",
        gettext_lazy("You hand the client cash out of your till, as far as balance and till go."),
        gettext_lazy("Pay out"),
        gettext_lazy("Paid %(amount)s out to %(name)s."),
        CashForm,
        wallets.pay_out,
    ),
    Act(
        "correct",
        gettext_lazy("Correct"),
        "pencil",
        gettext_lazy("Puts a mistake right. No cash changes hands."),
        gettext_lazy("Correct the balance"),
        gettext_lazy("Corrected the balance of %(name)s by %(amount)s."),
        CorrectionForm,
        wallets.adjust,
        limited=True,
    ),
    Act(
        "gift",
        gettext_lazy("Gift"),
        "gift",
        gettext_lazy("Credit given away. No cash changes hands."),
        gettext_lazy("Give"),
        gettext_lazy("Gave %(amount)s to %(name)s."),
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
        return [
            Choice(str(act.label), f"{page}?act={act.slug}#money", act is self.act) for act in ACTS
        ]

    def limit(self, now: datetime) -> str:
        """What is left of the member's daily limit, where the act takes from it."""
        staff = self.who.staff
        if not self.act.limited or staff is None or staff.is_admin:
            return ""
        left = max(staff.daily_limit - wallets.used_today(staff, now), Decimal(0))
        if not left:
            return _("Your limit for today is used (%(daily_limit)s); ask an admin.") % {
                "daily_limit": money_text(staff.daily_limit)
            }
        return _("%(left)s of your %(daily_limit)s a day is left.") % {
            "left": money_text(left),
            "daily_limit": money_text(staff.daily_limit),
        }


def carry_out(act: Act, client: Customer, form: forms.Form, by: User, now: datetime) -> str:
    """Do what a valid form says; returns the sentence that tells it. Raises `Declined`."""
    said: dict[str, Any] = dict(form.cleaned_data)
    amount, token = said.pop("amount"), said.pop("token")
    if said.pop("direction", "add") == "take":
        amount = -amount
    act.verb(client, amount, by=by, now=now, reference=token, **said)
    return str(act.done) % {"amount": money_text(amount), "name": client.name}

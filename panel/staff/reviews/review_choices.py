"""The decisions about a case: what each does to the money, and the form that carries one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from orders import review
from orders.enums import Decision, OrderStatus
from orders.models import Order, User
from orders.people import Person
from panel.display import count, money_text
from panel.staff.reviews.review_looks import OnEvidence


class DecisionForm(OnEvidence):
    """One decision about one order. The verb says what else is wrong, all at once."""

    decision = forms.ChoiceField(
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose what to do."),
            "invalid_choice": gettext_lazy(
                "This cannot be decided any more; look at the order again."
            ),
        },
    )
    upstream_id = forms.CharField(label=gettext_lazy("Upstream id"), max_length=64, required=False)
    remains = forms.IntegerField(
        label=gettext_lazy("Not delivered"),
        required=False,
        error_messages={"invalid": gettext_lazy("Type a whole number.")},
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, required=False)

    def __init__(self, order: Order, *args: Any, **options: Any):
        super().__init__(*args, **options)
        choices = [(decision.value, decision.label) for decision in review.choices(order)]
        self.fields["decision"].choices = choices  # type: ignore[attr-defined]

    def ruling(self, by: User) -> review.Ruling:
        """What was chosen, of a valid form."""
        return review.Ruling(
            decision=Decision(self.cleaned_data["decision"]),
            reason=self.cleaned_data["reason"],
            by=by,
            upstream_id=self.cleaned_data["upstream_id"],
            remains=self.cleaned_data["remains"],
            seen_at=self.cleaned_data["seen_at"],
            without_evidence=self.cleaned_data["without_evidence"],
        )

    def take(self, errors: dict[str, str]) -> None:
        """Show what the verb said at the fields it named."""
        for name, text in errors.items():
            self.add_error(name if name in self.fields else None, text)


@dataclass(frozen=True)
class Option:
    """A decision as the page offers it. `act` names the button; `act_with` names it with what was
    typed into `field`, or with the number of orders, as `%(typed)s`."""

    value: str
    label: str
    text: str
    act: str
    act_with: str
    field: forms.BoundField | None
    limits: str
    chosen: bool


def options(order: Order, form: DecisionForm, who: Person) -> list[Option]:
    """The decisions with what each does, none of them chosen beforehand."""
    return [_option(order, decision, form, who) for decision in review.choices(order)]


def _option(order: Order, decision: Decision, form: DecisionForm, who: Person) -> Option:
    name = _FIELDS.get(decision)
    total = order.delivery_total or 0
    return Option(
        value=decision,
        label=str(decision.label),
        text=_TEXTS[decision](order, who),
        act=_act(order, decision),
        act_with=_act_with(decision),
        field=form[name] if name else None,
        limits=_("of %(total)s") % {"total": count(total)} if decision == Decision.PARTIAL else "",
        chosen=form["decision"].value() == decision,
    )


def shared(decision: Decision, chosen: str | None) -> Option:
    """A decision as it is offered for several orders at once."""
    act, act_with, text = (str(words) for words in _SHARED[decision])
    label, is_chosen = str(decision.label), decision == chosen
    return Option(decision, label, text, act, act_with, None, "", is_chosen)


_FIELDS = {Decision.FOUND: "upstream_id", Decision.PARTIAL: "remains"}


def _act(order: Order, decision: Decision) -> str:
    """The words of the button while nothing is typed with the choice."""
    match decision:
        case Decision.FOUND:
            return _("Take up")
        case Decision.SEND_ANEW:
            return _("Send anew")
        case Decision.WAIT:
            return pgettext("a button: wait with it", "Wait")
        case Decision.PARTIAL:
            return _("Set as partly delivered")
        case Decision.NOTHING_OWED:
            return _("Pay nothing back")
    return _("Refund %(amount)s") % {"amount": money_text(order.price - order.refunded)}


def _act_with(decision: Decision) -> str:
    if decision == Decision.FOUND:
        return _("Take up %(typed)s")
    return _("Set as partly delivered %(typed)s") if decision == Decision.PARTIAL else ""


# ── What each does to the money, in a line ───────────────────────────────────────────────────


def _found(order: Order, who: Person) -> str:
    return _("Take up the upstream order and follow it. No money moves.")


def _send_anew(order: Order, who: Person) -> str:
    if not who.sees_cost:
        return _(
            "Back to waiting and sent once more. If it was bought after all, we pay the provider "
            "twice."
        )
    return _(
        "Back to waiting and sent once more. If it was bought after all, we pay %(provider)s "
        "twice: about %(cost)s."
    ) % {"provider": order.provider.name, "cost": money_text(order.expected_cost)}


def _give_up(order: Order, who: Person) -> str:
    if not who.sees_cost:
        return _(
            "%(amount)s back to %(client)s. If it was bought, its charge is our loss."
        ) % _back(order)
    return _("%(amount)s back to %(client)s. If it was bought, %(cost)s is our loss.") % {
        **_back(order),
        "cost": money_text(order.expected_cost),
    }


def _refund(order: Order, who: Person) -> str:
    if order.status == OrderStatus.CANCELED:
        return _(
            "%(amount)s back to %(client)s. What the provider charged and keeps is our loss."
        ) % _back(order)
    return _(
        "%(amount)s back to %(client)s. The order ends as canceled. What the provider charged and "
        "keeps is our loss."
    ) % _back(order)


def _wait(order: Order, who: Person) -> str:
    return _(
        "No money moves. It is asked about every ten minutes, follows what the provider says "
        "and stays in this queue until then."
    )


def _partial(order: Order, who: Person) -> str:
    return _(
        "The share of %(price)s that was not delivered goes back to %(client)s. The order ends as "
        "partly delivered."
    ) % {"price": money_text(order.price), "client": order.customer.name}


def _nothing_owed(order: Order, who: Person) -> str:
    return _("All was delivered that %(client)s paid for. No money moves; it stays partial.") % {
        "client": order.customer.name
    }


def _back(order: Order) -> dict[str, str]:
    """What goes back, and to whom."""
    client = Truncator(order.customer.name).chars(60)
    return {"amount": money_text(order.price - order.refunded), "client": client}


_TEXTS: dict[Decision, Callable[[Order, Person], str]] = {
    Decision.FOUND: _found,
    Decision.SEND_ANEW: _send_anew,
    Decision.GIVE_UP: _give_up,
    Decision.REFUND: _refund,
    Decision.WAIT: _wait,
    Decision.PARTIAL: _partial,
    Decision.NOTHING_OWED: _nothing_owed,
}

_SHARED: dict[Decision, tuple[Promise, Promise, Promise]] = {
    Decision.SEND_ANEW: (
        gettext_lazy("Send anew"),
        pgettext_lazy("a button: so many orders", "Send anew %(typed)s"),
        gettext_lazy(
            "Back to waiting and sent once more. What was bought after all, we pay twice."
        ),
    ),
    Decision.GIVE_UP: (
        gettext_lazy("Refund"),
        pgettext_lazy("a button: so many orders", "Refund %(typed)s"),
        gettext_lazy(
            "What was paid goes back to each client. What was bought after all is our loss."
        ),
    ),
    Decision.REFUND: (
        gettext_lazy("Refund"),
        pgettext_lazy("a button: so many orders", "Refund %(typed)s"),
        gettext_lazy(
            "What was paid goes back to each client. What the provider keeps is our loss."
        ),
    ),
    Decision.WAIT: (
        gettext_lazy("Wait with"),
        pgettext_lazy("a button: so many orders", "Wait with %(typed)s"),
        gettext_lazy(
            "No money moves. They are asked about every ten minutes and stay in this queue."
        ),
    ),
    Decision.NOTHING_OWED: (
        gettext_lazy("Pay nothing back for"),
        pgettext_lazy("a button: so many orders", "Pay nothing back for %(typed)s"),
        gettext_lazy("The clients got all that they paid for. No money moves; they stay partial."),
    ),
}

"""The decisions about a case: what each does to the money, and the form that carries one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.text import Truncator

from orders import review
from orders.enums import Decision, OrderStatus
from orders.models import Order, User
from orders.people import Person
from panel.display import money_text
from panel.staff.reviews.review_looks import OnEvidence


class DecisionForm(OnEvidence):
    """One decision about one order. The verb says what else is wrong, all at once."""

    decision = forms.ChoiceField(
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose what to do.",
            "invalid_choice": "This cannot be decided any more; look at the order again.",
        },
    )
    upstream_id = forms.CharField(label="Upstream id", max_length=64, required=False)
    remains = forms.IntegerField(
        label="Not delivered",
        required=False,
        error_messages={"invalid": "Type a whole number."},
    )
    reason = forms.CharField(label="Reason", max_length=300, required=False)

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
    """A decision as the page offers it. `act` names the button; `field` is typed with it."""

    value: str
    label: str
    text: str
    act: str
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
        label=decision.label,
        text=_TEXTS[decision](order, who),
        act=_act(order, decision),
        field=form[name] if name else None,
        limits=f"of {total:,}" if decision == Decision.PARTIAL else "",
        chosen=form["decision"].value() == decision,
    )


def shared(decision: Decision, chosen: str | None) -> Option:
    """A decision as it is offered for several orders at once."""
    act, text = _SHARED[decision]
    return Option(decision, decision.label, text, act, None, "", decision == chosen)


_FIELDS = {Decision.FOUND: "upstream_id", Decision.PARTIAL: "remains"}


def _act(order: Order, decision: Decision) -> str:
    """The words of the button; what is typed with the choice follows by script."""
    match decision:
        case Decision.FOUND:
            return "Take up"
        case Decision.SEND_ANEW:
            return "Send anew"
        case Decision.WAIT:
            return "Wait"
        case Decision.PARTIAL:
            return "Set as partly delivered"
        case Decision.NOTHING_OWED:
            return "Pay nothing back"
    return f"Refund {money_text(order.price - order.refunded)}"


# ── What each does to the money, in a line ───────────────────────────────────────────────────


def _found(order: Order, who: Person) -> str:
    return "Take up the upstream order and follow it. No money moves."


def _send_anew(order: Order, who: Person) -> str:
    begin = "Back to waiting and sent once more. If it was bought after all, we pay"
    if not who.sees_cost:
        return f"{begin} the provider twice."
    return f"{begin} {order.provider.name} twice: about {money_text(order.expected_cost)}."


def _give_up(order: Order, who: Person) -> str:
    loss = f"{money_text(order.expected_cost)} is" if who.sees_cost else "its charge is"
    return f"{_back(order)}. If it was bought, {loss} our loss."


def _refund(order: Order, who: Person) -> str:
    end = "" if order.status == OrderStatus.CANCELED else " The order ends as canceled."
    return f"{_back(order)}.{end} What the provider charged and keeps is our loss."


def _wait(order: Order, who: Person) -> str:
    return (
        "No money moves. It is asked about every ten minutes, follows what the provider says "
        "and stays in this queue until then."
    )


def _partial(order: Order, who: Person) -> str:
    return (
        f"The share of {money_text(order.price)} that was not delivered goes back to "
        f"{order.customer.name}. The order ends as partly delivered."
    )


def _nothing_owed(order: Order, who: Person) -> str:
    return (
        f"All was delivered that {order.customer.name} paid for. No money moves; it stays partial."
    )


def _back(order: Order) -> str:
    client = Truncator(order.customer.name).chars(60)
    return f"{money_text(order.price - order.refunded)} back to {client}"


_TEXTS: dict[Decision, Callable[[Order, Person], str]] = {
    Decision.FOUND: _found,
    Decision.SEND_ANEW: _send_anew,
    Decision.GIVE_UP: _give_up,
    Decision.REFUND: _refund,
    Decision.WAIT: _wait,
    Decision.PARTIAL: _partial,
    Decision.NOTHING_OWED: _nothing_owed,
}

_SHARED = {
    Decision.SEND_ANEW: (
        "Send anew",
        "Back to waiting and sent once more. What was bought after all, we pay twice.",
    ),
    Decision.GIVE_UP: (
        "Refund",
        "What was paid goes back to each client. What was bought after all is our loss.",
    ),
    Decision.REFUND: (
        "Refund",
        "What was paid goes back to each client. What the provider keeps is our loss.",
    ),
    Decision.WAIT: (
        "Wait with",
        "No money moves. They are asked about every ten minutes and stay in this queue.",
    ),
    Decision.NOTHING_OWED: (
        "Pay nothing back for",
        "The clients got all that they paid for. No money moves; they stay partial.",
    ),
}

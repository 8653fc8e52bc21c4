"""What a person may do to an order as it stands: the one fitting act first, the reason why not."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django import forms
from django.urls import reverse

from orders import cancellations, refills, review, statuses
from orders.enums import HoldReason, NoCancel, NoRefill, OrderStatus
from orders.models import Order
from orders.money import ZERO
from orders.people import Person
from orders.submission import gate
from panel.delivery import delivered
from panel.display import money_text


class SeenLoss(forms.Form):
    """Carries the loss that the person saw, so that no larger one is allowed."""

    loss = forms.CharField(widget=forms.HiddenInput)


@dataclass(frozen=True)
class Dialog:
    """A question before something that cannot be undone; its effect in numbers."""

    id: str
    title: str
    text: str
    action: str
    act: str
    keep: str
    danger: bool = False
    reason: str = ""
    form: forms.Form | None = None


@dataclass(frozen=True)
class Button:
    """Opens a dialog, or leads to a page."""

    label: str
    icon: str
    dialog: str = ""
    url: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Acts:
    """Buttons in the order in which they fit, their dialogs, and why the others are not there."""

    buttons: list[Button]
    dialogs: list[Dialog]
    why_not_cancel: str
    why_not_refill: str


@dataclass(frozen=True)
class Asker:
    """An order as it stands, and who looks at it."""

    order: Order
    who: Person
    hold: gate.Hold | None
    now: datetime

    @property
    def provider(self) -> str:
        return self.order.provider.name if self.who.sees_cost else "the provider"

    def url(self, name: str) -> str:
        return reverse(f"staff:{name}", args=[self.order.pk])


def acts_of(asker: Asker) -> Acts:
    """All that can be done now by this person."""
    no_cancel = _why(cancellations.why_not_cancel(asker.order), NoCancel.SERVICE, asker)
    no_refill = _why(refills.why_not_refill(asker.order, asker.now), NoRefill.SERVICE, asker)
    buttons: list[Button] = []
    dialogs: list[Dialog] = []

    def offer(label: str, icon: str, dialog: Dialog, tone: str = "") -> None:
        buttons.append(Button(label, icon, dialog=f"#{dialog.id}", tone=tone))
        dialogs.append(dialog)

    if decide := _decide(asker):
        buttons.append(decide)
    if asker.order.status == OrderStatus.WAITING:
        if asker.hold and asker.hold.reason == HoldReason.PRICE and asker.who.is_admin:
            loss = loss_now(asker.order)
            at = f"at a loss of {money_text(loss)}" if loss else "below the floor"
            offer(f"Send {at}", "send", _allow(asker, loss, at))
        if asker.order.hold in (HoldReason.STAFF, HoldReason.REQUEST):
            offer("Release", "circle-play", _release(asker), "pri")
        elif asker.order.hold != HoldReason.STAFF:
            offer("Hold", "circle-pause", _hold(asker))
    if not no_refill:
        offer("Request refill", "refresh-cw", _refill(asker), "pri")
    if not no_cancel:
        waits = asker.order.status == OrderStatus.WAITING
        label = "Cancel and refund" if waits else "Ask to cancel"
        offer(label, "circle-x", _cancel(asker), "danger")
    return Acts(buttons, dialogs, no_cancel, no_refill)


def _why(said: str, by_service: NoCancel | NoRefill, asker: Asker) -> str:
    """The sentence; where it is the provider's profile that rules the act out, that one."""
    at = asker.order.provider
    takes = at.has_cancel if isinstance(by_service, NoCancel) else at.has_refill
    if said != by_service.label or takes:
        return said
    what = "cancel" if isinstance(by_service, NoCancel) else "refill"
    who = asker.provider[0].upper() + asker.provider[1:]
    return f"{who} takes no {what} requests, says its profile."


def loss_now(order: Order) -> Decimal:
    """What sending a waiting order would lose at today's cost; zero where it is only less won."""
    return max(gate.expected_cost_now(order) - order.price, ZERO)


def _decide(asker: Asker) -> Button | None:
    if not review.choices(asker.order) or not asker.who.decides:
        return None
    return Button("Decide", "gavel", url=asker.url("case"), tone="pri")


def _cancel(asker: Asker) -> Dialog:
    order = asker.order
    if order.status == OrderStatus.WAITING:
        text = (
            f"It has not been sent. The whole price, {money_text(order.price)}, goes back to "
            f"the balance of {order.customer.name}."
        )
        act, title = "Cancel and refund", f"Cancel order {order.pk}?"
        return Dialog("cancel", title, text, asker.url("cancel_order"), act, "Keep it", True)
    title = f"Ask {asker.provider} to cancel order {order.pk}?"
    text = _undelivered(order)
    return Dialog(
        "cancel", title, text, asker.url("cancel_order"), "Ask to cancel", "Keep it", True
    )


def _undelivered(order: Order) -> str:
    """What a cancel would bring back, if the provider agrees now."""
    done, total = delivered(order), order.delivery_total
    if done is None or total is None:
        return "If they agree, what was not delivered is paid back. Until then it goes on."
    owed = statuses.refund_owed(OrderStatus.PARTIAL, order.price, total - done, total)
    return (
        f"{done:,} of {total:,} are delivered. If they agree, {money_text(owed)} for the other "
        f"{total - done:,} goes back to {order.customer.name}."
    )


def _refill(asker: Asker) -> Dialog:
    title = f"Ask {asker.provider} to refill order {asker.order.pk}?"
    text = "They compare with the start count and fill up what has dropped. It costs nothing."
    return Dialog("refill", title, text, asker.url("refill_order"), "Request refill", "Not now")


def _allow(asker: Asker, loss: Decimal, at: str) -> Dialog:
    cost, price = gate.expected_cost_now(asker.order), asker.order.price
    text = (
        f"It costs {money_text(cost)} by now and was sold for {money_text(price)}. Your name "
        "and reason stay with the order; a larger loss would hold it again."
    )
    return Dialog(
        "allow-loss",
        f"Send order {asker.order.pk} {at}?",
        text,
        asker.url("allow_loss"),
        "Send it",
        "Not now",
        reason="required",
        form=SeenLoss(initial={"loss": loss}),
    )


def _hold(asker: Asker) -> Dialog:
    text = "It is not sent until somebody releases it. Waiting too long cancels and refunds it."
    title = f"Hold order {asker.order.pk}?"
    action = asker.url("hold_order")
    return Dialog("hold", title, text, action, "Hold it", "Let it go", reason="required")


def _release(asker: Asker) -> Dialog:
    title = f"Release order {asker.order.pk}?"
    text = "It is sent as soon as nothing else holds it."
    action = asker.url("release_order")
    return Dialog("release", title, text, action, "Release it", "Not now", reason="optional")

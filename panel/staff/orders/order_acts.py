"""What a person may do to an order as it stands: the one fitting act first, the reason why not."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _

from orders import cancellations, refills, review, statuses
from orders.enums import HoldReason, NoCancel, NoRefill, OrderStatus
from orders.models import Order
from orders.money import ZERO
from orders.people import Person
from orders.submission import gate
from panel.delivery import delivered
from panel.display import count, money_text


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
        return self.order.provider.name if self.who.sees_cost else _("the provider")

    @property
    def provider_first(self) -> str:
        """As it begins a sentence."""
        if not self.who.sees_cost:
            return _("The provider")
        name = self.order.provider.name
        return name[:1].upper() + name[1:]

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
            label = _("Send below the floor")
            if loss:
                label = _("Send at a loss of %(loss)s") % {"loss": money_text(loss)}
            offer(label, "send", _allow(asker, loss))
        if asker.order.hold in (HoldReason.STAFF, HoldReason.REQUEST):
            offer(_("Release"), "circle-play", _release(asker), "pri")
        elif asker.order.hold != HoldReason.STAFF:
            offer(_("Hold"), "circle-pause", _hold(asker))
    if not no_refill:
        offer(_("Request refill"), "refresh-cw", _refill(asker), "pri")
    if not no_cancel:
        waits = asker.order.status == OrderStatus.WAITING
        label = _("Cancel and refund") if waits else _("Ask to cancel")
        offer(label, "circle-x", _cancel(asker), "danger")
    return Acts(buttons, dialogs, no_cancel, no_refill)


def _why(said: str, by_service: NoCancel | NoRefill, asker: Asker) -> str:
    """The sentence; where it is the provider's profile that rules the act out, that one."""
    at = asker.order.provider
    takes = at.has_cancel if isinstance(by_service, NoCancel) else at.has_refill
    if said != str(by_service.label) or takes:
        return said
    if isinstance(by_service, NoCancel):
        words = _("%(provider)s takes no cancel requests, says its profile.")
    else:
        words = _("%(provider)s takes no refill requests, says its profile.")
    return words % {"provider": asker.provider_first}


def loss_now(order: Order) -> Decimal:
    """What sending a waiting order would lose at today's cost; zero where it is only less won."""
    return max(gate.expected_cost_now(order) - order.price, ZERO)


def _decide(asker: Asker) -> Button | None:
    if not review.choices(asker.order) or not asker.who.decides:
        return None
    return Button(_("Decide"), "gavel", url=asker.url("case"), tone="pri")


def _cancel(asker: Asker) -> Dialog:
    order = asker.order
    if order.status == OrderStatus.WAITING:
        text = _(
            "It has not been sent. The whole price, %(price)s, goes back to the balance of "
            "%(client)s."
        ) % {"price": money_text(order.price), "client": order.customer.name}
        act, title = _("Cancel and refund"), _("Cancel order %(number)s?") % {"number": order.pk}
        return Dialog("cancel", title, text, asker.url("cancel_order"), act, _("Keep it"), True)
    title = _("Ask %(provider)s to cancel order %(number)s?") % {
        "provider": asker.provider,
        "number": order.pk,
    }
    text, act = _undelivered(order), _("Ask to cancel")
    return Dialog("cancel", title, text, asker.url("cancel_order"), act, _("Keep it"), True)


def _undelivered(order: Order) -> str:
    """What a cancel would bring back, if the provider agrees now."""
    done, total = delivered(order), order.delivery_total
    if done is None or total is None:
        return _("If they agree, what was not delivered is paid back. Until then it goes on.")
    owed = statuses.refund_owed(OrderStatus.PARTIAL, order.price, total - done, total)
    return _(
        "%(done)s of %(total)s are delivered. If they agree, %(owed)s for the other %(rest)s goes "
        "back to %(client)s."
    ) % {
        "done": count(done),
        "total": count(total),
        "owed": money_text(owed),
        "rest": count(total - done),
        "client": order.customer.name,
    }


def _refill(asker: Asker) -> Dialog:
    title = _("Ask %(provider)s to refill order %(number)s?") % {
        "provider": asker.provider,
        "number": asker.order.pk,
    }
    text = _("They compare with the start count and fill up what has dropped. It costs nothing.")
    act, keep = _("Request refill"), _("Not now")
    return Dialog("refill", title, text, asker.url("refill_order"), act, keep)


def _allow(asker: Asker, loss: Decimal) -> Dialog:
    cost, price = gate.expected_cost_now(asker.order), asker.order.price
    title = _("Send order %(number)s below the floor?") % {"number": asker.order.pk}
    if loss:
        title = _("Send order %(number)s at a loss of %(loss)s?") % {
            "number": asker.order.pk,
            "loss": money_text(loss),
        }
    text = _(
        "It costs %(cost)s by now and was sold for %(price)s. Your name and reason stay with the "
        "order; a larger loss would hold it again."
    ) % {"cost": money_text(cost), "price": money_text(price)}
    return Dialog(
        "allow-loss",
        title,
        text,
        asker.url("allow_loss"),
        _("Send it"),
        _("Not now"),
        reason="required",
        form=SeenLoss(initial={"loss": loss}),
    )


def _hold(asker: Asker) -> Dialog:
    text = _("It is not sent until somebody releases it. Waiting too long cancels and refunds it.")
    title = _("Hold order %(number)s?") % {"number": asker.order.pk}
    action = asker.url("hold_order")
    return Dialog("hold", title, text, action, _("Hold it"), _("Let it go"), reason="required")


def _release(asker: Asker) -> Dialog:
    title = _("Release order %(number)s?") % {"number": asker.order.pk}
    text = _("It is sent as soon as nothing else holds it.")
    action, act = asker.url("release_order"), _("Release it")
    return Dialog("release", title, text, action, act, _("Not now"), reason="optional")

"""Where an order stands, for staff: a coin and two words in a list, a sentence on its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import statuses
from orders.enums import Decision, EventKind, HoldReason, OrderStatus, Tier
from orders.kept_words import told
from orders.models import Event, Order, Panel, Submission
from orders.money import ZERO
from orders.statuses import Reading, StaffFacts, Standing
from orders.submission import Hold, Outlook, outlook
from panel.delivery import coin_of, subscription_of
from panel.display import ago_text, clock_text, money_text, span

HELD = {
    HoldReason.PROVIDER_FUNDS: gettext_lazy("Held for funds"),
    HoldReason.PROVIDER_KEY: gettext_lazy("Held, key refused"),
    HoldReason.PROVIDER_DOWN: gettext_lazy("Held, not answering"),
    HoldReason.PROVIDER_BUSY: gettext_lazy("Held, slowed down"),
    HoldReason.PROVIDER_STOPPED: gettext_lazy("Held, sending stopped"),
    HoldReason.PRICE: gettext_lazy("Held, cost changed"),
    HoldReason.STALE_COST: gettext_lazy("Held, cost not fresh"),
    HoldReason.SERVICE_PAUSED: gettext_lazy("Held, service paused"),
    HoldReason.REQUEST: gettext_lazy("Held, request refused"),
    HoldReason.STAFF: gettext_lazy("Held by staff"),
}


@dataclass(frozen=True)
class State:
    """A status as a list shows it."""

    coin: str
    label: str


def state_of(order: Order, hold: Hold | None) -> State:
    """The coin of an order and its words."""
    if hold:
        return State("held", str(HELD[hold.reason]))
    label = status_words(order)
    if order.refund_unknown:
        label = _("%(status)s, refund open") % {"status": label}
    return State(coin_of(order), label)


def status_words(order: Order) -> str:
    """A status as a label; of a subscription, where it stands."""
    word = subscription_of(order)
    return _(word) if word else order.get_status_display()


def can_change(order: Order) -> bool:
    """Whether a live row has anything to wait for; aftercare counts as the end."""
    return order.status not in statuses.FINAL or order.refund_unknown


@dataclass(frozen=True)
class Sight:
    """What one order's page knows besides the order itself."""

    now: datetime
    sees_cost: bool
    hold: Hold | None
    events: Sequence[Event]
    """Oldest first, with their persons."""
    submissions: Sequence[Submission]
    checked: datetime | None


def sentence(order: Order, sight: Sight) -> Reading:
    """What staff read about the order; costs and the provider's figures only for who sees them."""
    return statuses.staff_reads(_facts(order, sight), money_text)


def _facts(order: Order, sight: Sight) -> StaffFacts:
    hold, last = sight.hold, sight.submissions[-1] if sight.submissions else None
    given_up = _decided(sight.events, Decision.GIVE_UP)
    return StaffFacts(
        status=order.status,
        subscription=subscription_of(order),
        hold=hold.reason if hold else HoldReason.NONE,
        hold_detail=_hold_detail(hold, sight.sees_cost),
        hold_since=_hold_since(order, sight),
        refunded=order.refunded,
        remains=order.remains,
        refund_unknown=order.refund_unknown,
        sending_for=span((sight.now - order.status_at).total_seconds()),
        sent_at=_sent_at(last, sight.now),
        repeat_at=_repeat_at(order, last, sight.now),
        checked=ago_text(sight.checked, sight.now) if sight.checked else "",
        upstream_id=(order.upstream_id or "") if sight.sees_cost else "",
        provider_returned=_returned(order) if sight.sees_cost else None,
        canceled_how=_canceled_how(sight.events),
        refusal=order.refusal,
        refusal_text=_refusal_text(sight.events) if sight.sees_cost else "",
        given_up_by=str(given_up.person) if given_up else "",
        given_up_reason=told(given_up.detail) if given_up else "",
        loss_after_refund=_loss_after_refund(order) if sight.sees_cost else None,
    )


def _hold_detail(hold: Hold | None, sees_cost: bool) -> str:
    if hold is None or not (sees_cost or hold.reason == HoldReason.STAFF):
        return ""
    return told(hold.detail).rstrip(".")


def _hold_since(order: Order, sight: Sight) -> str:
    if sight.hold is None:
        return ""
    since = order.provider.state.held_since
    if order.hold:
        told = [event.at for event in sight.events if event.kind == EventKind.HELD]
        since = told[-1] if told else None
    return clock_text(since, sight.now, "min") if since else ""


def _sent_at(submission: Submission | None, now: datetime) -> str:
    if submission is None:
        return ""
    return clock_text(submission.sent_at or submission.claimed_at, now)


def _repeat_at(order: Order, submission: Submission | None, now: datetime) -> str:
    if submission is None or submission.repeat_after is None:
        return ""
    will = outlook(submission, order.provider, now) is Outlook.WILL_REPEAT
    return clock_text(submission.repeat_after, now, "min") if will else ""


def _returned(order: Order) -> Decimal | None:
    return None if order.cost is None else max(order.expected_cost - order.cost, ZERO)


def _decided(events: Sequence[Event], decision: Decision) -> Event | None:
    made = [event for event in events if event.kind == EventKind.DECIDED]
    return next((event for event in made if event.data.get("decision") == decision), None)


def _canceled_how(events: Sequence[Event]) -> str:
    for event in reversed(events):
        who = {"who": event.person}
        match event.kind:
            case EventKind.CANCELED if event.person:
                return _("before sending by %(who)s") % who
            case EventKind.CANCELED:
                return _("before sending")
            case EventKind.EXPIRED:
                return _("before sending, it waited too long")
            case EventKind.DECIDED:
                return _("by %(who)s") % who if event.person else _("by decision")
            case EventKind.STATUS if event.status == OrderStatus.CANCELED:
                return _("by provider")
    return ""


def _refusal_text(events: Sequence[Event]) -> str:
    refused = [event.detail for event in events if event.kind == EventKind.REFUSED]
    return told(refused[-1]) if refused else ""


def _loss_after_refund(order: Order) -> Decimal | None:
    said = statuses.from_upstream(order.upstream_status) if order.upstream_status else None
    if order.cost is None or said != OrderStatus.COMPLETED:
        return None
    return order.cost - (order.price - order.refunded)


def next_step(order: Order, hold: Hold | None, panel: Panel) -> str:
    """What happens by itself, or who has to do what."""
    if hold:
        return _NEXT_HELD.get(hold.reason, _BY_ITSELF) % {"hours": panel.waiting_hours}
    if order.refund_unknown:
        return _("Somebody decides what is paid back.")
    if order.is_subscription and order.status in _NEXT_OF_SUBSCRIPTION:
        return _next_of_subscription(order)
    if order.status == OrderStatus.SENDING:
        return _(
            "The answer comes within %(seconds)s s; without one it is never sent again by itself."
        ) % {"seconds": order.provider.total_timeout}
    return str(_NEXT.get(OrderStatus(order.status), ""))


def _next_of_subscription(order: Order) -> str:
    said = statuses.standing_from_upstream(order.upstream_status)
    if order.status == OrderStatus.IN_PROGRESS and said not in (None, Standing.ACTIVE):
        return _("The provider has ended it; it is settled once its last posts have ended.")
    return str(_NEXT_OF_SUBSCRIPTION[OrderStatus(order.status)])


def pace(order: Order, *, checked: bool) -> str:
    """How often the provider is asked about it, or why it was not asked so far."""
    if checked:
        if order.tier is None:
            return _("no longer asked about")
        return str(_PACES[Tier(order.tier)])
    if order.status in (OrderStatus.WAITING, OrderStatus.SENDING):
        return _("Not sent yet")
    return _("Not asked about yet") if order.tier else _("Not followed: no id of the provider")


_PACES = {
    Tier.FAST: gettext_lazy("about every min"),
    Tier.QUIET: gettext_lazy("about every 10 min"),
    Tier.OLD: gettext_lazy("about every h"),
    Tier.AFTERCARE: gettext_lazy("about every day"),
}
_BY_ITSELF = gettext_lazy(
    "Sent by itself when that is over; canceled and refunded after %(hours)s h of waiting."
)
_BY_HAND = gettext_lazy(
    "Not sent until somebody releases it; canceled and refunded after %(hours)s h of waiting."
)
_NEXT_HELD = {
    HoldReason.PRICE: gettext_lazy(
        "An admin lets it go at a loss, or it is canceled and refunded"
        " (%(hours)s h of waiting at most)."
    ),
    HoldReason.REQUEST: _BY_HAND,
    HoldReason.STAFF: _BY_HAND,
}
_NEXT_OF_SUBSCRIPTION = {
    OrderStatus.PROCESSING: gettext_lazy(
        "The provider has paused it; new posts wait until it goes on."
    ),
    OrderStatus.IN_PROGRESS: gettext_lazy(
        "Each new post is served. When it ends, what its posts did not get is paid back."
    ),
    OrderStatus.COMPLETED: gettext_lazy("Its posts got all that was held."),
    OrderStatus.PARTIAL: gettext_lazy("What its posts did not get has been paid back."),
}
_NEXT = {
    OrderStatus.WAITING: gettext_lazy(
        "Sent within seconds; until then it can be canceled for a full refund."
    ),
    OrderStatus.PENDING: gettext_lazy("The provider has it and has not started."),
    OrderStatus.PROCESSING: gettext_lazy("The provider has it and prepares the start."),
    OrderStatus.IN_PROGRESS: gettext_lazy(
        "It ends as completed, partial or canceled, as the provider says."
    ),
    OrderStatus.COMPLETED: gettext_lazy(
        "If the provider changes that within seven days, the order follows."
    ),
    OrderStatus.PARTIAL: gettext_lazy("What was not delivered has been paid back."),
    OrderStatus.CANCELED: gettext_lazy("The price has been paid back."),
    OrderStatus.REFUSED: gettext_lazy(
        "The price has been paid back; it can be ordered anew once that is right."
    ),
}

"""An order's history in words: every event, and every movement of money with its transfer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from orders import tracking
from orders.enums import (
    CancellationStatus,
    Decision,
    EventKind,
    OrderStatus,
    RefillStatus,
    RefusalFamily,
    TransferKind,
)
from orders.models import Event, Order, Transfer
from panel.display import count, money_text
from panel.icons import find_coin
from panel.staff.orders.order_state import HELD


@dataclass(frozen=True)
class Item:
    """One line: a short past sentence, and a detail below it."""

    tone: str
    icon: str
    title: str
    text: str
    moment: datetime


@dataclass(frozen=True)
class Teller:
    """Tells the events of one order to one kind of person."""

    order: Order
    sees_cost: bool

    @property
    def provider(self) -> str:
        return self.order.provider.name if self.sees_cost else "the provider"

    def words(self, text: str) -> str:
        """The provider's own words or figures, for who may read them."""
        return text if self.sees_cost else ""


def timeline(
    order: Order, events: Iterable[Event], transfers: Iterable[Transfer], *, sees_cost: bool
) -> list[Item]:
    """All that happened, newest first; money comes after what moved it.

    Refunds are told by their transfers, which name their reference and the balance after.
    """
    teller = Teller(order, sees_cost)
    lines = [
        (event.at, 0, event.pk, _TELLERS[EventKind(event.kind)](teller, event))
        for event in events
        if event.kind != EventKind.REFUNDED
    ]
    lines += [(moved.at, 1, moved.pk, _moved(moved)) for moved in transfers]
    return [item for *_, item in sorted(lines, key=lambda line: line[:3], reverse=True)]


def _item(event: Event, tone: str, icon: str, title: str, text: str = "") -> Item:
    return Item(tone, icon, title, text, event.at)


def _by(event: Event) -> str:
    return f" by {event.person}" if event.person else ""


def _placed(teller: Teller, event: Event) -> Item:
    overlaps = ", ".join(str(number) for number in event.data.get("overlaps") or [])
    text = f"duplicate link confirmed, open orders: {overlaps}" if overlaps else ""
    if typed := event.data.get("typed_link"):
        text = "; ".join(filter(None, (f"typed as {typed}, https:// was put before it", text)))
    key = teller.order.api_key
    if key is not None:
        title = "Placed by the client's program"
        text = "; ".join(filter(None, (f"API key “{key.name}”, {key.prefix}…", text)))
    else:
        title = f"Placed{_by(event)}" if event.person else "Placed at the command line"
    return _item(event, "grey", "user", title, text)


def _sent(teller: Teller, event: Event) -> Item:
    text = f"submission {event.data.get('submission', 1)}"
    worker, repeat = event.data.get("worker"), event.data.get("repeat")
    again = f"Sent again with the same key to {teller.provider}, {repeat}. time"
    return _item(
        event,
        "grey",
        "send",
        again if repeat else f"Sent to {teller.provider}",
        f"{text}, {worker}" if worker else text,
    )


def _not_sent(teller: Teller, event: Event) -> Item:
    text = f"{teller.words(event.detail)} It waits and is tried again.".strip()
    return _item(event, "grey", "undo-2", "Nothing was sent", text)


def _fell_back(teller: Teller, event: Event) -> Item:
    text = teller.words(event.detail) or "Its provider could not take it; the price stays."
    return _item(event, "amber", "shuffle", "Moved to the service's fallback", text)


def _accepted(teller: Teller, event: Event) -> Item:
    upstream_id = teller.words(event.data.get("upstream_id", ""))
    title = f"Accepted upstream as {upstream_id}" if upstream_id else "Accepted by the provider"
    elapsed = event.data.get("elapsed_ms")
    return _item(event, "green", "check", title, f"answered in {elapsed:,} ms" if elapsed else "")


def _refused(teller: Teller, event: Event) -> Item:
    family = event.data.get("family", "")
    label = RefusalFamily(family).label if family in RefusalFamily.values else ""
    title = f"Refused: {label.lower()}" if label else "Refused"
    words = teller.words(event.detail)
    text = f"“{words}”" if words else ""
    waits = event.status == OrderStatus.WAITING
    return _item(
        event,
        "amber" if waits else "red",
        "circle-pause" if waits else "circle-x",
        title,
        f"{text} The order waits." if waits else text,
    )


def _unconfirmed(teller: Teller, event: Event) -> Item:
    text = teller.words(event.detail) or "It may or may not exist at the provider."
    return _item(event, "amber", "circle-help", "The answer was lost", text)


def _late_answer(teller: Teller, event: Event) -> Item:
    title = "An answer came after the decision"
    return _item(event, "red", "siren", title, teller.words(event.detail))


def _held(teller: Teller, event: Event) -> Item:
    if event.person:
        return _item(event, "amber", "circle-pause", f"Held{_by(event)}", event.detail)
    title = HELD.get(event.data.get("reason", ""), "Held")
    return _item(event, "amber", "circle-pause", title, teller.words(event.detail))


def _released(teller: Teller, event: Event) -> Item:
    text = teller.words(event.detail)
    return _item(event, "accent", "circle-play", f"Released{_by(event)}", text)


def _status(teller: Teller, event: Event) -> Item:
    coin = find_coin(event.status)
    word, remains = event.data.get("word", ""), event.data.get("remains")
    said = f"{teller.provider[:1].upper()}{teller.provider[1:]} said “{word}”" if word else ""
    left = f"{count(remains)} to come" if remains not in (None, "0") else ""
    icon = _STATUS_ICONS.get(event.status, "loader")
    label = OrderStatus(event.status).label if event.status else "Status changed"
    return _item(event, coin.tone, icon, label, ", ".join(filter(None, (said, left))))


def _refunded(teller: Teller, event: Event) -> Item:
    return _item(event, "violet", "wallet", "Paid back", event.detail)


def _flagged(teller: Teller, event: Event) -> Item:
    text = teller.words(event.detail)
    return _item(event, "amber", "flag", "Something odd in the provider's answer", text)


def _decided(teller: Teller, event: Event) -> Item:
    decision = event.data.get("decision", "")
    label = Decision(decision).label if decision in Decision.values else "Decided"
    return _item(event, "accent", "gavel", f"{label}: decided{_by(event)}", event.detail)


def _proposed(teller: Teller, event: Event) -> Item:
    decision = event.data.get("decision", "")
    label = Decision(decision).label if decision in Decision.values else "A decision"
    return _item(event, "amber", "gavel", f"{label}: proposed{_by(event)}", event.detail)


def _asked(teller: Teller, event: Event) -> Item:
    title = f"Asked the support of {teller.provider}{_by(event)}"
    return _item(event, "accent", "message-circle-question-mark", title, event.detail)


def _canceled(teller: Teller, event: Event) -> Item:
    title = f"Canceled before sending{_by(event)}"
    return _item(event, "grey", "circle-x", title, event.detail)


def _expired(teller: Teller, event: Event) -> Item:
    return _item(event, "grey", "hourglass", "Waited too long and was canceled", event.detail)


def _note(teller: Teller, event: Event) -> Item:
    return _item(event, "accent", "sticky-note", f"Note{_by(event)}", event.detail)


def _tracking(teller: Teller, event: Event) -> Item:
    if event.data.get("act") == tracking.REVOKED:
        return _item(event, "grey", "link-2-off", f"Tracking address revoked{_by(event)}")
    return _item(event, "accent", "link-2", f"Tracking address made{_by(event)}")


_FOLLOW_UPS = {
    RefillStatus.REQUESTED: ("accent", "asked for"),
    RefillStatus.PENDING: ("accent", "taken by the provider"),
    RefillStatus.IN_PROGRESS: ("accent", "in progress"),
    RefillStatus.COMPLETED: ("green", "completed"),
    RefillStatus.REJECTED: ("red", "declined by the provider"),
    RefillStatus.CANCELED: ("grey", "canceled by the provider"),
    RefillStatus.FAILED: ("red", "failed"),
    RefillStatus.UNKNOWN: ("amber", "sent, the answer was lost"),
    CancellationStatus.ACCEPTED: ("accent", "accepted; the provider decides"),
    CancellationStatus.DECLINED: ("red", "declined by the provider"),
    CancellationStatus.DONE: ("green", "fulfilled, the order stopped"),
}


def _follow_up(name: str, icon: str) -> Callable[[Teller, Event], Item]:
    def tell(teller: Teller, event: Event) -> Item:
        status = event.data.get("now", "")
        tone, words = _FOLLOW_UPS.get(status, ("grey", str(status)))
        return _item(event, tone, icon, f"{name} {words}{_by(event)}", teller.words(event.detail))

    return tell


_STATUS_ICONS: dict[str, str] = {
    OrderStatus.COMPLETED: "check",
    OrderStatus.PARTIAL: "circle-slash",
    OrderStatus.CANCELED: "circle-x",
    OrderStatus.FAILED: "circle-alert",
}

_TELLERS: dict[EventKind, Callable[[Teller, Event], Item]] = {
    EventKind.PLACED: _placed,
    EventKind.SENT: _sent,
    EventKind.NOT_SENT: _not_sent,
    EventKind.FELL_BACK: _fell_back,
    EventKind.ACCEPTED: _accepted,
    EventKind.REFUSED: _refused,
    EventKind.UNCONFIRMED: _unconfirmed,
    EventKind.LATE_ANSWER: _late_answer,
    EventKind.HELD: _held,
    EventKind.RELEASED: _released,
    EventKind.STATUS: _status,
    EventKind.REFUNDED: _refunded,
    EventKind.FLAGGED: _flagged,
    EventKind.DECIDED: _decided,
    EventKind.PROPOSED: _proposed,
    EventKind.ASKED: _asked,
    EventKind.CANCELED: _canceled,
    EventKind.EXPIRED: _expired,
    EventKind.REFILL: _follow_up("Refill", "refresh-cw"),
    EventKind.NOTE: _note,
    EventKind.CANCELLATION: _follow_up("Cancel request", "octagon-x"),
    EventKind.TRACKING: _tracking,
}


# ── Money ────────────────────────────────────────────────────────────────────────────────────


_MOVED = {
    TransferKind.ORDER: ("grey", "taken from the wallet"),
    TransferKind.REFUND: ("violet", "paid back to the wallet"),
    TransferKind.CASH_TAKEN: ("green", "taken in cash"),
}


def _moved(transfer: Transfer) -> Item:
    tone, words = _MOVED.get(TransferKind(transfer.kind), ("grey", transfer.kind))
    title = f"{money_text(transfer.amount)} {words}"
    if transfer.person:
        title += f" by {transfer.person}"
    text = f"transfer {transfer.reference}{_balance(transfer.balance_after)}"
    return Item(tone, "wallet", title, text, transfer.at)


def _balance(amount: Decimal | None) -> str:
    return "" if amount is None else f", balance {money_text(amount)}"

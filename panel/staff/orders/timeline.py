"""An order's history in words: every event, and every movement of money with its transfer."""

from collections.abc import Callable, Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import tracking
from orders.enums import Decision, EventKind, OrderStatus, RefusalFamily, TransferKind
from orders.kept_words import told
from orders.models import Event, Order, Transfer
from orders.spelling import lowered
from panel.display import count, money_text
from panel.icons import find_coin
from panel.staff.orders import timeline_requests
from panel.staff.orders.order_state import HELD
from panel.staff.orders.timeline_items import Item, Teller, by_whom, item


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
    return [told for *_, told in sorted(lines, key=lambda line: line[:3], reverse=True)]


def _placed(teller: Teller, event: Event) -> Item:
    texts = []
    key = teller.order.api_key
    if key is not None:
        title = _("Placed by the client's program")
        texts.append(
            _("API key “%(name)s”, %(prefix)s…") % {"name": key.name, "prefix": key.prefix}
        )
    elif event.person:
        title = by_whom(event, _("Placed"))
    else:
        title = _("Placed at the command line")
    if typed := event.data.get("typed_link"):
        texts.append(_("typed as %(link)s, https:// was put before it") % {"link": typed})
    overlaps = ", ".join(str(number) for number in event.data.get("overlaps") or [])
    if overlaps:
        texts.append(
            _("duplicate link confirmed, open orders: %(numbers)s") % {"numbers": overlaps}
        )
    return item(event, "grey", "user", title, "; ".join(texts))


def _sent(teller: Teller, event: Event) -> Item:
    text = _("submission %(number)s") % {"number": event.data.get("submission", 1)}
    worker, repeat = event.data.get("worker"), event.data.get("repeat")
    title = _("Sent to %(provider)s")
    if repeat:
        title = _("Sent again with the same key to %(provider)s, %(repeat)s. time")
    return item(
        event,
        "grey",
        "send",
        title % {"provider": teller.provider, "repeat": repeat},
        f"{text}, {worker}" if worker else text,
    )


def _not_sent(teller: Teller, event: Event) -> Item:
    text = f"{teller.words(event.detail)} {_('It waits and is tried again.')}".strip()
    return item(event, "grey", "undo-2", _("Nothing was sent"), text)


def _fell_back(teller: Teller, event: Event) -> Item:
    text = teller.words(event.detail) or _("Its provider could not take it; the price stays.")
    return item(event, "amber", "shuffle", _("Moved to the service's fallback"), text)


def _accepted(teller: Teller, event: Event) -> Item:
    upstream_id = teller.words(event.data.get("upstream_id", ""))
    title = _("Accepted by the provider")
    if upstream_id:
        title = _("Accepted upstream as %(upstream_id)s") % {"upstream_id": upstream_id}
    elapsed = event.data.get("elapsed_ms")
    text = _("answered in %(time)s ms") % {"time": count(elapsed)} if elapsed else ""
    return item(event, "green", "check", title, text)


def _refused(teller: Teller, event: Event) -> Item:
    family = event.data.get("family", "")
    title = _("Refused")
    if family in RefusalFamily.values:
        title = _("Refused: %(family)s") % {"family": lowered(str(RefusalFamily(family).label))}
    words = teller.words(event.detail)
    text = f"“{words}”" if words else ""
    waits = event.status == OrderStatus.WAITING
    return item(
        event,
        "amber" if waits else "red",
        "circle-pause" if waits else "circle-x",
        title,
        f"{text} {_('The order waits.')}" if waits else text,
    )


def _unconfirmed(teller: Teller, event: Event) -> Item:
    text = teller.words(event.detail) or _("It may or may not exist at the provider.")
    return item(event, "amber", "circle-help", _("The answer was lost"), text)


def _late_answer(teller: Teller, event: Event) -> Item:
    title = _("An answer came after the decision")
    return item(event, "red", "siren", title, teller.words(event.detail))


def _held(teller: Teller, event: Event) -> Item:
    if event.person:
        return item(event, "amber", "circle-pause", by_whom(event, _("Held")), event.detail)
    title = str(HELD.get(event.data.get("reason", ""), _("Held")))
    return item(event, "amber", "circle-pause", title, teller.words(event.detail))


def _released(teller: Teller, event: Event) -> Item:
    text = teller.words(event.detail)
    return item(event, "accent", "circle-play", by_whom(event, _("Released")), text)


def _status(teller: Teller, event: Event) -> Item:
    coin = find_coin(event.status)
    word, remains = event.data.get("word", ""), event.data.get("remains")
    facts = []
    if word:
        named = {"provider": teller.provider_first, "word": word}
        facts.append(_("%(provider)s said “%(word)s”") % named)
    if remains not in (None, "0"):
        facts.append(_("%(number)s to come") % {"number": count(remains)})
    icon = _STATUS_ICONS.get(event.status, "loader")
    label = str(OrderStatus(event.status).label) if event.status else _("Status changed")
    return item(event, coin.tone, icon, label, ", ".join(facts))


def _refunded(teller: Teller, event: Event) -> Item:
    return item(event, "violet", "wallet", _("Paid back"), told(event.detail))


def _flagged(teller: Teller, event: Event) -> Item:
    text = teller.words(event.detail)
    return item(event, "amber", "flag", _("Something odd in the provider's answer"), text)


def _decided(teller: Teller, event: Event) -> Item:
    decision = event.data.get("decision", "")
    label = Decision(decision).label if decision in Decision.values else _("Decided")
    title = by_whom(event, _("%(decision)s: decided") % {"decision": label})
    return item(event, "accent", "gavel", title, event.detail)


def _proposed(teller: Teller, event: Event) -> Item:
    decision = event.data.get("decision", "")
    label = Decision(decision).label if decision in Decision.values else _("A decision")
    title = by_whom(event, _("%(decision)s: proposed") % {"decision": label})
    return item(event, "amber", "gavel", title, event.detail)


def _asked(teller: Teller, event: Event) -> Item:
    title = by_whom(event, _("Asked the support of %(provider)s") % {"provider": teller.provider})
    return item(event, "accent", "message-circle-question-mark", title, event.detail)


def _canceled(teller: Teller, event: Event) -> Item:
    title = by_whom(event, _("Canceled before sending"))
    return item(event, "grey", "circle-x", title, event.detail)


def _expired(teller: Teller, event: Event) -> Item:
    title = _("Waited too long and was canceled")
    return item(event, "grey", "hourglass", title, told(event.detail))


def _note(teller: Teller, event: Event) -> Item:
    return item(event, "accent", "sticky-note", by_whom(event, _("Note")), event.detail)


def _tracking(teller: Teller, event: Event) -> Item:
    if event.data.get("act") == tracking.REVOKED:
        return item(event, "grey", "link-2-off", by_whom(event, _("Tracking address revoked")))
    return item(event, "accent", "link-2", by_whom(event, _("Tracking address made")))


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
    EventKind.REFILL: timeline_requests.refill,
    EventKind.NOTE: _note,
    EventKind.CANCELLATION: timeline_requests.cancel,
    EventKind.TRACKING: _tracking,
}


# ── Money ────────────────────────────────────────────────────────────────────────────────────


_MOVED: dict[TransferKind, tuple[str, str | Promise]] = {
    TransferKind.ORDER: ("grey", gettext_lazy("%(amount)s taken from the wallet")),
    TransferKind.REFUND: ("violet", gettext_lazy("%(amount)s paid back to the wallet")),
    TransferKind.CASH_TAKEN: ("green", gettext_lazy("%(amount)s taken in cash")),
}


def _moved(transfer: Transfer) -> Item:
    tone, words = _MOVED.get(TransferKind(transfer.kind), ("grey", f"%(amount)s {transfer.kind}"))
    title = by_whom(transfer, str(words) % {"amount": money_text(transfer.amount)})
    text = _("transfer %(reference)s")
    if transfer.balance_after is not None:
        text = _("transfer %(reference)s, balance %(balance)s")
    named = {"reference": transfer.reference, "balance": money_text(transfer.balance_after)}
    return Item(tone, "wallet", title, text % named, transfer.at)

"""Was an order lost, doubled or left unexplained? One question a function, each with what it found.

A check returns a sentence for every violation, with the order's number; nothing means all is well.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from orders.enums import Decision, EventKind, OrderStatus, SubmissionOutcome
from orders.models import Order
from orders.statuses import FINAL, OPEN
from tests.chaos.afterwards import (
    followups_are_asked_once,
    followups_end,
    refills_agree,
    requests_were_pressed,
    stops_agree,
)
from tests.chaos.answers import (
    balances_are_told,
    prices_are_as_shown,
    programs_are_answered,
    programs_place_once,
    statuses_are_told,
    wallets_are_never_overdrawn,
)
from tests.chaos.books import Books
from tests.chaos.credits import (
    payments_add_up,
    payments_are_credited_once,
    top_ups_are_asked_once,
    top_ups_are_decided_once,
    top_ups_end,
)
from tests.chaos.money import refunds_follow_from_statuses, wallets_add_up
from tests.chaos.outages import outages_are_bounded
from tests.chaos.parcel_lines import KEYS, lines_are_placed_once, lines_end
from tests.chaos.places import (
    fallbacks_are_certain,
    keys_are_used_once,
    orders_are_bought_in_one_place,
)
from tests.chaos.posts import posts_add_up
from tests.chaos.prices import prices_follow_rules
from tests.chaos.runs import runs_add_up
from tests.chaos.taken import ID_TAKEN, taken_ids_are_told
from tests.chaos.tills import (
    cash_is_taken_once,
    counts_are_pressed,
    presses_move_money_once,
    tills_add_up,
)
from tests.chaos.wants import target_of, typed

LOST_ANSWERS = {
    *("timeout", "reset", "html", "empty", "noise", "redirect", "too_large"),
    *("server_error", "generic_error", "no_order", "no_answer", "internal", "duplicate"),
}
WORKER_GONE = "worker_gone"
CLOCK = 2.0
"""Seconds: a job stamps what it does with the moment at which it began."""


@dataclass(frozen=True)
class Violation:
    """What was found wrong, and by which check."""

    check: str
    text: str


def judge(books: Books) -> list[Violation]:
    """Everything that is wrong; empty when nothing was lost, doubled or left unexplained."""
    return [Violation(name, text) for name, ask in CHECKS.items() for text in ask(books)]


# ── Orders ───────────────────────────────────────────────────────────────────────────────────


def accepted_once(books: Books) -> Iterator[str]:
    """Each submission was accepted at most once, each order once more per wrong "send anew"."""
    for pk, taken in books.accepted.items():
        causes = Counter(getattr(books.cause(pk, one.at), "number", None) for one in taken)
        for number, times in causes.items():
            if number is None:
                yield f"order {pk} was accepted before it was claimed"
            elif times > 1:
                yield f"order {pk}: submission {number} was accepted {times} times"
        wrong = books.wrongly_sent_anew(pk)
        if len(taken) > 1 + wrong:
            ids = ", ".join(one.upstream_id for one in taken)
            yield f"order {pk} was bought {len(taken)} times ({ids}), {wrong} times by mistake"


def nothing_is_lost(books: Books) -> Iterator[str]:
    """What a provider took is held by its order or was written off by a person, and the reverse."""
    for one in books.of_no_order:
        yield f"upstream order {one.upstream_id} was bought for no order ({one.link})"
    for pk, order in books.orders.items():
        taken = books.accepted.get(pk, [])
        for one in taken:
            if order.upstream_id != one.upstream_id and not books.written_off(pk, one):
                yield f"order {pk}: upstream order {one.upstream_id} is held by nobody"
        if order.upstream_id and order.upstream_id not in {one.upstream_id for one in taken}:
            yield f"order {pk} holds {order.upstream_id}, which was not bought for it"


def states_are_honest(books: Books) -> Iterator[str]:
    """Each order has ended in one state, the one that its provider and its submissions tell."""
    for pk, order in books.orders.items():
        created = [one for one in books.submissions[pk] if one.outcome == SubmissionOutcome.CREATED]
        if bool(order.upstream_id) != bool(created):
            yield f"order {pk} ({order.status}) holds an id and has no accepted submission, or not"
        if order.status in FINAL and (wrong := _disagreement(books, order)):
            yield f"order {pk} ({order.status}): {wrong}"


def _disagreement(books: Books, order: Order) -> str:
    if not order.upstream_id:
        never_sent = order.status in (OrderStatus.CANCELED, OrderStatus.REFUSED)
        return "" if never_sent else "it never reached a provider"
    place = (order.provider_id, order.upstream_id)
    if order.runs and (place in books.facts.families or place in books.facts.posts):
        return ""  # what its runs or posts add up to is a question of its own
    standing = books.facts.standings.get(place)
    if standing is None:
        return f"the provider does not know {order.upstream_id}"
    if standing.status == OrderStatus.FAILED and order.status == OrderStatus.CANCELED:
        refunded = any(e.data.get("decision") == Decision.REFUND for e in books.events[order.pk])
        return "" if refunded else "the provider failed, and nobody decided a refund"
    if standing.status != order.status:
        return f"the provider says {standing.status}"
    if order.status == OrderStatus.PARTIAL and order.remains != standing.remains:
        return f"{order.remains} remain, the provider says {standing.remains}"
    if order.charge_upstream != standing.charge:
        return f"charged {order.charge_upstream}, the provider says {standing.charge}"
    return ""


def unconfirmed_had_a_reason(books: Books) -> Iterator[str]:
    """A lost answer, a claim that had expired, or an id that another order holds."""
    for pk, events in books.events.items():
        for event in events:
            if event.kind != EventKind.UNCONFIRMED:
                continue
            cause = books.cause(pk, event.at)
            reason = cause.reason if cause else ""
            gone_early = (
                cause is not None
                and reason == WORKER_GONE
                and not cause.repeats  # its lease is that of the last sending
                and (cause.expires_at - event.at).total_seconds() > CLOCK
            )
            if cause is None or reason not in LOST_ANSWERS | {WORKER_GONE, ID_TAKEN}:
                yield f"order {pk} became unconfirmed for no known reason ({reason or 'none'})"
            elif reason in LOST_ANSWERS and cause.answered_at is None:
                yield f"order {pk} became unconfirmed ({reason}) without having been sent"
            elif gone_early:
                yield f"order {pk} became unconfirmed before its claim had expired"


def late_ids_raised_an_alarm(books: Books) -> Iterator[str]:
    """An id that came after a decision stands in the order's history, flags the order, and was
    logged as an error."""
    for pk, order in books.orders.items():
        late = {one.late_upstream_id for one in books.submissions[pk]} - {"", order.upstream_id}
        events = books.events[pk]
        told = {e.data.get("upstream_id") for e in events if e.kind == EventKind.LATE_ANSWER}
        logged = {upstream_id for number, upstream_id in books.facts.alarms if number == pk}
        for upstream_id in sorted(late - told):
            yield f"order {pk}: the late id {upstream_id} stands in no line of its history"
        for upstream_id in sorted(late - logged):
            yield f"order {pk}: the late id {upstream_id} was not logged as an error"
        if late and not any(upstream_id in order.flag for upstream_id in late):
            yield f"order {pk}: no flag tells of the late id {', '.join(sorted(late))}"


def nothing_waits_for_ever(books: Books) -> Iterator[str]:
    """No order is open, no decision is outstanding, no claim hangs."""
    for pk, order in books.orders.items():
        if order.status in OPEN or order.refund_unknown:
            why = order.hold or ("a decision on its refund" if order.refund_unknown else "")
            yield f"order {pk} is still {order.status}{why and f' ({why})'}"
        for one in books.submissions[pk]:
            if one.outcome in (SubmissionOutcome.OPEN, SubmissionOutcome.UNKNOWN):
                yield f"order {pk}: submission {one.number} is still {one.outcome}"


# ── People ───────────────────────────────────────────────────────────────────────────────────


def one_order_a_key(books: Books) -> Iterator[str]:
    """Every press of one form's button came back with the same number, that of its own order."""
    by_key: dict[str, list[Order]] = {}
    for order in books.orders.values():
        if not (order.client_key or "").startswith(KEYS):
            by_key.setdefault(order.client_key or "", []).append(order)
    for press in books.facts.presses:
        wish, made = press.wish, by_key.pop(press.wish.key, [])
        numbers = sorted({order.pk for order in made})
        if len(made) > 1:
            yield f"the key {wish.key} made the orders {numbers}"
        if press.numbers and sorted(set(press.numbers)) != numbers:
            yield f"the key {wish.key} was told {sorted(set(press.numbers))}, made {numbers}"
        for order in made:
            typed_in = (wish.link, wish.quantity, wish.children or None)
            if (target_of(order), order.quantity, order.runs) != typed_in:
                yield f"order {order.pk} is not what was asked for with the key {wish.key}"
    for key, orders in by_key.items():
        yield f"nobody pressed for order {orders[0].pk} (key {key or 'none'})"


def orders_are_sent_as_typed(books: Books) -> Iterator[str]:
    """What a provider took for an order is, field by field, what was typed into its form."""
    for press in books.facts.presses:
        wanted = typed(press.wish)
        for pk in set(press.numbers):
            for one in books.accepted.get(pk, []):
                ours = {"service", *books.facts.key_fields.values()}
                sent = {name: text for name, text in one.params.items() if name not in ours}
                if sent != wanted:
                    wrong = sorted(dict(sent.items() ^ wanted.items()))
                    yield f"order {pk} was sent with another {', '.join(wrong)}"


CHECKS: dict[str, Callable[[Books], Iterator[str]]] = {
    "accepted once": accepted_once,
    "nothing lost": nothing_is_lost,
    "bought in one place": orders_are_bought_in_one_place,
    "fallbacks certain": fallbacks_are_certain,
    "keys used once": keys_are_used_once,
    "honest states": states_are_honest,
    "runs add up": runs_add_up,
    "posts add up": posts_add_up,
    "unconfirmed explained": unconfirmed_had_a_reason,
    "taken ids told": taken_ids_are_told,
    "late ids alarmed": late_ids_raised_an_alarm,
    "wallets add up": wallets_add_up,
    "refunds follow": refunds_follow_from_statuses,
    "outages bounded": outages_are_bounded,
    "one order a key": one_order_a_key,
    "sent as typed": orders_are_sent_as_typed,
    "lines placed once": lines_are_placed_once,
    "programs place once": programs_place_once,
    "programs answered": programs_are_answered,
    "prices as shown": prices_are_as_shown,
    "prices follow rules": prices_follow_rules,
    "statuses told": statuses_are_told,
    "balances told": balances_are_told,
    "never overdrawn": wallets_are_never_overdrawn,
    "refills and stops once": followups_are_asked_once,
    "refills agree": refills_agree,
    "stops agree": stops_agree,
    "requests pressed": requests_were_pressed,
    "top-ups asked once": top_ups_are_asked_once,
    "credited once": payments_are_credited_once,
    "payments add up": payments_add_up,
    "top-ups decided once": top_ups_are_decided_once,
    "counter once": presses_move_money_once,
    "cash once": cash_is_taken_once,
    "tills add up": tills_add_up,
    "counts pressed": counts_are_pressed,
    "nothing waits": nothing_waits_for_ever,
    "lines end": lines_end,
    "follow-ups end": followups_end,
    "top-ups end": top_ups_end,
}

"""Were customers' programs told what the books tell, and nothing of others?"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from orders import statuses
from orders.enums import AccountKind
from orders.models import Account, Order, Transfer
from orders.money import ZERO
from panel.api_errors import KEY_REUSED, ORDER
from tests.chaos.books import Books
from tests.chaos.readings import Look, Reading


def programs_place_once(books: Books) -> Iterator[str]:
    """An order stands under the key of the program that placed it, others under none; another
    order with the same `request_id` was refused. (That there is one order for each `request_id` is
    what `one_order_a_key` asks.)"""
    presses = {press.wish.key: press for press in books.facts.presses}
    for pk, order in books.orders.items():
        press = presses.get(order.client_key or "")
        if press is not None and press.wish.by_program != (order.api_key_id is not None):
            yield f"order {pk} was placed by {'a' if order.api_key_id else 'no'} program"
    for press in books.facts.presses:
        for said in press.another:
            if said != KEY_REUSED:
                yield f"{press.wish.key} with another order was answered: {said}"


def programs_are_answered(books: Books) -> Iterator[str]:
    """Whatever a program was answered, it was 200 and JSON, as clients of API v2 expect."""
    for said, times in Counter(books.facts.odd).items():
        yield f"{said}, {times} times"


def prices_are_as_shown(books: Books) -> Iterator[str]:
    """No order costs more than what had been shown before its button was pressed."""
    presses = {press.wish.key: press for press in books.facts.presses}
    for pk, order in books.orders.items():
        press = presses.get(order.client_key or "")
        if press is not None and press.offered and order.price > max(press.offered):
            yield f"order {pk} costs {order.price}, {max(press.offered)} was shown"


# ── How orders stand ─────────────────────────────────────────────────────────────────────────


def statuses_are_told(books: Books) -> Iterator[str]:
    """Whoever was told of an order finds it for ever, at a charge within its price, and in the end
    as it stands in the books; of others' orders nobody is told."""
    seen: set[int] = set()
    for look in books.facts.looks:
        yield from _strangers(look)
        for number, said in look.own.items():
            order = books.orders.get(number)
            if wrong := _wrong_of(order, said, is_last=look.is_last):
                yield f"client {look.client} was told of order {number}: {said}; {wrong}"
        seen.update(look.own if look.is_last else ())
    told = {number for press in books.facts.presses for number in press.numbers}
    for number in sorted((told & books.orders.keys()) - seen) if books.facts.looks else ():
        yield f"nobody was told how order {number} stands in the end"


def _strangers(look: Look) -> Iterator[str]:
    for number, said in look.others.items():
        if said != ORDER:
            yield f"client {look.client} was told of order {number}, which is not theirs: {said}"


def _wrong_of(order: Order | None, said: str, *, is_last: bool) -> str:
    word, _, charge = said.partition("|")
    if order is None:
        return "it is not in the books"
    if not charge:
        return "they had placed it"
    if not ZERO <= Decimal(charge) <= order.price:
        return f"its price is {order.price}"
    ends_as = statuses.api_word(order.status)
    owed = ZERO if ends_as == "Canceled" else order.price - order.refunded
    if order.is_subscription:
        ends_as = statuses.subscription_word(order.status, order.upstream_status) or ends_as
    if is_last and (word, Decimal(charge)) != (ends_as, owed):
        return f"the books say {ends_as}, {owed}"
    return ""


# ── Balances ─────────────────────────────────────────────────────────────────────────────────


def balances_are_told(books: Books) -> Iterator[str]:
    """Every balance that a program was told is one that the ledger had: after some transfer that
    had been made by then, and not before the one that was told of last."""
    readings: defaultdict[int, list[Reading]] = defaultdict(list)
    for reading in books.facts.readings:
        readings[reading.client].append(reading)
    for client, states in _balances().items():
        position = 0
        for reading in readings.pop(client, []):
            found = _position(states, reading, states[-1] if reading.is_last else None, position)
            if found is None:
                yield f"client {client} was told a balance of {reading.balance}: {_why(states)}"
            else:
                position = found


@dataclass(frozen=True)
class State:
    """What a wallet held from a moment on."""

    since: datetime | None
    balance: Decimal


def _position(states: list[State], reading: Reading, only: State | None, first: int) -> int | None:
    for position in range(first, len(states)):
        state = states[position]
        came_after = state.since is not None and state.since > reading.answered_at
        if state.balance == reading.balance and not came_after and only in (None, state):
            return position
    return None


def _why(states: list[State]) -> str:
    most = max(state.balance for state in states)
    return f"not what it held then (never more than {most}, {states[-1].balance} in the end)"


def wallets_are_never_overdrawn(books: Books) -> Iterator[str]:
    """No debit took a balance below what its client may owe."""
    limits = _credit_limits()
    for client, states in _balances().items():
        least = min(state.balance for state in states)
        if least < -limits[client]:
            yield f"the wallet of client {client} stood at {least}"


def _credit_limits() -> dict[int, Decimal]:
    wallets = Account.objects.filter(kind=AccountKind.WALLET)
    return dict(wallets.values_list("customer_id", "customer__credit_limit"))


def _balances() -> dict[int, list[State]]:
    """What each client's wallet held, from its opening on. Its lock puts transfers in a row."""
    wallets = Account.objects.filter(kind=AccountKind.WALLET)
    client_of = dict(wallets.values_list("pk", "customer_id"))
    states = {client: [State(None, ZERO)] for client in client_of.values()}
    columns = ("source", "target", "amount", "at")
    for source, target, amount, at in Transfer.objects.order_by("pk").values_list(*columns):
        for account, change in ((source, -amount), (target, amount)):
            if account in client_of:
                row = states[client_of[account]]
                row.append(State(at, row[-1].balance + change))
    return states

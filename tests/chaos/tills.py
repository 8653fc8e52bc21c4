"""Was every press at the counter carried out once, and does every till hold what was pressed?"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from orders import ledger
from orders.enums import TransferKind
from orders.models import Account, Staff, TillClosing, Transfer
from orders.money import ZERO
from tests.chaos.books import Books
from tests.chaos.counter import DONE, INTO_TILL, Receipt
from tests.chaos.stage import FUNDED

KINDS = {
    "take": TransferKind.CASH_TAKEN,
    "pay": TransferKind.PAID_OUT,
    "add": TransferKind.CORRECTION,
    "less": TransferKind.CORRECTION,
    "gift": TransferKind.GIFT,
    "drop": TransferKind.DROP,
}
INTO_WALLET = {"take", "add", "gift"}


def presses_move_money_once(books: Books) -> Iterator[str]:
    """What was pressed at the counter moved once what it said; what was declined moved nothing;
    and nothing moved that was not pressed."""
    moved = _by_token()
    for receipt in books.facts.receipts:
        errand = receipt.errand
        if errand.kind == "count":
            continue
        found = moved.pop(errand.token, [])
        if len(found) > 1:
            yield f"{errand.token} ({errand.kind}) moved money {len(found)} times"
        if receipt.told == DONE and not found:
            yield f"{errand.token} ({errand.kind}) was confirmed, and nothing moved"
        if receipt.told not in (DONE, "") and found:
            yield f"{errand.token} ({errand.kind}) was declined, and money moved"
        for transfer in found:
            if not _is_as_pressed(transfer, receipt):
                yield f"{errand.token} ({errand.kind}) moved something else: {transfer}"
    for token in moved.keys() - {FUNDED}:
        yield f"nobody pressed for {moved[token][0]}"


def _by_token() -> dict[str, list[Transfer]]:
    """What people moved outside of orders, by the token that stands last in its reference."""
    found: defaultdict[str, list[Transfer]] = defaultdict(list)
    rows = Transfer.objects.filter(kind__in=set(KINDS.values()), order=None)
    for transfer in rows.select_related("source", "target"):
        found[transfer.reference.rpartition(":")[2]].append(transfer)
    return found


def _is_as_pressed(transfer: Transfer, receipt: Receipt) -> bool:
    errand = receipt.errand
    tills = {transfer.source.staff_id, transfer.target.staff_id} - {None}
    forth = errand.kind not in INTO_WALLET or transfer.target.customer_id is not None
    back = errand.kind not in ("pay", "less") or transfer.source.customer_id is not None
    through = tills == ({receipt.staff_id} if errand.kind in INTO_TILL else set())
    is_kind = transfer.kind == KINDS[errand.kind]
    return is_kind and transfer.amount == receipt.amount and through and forth and back


def cash_is_taken_once(books: Books) -> Iterator[str]:
    """An order that was placed with cash took it once, through the till of who pressed; the
    others took none."""
    taken: defaultdict[int, list[Transfer]] = defaultdict(list)
    rows = Transfer.objects.filter(kind=TransferKind.CASH_TAKEN).exclude(order=None)
    for transfer in rows.select_related("source"):
        taken[transfer.order_id or 0].append(transfer)
    pressed = {press.wish.key: press for press in books.facts.presses}
    for pk, order in books.orders.items():
        press, found = pressed.get(order.client_key or ""), taken[pk]
        due = Decimal(press.wish.cash) if press and press.wish.cash else ZERO
        moved = sum((one.amount for one in found), ZERO)
        if moved != due or len(found) > 1:
            yield f"order {pk} took {moved} of cash in {len(found)} presses, {due} was pressed"
        elif press and any(one.source.staff_id != press.staff_id for one in found):
            yield f"the cash of order {pk} went into another till"


def tills_add_up(books: Books) -> Iterator[str]:
    """Each till holds what was pressed into it, less what was pressed out of it, and the
    differences that were counted; each count is confirmed, with its difference, once."""
    for staff in Staff.objects.order_by("pk"):
        till = ledger.find_till(staff.pk)
        holds = ZERO if till is None else -ledger.account_sum(till)
        should = _pressed_into(books, staff) + _counted_apart(staff)
        if holds != should:
            yield f"the till of {staff} holds {holds}, {should} was pressed"
        if holds < 0:
            yield f"the till of {staff} holds {holds}"
    for closing in TillClosing.objects.order_by("pk"):
        yield from _closing(closing)


def _pressed_into(books: Books, staff: Staff) -> Decimal:
    moved, total = _by_token(), ZERO
    for receipt in books.facts.receipts:
        if receipt.staff_id == staff.pk and (receipt.told == DONE or receipt.errand.token in moved):
            total += INTO_TILL.get(receipt.errand.kind, 0) * receipt.amount
    made = {order.client_key for order in books.orders.values()}
    for press in books.facts.presses:
        if press.staff_id == staff.pk and press.wish.cash and press.wish.key in made:
            total += Decimal(press.wish.cash)
    return total


def _counted_apart(staff: Staff) -> Decimal:
    closings = TillClosing.objects.filter(staff=staff).exclude(confirmed_at=None)
    return sum((one.counted - one.expected for one in closings), ZERO)


def _closing(closing: TillClosing) -> Iterator[str]:
    if closing.confirmed_at is None:
        yield f"count {closing.pk} waits for an admin"
        return
    reference = f"till:{closing.staff_id}:closing:{closing.pk}"
    till = Account.objects.get(pk=ledger.find_till(closing.staff_id))
    found = Transfer.objects.filter(reference=reference).first()
    apart = closing.counted - closing.expected
    moved = ZERO if found is None else found.amount * (1 if found.source_id == till.pk else -1)
    if moved != apart:
        yield f"count {closing.pk} was {apart} apart, {moved} was booked"


def counts_are_pressed(books: Books) -> Iterator[str]:
    """Each count of a till was pressed, as it says."""
    pressed = {one.errand.token: one for one in books.facts.receipts if one.errand.kind == "count"}
    for closing in TillClosing.objects.order_by("pk"):
        receipt = pressed.get(closing.note)
        if receipt is None or (receipt.staff_id, receipt.amount) != (
            closing.staff_id,
            closing.counted,
        ):
            yield f"count {closing.pk} ({closing.counted}) was not pressed"

"""Was every payment credited once, every request decided once, and nothing credited besides?"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

from orders.enums import TopUpStatus, TransferKind
from orders.models import OPEN_TOP_UPS, TopUp, Transfer
from orders.money import ZERO
from tests.chaos.approvals import DONE, Ruling
from tests.chaos.books import Books
from tests.chaos.payers import PaidIn
from tests.chaos.payments import CARD
from tests.chaos.stage import FEE_FIXED, FEE_PERCENT

CENT = Decimal("0.01")
ENDS = {"approve": TopUpStatus.ADDED, "decline": TopUpStatus.DECLINED}


def top_ups_are_asked_once(books: Books) -> Iterator[str]:
    """Each form made one request, of which every press was told, as it was filled in, and one page
    at the gateway."""
    rows = _rows()
    for one in books.facts.paid_in:
        key, made = one.deposit.key, rows.pop(one.deposit.key, [])
        numbers = sorted(row.pk for row in made)
        if len(made) > 1:
            yield f"{key} made the top-ups {numbers}"
        if one.numbers and sorted(set(one.numbers)) != numbers:
            yield f"{key} was told of {sorted(set(one.numbers))}, made {numbers}"
        for row in made:
            amounts = (one.deposit.amount, one.deposit.pays)
            if row.customer_id != one.client_id or row.amount not in amounts:
                yield f"top-up {row.pk} is not what was asked for with {key}"
        pages = [payment for payment in books.facts.payments if payment.key == key]
        if len(pages) > 1 or (one.numbers and len(pages) != (one.deposit.way == CARD)):
            yield f"{key} has {len(pages)} pages at the gateway"
    for key, made in rows.items():
        yield f"nobody asked for top-up {made[0].pk} ({key})"


def payments_are_credited_once(books: Books) -> Iterator[str]:
    """What the gateway or the bank took was credited once, to who paid it, less the fee; what they
    did not take never; and nothing was credited besides."""
    credits, rows = _credits(), _rows()
    for one in books.facts.paid_in:
        taken, refs = _taken(books, one), _references(books, one, rows[one.deposit.key])
        found = [credit for ref in refs for credit in [credits.pop(ref, None)] if credit]
        due = ZERO if _was_declined(rows[one.deposit.key]) else _less_fee(one, taken)
        if len(found) != bool(due):
            yield f"{one.deposit.key} was credited {len(found)} times, {due} was due"
        for credit in found:
            if credit.amount != due:
                yield f"{one.deposit.key} was credited {credit.amount}, {due} was due"
            if credit.target.customer_id != one.client_id:
                yield f"{one.deposit.key} was credited to client {credit.target.customer_id}"
    for reference, credit in credits.items():
        yield f"{credit.amount} was credited ({reference}), and nobody had paid it"


def payments_add_up(books: Books) -> Iterator[str]:
    """What each client was credited is, with the fees, what the gateway and the bank took."""
    took: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    rows = _rows()
    for one in books.facts.paid_in:
        if not _was_declined(rows[one.deposit.key]):
            took[one.client_id] += _taken(books, one)
    booked: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    for credit in _credits().values():
        booked[credit.target.customer_id or 0] += credit.amount
    for row in TopUp.objects.filter(status=TopUpStatus.ADDED):
        booked[row.customer_id] += row.fee
    for client in sorted(took.keys() | booked.keys()):
        if took[client] != booked[client]:
            yield f"client {client} paid {took[client]}, {booked[client]} was booked with its fees"


def top_ups_are_decided_once(books: Books) -> Iterator[str]:
    """Of all who pressed about a request one was told that it is done; its end is what that person
    pressed; and no person is named who did not press."""
    rulings: defaultdict[int, list[Ruling]] = defaultdict(list)
    for ruling in books.facts.rulings:
        rulings[ruling.number].append(ruling)
    for row in TopUp.objects.order_by("pk"):
        done = [one for one in rulings[row.pk] if one.told == DONE]
        if len(done) > 1:
            yield f"top-up {row.pk} was decided {len(done)} times"
        for one in done:
            if (ENDS[one.act], one.user_id) != (row.status, row.decided_by_id):
                yield f"top-up {row.pk} is {row.status}, somebody was told to have it {one.act}d"
        if row.decided_by_id is not None and not any(
            (ENDS[one.act], one.user_id) == (row.status, row.decided_by_id)
            for one in rulings[row.pk]
        ):
            yield f"top-up {row.pk} is {row.status}, and nobody pressed for that"


def top_ups_end(books: Books) -> Iterator[str]:
    """No payment is under way, no request waits for a person."""
    for row in TopUp.objects.filter(status__in=OPEN_TOP_UPS).order_by("pk"):
        yield f"top-up {row.pk} is still {row.status}"


# ── Whoever took it ──────────────────────────────────────────────────────────────────────────


def _taken(books: Books, one: PaidIn) -> Decimal:
    """What the gateway's own book has of it; of the bank's what arrived there."""
    if one.deposit.way == CARD:
        paid = (line.paid for line in books.facts.payments if line.key == one.deposit.key)
        return sum(paid, ZERO)
    return one.deposit.pays if one.is_paid else ZERO


def _less_fee(one: PaidIn, taken: Decimal) -> Decimal:
    if one.deposit.way != CARD or not taken:
        return taken
    part = (taken * FEE_PERCENT / 100).quantize(CENT, ROUND_CEILING)
    return taken - part - FEE_FIXED


def _was_declined(made: list[TopUp]) -> bool:
    """Whether a person refused it, though it had been paid: that is theirs to say."""
    return any(row.status == TopUpStatus.DECLINED for row in made)


def _rows() -> defaultdict[str, list[TopUp]]:
    found: defaultdict[str, list[TopUp]] = defaultdict(list)
    for row in TopUp.objects.order_by("pk"):
        found[row.client_key].append(row)
    return found


def _credits() -> dict[str, Transfer]:
    """Everything that was credited, by its reference."""
    rows = Transfer.objects.filter(kind=TransferKind.TOP_UP).select_related("target")
    return {row.reference: row for row in rows}


def _references(books: Books, one: PaidIn, made: list[TopUp]) -> list[str]:
    """How a credit for it may be called: by the gateway's payment, or by the request."""
    pages = [line for line in books.facts.payments if line.key == one.deposit.key]
    by_payment = [f"payment:{row.method_id}:{page.payment_id}" for row in made for page in pages]
    return [*by_payment, *(f"topup:{row.pk}" for row in made)]

"""Is all money accounted for? The books' own check, and the sums made here once more."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from orders import ledger_check, statuses
from orders.enums import AccountKind, TransferKind
from orders.models import Account, Transfer
from orders.money import ZERO
from tests.chaos.books import Books


def wallets_add_up(books: Books) -> Iterator[str]:
    """Each wallet's balance is the sum of its transfers, and the ledger check finds nothing."""
    for wallet, moved in _wallets():
        if wallet.balance != moved:
            yield f"{wallet} holds {wallet.balance}, its transfers add up to {moved}"
    for finding in ledger_check.check():
        yield f"ledger check: {finding}"


def refunds_follow_from_statuses(books: Books) -> Iterator[str]:
    """What an order says was refunded was transferred, and is what its status owes."""
    returned = _refunds()
    for pk, order in books.orders.items():
        moved = returned[pk]
        if order.refunded != moved:
            yield f"order {pk} says {order.refunded} refunded, its transfers {moved}"
        owed = statuses.refund_owed(order.status, order.price, order.remains, order.delivery_total)
        if order.refunded != owed:
            yield f"order {pk} ({order.status}) was refunded {order.refunded}, owed is {owed}"


def unexplained(books: Books) -> Decimal:
    """Money that no transfer, or no status, explains: of wallets, and of orders' refunds."""
    total = sum((abs((wallet.balance or ZERO) - moved) for wallet, moved in _wallets()), ZERO)
    returned = _refunds()
    for pk, order in books.orders.items():
        owed = statuses.refund_owed(order.status, order.price, order.remains, order.delivery_total)
        total += max(abs(order.refunded - returned[pk]), abs(order.refunded - (owed or ZERO)))
    return total


def _wallets() -> Iterator[tuple[Account, Decimal]]:
    """Every wallet with the sum of its transfers."""
    moved: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    for source, target, amount in Transfer.objects.values_list("source", "target", "amount"):
        moved[source] -= amount
        moved[target] += amount
    for wallet in Account.objects.filter(kind=AccountKind.WALLET).order_by("pk"):
        yield wallet, moved[wallet.pk]


def _refunds() -> defaultdict[int, Decimal]:
    """Per order the sum of its refund transfers."""
    returned: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    refunds = Transfer.objects.filter(kind=TransferKind.REFUND)
    for order, amount in refunds.values_list("order", "amount"):
        returned[order or 0] += amount
    return returned

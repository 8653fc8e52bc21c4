"""Lines of a wallet's or a till's statement, as staff read them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from orders.enums import TransferKind
from orders.wallets import Line

SIZE = 20
Fetch = Callable[[int | None, int], list[Line]]


@dataclass(frozen=True)
class Row:
    """One movement; `balance` is the wallet's after it, `amount` None where it is kept back."""

    at: datetime
    kind: str
    icon: str
    memo: str
    person: str
    order: int | None
    amount: Decimal | None
    balance: Decimal | None
    client: int | None


@dataclass(frozen=True)
class Statement:
    """One page of movements, the newest first, and the links to its neighbours."""

    rows: list[Row]
    newest: str
    older: str


ICONS = {
    TransferKind.ORDER: "shopping-cart",
    TransferKind.REFUND: "undo-2",
    TransferKind.CASH_TAKEN: "banknote",
    TransferKind.PAID_OUT: "hand-coins",
    TransferKind.DROP: "vault",
    TransferKind.TOP_UP: "landmark",
    TransferKind.CORRECTION: "pencil",
    TransferKind.GIFT: "gift",
    TransferKind.TILL_DIFFERENCE: "scale",
    TransferKind.IMPORT: "import",
}


Keeps = Callable[[Line], bool]


def statement(
    fetch: Fetch,
    before: str | None,
    url: str,
    kept_back: Keeps = lambda line: False,
    size: int = SIZE,
) -> Statement:
    """The page of movements that begins before the one that the address names.

    `url` is the page's own: a refused form is shown under another. `kept_back` says of which lines
    the amount is not told.
    """
    start = int(before) if before and before.isascii() and before.isdigit() else None
    if start is not None and start >= 2**63:
        start = None
    lines = fetch(start, size + 1)
    shown = lines[:size]
    return Statement(
        rows=[row(line, told=not kept_back(line)) for line in shown],
        newest=url if start is not None else "",
        older=_older(url, shown[-1].id) if len(lines) > size else "",
    )


def _older(url: str, before: int) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode({'before': before})}"


def row(line: Line, *, told: bool = True) -> Row:
    """A line of a statement as a row of the table."""
    transfer = line.transfer
    return Row(
        at=transfer.at,
        kind=transfer.get_kind_display(),
        icon=ICONS[TransferKind(transfer.kind)],
        memo=transfer.memo,
        person=str(transfer.person) if transfer.person else "",
        order=transfer.order_id,
        amount=line.amount if told else None,
        balance=transfer.balance_after if told else None,
        client=transfer.source.customer_id or transfer.target.customer_id,
    )

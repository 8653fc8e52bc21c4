"""Lines of a wallet's or a till's statement, as staff read them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from orders import kept_words
from orders.enums import TransferKind
from orders.wallets import Line
from panel.statements import ICONS, Fetch, leaf

SIZE = 20


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
    page = leaf(fetch, before, url, size)
    rows = [row(line, told=not kept_back(line)) for line in page.lines]
    return Statement(rows, page.newest, page.older)


def row(line: Line, *, told: bool = True) -> Row:
    """A line of a statement as a row of the table."""
    transfer = line.transfer
    return Row(
        at=transfer.at,
        kind=str(transfer.get_kind_display()),
        icon=ICONS[TransferKind(transfer.kind)],
        memo=kept_words.told(transfer.memo),
        person=str(transfer.person) if transfer.person else "",
        order=transfer.order_id,
        amount=line.amount if told else None,
        balance=transfer.balance_after if told else None,
        client=transfer.source.customer_id or transfer.target.customer_id,
    )

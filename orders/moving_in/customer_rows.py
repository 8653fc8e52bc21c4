"""The rows of a file of clients. A key is hashed as it is read and is nowhere after that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop, override

from orders import api_keys
from orders.contacts import normalise_email, normalise_phone
from orders.errors import FieldErrors
from orders.kept_words import Sentence
from orders.moving_in.plans import row_to_json, twice
from orders.moving_in.tables import BadRow, Layout, Row, read

_SAME_EMAIL = Sentence(gettext_noop("Line %(line)s has the same e-mail address. Neither comes in."))
_SAME_PHONE = Sentence(gettext_noop("Line %(line)s has the same phone number. Neither comes in."))
_SAME_KEY = Sentence(gettext_noop("Line %(line)s has the same API key. Neither comes in."))
_MARKUP = Sentence(gettext_noop("The markup has to be a percentage from 0 to %(most)s."))

LAYOUT = Layout(
    {
        "email": ("email", "email address", "mail"),
        "name": ("name", "username", "user name"),
        "phone": ("phone", "phone number"),
        "balance": ("balance",),
        "markup": ("markup", "markup %", "markup percent"),
        "key": ("api key", "key"),
    },
    needed=frozenset({"email"}),
)
MOST_MARKUP = Decimal(99_999)


@dataclass(frozen=True)
class CustomerRow:
    """One client as the other panel knew them; `key_hash` is empty without an API key."""

    line: int
    email: str
    name: str
    phone: str
    balance: Decimal
    markup: Decimal | None
    key_hash: str
    key_prefix: str


@dataclass(frozen=True)
class CustomerRows:
    """A file of clients, read: the rows, and why others are none, by line."""

    rows: list[CustomerRow]
    bad: dict[int, str]

    def to_json(self) -> dict[str, Any]:
        return {"rows": [row_to_json(row) for row in self.rows], "bad": self.bad}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "CustomerRows":
        rows = [CustomerRow(**_with_amounts(row)) for row in kept["rows"]]
        return cls(rows, {int(line): text for line, text in kept["bad"].items()})

    @classmethod
    def one(cls, row: Mapping[str, Any], _: frozenset[int]) -> "CustomerRows":
        """One row as it is kept; what the others name is nothing to it."""
        return cls([CustomerRow(**_with_amounts(row))], {})


def read_customers(content: bytes) -> CustomerRows:
    """A file's rows. Raises `FieldErrors` for "file" where the whole is no use."""
    table = read(content, LAYOUT)
    rows, bad = [], dict(table.bad)
    for row in table.rows:
        try:
            rows.append(_customer(row))
        except BadRow as error:
            bad[row.line] = str(error)
    for name, words in (
        ("email", _SAME_EMAIL),
        ("phone", _SAME_PHONE),
        ("key_hash", _SAME_KEY),
    ):
        pairs = ((row.line, getattr(row, name)) for row in rows if getattr(row, name))
        for line, other in twice(pairs).items():
            bad.setdefault(line, words.of(line=other))
    return CustomerRows([row for row in rows if row.line not in bad], bad)


def _customer(row: Row) -> CustomerRow:
    key = _key(row.cells.get("key", ""))
    found = CustomerRow(
        line=row.line,
        email=_contact(normalise_email, row.text("email", 254)),
        name=row.text("name", 120),
        phone=_contact(normalise_phone, row.text("phone", 40)),
        balance=row.amount("balance", "balance") or Decimal(0),
        markup=_markup(row),
        key_hash=key.key_hash if key else "",
        key_prefix=key.prefix if key else "",
    )
    if not found.email and not found.phone:
        raise BadRow(
            gettext_noop(
                "It needs an e-mail address or a phone number, by which to know the client."
            )
        )
    return found


def _contact(normalise: Callable[[str], str], text: str) -> str:
    try:
        with override("en"):  # as it is kept, whoever reads it later
            return normalise(text)
    except FieldErrors as error:
        raise BadRow(" ".join(error.errors.values())) from error


def _markup(row: Row) -> Decimal | None:
    text = row.cells.get("markup", "").removesuffix("%").strip()
    markup = Row(row.line, {"markup": text}, row.comma).amount("markup", "markup")
    if markup is not None and not 0 <= markup <= MOST_MARKUP:
        raise BadRow(_MARKUP.of(most=f"{MOST_MARKUP:,}"))
    return markup


def _key(text: str) -> api_keys.Print | None:
    try:
        with override("en"):
            return api_keys.print_of(text) if text else None
    except FieldErrors as error:
        # Without the cause: it must not lead anybody to what was in the file.
        raise BadRow(" ".join(error.errors.values())) from None


def _with_amounts(row: Mapping[str, Any]) -> dict[str, Any]:
    markup = row["markup"]
    return {
        **row,
        "balance": Decimal(row["balance"]),
        "markup": None if markup is None else Decimal(markup),
    }

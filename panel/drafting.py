"""What becomes of a new order's form: a draft with its price, or what stands in the way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import uuid4

from orders import drafts, pricing
from orders.errors import Declined, FieldErrors
from orders.models import Customer, User

LONGEST_KEY = 80


@dataclass
class Problem:
    """Why nothing was done, as a note in the quote's box."""

    title: str
    text: str = ""
    order: int | None = None
    tone: str = "red"


@dataclass(frozen=True)
class Worked:
    """What became of the draft: one of the three."""

    draft: drafts.Draft | None = None
    wrong: dict[str, str] = field(default_factory=dict)
    refusal: str = ""


def drafted(
    customer: Customer,
    service: int,
    fields: Mapping[str, Any],
    *,
    by: User,
    words: Callable[[Declined], str],
    typed: pricing.Markup | None = None,
) -> Worked:
    """The draft, what is wrong with the fields, or why it cannot be sold, in the face's words."""
    try:
        return Worked(drafts.draft(customer, service, fields, by=by, typed=typed))
    except FieldErrors as error:
        # The price does not hang on the link, which people often have last.
        if set(error.errors) == {"link"} and not fields["link"].strip():
            to_come = {**fields, "link": "to-come"}
            told = drafted(customer, service, to_come, by=by, words=words, typed=typed)
            return Worked(told.draft, error.errors | told.wrong)
        return Worked(wrong=error.errors)
    except Declined as error:
        return Worked(refusal=words(error))


def key_in(data: Mapping[str, Any]) -> str:
    """The form's own key, by which a second press is known; a new one for a new form."""
    return str(data.get("client_key", ""))[:LONGEST_KEY] or new_key()


def new_key() -> str:
    return uuid4().hex


def number_in(text: Any) -> int | None:
    """A row's number that a form or an address holds."""
    text = str(text or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def amount_in(text: str) -> Decimal | None:
    """An amount that our own page wrote into the form."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount >= 0 else None

"""What the API says when it will not: the classic texts of API v2, by the class of the error.

Clients compare these texts, so they are never reworded; the pages' sentences stay on the pages.
"""

from functools import singledispatch

from orders.enums import NoCancel, NoRefill, NotSold
from orders.errors import (
    Blocked,
    Busy,
    FieldErrors,
    InsufficientFunds,
    KeyReused,
    NoCancelNow,
    NoRefillNow,
    NotForSale,
    OutsideLimits,
    Repeated,
    StateChanged,
)
from panel import api_errors as said

_NOT_SOLD = {
    NotSold.UNKNOWN: said.SERVICE,
    NotSold.HIDDEN: said.SERVICE,
    NotSold.TYPE: said.SERVICE,
    # Of the whole panel: a client that keeps its orders waiting does right.
    NotSold.PANEL: said.API_OFF,
}
_NO_REFILL = {
    NoRefill.SERVICE: said.REFILL_OFF,
    NoRefill.OVER: said.REFILL_OVER,
    NoRefill.RUNS: said.REFILL_OFF,
    NoRefill.ASKED: said.REFILL_ASKED,
    NoRefill.NOT_COMPLETED: said.REFILL_ASKED,
}
_NAMED = (
    *("username", "usernames", "hashtag", "hashtags", "keywords", "media", "groups"),
    *("answer_number", "runs", "interval"),
)
_FIELDS = {"link": said.LINK, "quantity": said.QUANTITY, "comments": said.COMMENTS} | {
    name: said.FIELD.format(name) for name in _NAMED
}
"""What is said of a field that is missing or wrong, of the first of them alone."""


class Refusal(Exception):
    """The API's own no; its text is what the client reads."""


@singledispatch
def text_of(error: Exception) -> str:
    """The text for whatever the engine (`Declined`) or this face (`Refusal`) said no with."""
    return said.REQUEST


@text_of.register
def _(error: Refusal) -> str:
    return str(error)


@text_of.register
def _(error: Blocked) -> str:
    return said.SUSPENDED


@text_of.register
def _(error: InsufficientFunds) -> str:
    return said.FUNDS


@text_of.register
def _(error: NotForSale) -> str:
    return _NOT_SOLD.get(error.why, said.SERVICE_OFF)


@text_of.register
def _(error: Repeated) -> str:
    return said.TWIN


@text_of.register
def _(error: KeyReused) -> str:
    return said.KEY_REUSED


@text_of.register
def _(error: Busy) -> str:
    # Nothing was done, and the same call will do later: that is what clients take this text for.
    return said.RATE_LIMIT


@text_of.register
def _(error: NoRefillNow) -> str:
    return _NO_REFILL[error.why]


@text_of.register
def _(error: NoCancelNow) -> str:
    return said.CANCEL_ASKED if error.why is NoCancel.ASKED else said.NO_CANCEL


@text_of.register
def _(error: StateChanged) -> str:
    # Sent between the look and the cancel.
    return said.NO_CANCEL


@text_of.register
def _(error: FieldErrors) -> str:
    return next((text for name, text in _FIELDS.items() if name in error.errors), said.MISSING)


@text_of.register
def _(error: OutsideLimits) -> str:
    if "link" in error.errors:
        return said.LINK
    if error.limited < error.least:
        return said.LESS.format(error.least)
    if error.limited > error.most:
        return said.MORE.format(error.most)
    return said.MULTIPLE.format(error.multiple)

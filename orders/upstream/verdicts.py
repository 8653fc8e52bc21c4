"""What became of a request that was written (PROTOCOL: "Was the order created?").

Pure: from what was seen to an answer, `Refused` or `AnswerUnknown`.
"""

from typing import Any

from orders.upstream import documents
from orders.upstream.errors import AnswerUnknown, Exchange, Refused
from orders.upstream.redact import Redactor
from orders.upstream.refusals import account_family, is_about_the_order, refusal_family
from orders.upstream.replies import Added, ItemError
from orders.upstream.values import amount, error_text, identifier, pick, words
from orders.upstream.wire import Wire


def judge_add(wire: Wire, exchange: Exchange, redact: Redactor) -> Added:
    """The order that was created. Raises `Refused` or `AnswerUnknown`.

    An order's id wins over everything beside it, and also counts when the connection broke after
    a document that is whole: the order exists, whatever happened then.
    """
    document = _document(wire, exchange)
    if isinstance(document, list) and len(document) == 1:
        document = document[0]
    if not isinstance(document, dict):
        raise AnswerUnknown(wire.failure or _odd(wire, "no_order"), exchange)
    upstream_id = identifier(pick(document, "order", "orderid"))
    if upstream_id:
        charge, currency = amount(pick(document, "charge")), words(pick(document, "currency"), 10)
        return Added(upstream_id, charge, currency, exchange)
    raise _no_order(document, wire, exchange, redact)


def judge_follow_up(wire: Wire, exchange: Exchange, redact: Redactor) -> Any:
    """The document answering `refill` or `cancel`; `ItemError` for a plain no to the order.

    Raises `Refused` when the provider's account or our request is the matter, `AnswerUnknown`.
    """
    document = _document(wire, exchange)
    text = error_text(document)
    if wire.failure or _is_beyond_words(wire) or (not text and (wire.status or 0) >= 300):
        raise AnswerUnknown(wire.failure or _odd(wire, "no_answer"), exchange)
    if not text:
        return document
    about_the_order = is_about_the_order(text)
    family = account_family(text, None if about_the_order else wire.status)
    if family:
        raise Refused(family, redact.text(text), exchange)
    if not about_the_order:
        raise AnswerUnknown("generic_error", exchange)
    return ItemError(redact.text(text))


def _document(wire: Wire, exchange: Exchange) -> Any:
    try:
        return documents.strict(wire.body)
    except documents.NotJson as error:
        raise AnswerUnknown(wire.failure or _odd(wire, error.reason), exchange) from None


def _no_order(
    document: Any, wire: Wire, exchange: Exchange, redact: Redactor
) -> Refused | AnswerUnknown:
    """What a document without an order means: only an error that came whole, in known words, not
    with a redirect or a 5xx, is a refusal."""
    text = error_text(document)
    if wire.failure or not text or _is_beyond_words(wire):
        return AnswerUnknown(wire.failure or _odd(wire, "no_order"), exchange)
    family = refusal_family(text, wire.status)
    if family is None:
        return AnswerUnknown("generic_error", exchange)
    return Refused(family, redact.text(text), exchange)


def _odd(wire: Wire, otherwise: str) -> str:
    """The word for an answer without a meaning: the status may explain it."""
    status = wire.status or 0
    if 300 <= status < 400:
        return "redirect"
    return "server_error" if status >= 500 and otherwise != "html" else otherwise


def _is_beyond_words(wire: Wire) -> bool:
    """A redirect or a server error: whatever an error says beside it, something else went on."""
    status = wire.status or 0
    return 300 <= status < 400 or status >= 500

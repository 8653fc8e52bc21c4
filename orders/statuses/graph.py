"""The status graph of an order."""

from orders.enums import OrderStatus

_S = OrderStatus

POLLED = frozenset({_S.PENDING, _S.PROCESSING, _S.IN_PROGRESS, _S.FAILED})
"""Known to a provider and not ended: asked about until they end."""

FINAL = frozenset({_S.COMPLETED, _S.PARTIAL, _S.CANCELED, _S.REFUSED})
"""Ended. Only aftercare changes them: a provider may still take back what it delivered."""

OPEN = frozenset(_S) - FINAL
"""Not ended: waiting, on the way, at a provider, or before a person."""

# What a provider may say next about an order that it holds.
_AT_PROVIDER = POLLED | {_S.COMPLETED, _S.PARTIAL, _S.CANCELED}

ALLOWED: dict[OrderStatus, frozenset[OrderStatus]] = {
    # claimed, or canceled by a person, or waited too long
    _S.WAITING: frozenset({_S.SENDING, _S.CANCELED}),
    # not sent or the account's trouble, an id, this order's refusal, the answer lost
    _S.SENDING: frozenset({_S.WAITING, _S.PENDING, _S.REFUSED, _S.UNCONFIRMED}),
    # found (or a late id), not there, given up; a late refusal; repeated with its idempotency key
    _S.UNCONFIRMED: frozenset({_S.PENDING, _S.WAITING, _S.CANCELED, _S.REFUSED, _S.SENDING}),
    _S.PENDING: _AT_PROVIDER - {_S.PENDING},
    _S.PROCESSING: _AT_PROVIDER - {_S.PROCESSING},
    _S.IN_PROGRESS: _AT_PROVIDER - {_S.IN_PROGRESS},
    # decided by a person, or the provider took it up again
    _S.FAILED: _AT_PROVIDER - {_S.FAILED},
    # aftercare
    _S.COMPLETED: frozenset({_S.PARTIAL, _S.CANCELED}),
    _S.PARTIAL: frozenset({_S.CANCELED}),
    _S.CANCELED: frozenset(),
    _S.REFUSED: frozenset(),
}


def may_become(status: OrderStatus | str, following: OrderStatus | str) -> bool:
    """Whether an order of this status can take that one next."""
    return OrderStatus(following) in ALLOWED[OrderStatus(status)]

"""What a provider says of a subscription, and what is said of it here."""

import re
from decimal import Decimal, localcontext
from enum import StrEnum

from django.utils.translation import gettext_noop

from orders.enums import OrderStatus
from orders.statuses.received import from_upstream

_S = OrderStatus


class Standing(StrEnum):
    """Where a subscription stands, in the words of API v2."""

    ACTIVE = gettext_noop("Active")
    PAUSED = gettext_noop("Paused")
    EXPIRED = gettext_noop("Expired")
    COMPLETED = gettext_noop("Completed")
    CANCELED = gettext_noop("Canceled")


ENDED = frozenset({Standing.EXPIRED, Standing.COMPLETED, Standing.CANCELED})

_WORDS = {
    "active": Standing.ACTIVE,
    "inprogress": Standing.ACTIVE,
    "processing": Standing.ACTIVE,
    "paused": Standing.PAUSED,
    "expired": Standing.EXPIRED,
    "completed": Standing.COMPLETED,
    "partial": Standing.CANCELED,
    "canceled": Standing.CANCELED,
    "cancelled": Standing.CANCELED,
    "refunded": Standing.CANCELED,
}

_UNDER_WAY = {Standing.ACTIVE: _S.IN_PROGRESS, Standing.PAUSED: _S.PROCESSING}


def standing_from_upstream(word: str) -> Standing | None:
    """What upstream's word for a subscription means; None for words of orders, and unknown ones."""
    return _WORDS.get(re.sub(r"[\s_\-]+", "", word).casefold())


def while_under_way(standing: Standing) -> OrderStatus:
    """The status of an order whose subscription stands so, as long as it has not been settled."""
    return _UNDER_WAY.get(standing, _S.IN_PROGRESS)


def subscription_word(status: OrderStatus | str, upstream_status: str) -> str:
    """What an order of a subscription is called, on pages and by our own API; "" where it is
    called what any other order is: before the provider has begun, and where a person decides.

    Money has moved by the status alone. Canceled and partial say what came back of it, and for a
    subscription every end is one of the two; why it ended is upstream's word.
    """
    said, status = standing_from_upstream(upstream_status), OrderStatus(status)
    if status in (_S.PROCESSING, _S.IN_PROGRESS):
        return Standing.PAUSED if said == Standing.PAUSED else Standing.ACTIVE
    if status in (_S.COMPLETED, _S.PARTIAL, _S.CANCELED) and said is not None:
        # Settled by its own last day, while the provider still called it active.
        return said if said in ENDED else Standing.EXPIRED
    return ""


# ── How much one post got ────────────────────────────────────────────────────────────────────

SLACK, HALF = Decimal("0.02"), Decimal("0.5")
"""A charge that says a little more or less than may be ordered was rounded."""


def post_size(
    word: str,
    remains: int | None,
    charge: Decimal | None,
    rate: Decimal,
    between: tuple[int, int],
) -> int | None:
    """How many a post was given, told from a report about its order; None: it cannot be told.

    Nobody says it. Where all posts get the same, that is it. What waits has all of it to come; else
    the charge tells, at the rate per 1000 that the subscription was ordered at. A partial order's
    charge may be for all of it or for what was delivered: only where just one of the two is
    possible, it says something.
    """
    status = from_upstream(word)
    least, most = between
    if least == most:
        return most if remains is None or remains <= most else None
    if status == _S.PENDING and remains is not None and least <= remains <= most:
        return remains
    charged = _charged_for(charge, rate, between)
    if status != _S.PARTIAL:
        if charged is not None and remains is not None and remains > charged:
            return None
        return charged
    if remains is None:
        return None
    left = max(remains, 0)
    whole = charged if charged is not None and left <= charged else None
    net = _charged_for(charge, rate, (0, most))
    net = net + left if net is not None and least <= net + left <= most else None
    if whole is None or net is None or whole == net:
        return net if whole is None else whole
    return None


def is_size_sure(
    size: int | None,
    remains: int | None,
    charge: Decimal | None,
    rate: Decimal,
    between: tuple[int, int],
) -> bool:
    """Whether a post got that size whatever it costs: all get the same, or its charge is at this
    rate for another one, so that it was not the charge which told it."""
    if size is None:
        return False
    if between[0] == between[1]:
        return True
    if charge is None or charge <= 0 or rate <= 0:
        return True
    delivered = size - min(max(remains or 0, 0), size)
    with localcontext(prec=60):
        exact = charge * 1000 / rate
        return all(abs(exact - one) > max(one * SLACK, HALF) for one in (size, delivered))


def _charged_for(charge: Decimal | None, rate: Decimal, between: tuple[int, int]) -> int | None:
    """The quantity that a charge is for, as long as so much may be ordered."""
    if charge is None or charge <= 0 or rate <= 0:
        return None
    least, most = between
    with localcontext(prec=60):
        exact = charge * 1000 / rate
        if not least * (1 - SLACK) <= exact <= most * (1 + SLACK):
            return None
        return min(max(int(exact.to_integral_value()), least), most)

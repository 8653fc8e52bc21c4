"""What the engine says when it will not do a thing.

Every class carries a sentence a person can act on (`str(error)`); faces may word it their own way
by class, never by text.
"""

from decimal import Decimal

from django.utils.translation import gettext as _

from orders.enums import NoCancel, NoRefill, NotSold
from orders.spelling import figure, spelled


class Declined(Exception):
    """A verb did nothing, for a reason that the person can act on."""


class NotAllowed(Declined):
    """The person may not do this."""


class Blocked(NotAllowed):
    """This customer may place no orders; those that are open go on."""

    def __init__(self) -> None:
        super().__init__(_("This client is blocked."))


class FieldErrors(Declined):
    """Input is wrong; `errors` maps a field's name to a sentence that says what to do."""

    def __init__(self, errors: dict[str, str]):
        self.errors = errors
        super().__init__("; ".join(f"{name}: {text}" for name, text in errors.items()))


class OutsideLimits(FieldErrors):
    """Among what is wrong is a quantity outside the service's limits.

    `limited` is what was counted: the quantity, the lines of a list, all runs together; `multiple`
    is the step that it has to keep to.
    """

    def __init__(
        self, errors: dict[str, str], limited: int, least: int, most: int, multiple: int = 1
    ):
        self.limited, self.least, self.most, self.multiple = limited, least, most, multiple
        super().__init__(errors)


class NotForSale(Declined):
    """The service cannot be ordered; `why` says which way. Its sentence names no provider."""

    def __init__(self, why: NotSold, words: str = ""):
        self.why = why
        super().__init__(words or str(why.label))


class InsufficientFunds(Declined):
    """The wallet and its credit limit do not cover the price; `missing` is the shortfall."""

    def __init__(self, missing: Decimal):
        self.missing = missing
        super().__init__(_("%(missing)s more is needed.") % {"missing": figure(missing)})


class PriceChanged(Declined):
    """The price rose between quote and click; nothing was charged."""

    def __init__(self, expected: Decimal, price: Decimal):
        self.expected, self.price = expected, price
        super().__init__(
            _("The price changed from %(expected)s to %(price)s.")
            % {"expected": figure(expected), "price": figure(price)}
        )


class BelowFloor(Declined):
    """The typed price is under the floor; `least` is the lowest price that is allowed."""

    def __init__(self, least: Decimal, level: str):
        self.least, self.level = least, level
        super().__init__(
            _("The least price is %(least)s (%(level)s).")
            % {"least": figure(least), "level": level}
        )


class AboveCeiling(Declined):
    """The typed price is over the ceiling; `most` is the highest price that is allowed."""

    def __init__(self, most: Decimal, level: str):
        self.most, self.level = most, level
        super().__init__(
            _("The highest price is %(most)s (%(level)s).") % {"most": figure(most), "level": level}
        )


class OpenOverlap(Declined):
    """An order on the same link is still open and the person has not said "all the same"."""

    def __init__(self, order_ids: list[int]):
        self.order_ids = order_ids
        super().__init__(_("Another order for this link may be running; counts can overlap."))


class KeyReused(Declined):
    """A `client_key` came again with another body."""

    def __init__(self) -> None:
        super().__init__(_("This form or request was already used for a different order."))


class Repeated(Declined):
    """The very same was ordered a moment ago, and nothing says that it is meant twice."""

    def __init__(self, order_id: int):
        self.order_id = order_id
        super().__init__(
            _("The same was ordered a moment ago: order %(number)s.") % {"number": order_id}
        )


class NoRefillNow(Declined):
    """No refill can be asked for; `why` says which way."""

    def __init__(self, why: NoRefill, words: str = ""):
        self.why = why
        super().__init__(words or str(why.label))


class NoCancelNow(Declined):
    """The order cannot be stopped; `why` says which way."""

    def __init__(self, why: NoCancel):
        self.why = why
        super().__init__(str(why.label))


class Busy(Declined):
    """A lock could not be had in time; nothing was changed."""

    def __init__(self) -> None:
        super().__init__(_("Busy for a moment. Nothing was charged. Please press again."))


class LimitReached(Declined):
    """The person's daily limit does not cover this; `left` is what remains of it today."""

    def __init__(self, limit: Decimal, left: Decimal):
        self.limit, self.left = limit, left
        figures = {"limit": spelled(limit), "left": spelled(left)}
        words = _("Your limit for today is used (%(limit)s); ask an admin.")
        if left:
            words = _("Your limit for today is %(limit)s, of which %(left)s is left; ask an admin.")
        super().__init__(words % figures)


class StateChanged(Declined):
    """The thing moved on before the person pressed; look again."""

"""What plain evidence leans to: a suggestion, labelled as one. A person decides all the same."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orders.evidence.balance import Balance
from orders.evidence.neighbours import Probe

LEAST_VISIBLE = Decimal("0.01")
"""A smaller charge may not show in a balance that is told to the cent."""

MOST_COMBINED = 8
"""With more doubtful orders than this around, some of them always add up to anything."""


@dataclass(frozen=True)
class Suggestion:
    """`upstream_id` is that of the neighbour which speaks for it, if one does."""

    leans_to: str
    text: str
    upstream_id: str = ""


def suggestion(seen: Balance, probe: Probe | None) -> Suggestion | None:
    """What balance and neighbours say together; None where it is not plain or they differ."""
    by_balance = _by_balance(seen)
    matching = probe.matching(seen.expected, seen.currency) if probe else []
    if len(matching) != 1:
        return by_balance
    if by_balance is not None and by_balance.leans_to != BOUGHT:
        return None
    neighbour = _("One upstream id next to ours has the quoted charge and belongs to nobody.")
    text = f"{by_balance.text} {neighbour}" if by_balance else neighbour
    return Suggestion(BOUGHT, text, matching[0].upstream_id)


BOUGHT, NOT_BOUGHT = "bought", "not bought"


def _by_balance(seen: Balance) -> Suggestion | None:
    if seen.gone is None or seen.is_blurred or seen.expected < LEAST_VISIBLE:
        return None
    if len(seen.others) > MOST_COMBINED:
        return None
    with_it, without_it = seen.fits()
    if with_it and not without_it:
        return Suggestion(BOUGHT, _(_WITH[bool(seen.others)]))
    if without_it and not with_it:
        return Suggestion(NOT_BOUGHT, _(_WITHOUT[bool(seen.others)]))
    return None


_WITH = {
    False: gettext_noop("Beyond what is known, the balance fell by exactly the quoted charge."),
    True: gettext_noop(
        "What went from the balance fits only if this one of the unconfirmed orders was bought."
    ),
}
_WITHOUT = {
    False: gettext_noop("Beyond what is known, the balance has not changed."),
    True: gettext_noop(
        "What went from the balance fits only if this one of the unconfirmed orders was not bought."
    ),
}

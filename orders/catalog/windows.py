"""How long a refill may be asked for, where only the name of a service tells ("R30", "30 days").

A name is what somebody wrote to sell: it makes a proposal, and a person takes it or does not.
"""

import re

from orders.models import Service

LONGEST = 730
"""Days; a larger figure in a name is something else."""

_DAYS = r"(?P<days>[1-9][0-9]{0,2})"
_UNIT = r"(?:days?|d)"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?<![^\W_])r ?{_DAYS}(?![^\W_])",
        rf"(?<![^\W_])(?:auto[ -]?)?refill(?:s|ed)?\W{{0,3}}{_DAYS}(?: ?-?{_UNIT})?(?![^\W_])",
        rf"(?<![^\W_]){_DAYS} ?-?{_UNIT}\W{{0,3}}(?:auto[ -]?)?(?:refill|guarante|warrant|♻)",
        rf"♻\W{{0,3}}{_DAYS} ?-?{_UNIT}?(?![^\W_])",
    )
)


def days_in(name: str) -> int | None:
    """The days that a name promises; None where it says nothing, or two different things."""
    said = {int(hit["days"]) for form in _FORMS for hit in form.finditer(name)}
    days = said.pop() if len(said) == 1 else None
    return days if days is not None and days <= LONGEST else None


def proposed(service: Service) -> int | None:
    """The days to propose for a service whose window nobody has said; its offer is at hand."""
    offer = service.offer
    if not offer.refill or service.refill_days or offer.refill_days:
        return None
    return days_in(service.name) or days_in(offer.name)

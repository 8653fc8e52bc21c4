"""What is told of cash that left a till."""

from decimal import Decimal

from django.utils.translation import gettext as _

from orders.models import Staff
from panel.display import money_text


def went_into(amount: Decimal, into: Staff | None) -> str:
    """Where it went: into somebody's till, or into the safe."""
    if into is None:
        return _("%(amount)s went into the safe.") % {"amount": money_text(amount)}
    told = {"amount": money_text(amount), "name": into.name}
    return _("%(amount)s went into the till of %(name)s.") % told

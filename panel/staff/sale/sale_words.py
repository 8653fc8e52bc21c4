"""Why a service cannot be ordered, in words that this person may read."""

from django.utils.translation import gettext as _

from orders.enums import NotSold
from orders.errors import NotForSale
from orders.models import Service
from orders.people import Person


def why_not(refusal: NotForSale, service: Service, who: Person) -> str:
    """The engine's sentence; with the provider's name for who may read it."""
    if refusal.why is NotSold.PROVIDER and who.sees_cost:
        words = _("Selling from %(provider)s is stopped.")
        return words % {"provider": service.offer.provider.name}
    return str(refusal)

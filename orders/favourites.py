"""The services that a customer has starred: first in their lists."""

from django.utils.translation import gettext as _

from orders import sql
from orders.errors import Declined
from orders.models import Customer, Favourite, Service

MOST = 200


def favourites(customer: Customer) -> set[int]:
    """The numbers of the starred services."""
    return set(Favourite.objects.filter(customer=customer).values_list("service_id", flat=True))


def star(customer: Customer, service: Service) -> None:
    """Star a service; again changes nothing. Raises `Declined` beyond `MOST`."""
    with sql.short_transaction():
        # Two at once may pass the limit by one; nothing hangs on it.
        mine = Favourite.objects.filter(customer=customer).exclude(service=service)
        if mine.count() >= MOST:
            raise Declined(
                _("At most %(most)s favourites; take a star away first.") % {"most": MOST}
            )
        Favourite.objects.bulk_create(
            [Favourite(customer=customer, service=service)], ignore_conflicts=True
        )


def unstar(customer: Customer, service: Service) -> None:
    """Take a star away; without one nothing changes."""
    with sql.short_transaction():
        Favourite.objects.filter(customer=customer, service=service).delete()

"""The client of a new order: found by what was typed, or added by a phone number."""

import re
from functools import cached_property

from django.http import Http404
from django.utils.translation import gettext as _

from orders import people
from orders.models import Customer
from orders.people import Person, visible_customers, visible_orders
from panel.paginator import count_up_to

SHOWN = 6
LOOKS_LIKE_PHONE = re.compile(r"\+?[\d ()/.\-]{5,}")


class ClientPicker:
    """What was typed in the search of clients, and who was chosen (`number`, None: nobody yet)."""

    def __init__(
        self,
        who: Person,
        number: int | None,
        looked_for: str,
        *,
        new_phone: str | None = None,
        new_name: str | None = None,
    ):
        self._who, self._number, self._looked_for = who, number, looked_for
        self._new_phone, self._new_name = new_phone, new_name

    @cached_property
    def customer(self) -> Customer | None:
        """The chosen client. Raises `Http404` for one whom the person may not see."""
        if self._number is None:
            return None
        mine = visible_customers(self._who).select_related("wallet", "manager__user")
        found = mine.filter(pk=self._number).first()
        if found is None:
            raise Http404("No such client.")
        return found

    @property
    def found(self) -> list[Customer]:
        return people.search_customers(self._who, self._looked_for, SHOWN)

    @property
    def orders(self) -> int:
        """How many orders the chosen client has, counted no further than a page shows."""
        return count_up_to(visible_orders(self._who).filter(customer=self.customer))

    @property
    def manager(self) -> str:
        manager = self.customer.manager if self.customer else None
        if manager is None:
            return _("no manager")
        if manager == self._who.staff:
            return _("managed by you")
        return _("managed by %(name)s") % {"name": manager.name}

    # Adding one: what was looked for and not found is not typed again

    @property
    def new_phone(self) -> str:
        if self._new_phone is not None:
            return self._new_phone
        return self._looked_for if LOOKS_LIKE_PHONE.fullmatch(self._looked_for) else ""

    @property
    def new_name(self) -> str:
        if self._new_name is not None:
            return self._new_name
        return self._looked_for if self.new_phone != self._looked_for else ""

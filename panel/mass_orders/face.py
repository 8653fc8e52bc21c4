"""What differs between the customers' pages of many orders and the staff's."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from orders.models import Customer, MassOrder
from panel.links import there


@dataclass(frozen=True)
class Face:
    """One of the two faces: the names of its addresses, its templates, and who reads."""

    space: str
    is_staff: bool

    @property
    def start_template(self) -> str:
        return f"{self._folder}/mass_orders.html"

    @property
    def page_template(self) -> str:
        return f"{self._folder}/mass_order.html"

    @property
    def _folder(self) -> str:
        return "staff" if self.is_staff else "customer"

    def start_url(self, customer: Customer | None = None) -> str:
        """Where lines are typed; for staff with the client they are for."""
        url = reverse(f"{self.space}:mass_orders")
        return f"{url}?{urlencode({'client': customer.pk})}" if self.is_staff and customer else url

    def url(self, mass_order: MassOrder) -> str:
        return reverse(f"{self.space}:mass_order", args=[mass_order.pk])

    def sheet_url(self, mass_order: MassOrder) -> str:
        return reverse(f"{self.space}:mass_order_sheet", args=[mass_order.pk])

    def order_url(self, number: int) -> str:
        return reverse(f"{self.space}:order", args=[number])

    def funds_url(self, mass_order: MassOrder, amount: str) -> str:
        """Where what is missing is paid in, and from where the way leads back; "" where nowhere."""
        if self.is_staff:
            return reverse("staff:client", args=[mass_order.customer_id]) + "#money"
        return there("my:top_up", amount=amount, next=self.url(mass_order))


CUSTOMER = Face("my", is_staff=False)
STAFF = Face("staff", is_staff=True)

"""One new order being put together: everything that its page shows, told from what was sent.

The page reaches plain values alone: what holds a cost stands behind an underscore, where no
template looks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import overlaps, service_types
from orders.errors import Busy, Declined
from orders.models import Customer, Order, Service, User
from panel.customer.sale import platforms
from panel.customer.sale.picker import Picker
from panel.customer.sale.quote import Quote, quote_of
from panel.customer.service_cards import Card
from panel.delivery import progress
from panel.drafting import Problem, Worked, drafted, key_in, number_in
from panel.order_form import DetailsForm

NOT_NOW = gettext_lazy("This service is not available right now.")
BLOCKED = gettext_lazy("Your account cannot place orders at the moment.")
STEPS = (10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)
USUAL_FROM = 500
MOST_STEPS = 5


@dataclass(frozen=True)
class Overlap:
    """An open order of the customer's own on the same link."""

    number: int
    text: str


class Desk:
    """A new order as far as it is filled in. Nothing is written here."""

    def __init__(
        self,
        customer: Customer,
        by: User,
        data: Mapping[str, Any],
        *,
        is_filled: bool = False,
        typed: Mapping[str, str] | None = None,
    ):
        """`data` is what was sent; `typed` stands in the fields of a form that comes back."""
        self._customer, self._by, self._data = customer, by, data
        self._filled, self._typed = (data if is_filled else None), typed or {}
        self.client_key = key_in(data)
        self.problems: list[Problem] = []
        self.errors: dict[str, str] = {}
        self.changed_price = False
        self.is_blocked = customer.is_blocked
        self.number = number_in(data.get("service"))
        self.picker = Picker(customer, data, self.number)
        self.customer_number = customer.pk

    def text(self, name: str) -> str:
        """What was sent in a field of the page itself."""
        return str(self._data.get(name, "")).strip()[:200]

    def look_again(self) -> None:
        """Forget balance and price: something moved on in the meantime."""
        self._customer = Customer.objects.get(pk=self._customer.pk)
        for name in ("_worked", "quote"):
            self.__dict__.pop(name, None)

    # ── Service and fields ──

    @property
    def service(self) -> Card | None:
        return self.picker.chosen

    @cached_property
    def _service(self) -> Service | None:
        if self.service is None:
            return None
        return Service.objects.select_related("offer").get(pk=self.service.number)

    @cached_property
    def _kind(self) -> service_types.ServiceType | None:
        return service_types.by_slug(self._service.offer.service_type) if self._service else None

    @cached_property
    def details(self) -> DetailsForm | None:
        if self._service is None or self._kind is None or self.service is None:
            return None
        offer = self._service.offer
        limits = (offer.least, offer.most)
        form = DetailsForm(self._kind, limits, self._filled, typed=self._typed, drip=offer.dripfeed)
        example = platforms.example_of(self.service.name, self.service.category)
        if example and "link" in form.fields:
            form.fields["link"].help_text = _("For example %(link)s") % {"link": example}
        return form

    @property
    def steps(self) -> list[int]:
        """Quantities to choose with one press, within the service's limits."""
        if self._service is None or self._kind is None or self._kind.counts != "quantity":
            return []
        offer = self._service.offer
        fitting = [step for step in STEPS if offer.least <= step <= offer.most]
        usual = [step for step in fitting if step >= USUAL_FROM]
        return usual if len(usual) == MOST_STEPS else fitting[-MOST_STEPS:]

    # ── The quote ──

    @cached_property
    def _worked(self) -> Worked:
        if self._service is None or self.details is None or not self._is_begun:
            return Worked()
        values = self.details.values()
        return drafted(self._customer, self._service.pk, values, by=self._by, words=words_of)

    @property
    def _is_begun(self) -> bool:
        return self.details is not None and any(
            str(value).strip() for value in self.details.values().values()
        )

    @cached_property
    def quote(self) -> Quote | None:
        draft = self._worked.draft
        if draft is None or self.details is None:
            return None
        typed = str(self.details.values().get("link", "")).strip()
        return quote_of(draft, draft.details.link if typed else "")

    @cached_property
    def link(self) -> service_types.LinkSight:
        """How the link would be sent, and whether it fits."""
        if self.details is None or self._kind is None or self.service is None:
            return service_types.LinkSight()
        typed = self.details.values().get("link", "")
        return service_types.look(self._kind, typed, self.service.name, self.service.category)

    @property
    def refusal(self) -> str:
        """Why it cannot be sold at all."""
        return self._worked.refusal

    @property
    def wrong(self) -> dict[str, str]:
        """What is wrong with the fields, by name."""
        return self._worked.wrong

    @property
    def missing(self) -> list[str]:
        """What is still to be filled in or put right, before a price can be told."""
        if self.quote is not None:
            return []
        if self.details is not None and self.details.errors:
            return [_("Put right what is marked; the price appears here.")]
        return list(self._worked.wrong.values())

    @property
    def is_ready(self) -> bool:
        """Whether it could be placed: every field is right and there is a price."""
        return self.quote is not None and not self._worked.wrong

    def check(self) -> None:
        """Put what is wrong at its fields, also when nothing was typed yet."""
        if self._service is None or self.details is None:
            return
        worked = self._worked
        if not self._is_begun:
            values = self.details.values()
            worked = drafted(self._customer, self._service.pk, values, by=self._by, words=words_of)
        self.tell(worked.wrong)

    def tell(self, errors: dict[str, str]) -> None:
        """Put each error at its field; those of no field stand in the box of the price."""
        left = self.details.tell(errors) if self.details and errors else list(errors.values())
        self.problems += [Problem(text) for text in left]

    # ── Their own open orders on the link ──

    @cached_property
    def overlaps(self) -> list[Overlap]:
        target = self.details.typed_target if self.details else ""
        if not target:
            return []
        numbers = overlaps.open_orders_on(target, self._by, self._customer)
        orders = Order.objects.filter(pk__in=numbers).select_related("service").order_by("-pk")
        return [Overlap(order.pk, f"{order.service.name}, {progress(order)}") for order in orders]

    @property
    def overlap_ok(self) -> bool:
        return bool(self._data.get("overlap_ok"))


def words_of(error: Declined) -> str:
    """What the engine declined, in words that a customer may read."""
    return str(error if isinstance(error, Busy) else NOT_NOW)

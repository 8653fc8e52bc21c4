"""One new order being put together: everything that its page shows, told from what was sent."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from orders import drafts, service_types
from orders.errors import Declined, NotForSale
from orders.models import Customer, Service
from orders.people import Person
from panel.drafting import Problem, Worked, drafted, key_in, number_in
from panel.order_form import DetailsForm
from panel.paginator import count_up_to
from panel.staff.sale import quote_box, sale_words, service_picker
from panel.staff.sale.client_picker import ClientPicker
from panel.staff.sale.markup_card import MarkupCard
from panel.staff.sale.order_form import CashForm, MarkupForm
from panel.staff.sale.order_overlaps import Overlap, overlaps


class Desk:
    """A new order as far as it is filled in. Nothing is written, nothing is asked twice."""

    def __init__(self, who: Person, data: Mapping[str, Any], *, is_filled: bool = False):
        self.who, self.data = who, data
        self._filled = data if is_filled else None
        self.client_key = key_in(data)
        self.problems: list[Problem] = []
        self.errors: dict[str, str] = {}
        self._service_number = number_in(data.get("service"))

    def text(self, name: str) -> str:
        """What was typed in a field of the page itself."""
        return str(self.data.get(name, "")).strip()[:200]

    def look_again(self) -> None:
        """Forget balance and price: something moved on in the meantime."""
        for name in ("picker", "markup_card", "worked", "box"):
            self.__dict__.pop(name, None)

    # ── Client, service, fields, markup ──

    @cached_property
    def picker(self) -> ClientPicker:
        number, looked_for = number_in(self.data.get("client")), self.text("client_q")
        typed = {name: self.text(name) for name in ("new_phone", "new_name") if name in self.data}
        return ClientPicker(self.who, number, looked_for, **typed)

    @property
    def customer(self) -> Customer | None:
        return self.picker.customer

    @cached_property
    def service(self) -> Service | None:
        if self._service_number is None:
            return None
        related = ("offer__provider__state", "category")
        services = Service.objects.select_related(*related)
        return services.filter(pk=self._service_number).first()

    @cached_property
    def services(self) -> list[service_picker.Found]:
        return service_picker.found(self.text("q"), self.who, self.customer, self.service)

    @property
    def on_sale(self) -> int:
        return count_up_to(Service.objects.filter(is_visible=True, pause=""))

    @cached_property
    def kind(self) -> service_types.ServiceType | None:
        slug = self.service.offer.service_type if self.service else ""
        return service_types.by_slug(slug) if slug else None

    @cached_property
    def details(self) -> DetailsForm | None:
        if self.service is None or self.kind is None or not self.kind.orderable:
            return None
        offer = self.service.offer
        limits = (offer.least, offer.most)
        return DetailsForm(self.kind, limits, self._filled, drip=offer.dripfeed)

    @cached_property
    def markup_card(self) -> MarkupCard:
        return MarkupCard(self.who, self.customer, self.service, self._filled)

    @property
    def markup(self) -> MarkupForm:
        return self.markup_card.form

    @cached_property
    def cash(self) -> CashForm:
        return CashForm(self._filled)

    # ── The quote ──

    @cached_property
    def worked(self) -> Worked:
        """The draft, what is wrong with the fields, or why it cannot be sold at all."""
        if self.customer is None or self.service is None:
            return Worked()
        if self.customer.is_blocked:
            return Worked(refusal=_("This client is blocked; an admin can change that."))
        if refusal := drafts.why_not_for_sale(self.service):
            return Worked(refusal=self.words(refusal))
        if self.details is None or not self.details.is_bound:
            return Worked()
        if not (self.markup.is_valid() and self.cash.is_valid()):
            return Worked()
        return drafted(
            self.customer,
            self.service.pk,
            self.details.values(),
            by=self.who.user,
            words=self.words,
            typed=self.markup.typed(),
        )

    @cached_property
    def box(self) -> quote_box.QuoteBox | None:
        draft = self.worked.draft
        return quote_box.box_of(draft, self.who, self.cash.handed()) if draft else None

    @property
    def missing(self) -> list[str]:
        """What is still to be filled in or put right, before a price can be told."""
        if self.customer is None or self.service is None:
            return [self._unchosen]
        if self.details is None or not self.details.is_bound:
            return []
        errors = [*self.markup.errors.values(), *self.cash.errors.values()]
        texts = [str(text) for found in errors for text in found]
        return texts + list(self.worked.wrong.values())

    @property
    def _unchosen(self) -> str:
        if self.customer is not None:
            return _("Choose a service.")
        return _("Choose a client.") if self.service else _("Choose a client and a service.")

    def words(self, error: Declined) -> str:
        """What the engine says, as this person may read it."""
        if isinstance(error, NotForSale) and self.service is not None:
            return sale_words.why_not(error, self.service, self.who)
        return str(error)

    def tell(self, errors: dict[str, str]) -> None:
        """Put each error at its field; those of no field stand in the quote's box."""
        if "total" in errors:
            self.markup.add_error("total", errors["total"])
        rest = {name: text for name, text in errors.items() if name != "total"}
        left = self.details.tell(rest) if self.details and rest else list(rest.values())
        self.problems += [Problem(text) for text in left]

    # ── The link, and other open orders on it ──

    @cached_property
    def link(self) -> service_types.LinkSight:
        """How the link would be sent, and whether it fits."""
        if self.details is None or self.kind is None or self.service is None:
            return service_types.LinkSight()
        typed = self.details.values().get("link", "")
        return service_types.look(self.kind, typed, self.service.name, self.service.category.name)

    @cached_property
    def overlaps(self) -> list[Overlap]:
        target = self.details.typed_target if self.details else ""
        if self.customer is None:
            return []
        return overlaps(target, self.who, self.customer, self.service)

    @property
    def overlap_ok(self) -> bool:
        return bool(self.data.get("overlap_ok"))

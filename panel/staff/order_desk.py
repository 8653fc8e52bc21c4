"""One new order being put together: everything that its page shows, told from what was sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import uuid4

from django.http import Http404

from orders import people, placement, rules, service_types
from orders.enums import MarkupKind, PriceLevel
from orders.errors import Declined, FieldErrors
from orders.models import Customer, Order, Service
from orders.money import ZERO
from orders.people import Person, visible_customers, visible_orders
from orders.pricing import Markup, Quote
from orders.pricing.stages import figure
from panel.paginator import count_up_to
from panel.staff import quote_box, service_picker
from panel.staff.order_form import (
    ACTING,
    PERCENT,
    TOTAL,
    DetailsForm,
    MarkupChoice,
    MarkupForm,
)
from panel.staff.order_rows import delivered

CLIENTS_SHOWN = 6
LONGEST_KEY = 80
LOOKS_LIKE_PHONE = re.compile(r"\+?[\d ()/.\-]{5,}")


@dataclass
class Problem:
    """Why nothing was done, as a note in the quote's box."""

    title: str
    text: str = ""
    order: int | None = None
    tone: str = "red"


@dataclass(frozen=True)
class Worked:
    """What became of the draft: one of the three."""

    draft: placement.Draft | None = None
    wrong: dict[str, str] = field(default_factory=dict)
    refusal: str = ""


class Desk:
    """A new order as far as it is filled in. Nothing is written, nothing is asked twice."""

    def __init__(self, who: Person, data: Mapping[str, Any], *, is_filled: bool = False):
        self.who, self.data = who, data
        self._filled = data if is_filled else None
        self.client_key = str(data.get("client_key", ""))[:LONGEST_KEY] or uuid4().hex
        self.problems: list[Problem] = []
        self.errors: dict[str, str] = {}
        self._customer_number = _number(data.get("client"))
        self._service_number = _number(data.get("service"))

    def text(self, name: str) -> str:
        """What was typed in a field of the page itself."""
        return str(self.data.get(name, "")).strip()[:200]

    def look_again(self) -> None:
        """Forget balance and price: something moved on in the meantime."""
        for name in ("customer", "acting", "worked", "box"):
            self.__dict__.pop(name, None)

    # ── The client ──

    @cached_property
    def customer(self) -> Customer | None:
        if self._customer_number is None:
            return None
        mine = visible_customers(self.who).select_related("wallet", "manager__user")
        found = mine.filter(pk=self._customer_number).first()
        if found is None:
            raise Http404("No such client.")
        return found

    @property
    def clients(self) -> list[Customer]:
        return people.search_customers(self.who, self.text("client_q"), CLIENTS_SHOWN)

    @property
    def client_orders(self) -> int:
        return count_up_to(visible_orders(self.who).filter(customer=self.customer))

    @property
    def manager(self) -> str:
        manager = self.customer.manager if self.customer else None
        if manager is None:
            return "no manager"
        return f"managed by {'you' if manager == self.who.staff else manager.name}"

    @property
    def new_phone(self) -> str:
        """The number to add a client by: as typed there, or as it was looked for."""
        looked_for = self.text("client_q")
        is_phone = LOOKS_LIKE_PHONE.fullmatch(looked_for)
        return self.text("new_phone") or (looked_for if is_phone else "")

    @property
    def new_name(self) -> str:
        looked_for = self.text("client_q")
        return self.text("new_name") or ("" if self.new_phone == looked_for else looked_for)

    # ── The service and its fields ──

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
        return DetailsForm(self.kind, self.service.offer, self._filled)

    # ── The markup ──

    @cached_property
    def acting(self) -> Quote | None:
        """The service's price by rule: what acts on it, between which bounds."""
        if self.service is None:
            return None
        prices = rules.price_list([self.service], self.customer, self.who.staff)
        return prices.get(self.service.pk)

    @cached_property
    def markup(self) -> MarkupForm:
        name = self.who.staff.name if self.who.staff else ""
        return MarkupForm(self._markup_choices(), self._filled, typed_by=name)

    def _markup_choices(self) -> list[MarkupChoice]:
        acting = self.acting.markup if self.acting else None
        label = self._markup_label(acting) if acting else "By rule"
        choices = [MarkupChoice(ACTING, label)]
        if self.who.sees_cost and self.service is not None:
            staff = self.customer.manager if self.customer else None
            for other in rules.markups_for(self.customer, self.service, staff or self.who.staff):
                if acting is not None and other.rule_id != acting.rule_id:
                    name = f"rule-{other.rule_id}"
                    choices.append(MarkupChoice(name, self._markup_label(other), other))
            choices.append(MarkupChoice(PERCENT, "Typed"))
        return [*choices, MarkupChoice(TOTAL, "Typed total")]

    def _markup_label(self, markup: Markup) -> str:
        staff = (self.customer.manager if self.customer else None) or self.who.staff
        own = markup.level == PriceLevel.STAFF and staff == self.who.staff
        if not (own or self.who.sees_cost):
            return "List price"
        name = {
            PriceLevel.STAFF: "Mine" if own else markup.who,
            PriceLevel.SERVICE: "Service rule",
            PriceLevel.CATEGORY: markup.who,
            PriceLevel.PANEL: "Panel",
        }.get(markup.level, "Agreed")
        if markup.kind == MarkupKind.PERCENT:
            return f"{name}, {figure(markup.value)} %"
        sign = "+ " if markup.kind == MarkupKind.PER_1000 else ""
        return f"{name}, {sign}{figure(markup.value, 4)}"

    @cached_property
    def slider(self) -> dict[str, str] | None:
        """Ends and place of the range: floor, ceiling (or a far enough end), percentage now."""
        if not self.who.sees_cost or self.acting is None:
            return None
        now = self._percent_now()
        least = self.acting.floor.percent if self.acting.floor else ZERO
        ceiling = self.acting.ceiling.percent if self.acting.ceiling else None
        most = max(least, ceiling if ceiling is not None else max(Decimal(100), 2 * now))
        return {
            "least": figure(least),
            "most": figure(most),
            "now": f"{now:.2f}",
            "words": f"ceiling {figure(most)} %" if ceiling is not None else f"{figure(most)} %",
        }

    def _percent_now(self) -> Decimal:
        typed = self.markup.typed()
        markup = typed or (self.acting.markup if self.acting else None)
        if markup is not None and markup.kind == MarkupKind.PERCENT:
            return markup.value
        percent = self.acting.markup_percent if self.acting else None
        return percent if percent is not None else ZERO

    # ── The quote ──

    @cached_property
    def worked(self) -> Worked:
        """The draft, what is wrong with the fields, or why it cannot be sold at all."""
        if self.customer is None or self.service is None:
            return Worked()
        if self.customer.is_blocked:
            return Worked(refusal="This client is blocked; an admin can change that.")
        if reason := service_picker.why_not_for(self.service, self.who):
            return Worked(refusal=reason)
        if self.details is None or not self.details.is_bound or not self.markup.is_valid():
            return Worked()
        return self._drafted(self.details.values())

    def _drafted(self, fields: dict[str, Any]) -> Worked:
        assert self.customer is not None and self.service is not None
        by, typed = self.who.user, self.markup.typed()
        try:
            return Worked(
                placement.draft(self.customer, self.service.pk, fields, by=by, typed=typed)
            )
        except FieldErrors as error:
            # The price does not hang on the link: on the phone it is asked for before.
            if set(error.errors) == {"link"} and not fields["link"].strip():
                return Worked(self._drafted(fields | {"link": "to-come"}).draft, error.errors)
            return Worked(wrong=error.errors)
        except Declined as error:
            return Worked(refusal=self.words(error))

    @cached_property
    def box(self) -> quote_box.QuoteBox | None:
        draft = self.worked.draft
        return quote_box.box_of(draft, self.who) if draft else None

    @property
    def missing(self) -> list[str]:
        """What is still to be filled in or put right, before a price can be told."""
        if self.customer is None or self.service is None:
            need = [("a client", self.customer), ("a service", self.service)]
            return ["Choose " + " and ".join(words for words, there in need if there is None) + "."]
        if self.details is None or not self.details.is_bound:
            return []
        texts = [str(text) for errors in self.markup.errors.values() for text in errors]
        return texts + list(self.worked.wrong.values())

    def words(self, error: Declined) -> str:
        """What the engine says, as this person may read it."""
        assert self.service is not None
        return service_picker.unnamed(str(error), self.service, self.who)

    # ── Other open orders on the link ──

    @cached_property
    def overlaps(self) -> list[dict[str, Any]]:
        link = self.details.values().get("link", "") if self.details else ""
        if self.customer is None or not str(link).strip():
            return []
        numbers = placement.open_orders_on(str(link), self.who.user, self.customer)
        orders = Order.objects.filter(pk__in=numbers).select_related("service", "customer")
        return [self._overlap(order) for order in orders.order_by("-pk")]

    def _overlap(self, order: Order) -> dict[str, Any]:
        done, total = delivered(order), order.delivery_total or order.billable
        left = f"{total - done:,} of {total:,}" if done is not None else f"{total:,}"
        return {
            "number": order.pk,
            "text": f"{order.service.name}, {left} still to come",
            "client": "" if order.customer == self.customer else order.customer.name,
            "same_service": order.service == self.service,
        }

    @property
    def overlap_ok(self) -> bool:
        return bool(self.data.get("overlap_ok"))


def _number(text: Any) -> int | None:
    text = str(text or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None

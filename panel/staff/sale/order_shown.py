"""What the page of a new order is given of a desk."""

from collections.abc import Mapping
from typing import Any

from orders.models import Customer
from orders.service_types import LinkSight
from panel.order_form import DetailsForm
from panel.staff.sale.client_picker import ClientPicker
from panel.staff.sale.order_desk import Desk, Problem
from panel.staff.sale.order_form import CashForm, MarkupForm
from panel.staff.sale.order_overlaps import Overlap
from panel.staff.sale.quote_box import QuoteBox
from panel.staff.sale.service_picker import Found


class Shown:
    """A desk without its rows: no template reaches a service's offer, provider or cost through it,
    whoever looks. Nothing is worked out before it is asked for."""

    def __init__(self, desk: Desk):
        self._desk = desk

    @property
    def is_admin(self) -> bool:
        return self._desk.who.is_admin

    @property
    def data(self) -> Mapping[str, Any]:
        return self._desk.data

    @property
    def client_key(self) -> str:
        return self._desk.client_key

    @property
    def picker(self) -> ClientPicker:
        return self._desk.picker

    @property
    def customer(self) -> Customer | None:
        return self._desk.customer

    @property
    def service_number(self) -> int | None:
        return self._desk.service.pk if self._desk.service else None

    @property
    def services(self) -> list[Found]:
        return self._desk.services

    @property
    def on_sale(self) -> int:
        return self._desk.on_sale

    @property
    def kind_name(self) -> str:
        return self._desk.kind.name if self._desk.kind else ""

    @property
    def details(self) -> DetailsForm | None:
        return self._desk.details

    @property
    def markup(self) -> MarkupForm:
        return self._desk.markup

    @property
    def slider(self) -> dict[str, str] | None:
        return self._desk.markup_card.slider

    @property
    def cash(self) -> CashForm:
        return self._desk.cash

    @property
    def refusal(self) -> str:
        """Why it cannot be sold at all."""
        return self._desk.worked.refusal

    @property
    def box(self) -> QuoteBox | None:
        return self._desk.box

    @property
    def missing(self) -> list[str]:
        return self._desk.missing

    @property
    def problems(self) -> list[Problem]:
        return self._desk.problems

    @property
    def errors(self) -> dict[str, str]:
        return self._desk.errors

    @property
    def link(self) -> LinkSight:
        return self._desk.link

    @property
    def overlaps(self) -> list[Overlap]:
        return self._desk.overlaps

    @property
    def overlap_ok(self) -> bool:
        return self._desk.overlap_ok

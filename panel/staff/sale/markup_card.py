"""The markup of a new order: whose rule acts, which others there are, what may be typed."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from orders import rules
from orders.enums import MarkupKind, PriceLevel
from orders.models import Customer, Service, Staff
from orders.money import ZERO
from orders.people import Person
from orders.pricing import Markup, Quote
from orders.pricing.stages import figure
from panel.display import localised, percent
from panel.staff.sale.order_form import ACTING, PERCENT, TOTAL, MarkupChoice, MarkupForm


class MarkupCard:
    """The ways to say the markup of one sale.

    Who does not see costs chooses between the list price and a total, and reads no percentage.
    """

    def __init__(
        self,
        who: Person,
        customer: Customer | None,
        service: Service | None,
        data: Mapping[str, Any] | None,
    ):
        self._who, self._customer, self._service, self._data = who, customer, service, data

    @cached_property
    def form(self) -> MarkupForm:
        name = self._who.staff.name if self._who.staff else ""
        return MarkupForm(self._choices(), self._data, typed_by=name)

    @cached_property
    def slider(self) -> dict[str, str] | None:
        """Ends and place of the range: floor, ceiling (or a far enough end), percentage now."""
        if not self._who.sees_cost or self._acting is None:
            return None
        now = self._percent_now(self._acting)
        least = self._acting.floor.percent if self._acting.floor else ZERO
        ceiling = self._acting.ceiling.percent if self._acting.ceiling else None
        most = max(least, ceiling if ceiling is not None else max(Decimal(100), 2 * now))
        return {
            "least": figure(least),
            "most": figure(most),
            "now": f"{now:.2f}",
            "typed": localised(f"{now:.2f}"),
            "floor": _("floor %(percent)s %%") % {"percent": localised(figure(least))},
            "words": _("ceiling %(percent)s %%") % {"percent": localised(figure(most))}
            if ceiling is not None
            else percent(most, None),
        }

    @cached_property
    def _acting(self) -> Quote | None:
        """The service's price by rule: what acts on it, between which bounds."""
        if self._service is None:
            return None
        prices = rules.price_list([self._service], self._customer, self._who.staff)
        return prices.get(self._service.pk)

    @property
    def _markups_of(self) -> Staff | None:
        """Whose own markup counts: the manager's, or of a client without one the person's."""
        return (self._customer.manager if self._customer else None) or self._who.staff

    def _choices(self) -> list[MarkupChoice]:
        if not self._who.sees_cost:
            return [MarkupChoice(ACTING, _("List price")), MarkupChoice(TOTAL, _("Typed total"))]
        acting = self._acting.markup if self._acting else None
        choices = [MarkupChoice(ACTING, self._label(acting) if acting else _("By rule"))]
        if self._service is not None:
            for other in rules.markups_for(self._customer, self._service, self._markups_of):
                if acting is not None and other.rule_id != acting.rule_id:
                    name = f"rule-{other.rule_id}"
                    choices.append(MarkupChoice(name, self._label(other), other))
        return [*choices, MarkupChoice(PERCENT, _("Typed")), MarkupChoice(TOTAL, _("Typed total"))]

    def _label(self, markup: Markup) -> str:
        own = self._markups_of == self._who.staff
        name = {
            PriceLevel.STAFF: _("Mine") if own else markup.who,
            PriceLevel.SERVICE: _("Service rule"),
            PriceLevel.CATEGORY: markup.who,
            PriceLevel.PANEL: _("Panel"),
        }.get(markup.level, _("Agreed"))
        if markup.kind == MarkupKind.PERCENT:
            return f"{name}, {percent(markup.value, None)}"
        sign = "+ " if markup.kind == MarkupKind.PER_1000 else ""
        return f"{name}, {sign}{localised(figure(markup.value, 4))}"

    def _percent_now(self, acting: Quote) -> Decimal:
        markup = self.form.typed() or acting.markup
        if markup.kind == MarkupKind.PERCENT:
            return markup.value
        return acting.markup_percent or ZERO

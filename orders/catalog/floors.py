"""Fixed prices that the floor would lift: whoever fixed a price meant it, so it is not sold."""

from decimal import Decimal, localcontext
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop

from orders.catalog.costs import PRECISION
from orders.enums import MarkupKind, PauseReason, PriceLevel
from orders.kept_words import Sentence
from orders.models import Bound, MarkupRule, Provider, Service
from orders.pricing import terms
from orders.pricing.stages import figure

LISTED = (PriceLevel.SERVICE, PriceLevel.CATEGORY, PriceLevel.PANEL)
"""The levels that make the price list, the most specific first; what one customer or one staff
member has agreed is theirs alone and pauses nothing for the others."""

_BELOW = Sentence(
    gettext_noop(
        "The fixed rate %(rate)s is below the floor (%(where)s, %(percent)s %%): "
        "at least %(least)s at today's cost."
    )
)
_SERVICE = Sentence(gettext_noop("service %(number)s"))


class _Said(NamedTuple):
    kind: str
    value: Decimal


class FixedPrices:
    """The fixed rates of the price list and the floors under them, as they act now.

    One query where nothing is fixed, three where something is, for any number of services.
    """

    def __init__(self) -> None:
        acting = MarkupRule.objects.filter(ended_at=None, level__in=LISTED)
        self._rules: dict[tuple[int | None, int | None], _Said] = {}
        self._floors: dict[tuple[int | None, int | None], terms.Bound] = {}
        if acting.filter(kind=MarkupKind.FIXED_RATE).exists():
            columns = ("service_id", "category_id", "kind", "value")
            for service, category, kind, value in acting.values_list(*columns):
                self._rules[service, category] = _Said(kind, value)
            for bound in _floors():
                self._floors[bound.service_id, bound.category_id] = _floor(bound)

    @property
    def exist(self) -> bool:
        """Whether any price of the list is fixed."""
        return bool(self._rules)

    def why_lifted(
        self, service_id: int, category_id: int, rate: Decimal, provider: Provider
    ) -> str:
        """Why the floor would lift this service's fixed price, for staff; "" when it would not."""
        scopes = ((service_id, None), (None, category_id), (None, None))
        said = next((self._rules[scope] for scope in scopes if scope in self._rules), None)
        if said is None or said.kind != MarkupKind.FIXED_RATE:
            return ""
        floors = tuple(self._floors[scope] for scope in scopes if scope in self._floors)
        within = terms.Terms(floors=floors)
        with localcontext(prec=PRECISION):
            least = within.least(rate * provider.exchange_rate * provider.factor)
        if within.floor is None or said.value >= least:
            return ""
        return _BELOW.of(
            rate=figure(said.value, 4),
            where=within.floor.where,
            percent=figure(within.floor.percent),
            least=figure(least, 4),
        )


def fixed_services() -> QuerySet[Service]:
    """Services about which a fixed rate of the price list speaks, or that are paused for one."""
    fixed = MarkupRule.objects.filter(ended_at=None, level__in=LISTED, kind=MarkupKind.FIXED_RATE)
    if fixed.filter(level=PriceLevel.PANEL).exists():
        return Service.objects.all()
    return Service.objects.filter(
        Q(pause=PauseReason.BELOW_FLOOR)
        | Q(pk__in=fixed.filter(level=PriceLevel.SERVICE).values("service"))
        | Q(category__in=fixed.filter(level=PriceLevel.CATEGORY).values("category"))
    )


def _floors() -> list[Bound]:
    acting = Bound.objects.filter(ended_at=None, level__in=LISTED, floor_percent__isnull=False)
    return list(acting.select_related("category"))


def _floor(bound: Bound) -> terms.Bound:
    assert bound.floor_percent is not None  # filtered above
    where = gettext_noop("panel") if bound.category is None else bound.category.name
    if bound.service_id is not None:
        where = _SERVICE.of(number=bound.service_id)
    return terms.Bound(bound.floor_percent, where)

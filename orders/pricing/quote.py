"""The arithmetic of a price."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext

from django.utils.translation import gettext_noop

from orders.enums import PriceLevel
from orders.kept_words import Sentence
from orders.money import QUANTUM, ZERO, round_down, round_up
from orders.pricing import stages as stage
from orders.pricing.stages import Stage
from orders.pricing.terms import HUNDRED, ONE, Bound, Cost, Markup, Terms

_NEXT_STEP = Sentence(gettext_noop("to the next %(step)s"))
_AT_LEAST = Sentence(gettext_noop("at least %(least)s per order"))

# Enough digits for rate × exchange × factor × markup × quantity to stay exact.
PRECISION = 100
PER = Decimal(1000)
PERCENT_STEP = Decimal("0.0001")
_RANK = {level: rank for rank, level in enumerate(PriceLevel)}


@dataclass(frozen=True)
class Quote:
    """What an order would cost and bring. In the panel's currency, but for `expected_charge`."""

    price: Decimal
    rate: Decimal
    """Per 1000 or per package, rounded; with a typed total, what that total comes to."""
    cost_rate: Decimal
    """rate × exchange × factor, exact: it can have more than eight places."""
    expected_charge: Decimal
    """What the provider should charge, in its own currency, rounded up at 10⁻⁸."""
    expected_cost: Decimal
    """The expected charge in the panel's currency, rounded up at 10⁻⁸."""
    markup: Markup
    floor: Bound | None
    ceiling: Bound | None
    stages: tuple[Stage, ...]

    @property
    def profit(self) -> Decimal:
        """What is left of the price after the expected cost; negative for a loss."""
        return self.price - self.expected_cost

    @property
    def margin_percent(self) -> Decimal | None:
        """Profit in per cent of the price; null when the price is zero."""
        return _percent(self.profit, self.price)

    @property
    def markup_percent(self) -> Decimal | None:
        """Profit in per cent of the expected cost; null when that is zero."""
        return _percent(self.profit, self.expected_cost)

    @property
    def floor_lifted(self) -> bool:
        """Whether the floor made it dearer than the markup says."""
        return any(stage.code == "floor" for stage in self.stages)

    @property
    def ceiling_lowered(self) -> bool:
        """Whether the ceiling made it cheaper than the markup says."""
        return any(stage.code == "ceiling" for stage in self.stages)


def choose(markups: Iterable[Markup]) -> Markup:
    """The most specific markup: it alone acts. Raises `ValueError` when there is none."""
    return min(markups, key=lambda markup: _RANK[markup.level])


def expected_cost(cost: Cost, billable: int, *, package: bool = False) -> Decimal:
    """What `billable` units should cost in the panel's currency, rounded up at 10⁻⁸."""
    with localcontext(prec=PRECISION):
        return _expected_cost(cost, _times(billable, package))


def expected_charge(cost: Cost, billable: int, *, package: bool = False) -> Decimal:
    """What the provider should charge for it, in its own currency, rounded up at 10⁻⁸."""
    with localcontext(prec=PRECISION):
        return round_up(cost.rate * _times(billable, package))


def least_price(
    cost: Cost, floors: Iterable[Bound], billable: int, *, package: bool = False
) -> Decimal:
    """The lowest price that the floors allow at this cost; without floors, the expected cost."""
    highest = Terms(floors=tuple(floors)).floor or Bound(ZERO, gettext_noop("cost"))
    with localcontext(prec=PRECISION):
        return Terms(floors=(highest,)).least(expected_cost(cost, billable, package=package))


def quote(
    cost: Cost, markup: Markup, terms: Terms, billable: int, *, package: bool = False
) -> Quote:
    """What `billable` units cost under these terms. Raises `ValueError` for less than one.

    The floor outranks the ceiling, the minimum charge outranks both. A typed total is the price as
    it stands, within floor, ceiling and minimum charge: it knows no rate and no step.
    """
    with localcontext(prec=PRECISION):
        times = _times(billable, package)
        whole_cost = _expected_cost(cost, times)
        unit = "package" if package else "1000"
        stages = stage.cost_stages(cost, terms.currency, unit)
        cost_rate = stages[-1].amount
        if markup.kind is None:
            stages += _typed_total(markup, terms, whole_cost)
            rate = round_up(stages[-1].amount / times)
        else:
            stages += _selling_rate(markup, terms, cost_rate, unit)
            rate = stages[-1].amount
            stages += _whole(
                rate, times, gettext_noop("one package") if package else f"× {billable:,} ÷ 1000"
            )
            stages += _last_digit(stages[-1].amount, terms.least(whole_cost))
        stages += _minimum(stages[-1].amount, terms)
        return Quote(
            price=stages[-1].amount,
            rate=rate,
            cost_rate=cost_rate,
            expected_charge=round_up(cost.rate * times),
            expected_cost=whole_cost,
            markup=markup,
            floor=terms.floor,
            ceiling=terms.ceiling,
            stages=tuple(stages),
        )


def _times(billable: int, package: bool) -> Decimal:
    """How many times the rate is charged."""
    if billable < 1:
        raise ValueError(f"nothing to bill: {billable}")
    return ONE if package else billable / PER


def _expected_cost(cost: Cost, times: Decimal) -> Decimal:
    return round_up(round_up(cost.rate * times) * cost.exchange_rate * cost.factor)


def _typed_total(markup: Markup, terms: Terms, expected_cost: Decimal) -> list[Stage]:
    typed = stage.markup_stage(markup, round_up(markup.value))
    return [typed, *_bounded(typed.amount, terms, expected_cost)]


def _selling_rate(markup: Markup, terms: Terms, cost_rate: Decimal, unit: str) -> list[Stage]:
    marked_up = stage.markup_stage(markup, markup.on(cost_rate), unit)
    stages = [marked_up, *_bounded(marked_up.amount, terms, cost_rate)]
    return stages + _on_step(stages[-1].amount, max(terms.step, QUANTUM), terms.most(cost_rate))


def _bounded(amount: Decimal, terms: Terms, cost: Decimal) -> list[Stage]:
    """Down to the ceiling, then up to the floor: where they cross, the floor has the last word."""
    stages = []
    least, most = terms.least(cost), terms.most(cost)
    if terms.ceiling and most is not None and amount > most:
        stages.append(stage.ceiling_stage(terms.ceiling, amount, most))
        amount = most
    if terms.floor and amount < least:
        stages.append(stage.floor_stage(terms.floor, amount, least))
    return stages


def _on_step(rate: Decimal, step: Decimal, most: Decimal | None) -> list[Stage]:
    """Up to the next step, or to the ceiling if that is nearer: a step can be many times the cost.

    The result has at most eight places.
    """
    rounded, note = round_up(rate, step), _NEXT_STEP.of(step=stage.figure(step, 4))
    if most is not None and rate <= most < rounded:
        rounded, note = most, gettext_noop("as far as the ceiling")
    return (
        [Stage("step", gettext_noop("Rounded up"), rounded, note=note)] if rounded != rate else []
    )


def _whole(rate: Decimal, times: Decimal, note: str) -> list[Stage]:
    return [Stage("quantity", gettext_noop("Quantity"), round_up(rate * times), note=note)]


def _last_digit(price: Decimal, least: Decimal) -> list[Stage]:
    """Costs are rounded up too, so a price on the floor can come out a digit below it."""
    if price >= least:
        return []
    return [
        Stage(
            "last_digit",
            gettext_noop("Rounded up"),
            least,
            note=gettext_noop("so that the floor holds exactly"),
        )
    ]


def _minimum(price: Decimal, terms: Terms) -> list[Stage]:
    minimum = round_up(terms.minimum_charge)
    if price >= minimum:
        return []
    note = _AT_LEAST.of(least=stage.figure(minimum, 2))
    return [Stage("minimum", gettext_noop("Minimum charge"), minimum, note=note)]


def _percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """Rounded down: a margin must not flatter."""
    if not whole:
        return None
    with localcontext(prec=PRECISION):
        return round_down(part * HUNDRED / whole, PERCENT_STEP)

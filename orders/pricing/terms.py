"""What goes into a quote. Every amount is a finite `Decimal`, none is negative."""

from dataclasses import dataclass
from decimal import Decimal

from orders.enums import MarkupKind, PriceLevel
from orders.money import ZERO, round_down, round_up

HUNDRED = Decimal(100)
ONE = Decimal(1)


@dataclass(frozen=True)
class Cost:
    """What a provider asks: its rate per 1000 (or per package) in its currency.

    `exchange_rate` turns that currency into the panel's; `factor` is what top-up fees (above 1) or
    bonuses (below 1) make of it. Raises `ValueError` for what is not an amount.
    """

    rate: Decimal
    currency: str
    exchange_rate: Decimal = ONE
    factor: Decimal = ONE
    provider: str = ""

    def __post_init__(self) -> None:
        not_negative("rate", self.rate)
        above_zero("exchange rate", self.exchange_rate)
        above_zero("factor", self.factor)


@dataclass(frozen=True)
class Markup:
    """Whose markup acts and what it says; without a kind, `value` is the total that is paid."""

    level: PriceLevel
    kind: MarkupKind | None
    value: Decimal
    rule_id: int | None = None
    who: str = ""

    def __post_init__(self) -> None:
        not_negative("markup", self.value)

    def on(self, cost_rate: Decimal) -> Decimal:
        """The selling rate. Raises `ValueError` for a typed total, which knows no rate."""
        if self.kind == MarkupKind.PERCENT:
            return cost_rate * (ONE + self.value / HUNDRED)
        if self.kind == MarkupKind.PER_1000:
            return cost_rate + self.value
        if self.kind == MarkupKind.FIXED_RATE:
            return self.value
        raise ValueError("a typed total has no rate")


@dataclass(frozen=True)
class Bound:
    """The least or the most markup over cost, in per cent, and where it was set."""

    percent: Decimal
    where: str

    def __post_init__(self) -> None:
        not_negative("bound", self.percent)

    def over(self, cost: Decimal) -> Decimal:
        """The cost with this markup."""
        return cost * (ONE + self.percent / HUNDRED)


@dataclass(frozen=True)
class Terms:
    """What holds whoever buys. Rates are multiples of `step`; `currency` is the panel's."""

    floors: tuple[Bound, ...] = ()
    ceilings: tuple[Bound, ...] = ()
    step: Decimal = ZERO
    minimum_charge: Decimal = ZERO
    currency: str = ""

    def __post_init__(self) -> None:
        not_negative("step", self.step)
        not_negative("minimum charge", self.minimum_charge)

    @property
    def floor(self) -> Bound | None:
        """The highest floor; of equal ones, the first given."""
        return max(self.floors, key=lambda bound: bound.percent, default=None)

    @property
    def ceiling(self) -> Bound | None:
        """The lowest ceiling; of equal ones, the first given."""
        return min(self.ceilings, key=lambda bound: bound.percent, default=None)

    def least(self, cost: Decimal) -> Decimal:
        """The lowest price for something of this cost, rounded up at 10⁻⁸; 0 without a floor."""
        return ZERO if self.floor is None else round_up(self.floor.over(cost))

    def most(self, cost: Decimal) -> Decimal | None:
        """The highest price for something of this cost, rounded down at 10⁻⁸."""
        return None if self.ceiling is None else round_down(self.ceiling.over(cost))


def not_negative(name: str, amount: Decimal) -> None:
    """Raises `ValueError` unless the amount is a finite `Decimal` of at least zero."""
    if not isinstance(amount, Decimal) or not amount.is_finite() or amount < 0:
        raise ValueError(f"{name} must be a Decimal of at least zero, not {amount!r}")


def above_zero(name: str, amount: Decimal) -> None:
    """Raises `ValueError` unless the amount is a finite `Decimal` above zero."""
    not_negative(name, amount)
    if not amount:
        raise ValueError(f"{name} must be above zero")

"""The stages of a price, in words and figures, as they are shown and kept on the order."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Literal

from orders.enums import MarkupKind, PriceLevel
from orders.pricing.terms import ONE, Bound, Cost, Markup

Tone = Literal["copper", "green", ""]


@dataclass(frozen=True)
class Stage:
    """One step on the way to the price. For staff only: the first ones are costs.

    `amount` is per 1000 (or per package) up to the stage `quantity`, the order's own from there on;
    `currency` is empty for the panel's.
    """

    code: str
    label: str
    amount: Decimal
    currency: str = ""
    note: str = ""
    tone: Tone = ""

    def to_json(self) -> dict[str, str]:
        """JSON-able; the amount as a string, so that no reader makes a float of it."""
        return asdict(self) | {"amount": format(self.amount, "f")}

    @classmethod
    def from_json(cls, stored: Mapping[str, str]) -> "Stage":
        """The stage that `to_json` wrote."""
        fields = dict(stored)
        return cls(amount=Decimal(fields.pop("amount")), **fields)  # type: ignore[arg-type]


def cost_stages(cost: Cost, panel_currency: str, unit: str) -> list[Stage]:
    """The cost rate, and what exchange and fees make of it where they change it."""
    note = f"{cost.provider}, per {unit}" if cost.provider else f"per {unit}"
    stages = [Stage("cost_rate", "Cost rate", cost.rate, cost.currency, note, "copper")]
    exchanged = cost.rate * cost.exchange_rate
    if cost.exchange_rate != ONE or cost.currency != (panel_currency or cost.currency):
        pair = f" {panel_currency} for {cost.currency}" if panel_currency else ""
        note = f"× {figure(cost.exchange_rate, 4)}{pair}"
        stages.append(Stage("exchange", "Exchange", exchanged, "", note, "copper"))
    if cost.factor != ONE:
        label = "Top-up fee" if cost.factor > ONE else "Top-up bonus"
        note = f"× {figure(cost.factor, 4)}"
        stages.append(Stage("factor", label, exchanged * cost.factor, "", note, "copper"))
    return stages


def markup_stage(markup: Markup, amount: Decimal, unit: str = "1000") -> Stage:
    """Whose markup acted: "35 %, your own"."""
    if markup.kind is None:
        return Stage("typed_total", "Typed total", amount, note=markup.who, tone="green")
    said = {
        MarkupKind.PERCENT: f"{figure(markup.value)} %",
        MarkupKind.PER_1000: f"+ {figure(markup.value, 4)} per {unit}",
        MarkupKind.FIXED_RATE: f"fixed rate {figure(markup.value, 4)}",
    }[markup.kind]
    whose = markup.who or str(PriceLevel(markup.level).label)
    return Stage("markup", "Markup", amount, note=f"{said}, {whose}", tone="green")


def floor_stage(floor: Bound, before: Decimal, after: Decimal) -> Stage:
    """Names the floor that acted."""
    return Stage("floor", "Floor", after, note=_acted("Floor", floor, "lifted", before, after))


def ceiling_stage(ceiling: Bound, before: Decimal, after: Decimal) -> Stage:
    """Names the ceiling that acted."""
    note = _acted("Ceiling", ceiling, "lowered", before, after)
    return Stage("ceiling", "Ceiling", after, note=note)


def figure(amount: Decimal, places: int = 0) -> str:
    """The figure in words: all its digits, without trailing zeros beyond `places`."""
    whole, _, fraction = f"{amount:,f}".partition(".")
    fraction = fraction.rstrip("0").ljust(places, "0")
    return f"{whole}.{fraction}" if fraction else whole


def _acted(name: str, bound: Bound, did: str, before: Decimal, after: Decimal) -> str:
    figures = f"{figure(before, 2)} to {figure(after, 2)}"
    return f"{name} ({bound.where}, {figure(bound.percent)} %) {did} {figures}"

"""The stages of a price, in words and figures, as they are kept on the order: in English, which
`kept_words.told` says in the language of whoever is shown them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Literal

from django.utils.translation import gettext_noop

from orders.enums import MarkupKind, PriceLevel
from orders.kept_words import Sentence, in_english
from orders.pricing.terms import ONE, Bound, Cost, Markup

_COST_RATE = {
    "1000": Sentence(gettext_noop("%(provider)s, per 1000")),
    "package": Sentence(gettext_noop("%(provider)s, per package")),
}
_COST_RATE_ALONE = {"1000": gettext_noop("per 1000"), "package": gettext_noop("per package")}
_EXCHANGED = Sentence(gettext_noop("× %(rate)s %(currency)s for %(other)s"))
_BY_PERCENT = Sentence(gettext_noop("%(value)s %%, %(whose)s"))
_BY_AMOUNT = {
    "1000": Sentence(gettext_noop("+ %(value)s per 1000, %(whose)s")),
    "package": Sentence(gettext_noop("+ %(value)s per package, %(whose)s")),
}
_FIXED = Sentence(gettext_noop("fixed rate %(value)s, %(whose)s"))
_LIFTED = Sentence(gettext_noop("Floor (%(where)s, %(percent)s %%) lifted %(before)s to %(after)s"))
_LOWERED = Sentence(
    gettext_noop("Ceiling (%(where)s, %(percent)s %%) lowered %(before)s to %(after)s")
)

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
    note = _COST_RATE_ALONE[unit]
    if cost.provider:
        note = _COST_RATE[unit].of(provider=cost.provider)
    stages = [
        Stage("cost_rate", gettext_noop("Cost rate"), cost.rate, cost.currency, note, "copper")
    ]
    exchanged = cost.rate * cost.exchange_rate
    if cost.exchange_rate != ONE or cost.currency != (panel_currency or cost.currency):
        rate = figure(cost.exchange_rate, 4)
        note = f"× {rate}"
        if panel_currency:
            note = _EXCHANGED.of(rate=rate, currency=panel_currency, other=cost.currency)
        stages.append(Stage("exchange", gettext_noop("Exchange"), exchanged, "", note, "copper"))
    if cost.factor != ONE:
        fee, bonus = gettext_noop("Top-up fee"), gettext_noop("Top-up bonus")
        label = fee if cost.factor > ONE else bonus
        note = f"× {figure(cost.factor, 4)}"
        stages.append(Stage("factor", label, exchanged * cost.factor, "", note, "copper"))
    return stages


def markup_stage(markup: Markup, amount: Decimal, unit: str = "1000") -> Stage:
    """Whose markup acted: "35 %, your own"."""
    if markup.kind is None:
        return Stage(
            "typed_total", gettext_noop("Typed total"), amount, note=markup.who, tone="green"
        )
    whose = markup.who or in_english(PriceLevel(markup.level).label)
    if markup.kind == MarkupKind.PERCENT:
        note = _BY_PERCENT.of(value=figure(markup.value), whose=whose)
    else:
        said = _FIXED if markup.kind == MarkupKind.FIXED_RATE else _BY_AMOUNT[unit]
        note = said.of(value=figure(markup.value, 4), whose=whose)
    return Stage("markup", gettext_noop("Markup"), amount, note=note, tone="green")


def floor_stage(floor: Bound, before: Decimal, after: Decimal) -> Stage:
    """Names the floor that acted."""
    note = _acted(_LIFTED, floor, before, after)
    return Stage("floor", gettext_noop("Floor"), after, note=note)


def ceiling_stage(ceiling: Bound, before: Decimal, after: Decimal) -> Stage:
    """Names the ceiling that acted."""
    note = _acted(_LOWERED, ceiling, before, after)
    return Stage("ceiling", gettext_noop("Ceiling"), after, note=note)


def figure(amount: Decimal, places: int = 0) -> str:
    """The figure in words: all its digits, without trailing zeros beyond `places`."""
    whole, _, fraction = f"{amount:,f}".partition(".")
    fraction = fraction.rstrip("0").ljust(places, "0")
    return f"{whole}.{fraction}" if fraction else whole


def _acted(said: Sentence, bound: Bound, before: Decimal, after: Decimal) -> str:
    return said.of(
        where=bound.where,
        percent=figure(bound.percent),
        before=figure(before, 2),
        after=figure(after, 2),
    )

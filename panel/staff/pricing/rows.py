"""Services as rows of the workbench: cost, the rule that acts, price, margin, sales."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from orders import rules
from orders.enums import MarkupKind, PauseReason
from orders.models import MarkupRule, Service
from orders.pricing.stages import figure
from orders.rules.lines import margin_of
from panel.display import localised, money_text
from panel.staff.pricing.wanted import recent_orders

SHORT = {
    PauseReason.STAFF: gettext_lazy("paused: by a person"),
    PauseReason.COST_ROSE: gettext_lazy("paused: cost rose"),
    PauseReason.CHARGED_MORE: gettext_lazy("paused: charged more"),
    PauseReason.GONE: gettext_lazy("paused: gone there"),
    PauseReason.BELOW_FLOOR: gettext_lazy("paused: was below floor"),
    PauseReason.TYPE_CHANGED: gettext_lazy("paused: type changed"),
}
LEVELS = {
    "service": (gettext_lazy("Service"), "violet"),
    "category": (gettext_lazy("Category"), "accent"),
    "panel": (gettext_lazy("Panel"), "grey"),
}
MOST_RISEN = Decimal(1)
"""A cost that moved by less, in per cent, is no news in a row."""


@dataclass(frozen=True)
class Row:
    """One service. `after` is its price as it would be; None where it stays."""

    number: int
    name: str
    category: str
    provider: str
    cost: Decimal
    risen: Decimal | None
    level: str
    tone: str
    words: str
    set_by: str
    price: Decimal | None
    after: Decimal | None
    margin: Decimal | None
    least: Decimal
    note: str
    note_tone: str
    is_below: bool
    """Whether the price lies below the floor, or had to be lifted to it."""
    sales: int

    @property
    def shown_price(self) -> Decimal | None:
        """What the margin's bar is about."""
        return self.price if self.after is None else self.after


def rows(
    services: Iterable[Service], now: datetime, lines: Mapping[int, rules.Line] | None = None
) -> list[Row]:
    """Rows of services with their offer, provider and category; nine queries for any number.

    `lines` are those of a preview of everybody's list.
    """
    listed = list(services)
    ids = [service.pk for service in listed]
    standing = rules.standings(Q(pk__in=ids))
    sales = _sales(ids, now)
    set_by = _set_by(standing.values())
    return [
        _row(service, standing[service.pk], sales, set_by, (lines or {}).get(service.pk))
        for service in listed
        if service.pk in standing
    ]


def said_words(kind: str, value: Decimal) -> str:
    """What a markup says, shortly: "35 %", "+ $0.30", "fixed $9.40"."""
    if kind == MarkupKind.PERCENT:
        return percent_words(value)
    if kind == MarkupKind.PER_1000:
        return f"+ {money_text(value)}"
    return _("fixed %(amount)s") % {"amount": money_text(value)}


def percent_words(value: Decimal) -> str:
    """A percentage with the digits there are: "28.5 %"."""
    return pgettext("a percentage", "%(number)s %%") % {"number": localised(figure(value))}


def level_of(key: rules.Scope | tuple[int | None, ...]) -> tuple[str, str]:
    """The word and the tone of the level of a rule of the price list."""
    service, category, *_ = key  # type: ignore[misc]
    name = "service" if service is not None else "category" if category is not None else "panel"
    words, tone = LEVELS[name]
    return str(words), tone


def _row(
    service: Service,
    standing: rules.Standing,
    sales: Mapping[int, int],
    set_by: Mapping[int, str],
    line: rules.Line | None,
) -> Row:
    now, will = standing.acting, line.after if line else None
    acting = will if will and now and will.price != now.price else now
    level, tone = level_of(now.level) if now else (_("None"), "grey")
    price, margin = _price(standing, acting)
    who = set_by.get(now.said.row or 0, "") if now else ""
    note, note_tone = _note(standing, acting, line, who)
    return Row(
        number=service.pk,
        name=service.name,
        category=service.category.name,
        provider=service.offer.provider.name,
        cost=standing.cost,
        risen=_risen(standing.risen),
        level=level,
        tone=tone,
        words=said_words(now.said.kind, now.said.value) if now else _("no price"),
        set_by=who,
        price=_price(standing, now)[0],
        after=price if acting is not now else None,
        margin=margin,
        least=standing.least,
        note=note,
        note_tone=note_tone,
        is_below=acting is not None and (acting.fixed_below or _is_lifted(standing, acting)),
        sales=sales.get(service.pk, 0),
    )


def _price(
    standing: rules.Standing, acting: rules.Side | None
) -> tuple[Decimal | None, Decimal | None]:
    """The price and its margin; of a fixed rate that is not sold, what it says."""
    if acting is None:
        return None, None
    if acting.fixed_below:
        return acting.said.value, margin_of(acting.said.value, standing.cost)
    return acting.price, acting.margin


def _note(
    standing: rules.Standing, acting: rules.Side | None, line: rules.Line | None, who: str
) -> tuple[str, str]:
    if acting is not None and acting.fixed_below:
        return _fixed_below(standing, acting), "red"
    if standing.facts.pause:
        return str(SHORT[PauseReason(standing.facts.pause)]), "amber"
    if acting is not None and acting.below:
        allowed = _("below the floor, %(who)s allowed it; lifted") % {"who": who}
        return allowed if who else _("below the floor; lifted"), "amber"
    if line is not None and line.fate is rules.Fate.SAME and _other_rule(line):
        return _("rounds to the same"), "d"
    return "", ""


def _fixed_below(standing: rules.Standing, acting: rules.Side) -> str:
    """What a fixed rate that lies too low leads to, or has led to."""
    if acting.said.value < standing.cost:
        return _("below cost, paused") if standing.facts.pause else _("below cost, will be paused")
    return _("below floor, paused") if standing.facts.pause else _("below floor, will be paused")


def _is_lifted(standing: rules.Standing, acting: rules.Side) -> bool:
    return bool(acting.below and not standing.facts.pause)


def _other_rule(line: rules.Line) -> bool:
    """Whether another markup would make the price, though the price is the same."""
    before, after = line.before, line.after
    return before is not None and after is not None and before.said[:2] != after.said[:2]


def _risen(percent: Decimal | None) -> Decimal | None:
    return percent if percent is not None and abs(percent) >= MOST_RISEN else None


def _sales(ids: list[int], now: datetime) -> dict[int, int]:
    """Orders of the last 30 days, by service. Two queries."""
    found = recent_orders(now).filter(service__in=ids).order_by()
    return dict(found.values_list("service").annotate(n=Count("pk")))


def _set_by(standing: Iterable[rules.Standing]) -> dict[int, str]:
    """Who set the rules below the floor, by the rule's row. One query."""
    ids = [each.acting.said.row or 0 for each in standing if each.acting and each.acting.below]
    found = MarkupRule.objects.filter(pk__in=ids).select_related("set_by")
    return {rule.pk: str(rule.set_by) if rule.set_by else _("the operator") for rule in found}

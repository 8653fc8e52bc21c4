"""The quote of a new order as one kind of person may see it."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orders import service_types
from orders.drafts import Draft
from orders.enums import PriceLevel
from orders.kept_words import told
from orders.models import Order
from orders.money import ZERO, round_up
from orders.people import Person
from orders.pricing import Stage
from panel.display import count, percent
from panel.order_sent import Sent, sent
from panel.staff.orders.stage_words import in_words

CENT = Decimal("0.01")
USUAL_TIMES, USUAL_LEAST, USUAL_OF = 10, 3, 20
_TYPED = (PriceLevel.TYPED, PriceLevel.TYPED_TOTAL)


@dataclass(frozen=True)
class Margin:
    """The halves of a price; only for who sees costs."""

    cost: Decimal
    profit: Decimal
    percent: Decimal | None
    floor: Decimal | None
    floor_words: str
    read_at: datetime | None
    point: Decimal


@dataclass(frozen=True)
class Confirm:
    """What is typed again before a big order."""

    label: str
    figure: int
    why: str

    @property
    def shown(self) -> str:
        return count(self.figure)


@dataclass(frozen=True)
class QuoteBox:
    """Everything that stands in the box beside the form.

    `cash` is what the client hands over, or covers what is missing, in whole cents: there are no
    smaller coins. `after` counts it in, `short` is what is missing still.
    `listed` is the price by rule where something else was typed.
    """

    price: Decimal
    sent: list[Sent]
    listed: Decimal | None
    stages: list[Stage]
    margin: Margin | None
    lifted: str
    balance: Decimal
    after: Decimal
    missing: Decimal
    cash: Decimal
    short: Decimal
    confirm: Confirm | None
    is_held: bool

    @property
    def exact_price(self) -> str:
        """With every digit, for the form: a template's `stringformat` would make it a float."""
        return f"{self.price:f}"

    @property
    def exact_cash(self) -> str:
        return f"{self.cash:f}"


def box_of(draft: Draft, who: Person, handed: Decimal) -> QuoteBox:
    """The box of an order that could be placed, with the cash that was handed over for it."""
    quote, customer = draft.quote, draft.customer
    balance = customer.wallet.balance or ZERO
    missing = max(quote.price - balance - customer.credit_limit, ZERO)
    cash = handed or round_up(missing, CENT)
    return QuoteBox(
        price=quote.price,
        sent=sent(_kind(draft), draft.details),
        listed=_listed(draft),
        stages=_stages(draft, who),
        margin=_margin(draft) if who.sees_cost else None,
        lifted=_lifted(draft, who),
        balance=balance,
        after=balance + cash - quote.price,
        missing=missing,
        cash=cash,
        short=max(missing - cash, ZERO),
        confirm=_confirm(draft, who),
        is_held=draft.details.least_per_post is not None,
    )


def _listed(draft: Draft) -> Decimal | None:
    is_typed = draft.quote.markup.level in _TYPED
    return draft.listed.price if is_typed and draft.listed else None


def _margin(draft: Draft) -> Margin:
    quote, bound = draft.quote, draft.quote.floor
    floor = round_up(bound.over(quote.expected_cost)) if bound else None
    return Margin(
        cost=quote.expected_cost,
        profit=quote.profit,
        percent=quote.margin_percent,
        floor=floor,
        floor_words=f"{told(bound.where)}, {percent(bound.percent, None)}" if bound else "",
        read_at=draft.service.offer.provider.state.catalog_read_at,
        point=quote.expected_cost / 100,
    )


def _stages(draft: Draft, who: Person) -> list[Stage]:
    """All stages to who sees costs; to the others what follows from the selling rate.

    No markup is told to the others, not even their own: with the rate it gives the cost away.
    """
    if who.sees_cost:
        return in_words(_yours(stage, draft, who) for stage in draft.quote.stages)
    stages = [Stage("rate", _("Rate"), draft.quote.rate, note=_unit(draft))]
    for stage in draft.quote.stages:
        if stage.code in ("quantity", "minimum"):
            stages += in_words([stage])
        elif stage.code == "typed_total":
            stages += in_words([replace(stage, tone="", note=gettext_noop("typed by you"))])
    return stages


def _unit(draft: Draft) -> str:
    return _("per package") if _kind(draft).package else _("per 1000")


def _kind(draft: Draft) -> service_types.ServiceType:
    return service_types.by_slug(draft.service.offer.service_type)


def _yours(stage: Stage, draft: Draft, who: Person) -> Stage:
    """ "35 %, your own" in the place of one's own name."""
    own = draft.quote.markup.level == PriceLevel.STAFF and draft.markup_of == who.staff
    typed = draft.quote.markup.level in _TYPED
    if stage.code not in ("markup", "typed_total") or not (own or typed):
        return stage
    said = told(stage.note).rpartition(", ")[0]
    if not said:
        return replace(stage, note=gettext_noop("by you"))
    whose = gettext_noop("your own") if own else gettext_noop("typed")
    return replace(stage, note=f"{said}, {whose}")


def _lifted(draft: Draft, who: Person) -> str:
    """What floor or ceiling did to the markup, in a sentence, to who sees costs."""
    acted = [told(stage.note) for stage in draft.quote.stages if stage.code in ("floor", "ceiling")]
    return ". ".join(acted) + "." if acted and who.sees_cost else ""


def _confirm(draft: Draft, who: Person) -> Confirm | None:
    why = _why_big(draft, who)
    if not why:
        return None
    if draft.details.delivery_total is None:
        return Confirm(_("Retype the service's number"), draft.service.pk, why)
    return Confirm(_("Retype the whole quantity"), draft.details.billable, why)


def _why_big(draft: Draft, who: Person) -> str:
    price = draft.quote.price
    if who.staff is not None and price > who.staff.big_order_limit:
        return _("A big order: over your limit for placing without a second look.")
    latest = Order.objects.filter(customer=draft.customer).order_by("-id")
    usual = list(latest.values_list("price", flat=True)[:USUAL_OF])
    if len(usual) >= USUAL_LEAST and price > USUAL_TIMES * sum(usual) / len(usual) > 0:
        return _("More than %(times)s times what this client usually orders.") % {
            "times": USUAL_TIMES
        }
    return ""

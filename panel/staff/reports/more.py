"""The other tabs: how orders end and how fast, odd charges, losses, and how long balances last."""

from dataclasses import replace
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders import reports, speeds
from orders.enums import ReportBy
from orders.models import Order, Provider
from orders.reports import losses
from orders.reports.reading import Question, Row, Span
from orders.reports.sums import Sums, share
from panel.display import count, localised
from panel.staff.reports import names, tables
from panel.staff.reports.names import Name
from panel.staff.reports.tables import Column, Line, Table
from panel.staff.reports.tabs import Asked, next_place

# ── How orders end ───────────────────────────────────────────────────────────────────────────

_ENDS = ("orders", "completed", "partial", "canceled", "refilled")
_DELIVERY = (
    replace(tables.ORDERS, place="p2"),
    Column(
        gettext_lazy("Completed"),
        "percent",
        "p3",
        sheet="Completed in per cent",
        small=gettext_lazy("completed"),
    ),
    Column(gettext_lazy("Partial"), "percent", sheet="Partial in per cent"),
    Column(
        gettext_lazy("Canceled"),
        "percent",
        "p4",
        sheet="Canceled in per cent",
        small=gettext_lazy("canceled"),
    ),
    Column(
        gettext_lazy("Refilled"),
        "percent",
        sheet="Refill asked, in per cent of completed",
    ),
    Column(gettext_lazy("Starts in"), "about", sheet="Starts in seconds, median"),
    Column(gettext_lazy("Takes"), "about", sheet="Takes seconds, median"),
)


def delivery(asked: Asked) -> Table:
    """Service by service: how many end how, how many are refilled, and how long they take."""
    question = asked.question(ReportBy.SERVICE, rank="orders", measures=_ENDS)
    rows = asked.source.rows(question)
    shown = rows[: asked.size]
    numbers = [row.key for row in shown]
    called = names.names_of(ReportBy.SERVICE, numbers, asked.who)
    known = speeds.speeds(numbers)
    lines = [_ended(called[row.key], row.now, known.get(row.key, speeds.UNKNOWN)) for row in shown]
    return Table(
        gettext_lazy("Service"),
        _DELIVERY,
        lines,
        _ended(Name(_("Together")), asked.whole, speeds.UNKNOWN),
        next_place(shown[-1], "orders") if len(rows) > len(shown) else "",
        _(
            "Of the orders placed in this period, as they stand now. "
            "Times are medians of a service's latest completed orders."
        ),
    )


def _ended(name: Name, sums: Sums, speed: speeds.Speed) -> Line:
    parts = (share(part, sums.orders) for part in (sums.completed, sums.partial, sums.canceled))
    refilled = share(sums.refilled, sums.completed)
    values = (sums.orders, *parts, refilled, speed.to_start, speed.to_completion)
    return Line(name, values, _DELIVERY)


# ── Charged otherwise than quoted ────────────────────────────────────────────────────────────

_ODD = ("otherwise", "otherwise_quoted", "otherwise_charged")
_CHARGES = (
    replace(
        tables.ORDERS,
        label=gettext_lazy("Charged otherwise"),
        sheet="Orders charged otherwise",
    ),
    Column(
        gettext_lazy("Quoted"),
        "money",
        "p4",
        sheet="Quoted for these",
        small=gettext_lazy("quoted"),
    ),
    Column(gettext_lazy("Charged"), "money", sheet="Charged for these"),
    Column(gettext_lazy("Difference"), "cost", "p2"),
    Column(
        gettext_lazy("Of the quote"),
        "percent",
        sheet="Difference in per cent of the quote",
    ),
)


def charges(asked: Asked) -> Table:
    """Service by service: completed orders that the provider charged otherwise than quoted."""
    rows = asked.source.rows(asked.question(ReportBy.SERVICE, rank="otherwise", measures=_ODD))
    shown = rows[: asked.size]
    called = names.names_of(ReportBy.SERVICE, [row.key for row in shown], asked.who)
    return Table(
        gettext_lazy("Service"),
        _CHARGES,
        [_odd(called[row.key], row.now) for row in shown],
        _odd(Name(_("Together")), asked.whole),
        next_place(shown[-1], "otherwise") if len(rows) > len(shown) else "",
        _("Completed orders alone: partial and canceled ones are charged for what was delivered."),
        (
            _("Every charge is as quoted"),
            _("Completed orders that the provider charged otherwise would stand here, by service."),
        ),
    )


def _odd(name: Name, sums: Sums) -> Line:
    more = sums.otherwise_charged - sums.otherwise_quoted
    part = more * 100 / sums.otherwise_quoted if sums.otherwise_quoted > 0 else None
    values = (sums.otherwise, sums.otherwise_quoted, sums.otherwise_charged, more, part)
    return Line(name, values, _CHARGES)


# ── Below cost ───────────────────────────────────────────────────────────────────────────────

_BELOW = (
    Column(gettext_lazy("Service"), "text", "p5"),
    Column(gettext_lazy("Client"), "text"),
    Column(gettext_lazy("Placed"), "moment", "p3"),
    Column(
        gettext_lazy("Brought"),
        "money",
        "p4",
        sheet="Brought, net of refunds",
        small=gettext_lazy("brought"),
    ),
    Column(gettext_lazy("Cost"), "money"),
    Column(gettext_lazy("Loss"), "loss", "p2"),
)


def below(asked: Asked) -> Table:
    """Orders that brought less than they cost, the latest first."""
    after = int(asked.after) if asked.after.isdecimal() and len(asked.after) < 19 else None
    span, most = asked.period.span, asked.size + 1
    found = losses.below(asked.who, asked.source, asked.days, span, after, most)
    shown = found[: asked.size]
    whole = asked.whole
    orders = ngettext("%(count)s order", "%(count)s orders", whole.below)
    together = (orders % {"count": count(whole.below)}, "", None, None, None, whole.loss)
    return Table(
        gettext_lazy("Order"),
        _BELOW,
        [_lost(order) for order in shown],
        Line(Name(_("Together")), together, _BELOW),
        str(shown[-1].pk) if len(found) > len(shown) else "",
        _("Cost is the provider's charge, and the quote until it is known."),
        (
            _("No order below its cost"),
            _("Orders that brought less than they cost would be listed."),
        ),
    )


def _lost(order: Order) -> Line:
    net: Decimal = order.net  # type: ignore[attr-defined]
    cost: Decimal = order.counts  # type: ignore[attr-defined]
    values = (order.service.name, order.customer.name, order.placed_at, net, cost, cost - net)
    return Line(Name(str(order.pk), reverse("staff:order", args=[order.pk])), values, _BELOW)


# ── How long balances last ───────────────────────────────────────────────────────────────────

_RUNWAY = (
    Column(
        gettext_lazy("Balance"),
        "words",
        "p4",
        sheet="Balance, in the provider's currency",
    ),
    Column(
        gettext_lazy("Spends an hour"),
        "words",
        sheet="Spends an hour, in the provider's currency",
    ),
    Column(gettext_lazy("Lasts"), "hours", "p2", sheet="Lasts hours"),
    Column(
        gettext_lazy("Charge a day"),
        "money",
        "p3",
        sheet="Charge a day in this period",
        small=gettext_lazy("a day"),
    ),
    Column(gettext_lazy("Orders"), "count"),
)
MOST_PROVIDERS = 200


def runway(asked: Asked) -> Table:
    """Each provider's balance against what its account spends, the shortest first."""
    providers = list(Provider.objects.select_related("state").order_by("name")[:MOST_PROVIDERS])
    hourly = reports.spending(asked.now)
    question = Question(ReportBy.PROVIDER, asked.period.span, MOST_PROVIDERS)
    sums = {row.key: row for row in asked.source.rows(question)}
    called = names.names_of(ReportBy.PROVIDER, [each.pk for each in providers], asked.who)
    rows = [
        (provider, hourly.get(provider.pk, Decimal(0)), sums.get(provider.pk, Row(0, Sums())))
        for provider in providers
    ]
    lines = [_lasts(called[row[0].pk], *row, asked.period.span) for row in rows]
    lines.sort(key=lambda line: (line.values[2] is None, line.values[2] or 0))
    return Table(
        gettext_lazy("Provider"),
        _RUNWAY,
        lines,
        note=_("An account's pace is that of the orders of the last 24 hours."),
        empty=(_("No provider yet"), _("Its balance and how long that lasts would stand here.")),
    )


def _lasts(name: Name, provider: Provider, hourly: Decimal, row: Row, span: Span) -> Line:
    balance, spent = provider.state.balance, hourly.quantize(Decimal("0.0001"))
    values = (
        localised(_amount(balance, provider.currency)),
        localised(_amount(spent, provider.currency)),
        reports.hours_left(balance, hourly),
        (row.now.charge / span.days).quantize(Decimal("0.0001")),
        row.now.orders,
    )
    sheet = (*(_amount(each, provider.currency) for each in (balance, spent)), *values[2:])
    return Line(name, values, _RUNWAY, sheet)


def _amount(amount: Decimal | None, currency: str) -> str:
    return "" if amount is None else f"{amount:,.4f} {currency}"

"""What has become of many orders: how far it is, and the result of each line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, QuerySet, Sum
from django.utils.translation import gettext_lazy

from orders import mass_orders
from orders.enums import MassLineState, NotPlaced
from orders.mass_orders import Rest
from orders.models import MassLine, MassOrder
from orders.money import ZERO, round_up
from orders.people import Person
from panel import paginator
from panel.delivery import shown_link
from panel.display import count
from panel.mass_orders.face import Face
from panel.mass_orders.preview import CENT, SIZE, Row
from panel.mass_orders.words import words
from panel.sheets import Cell

S = MassLineState
COINS = {S.WAITING: "waiting", S.PLACED: "completed", S.NOT_PLACED: "refused"}
TABS = {
    "": gettext_lazy("All"),
    S.PLACED: gettext_lazy("Placed"),
    S.NOT_PLACED: gettext_lazy("Not placed"),
    S.WAITING: gettext_lazy("Waiting"),
}
AGAIN = {
    NotPlaced.FUNDS: gettext_lazy("Place the %(lines)s that lacked balance"),
    NotPlaced.PRICE: gettext_lazy("Place %(lines)s at the new price"),
    NotPlaced.OVERLAP: gettext_lazy("Place %(lines)s in spite of the same link"),
    NotPlaced.STOPPED: gettext_lazy("Place the %(lines)s that were stopped"),
}
AT_ONCE = 500


@dataclass(frozen=True)
class ResultRow(Row):
    """A line with the order that it made."""

    order: int | None
    order_url: str


@dataclass(frozen=True)
class Again:
    """The lines that one press places after all, or what is missing for that."""

    why: str
    fingerprint: str
    words: str
    price: Decimal
    missing: Decimal
    funds_url: str

    @property
    def top_up(self) -> Decimal:
        """What is missing, in whole cents."""
        return round_up(self.missing, CENT)


class Result:
    """What was confirmed, line by line."""

    def __init__(self, mass_order: MassOrder, who: Person, face: Face, query: Mapping[str, str]):
        self._mass_order, self._face, self._query = mass_order, face, query
        self.is_maker = mass_order.made_by_id == who.user.pk

    # ── How far it is ──

    @cached_property
    def _by_state(self) -> dict[str, tuple[int, Decimal]]:
        lines = MassLine.objects.filter(mass_order=self._mass_order).order_by()
        found = lines.values_list("state").annotate(Count("pk"), Sum("order__price"))
        return {state: (lines, paid or ZERO) for state, lines, paid in found}

    def _count(self, state: str) -> int:
        return self._by_state.get(state, (0, ZERO))[0]

    @property
    def placed(self) -> int:
        return self._count(S.PLACED)

    @property
    def not_placed(self) -> int:
        return self._count(S.NOT_PLACED)

    @property
    def waiting(self) -> int:
        return self._count(S.WAITING)

    @property
    def total(self) -> int:
        return self.placed + self.not_placed + self.waiting

    @property
    def done(self) -> int:
        """Lines that have their result."""
        return self.total - self.waiting

    @property
    def paid(self) -> Decimal:
        """What the orders cost together."""
        return self._by_state.get(S.PLACED, (0, ZERO))[1]

    @property
    def is_finished(self) -> bool:
        """Whether no line is left to be placed."""
        return not self.waiting

    # ── The rows ──

    @property
    def _shown(self) -> str:
        shown = self._query.get("show", "")
        return shown if shown in TABS else ""

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """The states of lines, those without any left out."""
        return [
            {
                "label": label,
                "url": f"?{urlencode({'show': slug})}" if slug else "?",
                "current": slug == self._shown,
                "count": self._count(slug) if slug else self.total,
            }
            for slug, label in TABS.items()
            if not slug or self._count(slug) or slug == self._shown
        ]

    @cached_property
    def _page(self) -> paginator.Page[MassLine]:
        lines = self._lines
        if self._shown:
            lines = lines.filter(state=self._shown)
        return paginator.page(lines, self._query, size=SIZE, rising=True)

    @property
    def rows(self) -> list[ResultRow]:
        """The lines of the page."""
        return [self._row(line) for line in self._page.rows]

    @property
    def before(self) -> str:
        """The query of the page before; "" on the first one."""
        return self._page.older

    @property
    def after(self) -> str:
        """The query of the next page; "" on the last one."""
        return self._page.newer

    @property
    def _lines(self) -> QuerySet[MassLine]:
        lines = MassLine.objects.filter(mass_order=self._mass_order).defer("raw", "fields")
        return lines.annotate(paid=F("order__price"))

    def _row(self, line: Any) -> ResultRow:
        state = MassLineState(line.state)
        label = line.get_why_display() if line.why else state.label
        return ResultRow(
            number=line.number,
            service=line.service_number,
            name=line.name,
            link=shown_link(line.link),
            quantity=line.quantity,
            price=line.price if line.paid is None else line.paid,
            coin=COINS[state],
            state=str(label),
            words=self._words(line),
            order=line.order_id,
            order_url=self._face.order_url(line.order_id) if line.order_id else "",
        )

    def _words(self, line: MassLine) -> str:
        is_staff = self._face.is_staff
        return words(line.why, line.detail, is_staff=is_staff, is_maker=self.is_maker)

    def sheet(self) -> Iterator[list[Cell]]:
        """Every line, in order."""
        begin = 0
        while found := list(self._lines.filter(number__gt=begin).order_by("number")[:AT_ONCE]):
            for line in found:
                row = self._row(line)
                yield [
                    *(row.number, row.service, row.name, line.link, row.quantity, row.price),
                    *(row.state, row.order, row.words),
                ]
            begin = found[-1].number

    # ── What can be done ──

    @cached_property
    def again(self) -> list[Again]:
        """What one press places after all, for who typed the lines."""
        if not self.is_maker or self._mass_order.customer.is_blocked:
            return []
        return [self._again(rest) for rest in mass_orders.rests(self._mass_order)]

    def _again(self, rest: Rest) -> Again:
        customer = self._mass_order.customer
        has = (customer.wallet.balance or ZERO) + customer.credit_limit
        missing = max(rest.total - has, ZERO)
        amount = f"{round_up(missing, CENT):.2f}"
        return Again(
            why=rest.why,
            fingerprint=rest.fingerprint,
            words=AGAIN[rest.why] % {"lines": count(rest.lines)},
            price=rest.total,
            missing=missing,
            funds_url=self._face.funds_url(self._mass_order, amount) if missing else "",
        )

    @property
    def to_mend(self) -> int:
        """Lines that can only be typed anew."""
        if not self.is_maker:
            return 0
        lines = MassLine.objects.filter(mass_order=self._mass_order, state=S.NOT_PLACED)
        return lines.exclude(why__in=mass_orders.AGAIN).count()

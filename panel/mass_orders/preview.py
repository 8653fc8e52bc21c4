"""The look at many orders before they are placed."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders.mass_orders import Check, Checked, total
from orders.models import MassOrder
from orders.money import round_up
from orders.people import Person
from panel.delivery import shown_link
from panel.display import count
from panel.mass_orders.face import Face
from panel.mass_orders.words import checked_words

CENT = Decimal("0.01")
SIZE = 100


@dataclass(frozen=True)
class Row:
    """One line: its number in the text, what it would do, and what there is to say about it."""

    number: int
    service: int | None
    name: str
    link: str
    quantity: int | None
    price: Decimal | None
    coin: str
    state: str
    words: str


@dataclass(frozen=True)
class Way:
    """One way to go on: which lines are placed, what they cost, and what is missing for that.

    `words` stand on its button; `aim` says what the missing money is for.
    """

    act: str
    count: int
    words: str
    aim: str
    price: Decimal
    after: Decimal
    missing: Decimal
    funds_url: str

    @property
    def top_up(self) -> Decimal:
        """What is missing, in whole cents."""
        return round_up(self.missing, CENT)


class Preview:
    """What the lines of a text would do now."""

    def __init__(
        self, draft: MassOrder, check: Check, who: Person, face: Face, query: Mapping[str, str]
    ):
        self._draft, self._check, self._who, self._face = draft, check, who, face
        self._query = query
        self.fingerprint = check.fingerprint
        self.balance, self.credit_limit = check.balance, check.credit_limit
        self.is_blocked = draft.customer.is_blocked

    @cached_property
    def _groups(self) -> dict[str, tuple[str, list[Checked]]]:
        check = self._check
        return {
            "": (_("All"), check.lines),
            "good": (_("Good"), check.good),
            "overlap": (_("Same link"), check.overlapping),
            "wrong": (_("To mend"), check.wrong),
        }

    @property
    def _shown(self) -> str:
        shown = self._query.get("show", "")
        return shown if shown in self._groups else ""

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """The groups of lines, those without any left out."""
        return [
            {
                "label": label,
                "url": f"?{urlencode({'show': slug})}" if slug else "?",
                "current": slug == self._shown,
                "count": len(lines),
            }
            for slug, (label, lines) in self._groups.items()
            if lines or slug == self._shown
        ]

    # ── The rows ──

    @cached_property
    def _begin(self) -> int:
        text = self._query.get("from", "")
        wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
        return wanted if wanted < len(self._groups[self._shown][1]) else 0

    @property
    def rows(self) -> list[Row]:
        """The lines of the page."""
        lines = self._groups[self._shown][1]
        return [self._row(one) for one in lines[self._begin : self._begin + SIZE]]

    @property
    def older(self) -> str:
        """The query of the next page; "" on the last one."""
        following = self._begin + SIZE
        return self._at(following) if following < len(self._groups[self._shown][1]) else ""

    @property
    def newer(self) -> str:
        """The query of the page before; "" on the first one."""
        return self._at(max(self._begin - SIZE, 0)) if self._begin else ""

    def _at(self, begin: int) -> str:
        return "?" + urlencode({"show": self._shown, "from": begin})

    def _row(self, one: Checked) -> Row:
        coin, state = "completed", _("Good")
        if one.refusal is not None:
            coin, state = "refused", _("To mend")
        elif one.overlaps:
            coin, state = "held", _("Repeated") if one.repeats else _("Same link")
        return Row(
            number=one.line.number,
            service=one.line.service,
            name=one.name,
            link=shown_link(one.link),
            quantity=one.quantity,
            price=one.price,
            coin=coin,
            state=state,
            words=checked_words(one, is_staff=self._face.is_staff),
        )

    # ── What can be done ──

    @property
    def counts(self) -> dict[str, int]:
        """How many lines there are of each kind."""
        found = {"all": len(self._check.lines), "good": len(self._check.good)}
        return found | {
            "overlapping": len(self._check.overlapping),
            "wrong": len(self._check.wrong),
        }

    @cached_property
    def ways(self) -> list[Way]:
        """The good lines, and all that could be placed; nothing where nothing could."""
        good, more = self._check.good, self._check.overlapping
        ways = []
        if good:
            ways.append(self._way("place", good, _said(len(good), len(self._check.lines))))
        if more:
            ways.append(self._way("place_all", [*good, *more], _all_said(len(good), len(more))))
        return ways

    def _way(self, act: str, lines: list[Checked], said: tuple[str, str]) -> Way:
        price = total(lines)
        missing = self._check.missing(price)
        amount = f"{round_up(missing, CENT):.2f}"
        url = self._face.funds_url(self._draft, amount) if missing else ""
        return Way(act, len(lines), *said, price, self.balance - price, missing, url)

    @property
    def retypes(self) -> bool:
        """Whether it is so much that the number of orders is to be typed again."""
        member = self._who.staff
        return member is not None and any(way.price > member.big_order_limit for way in self.ways)

    def way(self, act: str) -> Way | None:
        """The way that a button names."""
        return next((way for way in self.ways if way.act == act), None)

    def must_retype(self, way: Way) -> bool:
        """Whether this way asks for the number of orders to be typed again."""
        member = self._who.staff
        return member is not None and way.price > member.big_order_limit


def _said(good: int, lines: int) -> tuple[str, str]:
    """The button that places the good lines, and the same as an aim."""
    words, aim = _("Place all %(count)s"), _("To place all %(count)s")
    if good == lines == 1:
        words, aim = _("Place it"), _("To place it")
    elif good != lines:
        words = ngettext("Place the %(count)s good line", "Place the %(count)s good lines", good)
        aim = ngettext(
            "To place the %(count)s good line", "To place the %(count)s good lines", good
        )
    return _counted(words, aim, good)


def _all_said(good: int, more: int) -> tuple[str, str]:
    """The same of all lines that could be placed."""
    words = _("Place %(count)s, those on the same link too")
    aim = _("To place %(count)s, those on the same link too")
    if not good and more == 1:
        words, aim = _("Place it all the same"), _("To place it all the same")
    elif not good:
        words, aim = _("Place all %(count)s all the same"), _("To place all %(count)s all the same")
    return _counted(words, aim, good + more)


def _counted(words: str, aim: str, lines: int) -> tuple[str, str]:
    told = {"count": count(lines)}
    return words % told, aim % told

"""Prices are set and unset, as previewed, under orders that stand."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from orders import rules
from orders.enums import MarkupKind, PriceLevel
from orders.models import Order
from orders.rules import MarkupChange, Scope
from tests.orders.sequences.ground import PLACES, Ground
from tests.orders.sequences.past import Scene

LEVELS = st.sampled_from(["service", "category", "client", "panel"])
KINDS = st.none() | st.sampled_from(MarkupKind)
VALUES = st.sampled_from([Decimal(one) for one in ("0", "0.3", "2", "10", "30", "80")])


class Ruling(Ground):
    """An admin at the pricing workbench."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.agreed: dict[int, tuple[Any, ...]] = {}

    @rule(level=LEVELS, place=PLACES, kind=KINDS, value=VALUES)
    def set_a_markup(self, level: str, place: int, kind: MarkupKind | None, value: Decimal) -> None:
        """Without a kind the rule that stands there ends."""
        change = MarkupChange(self.scope(level, place), kind, value if kind else None)
        self.tried(lambda: self.saved(change))

    def saved(self, change: MarkupChange) -> None:
        seen = rules.preview([change])
        by, now = self.scene.admin, self.later()
        rules.save([change], seen.fingerprint, by=by, now=now, reason="As the market goes")
        assert rules.preview([change]).is_idle

    def scope(self, level: str, place: int) -> Scope:
        service = self.scene.services[place % 2]
        if level == "service":
            return Scope(PriceLevel.SERVICE, service=service.pk)
        if level == "category":
            return Scope(PriceLevel.CATEGORY, category=service.category_id)
        if level == "client":
            return Scope(PriceLevel.CUSTOMER, customer=self.scene.clients[place % 2].pk)
        return Scope(PriceLevel.PANEL)

    @invariant()
    def what_was_agreed_stays(self) -> None:
        columns = ("price", "rate", "markup_value", "markup_rule_id", "stages")
        for number, *terms in Order.objects.values_list("pk", *columns):
            assert self.agreed.setdefault(number, tuple(terms)) == tuple(terms)

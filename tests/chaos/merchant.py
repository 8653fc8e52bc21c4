"""Whoever sets prices meanwhile: rules are edited and ended, one service is bought elsewhere."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable
from decimal import Decimal

from django.db import DatabaseError, InterfaceError, connection, connections
from django.utils import timezone

from orders import catalog, rules
from orders.enums import MarkupKind, PriceLevel
from orders.errors import Declined
from orders.models import Offer, Service
from orders.rules import MarkupChange, Scope
from tests.chaos.presses import TRY_AGAIN, Shop
from tests.chaos.trades import Trade

TRIES = 20
REASON = "As the market goes"


class Merchant(threading.Thread):
    """Does each trade at its second, through the verbs of the pages; `done` counts what came."""

    def __init__(self, shop: Shop, trades: Iterable[Trade]):
        super().__init__(name="merchant")
        self._shop, self._trades = shop, deque(trades)
        self.done: Counter[str] = Counter()

    def run(self) -> None:
        try:
            while self._trades and self._shop.wait_for(self._trades[0].at):
                self._do(self._trades.popleft())
        finally:
            connections.close_all()

    def _do(self, trade: Trade) -> None:
        verb = self._buy_elsewhere if trade.kind == "elsewhere" else self._set_price
        for _ in range(TRIES):
            told = _told(verb, trade)
            self.done[told] += 1
            if told not in ("moved", "away") or self._shop.over.wait(TRY_AGAIN):
                return

    def _set_price(self, trade: Trade) -> str:
        changes = [_change(trade, self._service(trade))]
        seen = rules.preview(changes)
        by = self._shop.stage.admin.user
        rules.save(changes, seen.fingerprint, by=by, now=timezone.now(), reason=REASON)
        return "ended" if trade.kind == "end" else "set"

    def _buy_elsewhere(self, trade: Trade) -> str:
        """The provider's last service goes to its spare offer, or comes back from it."""
        upstream = self._shop.stage.upstreams[trade.upstream]
        service = Service.objects.get(pk=upstream.services[-1])
        other = Offer.objects.filter(pk__in=upstream.swapped).exclude(pk=service.offer_id).first()
        if other is None:
            return "nowhere"
        by = self._shop.stage.admin.user
        catalog.point_at(service, other, by, timezone.now(), reason=REASON)
        return "elsewhere"

    def _service(self, trade: Trade) -> Service:
        services = self._shop.stage.upstreams[trade.upstream].services
        return Service.objects.get(pk=services[trade.service])


def _told(verb: Callable[[Trade], str], trade: Trade) -> str:
    try:
        return verb(trade)
    except rules.PricesMoved:
        return "moved"
    except Declined:
        return "declined"
    except (DatabaseError, InterfaceError, OSError):
        connection.close()
        return "away"


def _change(trade: Trade, service: Service) -> MarkupChange:
    scopes = {
        "panel": Scope(PriceLevel.PANEL),
        "category": Scope(PriceLevel.CATEGORY, category=service.category_id),
    }
    scope = scopes.get(trade.kind) or Scope(PriceLevel.SERVICE, service=service.pk)
    if trade.kind == "end":
        return MarkupChange(scope)
    return MarkupChange(scope, MarkupKind.PERCENT, Decimal(trade.percent))

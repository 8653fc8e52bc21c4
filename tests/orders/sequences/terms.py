"""What moves under orders that stand: exchange rates, catalogs, what is on sale, days."""

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import rule

from orders import catalog, polling, providers
from orders.models import Offer, ProviderState
from tests.orders.sequences.ground import PLACES, Ground

TERMS = st.sampled_from([Decimal(one) for one in ("0.5", "0.77", "1", "1", "1.24", "1.3", "3")])


class Terms(Ground):
    """The provider's prices, and the house's own stops."""

    @rule(exchange=TERMS, factor=TERMS)
    def terms_change(self, exchange: Decimal, factor: Decimal) -> None:
        provider = self.scene.services[0].offer.provider
        changes = {"exchange_rate": exchange, "factor": factor}
        providers.change(provider, by=self.scene.admin, now=self.later(), **changes)

    @rule(rate=TERMS, place=PLACES, gone=st.sampled_from([False] * 5 + [True]))
    def catalog_moves(self, rate: Decimal, place: int, gone: bool) -> None:
        service = self.scene.services[place % 2]
        retired = self.later() if gone else None
        Offer.objects.filter(pk=service.offer_id).update(rate=rate, retired_at=retired)
        service.offer.provider.refresh_from_db()
        catalog.reassess(service.offer.provider, Decimal(10), now=self.now)

    @rule(place=PLACES, paused=st.booleans())
    def sale_stops_or_goes_on(self, place: int, paused: bool) -> None:
        service, now = self.scene.services[place % 2], self.later()
        service.refresh_from_db()
        verb = catalog.pause if paused else catalog.resume
        self.tried(lambda: verb(service, self.scene.admin, now, reason="for a while"))
        ProviderState.objects.update(catalog_read_at=now)

    @rule(minutes=st.sampled_from([0, 0, 20, 90]))
    def catalog_is_read(self, minutes: int) -> None:
        """What is settled by what its posts cost waits for it, for an hour."""
        ProviderState.objects.update(catalog_read_at=self.later())
        self.later(minutes=minutes)

    @rule(days=st.sampled_from([1, 3, 8]))
    def days_pass(self, days: int) -> None:
        polling.retier(self.later(days=days))

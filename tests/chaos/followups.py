"""The scripted person's other queue: refills and cancel requests whose answer was lost."""

from collections.abc import Mapping
from contextlib import suppress

from django.utils import timezone

from orders import cancellations, refills
from orders.errors import Declined
from orders.models import Cancellation, Refill
from tests.chaos.luck import chance
from tests.chaos.plan import ERRS
from tests.chaos.stage import Stage
from tests.chaos.upstreams import Upstream
from tests.chaos.wants import target_of

MOST_AT_ONCE = 200
IN_THE_BOOKS, NOT_THERE = "It stands in the books", "It is not in the books"


class FollowUps:
    """Says from the providers' books what became of each, and sometimes says it wrongly."""

    def __init__(self, stage: Stage, upstreams: Mapping[int, Upstream], seed: int):
        self._by, self._upstreams, self._seed = stage.admin.user, upstreams, seed

    def look(self) -> None:
        """Settle everything that is lost."""
        for refill in Refill.objects.filter(refills.LOST).select_related("order")[:MOST_AT_ONCE]:
            self._settle_refill(refill)
        lost = Cancellation.objects.filter(cancellations.LOST).select_related("order")
        for cancellation in lost[:MOST_AT_ONCE]:
            self._settle_cancellation(cancellation)

    def _settle_refill(self, refill: Refill) -> None:
        found = "" if self._errs("refill", refill) else self._refill_in_the_books(refill)
        reason = IN_THE_BOOKS if found else NOT_THERE
        with suppress(Declined):  # it moved on meanwhile
            refills.settle(
                refill, by=self._by, now=timezone.now(), reason=reason, upstream_id=found
            )

    def _settle_cancellation(self, cancellation: Cancellation) -> None:
        upstream = self._upstreams[cancellation.provider_id]
        upstream.read_books()
        there = cancellation.order.upstream_id in upstream.stops
        arrived = there and not self._errs("cancel", cancellation)
        reason = IN_THE_BOOKS if arrived else NOT_THERE
        with suppress(Declined):
            cancellations.settle(
                cancellation, by=self._by, now=timezone.now(), reason=reason, arrived=arrived
            )

    def _refill_in_the_books(self, refill: Refill) -> str:
        """The id of a refill of this order that none of ours holds; "" without one."""
        upstream = self._upstreams[refill.provider_id]
        upstream.read_books()
        ours = Refill.objects.filter(order=refill.order_id).values_list("upstream_id", flat=True)
        held = set(ours)
        for taken in upstream.refills:
            if taken.upstream_id == refill.order.upstream_id and taken.refill_id not in held:
                return taken.refill_id
        return ""

    def _errs(self, about: str, row: Refill | Cancellation) -> bool:
        return chance(self._seed, about, target_of(row.order)).random() < ERRS

"""Walking one provider's open orders, tier by tier, page by page."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

import structlog

from orders import progress
from orders.enums import Tier
from orders.errors import Busy
from orders.models import Order
from orders.polling.asking import Answer
from orders.polling.conversation import Conversation
from orders.polling.leases import HeldSweep
from orders.progress import MISSING, UNREADABLE, Applied, Report
from orders.upstream.replies import ItemError, StatusReply

log = structlog.get_logger(__name__)

PAGE = 2000
"""Orders read at once; how far we came is put down after each page."""

APPLY_FROM = 500
"""Changed orders are written when so many have come together, and at the end of a page."""


class Stored(NamedTuple):
    """What an order holds of its last report."""

    id: int
    upstream_id: str
    flag: str
    upstream_status: str
    charge_upstream: Decimal | None
    start_count: int | None
    remains: int | None


Page = Sequence[Stored]


def read_page(provider_id: int, tier: Tier, after: int) -> list[Stored]:
    """The next orders of a tier, by id, along the one index that knows them."""
    orders = Order.objects.filter(provider_id=provider_id, tier=tier, pk__gt=after)
    rows = orders.order_by("provider_id", "tier", "id").values_list(*Stored._fields)[:PAGE]
    return [Stored._make(row) for row in rows]


@dataclass
class Walk:
    """One sweep at work: asks, compares, and hands in what changed."""

    provider_id: int
    batch_size: int
    held: HeldSweep
    conversation: Conversation
    asked: int = 0
    applied: Applied = field(default_factory=Applied)
    _changed: list[Report] = field(default_factory=list)
    _told: set[int] = field(default_factory=set)
    """Orders with news in this sweep: those that it moved to another tier are not asked again."""

    def tier(self, tier: Tier, until: float) -> None:
        """Go on with this tier's round until its end, or until that second of the stopwatch.

        Raises `Ended`, `NoTurn` or `LeaseLost`; how far the walk came has been put down.
        """
        rounds, watch = self.held.rounds, self.conversation.asker.watch
        if not rounds.on_its_way(tier):
            rounds.begin(tier, watch.now)
        while rounds.on_its_way(tier) and watch.seconds < until:
            page = read_page(self.provider_id, tier, rounds.cursor(tier))
            try:
                if self._page(tier, [row for row in page if row.id not in self._told], until):
                    if len(page) < PAGE:
                        rounds.end(tier, watch.now)
                    else:
                        rounds.move(tier, page[-1].id)
            finally:
                self._apply()
                self.held.save()

    def _page(self, tier: Tier, page: Page, until: float) -> bool:
        """Ask about a page; False when time ran out before its end."""
        size, rounds = self.batch_size, self.held.rounds
        batches = [page[start : start + size] for start in range(0, len(page), size)]
        spoiled: list[Page] = []
        done = 0
        with closing(self.conversation.ask([_ids(batch) for batch in batches])) as answers:
            for batch, answer in zip(batches, answers, strict=False):
                done += 1
                if answer.error is not None:
                    spoiled.append(batch)
                else:
                    self._take(batch, answer)
                if not spoiled:
                    rounds.move(tier, batch[-1].id)
                if self.conversation.asker.watch.seconds >= until:
                    break
        for batch in spoiled:
            self._search(batch)
        if done:
            rounds.move(tier, batches[done - 1][-1].id)
        return done == len(batches)

    def _search(self, batch: Page) -> None:
        """Get what can be had from a batch that failed, and report the orders that spoil it."""
        by_upstream_id = {row.upstream_id: row for row in batch}
        for answer in self.conversation.search(_ids(batch)):
            rows = [by_upstream_id[upstream_id] for upstream_id in answer.ids]
            if answer.error is None:
                self._take(rows, answer)
            else:
                self._keep(Report.of_trouble(rows[0].id, UNREADABLE, answer.asked_at))

    def _take(self, batch: Page, answer: Answer) -> None:
        self.asked += len(batch)
        for row in batch:
            report = report_of(row.id, answer.replies.get(row.upstream_id), answer)
            if not progress.says_nothing_new(*row[2:], report):
                self._keep(report)
        if len(self._changed) >= APPLY_FROM:
            self._apply()

    def _keep(self, report: Report) -> None:
        self._changed.append(report)
        self._told.add(report.order_id)

    def _apply(self) -> None:
        reports, self._changed = self._changed, []
        if not reports:
            return
        now = self.conversation.asker.watch.now
        try:
            self.applied += progress.apply(reports, now=now, lease=self.held.lease)
        except Busy:
            # Nothing is lost: what was said still differs from what is stored, next round too.
            log.warning("polling.busy", provider=self.provider_id, orders=len(reports))


def report_of(order_id: int, reply: StatusReply | ItemError | None, answer: Answer) -> Report:
    """A reply about an order, as a report; None stands for an id that was not answered."""
    if isinstance(reply, StatusReply):
        return Report(
            order_id,
            reply.status,
            reply.charge,
            reply.currency,
            reply.start_count,
            reply.remains,
            reply.remains_raw,
            answer.asked_at,
        )
    return Report.of_trouble(order_id, reply.text if reply else MISSING, answer.asked_at)


def _ids(batch: Page) -> list[str]:
    return [row.upstream_id for row in batch]

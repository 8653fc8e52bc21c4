"""Walking one provider's open orders, tier by tier, page by page."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple

import structlog

from orders import progress
from orders.enums import Tier
from orders.errors import Busy
from orders.models import Child, Order
from orders.polling.asking import Answer
from orders.polling.conversation import Conversation
from orders.polling.leases import HeldSweep
from orders.progress import MISSING, NO_RUNS, UNREADABLE, Applied, Report
from orders.upstream.replies import ItemError, StatusReply

log = structlog.get_logger(__name__)

PAGE = 2000
"""Orders read at once; how far we came is put down after each page."""

APPLY_FROM = 500
"""Changed orders are written when so many have come together, and at the end of a page."""


MOST_RUNS = 50_000
"""Ids of runs that are held in memory before they are looked at."""


class Stored(NamedTuple):
    """What an order holds of its last report."""

    id: int
    upstream_id: str
    flag: str
    upstream_status: str
    charge_upstream: Decimal | None
    start_count: int | None
    remains: int | None


class StoredChild(Stored):
    """The same of a child; the id is the child's own."""

    __slots__ = ()


Page = Sequence[Stored]


def read_page(provider_id: int, tier: Tier, after: int) -> list[Stored]:
    """The next orders of a tier, by id, along the one index that knows them."""
    orders = Order.objects.filter(provider_id=provider_id, tier=tier, pk__gt=after)
    rows = orders.order_by("provider_id", "tier", "id").values_list(*Stored._fields)[:PAGE]
    return [Stored._make(row) for row in rows]


def read_children(provider_id: int, tier: Tier, after: int, most: int) -> list[StoredChild]:
    """The next children of a tier, likewise."""
    children = Child.objects.filter(provider_id=provider_id, tier=tier, pk__gt=after)
    rows = children.order_by("provider_id", "tier", "id").values_list(*Stored._fields)[:most]
    return [StoredChild._make(row) for row in rows]


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
    _changed_children: list[Report] = field(default_factory=list)
    _families: list[tuple[Stored, Report]] = field(default_factory=list)
    """Reports that tell of runs; whether they are news is looked up once a page."""
    _runs_told: int = 0
    _told: set[int] = field(default_factory=set)
    """Orders with news in this sweep: those that it moved to another tier are not asked again."""
    _told_children: set[int] = field(default_factory=set)

    def tier(self, tier: Tier, until: float) -> None:
        """Go on with this tier's round until its end, or until that second of the stopwatch.

        Raises `Ended`, `NoTurn` or `LeaseLost`; how far the walk came has been put down.
        """
        rounds, watch = self.held.rounds, self.conversation.asker.watch
        if not rounds.on_its_way(tier):
            rounds.begin(tier, watch.now)
        while rounds.on_its_way(tier) and watch.seconds < until:
            orders = read_page(self.provider_id, tier, rounds.cursor(tier))
            room, after = PAGE - len(orders), rounds.child_cursor(tier)
            # Children fill up the last page of orders, and so its last request.
            children = read_children(self.provider_id, tier, after, room) if room else []
            try:
                if self._page(tier, self._not_told(orders, children), until):
                    self._came_to(tier, [*orders[-1:], *children[-1:]])
                    # Runs that were told of just now are asked about in this round.
                    if len(children) < room and not self._families:
                        rounds.end(tier, watch.now)
            finally:
                self._apply()
                self.held.save()

    def _not_told(self, orders: Page, children: Page) -> Page:
        found = [row for row in orders if row.id not in self._told]
        return found + [row for row in children if row.id not in self._told_children]

    def _came_to(self, tier: Tier, batch: Page) -> None:
        """Put the cursors after a batch, whose orders come before its children."""
        rounds = self.held.rounds
        if batch and isinstance(batch[-1], StoredChild):
            rounds.move_child(tier, batch[-1].id)
            batch = [row for row in batch if not isinstance(row, StoredChild)]
        if batch:
            rounds.move(tier, batch[-1].id)

    def _page(self, tier: Tier, page: Page, until: float) -> bool:
        """Ask about a page; False when time ran out before its end."""
        size = self.batch_size
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
                    self._came_to(tier, batch)
                if self.conversation.asker.watch.seconds >= until:
                    break
        for batch in spoiled:
            self._search(batch)
        if done:
            self._came_to(tier, batches[done - 1])
        return done == len(batches)

    def _search(self, batch: Page) -> None:
        """Get what can be had from a batch that failed, and report the orders that spoil it."""
        by_upstream_id = {row.upstream_id: row for row in batch}
        for answer in self.conversation.search(_ids(batch)):
            rows = [by_upstream_id[upstream_id] for upstream_id in answer.ids]
            if answer.error is None:
                self._take(rows, answer)
            else:
                self._keep(rows[0], Report.of_trouble(rows[0].id, UNREADABLE, answer.asked_at))

    def _take(self, batch: Page, answer: Answer) -> None:
        self.asked += len(batch)
        for row in batch:
            report = report_of(row.id, answer.replies.get(row.upstream_id), answer)
            if report.tells_of_runs or report.is_of_subscription:
                self._hear_of_runs(row, report)
            elif not progress.says_nothing_new(*row[2:], report):
                self._keep(row, report)
        if len(self._changed) + len(self._changed_children) >= APPLY_FROM:
            self._apply()

    def _hear_of_runs(self, row: Stored, report: Report) -> None:
        if isinstance(row, StoredChild):
            # A run has no runs; what else is said of it counts.
            odd = NO_RUNS if report.tells_of_runs else ""
            self._keep(row, replace(report, runs=None, children=(), odd=odd))
            return
        self._families.append((row, report))
        self._runs_told += len(report.children)
        if self._runs_told > MOST_RUNS:
            self._apply()

    def _keep(self, row: Stored, report: Report) -> None:
        if isinstance(row, StoredChild):
            self._changed_children.append(report)
            self._told_children.add(row.id)
        else:
            self._changed.append(report)
            self._told.add(row.id)

    def _news_of_runs(self) -> None:
        """Keep the reports on runs that differ from what was last said of the same orders."""
        heard, self._families, self._runs_told = self._families, [], 0
        now = self.conversation.asker.watch.now
        last = progress.last_said((row.id for row, _ in heard), now) if heard else {}
        for row, report in heard:
            if self._is_news(row, report, last.get(row.id)):
                self._keep(row, report)

    def _is_news(self, row: Stored, report: Report, last: str | None) -> bool:
        if last is None and not report.tells_of_runs:
            return not progress.says_nothing_new(*row[2:], report)
        return bool(row.flag) or last != progress.digest(report)

    def _apply(self) -> None:
        self._news_of_runs()
        reports, self._changed = self._changed, []
        children, self._changed_children = self._changed_children, []
        now, lease = self.conversation.asker.watch.now, self.held.lease
        for found, apply in ((reports, progress.apply), (children, progress.apply_to_children)):
            if not found:
                continue
            try:
                self.applied += apply(found, now=now, lease=lease)
            except Busy:
                # Nothing is lost: what was said still differs from what is stored, next round too.
                log.warning("polling.busy", provider=self.provider_id, orders=len(found))


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
            "",
            reply.runs,
            reply.orders or (),
            is_listed=reply.orders is not None and not reply.orders_unread,
            is_of_subscription=reply.posts is not None or bool(reply.expiry),
        )
    return Report.of_trouble(order_id, reply.text if reply else MISSING, answer.asked_at)


def _ids(batch: Page) -> list[str]:
    return [row.upstream_id for row in batch]

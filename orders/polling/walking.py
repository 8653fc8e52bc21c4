"""Walking one provider's open orders, tier by tier, page by page."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import structlog
from msgspec.structs import replace

from orders import progress
from orders.enums import Tier
from orders.errors import Busy
from orders.polling.asking import Answer
from orders.polling.conversation import Conversation
from orders.polling.leases import HeldSweep
from orders.polling.pages import Page, Stored, StoredChild, read_children, read_page
from orders.polling.shards import WHOLE, Shard
from orders.progress import MISSING, NO_RUNS, UNREADABLE, Applied, Report
from orders.upstream.replies import ItemError, StatusReply

log = structlog.get_logger(__name__)

PAGE = 6000
"""Orders read at once; after each page what is new is written, and how far we came."""

MOST_RUNS = 50_000
"""Ids of runs that are held in memory before they are looked at."""


@dataclass
class Asked:
    """Rows that go into one request; `ends` are the last order and child of the page that they
    end, those among them that need not be asked about any more."""

    rows: Page
    ends: Page | None = None


@dataclass
class Walk:
    """One sweep at work: asks, compares, and hands in what changed."""

    provider_id: int
    batch_size: int
    held: HeldSweep
    conversation: Conversation
    shard: Shard = WHOLE
    asked: int = 0
    applied: Applied = field(default_factory=Applied)
    _under_way: deque[Asked] = field(default_factory=deque)
    _spoiled: list[Page] = field(default_factory=list)
    _changed: list[Report] = field(default_factory=list)
    _changed_children: list[Report] = field(default_factory=list)
    _families: list[tuple[Stored, Report]] = field(default_factory=list)
    """Reports that tell of runs; whether they are news is looked up once a page."""
    _runs_told: int = 0
    _has_heard_of_runs: bool = False
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
            self._has_heard_of_runs = False
            # Runs that were told of just now are asked about in this round.
            if self._ask_about_the_rest(tier, until) and not self._has_heard_of_runs:
                rounds.end(tier, watch.now)
            self.held.save()

    def _ask_about_the_rest(self, tier: Tier, until: float) -> bool:
        """Ask page by page, the next ones already on their way; False when time ran out."""
        self._under_way.clear()
        self._spoiled.clear()
        try:
            with closing(self.conversation.ask(self._batches(tier))) as answers:
                for answer in answers:
                    batch = self._under_way.popleft()
                    self._hear(tier, batch.rows, answer)
                    is_over = self.conversation.asker.watch.seconds >= until
                    if is_over or batch.ends is not None:
                        self._end_page(tier, batch)
                    if is_over and (self._under_way or batch.ends is None):
                        return False
            return True
        finally:
            self._apply()

    def _batches(self, tier: Tier) -> Iterator[Sequence[str]]:
        """The ids of each request, in order; what each is about is put in `_under_way`."""
        size = self.batch_size
        for rows, ends in self._pages(tier):
            for start in range(0, len(rows), size):
                batch = rows[start : start + size]
                self._under_way.append(Asked(batch, ends if start + size >= len(rows) else None))
                yield [row.upstream_id for row in batch]

    def _pages(self, tier: Tier) -> Iterator[tuple[Page, Page]]:
        """Rows to ask about, and the last order and child of each page."""
        after, child_after = self.held.rounds.cursor(tier), self.held.rounds.child_cursor(tier)
        while True:
            orders = read_page(self.provider_id, tier, after, PAGE, self.shard)
            room = PAGE - len(orders)
            # Children fill up the last page of orders, and so its last request.
            children = self._children(tier, child_after, room) if room else []
            yield self._not_told(orders, children), [*orders[-1:], *children[-1:]]
            if len(children) < room:
                return
            after = orders[-1].id if orders else after
            child_after = children[-1].id if children else child_after

    def _children(self, tier: Tier, after: int, most: int) -> list[StoredChild]:
        return read_children(self.provider_id, tier, after, most, self.shard)

    def _not_told(self, orders: Page, children: Page) -> Page:
        found = [row for row in orders if row.id not in self._told]
        return found + [row for row in children if row.id not in self._told_children]

    def _hear(self, tier: Tier, batch: Page, answer: Answer) -> None:
        if answer.error is not None:
            self._spoiled.append(batch)
        else:
            self._take(batch, answer)
        if not self._spoiled:
            self._came_to(tier, batch)

    def _end_page(self, tier: Tier, batch: Asked) -> None:
        """Look for what spoils requests, write what is new, and put down how far we came."""
        while self._spoiled:
            self._search(self._spoiled[0])
            del self._spoiled[0]
        self._came_to(tier, batch.rows)
        self._came_to(tier, batch.ends or ())
        self._apply()
        self.held.save()

    def _came_to(self, tier: Tier, batch: Page) -> None:
        """Put the cursors after a batch, whose orders come before its children."""
        rounds = self.held.rounds
        if batch and isinstance(batch[-1], StoredChild):
            rounds.move_child(tier, batch[-1].id)
            batch = [row for row in batch if not isinstance(row, StoredChild)]
        if batch:
            rounds.move(tier, batch[-1].id)

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
            reply = answer.replies.get(row.upstream_id)
            if isinstance(reply, StatusReply) and _repeats(reply, row):
                continue
            report = report_of(row.id, reply, answer)
            if report.tells_of_runs or report.is_of_subscription:
                self._hear_of_runs(row, report)
            elif not progress.says_nothing_new(row.flag, *row.told, report):
                self._keep(row, report)

    def _hear_of_runs(self, row: Stored, report: Report) -> None:
        if isinstance(row, StoredChild):
            # A run has no runs; what else is said of it counts.
            odd = NO_RUNS if report.tells_of_runs else ""
            self._keep(row, replace(report, runs=None, children=(), odd=odd))
            return
        self._has_heard_of_runs = True
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
            return not progress.says_nothing_new(row.flag, *row.told, report)
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


def _repeats(reply: StatusReply, row: Stored) -> bool:
    """Whether a reply tells of no runs and says what is stored: most do, and need no report."""
    return (
        not row.flag
        and reply.orders is None
        and reply.runs is None
        and reply.posts is None
        and not reply.expiry
        and progress.repeats(
            (reply.status, reply.charge, reply.start_count, reply.remains), row.told
        )
    )


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

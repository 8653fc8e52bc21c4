"""Writing what a comparison found, in transactions of bounded size."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from orders import service_types, sql
from orders.catalog.batches import in_batches
from orders.catalog.comparing import Changed, Differences, Known
from orders.catalog.costs import cost_per_1000
from orders.catalog.pauses import reassess
from orders.catalog.reading import COLUMNS, Unusable, Values
from orders.catalog.runs import step
from orders.catalog.shelves import flow_to_services, next_positions, shelf_ids
from orders.enums import ChangeKind
from orders.models import Offer, Panel, Provider, Service, SyncChange, SyncRun
from orders.moments import Stopwatch
from orders.money import to_units

BATCH = 500
MOST_BAD_ROWS_KEPT = 200
_CASTS = {
    "rate": "bigint",
    "least": "bigint",
    "most": "bigint",
    "refill": "boolean",
    "cancel": "boolean",
    "dripfeed": "boolean",
    "refill_days": "smallint",
}

T = TypeVar("T")


@dataclass
class Writing:
    """One run's writing: where it goes, and the pauses it brought about."""

    run: SyncRun
    provider: Provider
    panel: Panel
    watch: Stopwatch
    paused: int = 0
    released: int = 0

    @property
    def now(self) -> datetime:
        """The moment that all of the run's rows bear: its beginning."""
        return self.run.started_at

    def write(self, found: Differences, *, hold_removals: bool) -> None:
        """Write it all. Raises `Superseded` when another run took this one's place."""
        self._in_batches(found.new, self._add)
        self._in_batches(found.changed, self._change)
        self._in_batches(found.returned, self._bring_back)
        remove = self._hold if hold_removals else self._retire
        self._in_batches(found.vanished, remove, rows=False)

    def keep_unusable(self, rows: Sequence[Unusable]) -> None:
        """Keep the skipped rows, so that a page can show why; of very many, the first."""
        kept = rows[:MOST_BAD_ROWS_KEPT]
        with self.step(len(rows)):
            self._note(
                SyncChange(run=self.run, kind=ChangeKind.BAD_ROW, after=row.to_json())
                for row in kept
            )

    @contextmanager
    def step(self, rows: int) -> Iterator[None]:
        """A transaction of bounded size in which `rows` more of the catalog are done."""
        with step(self.run, rows, self.watch.now):
            self.lock_terms()
            yield

    def lock_terms(self) -> None:
        """Take the provider as it is now: whoever changes its money terms waits for us, or we do.

        Before any service is locked, as everywhere.
        """
        rows = Provider.objects.select_for_update(no_key=True)
        self.provider = rows.get(pk=self.provider.pk)

    def reassess(self, **which: Any) -> None:
        """Pause and release services, inside the caller's transaction (of `lock_terms`)."""
        done = reassess(self.provider, self.panel.rise_threshold, now=self.now, **which)
        self.paused += done.paused
        self.released += done.released

    def _in_batches(
        self, items: list[T], write: Callable[[list[T]], None], *, rows: bool = True
    ) -> None:
        for batch in in_batches(items, BATCH):
            with self.step(len(batch) if rows else 0):
                write(batch)

    def _add(self, batch: list[tuple[str, Values]]) -> None:
        offers = [self._offer(upstream_id, values) for upstream_id, values in batch]
        sql.insert_all(offers)
        shelves = shelf_ids(offer.category for offer in offers)
        places = next_positions(shelves.values())
        sql.insert_all(
            [
                self._service(offer, shelf, places.get(shelf, 0))
                for offer in offers
                for shelf in (shelves[offer.category],)
            ]
        )
        self._note(
            SyncChange(
                run=self.run,
                kind=ChangeKind.NEW,
                offer=offer,
                after={"name": offer.name, "rate": f"{offer.rate:f}"},
            )
            for offer in offers
        )

    def _offer(self, upstream_id: str, values: Values) -> Offer:
        return Offer(
            provider=self.provider,
            upstream_id=upstream_id,
            first_seen_at=self.now,
            rate_changed_at=self.now,
            **values._asdict(),
        )

    def _service(self, offer: Offer, category_id: int, position: int) -> Service:
        orderable = not service_types.why_not_orderable(offer.type_name)
        return Service(
            name=offer.name,
            category_id=category_id,
            position=position,
            description=offer.description,
            offer=offer,
            is_visible=orderable and not self.provider.new_offers_hidden,
            accepted_cost=cost_per_1000(offer.rate, self.provider),
            created_at=self.now,
        )

    def _change(self, batch: list[Changed]) -> None:
        self._update(batch)
        self._note(note for changed in batch for note in self._notes(changed))

    def _bring_back(self, batch: list[Changed]) -> None:
        ids = {changed.known.id for changed in batch}
        Offer.objects.filter(pk__in=ids).update(retired_at=None)
        self._update(batch, returned=ids)
        self._note(
            SyncChange(run=self.run, kind=ChangeKind.RETURNED, offer_id=changed.known.id)
            for changed in batch
        )
        self._note(note for changed in batch for note in self._notes(changed))

    def _update(self, batch: list[Changed], returned: Iterable[int] = ()) -> None:
        write_values([changed for changed in batch if changed.names], self.now)
        flow_to_services(batch)
        self.reassess(
            offer_ids={changed.known.id for changed in batch},
            type_changed={changed.known.id for changed in batch if changed.type_differs},
            returned=set(returned),
        )

    def _notes(self, changed: Changed) -> Iterator[SyncChange]:
        others = [name for name in changed.names if name != "rate"]
        pairs = [(ChangeKind.CHANGED, others)] if others else []
        if changed.rate_differs:
            pairs.append((ChangeKind.RATE, ["rate"]))
        for kind, names in pairs:
            before, after = changed.columns(names)
            yield SyncChange(
                run=self.run, kind=kind, offer_id=changed.known.id, before=before, after=after
            )

    def _retire(self, batch: list[Known]) -> None:
        retire({offer.id for offer in batch}, self)
        self._note(self._gone(offer, held=False) for offer in batch)

    def _hold(self, batch: list[Known]) -> None:
        self._note(self._gone(offer, held=True) for offer in batch)

    def _gone(self, offer: Known, *, held: bool) -> SyncChange:
        before = {"name": offer.values.name, "rate": f"{offer.values.rate:f}"}
        return SyncChange(
            run=self.run, kind=ChangeKind.RETIRED, offer_id=offer.id, before=before, held=held
        )

    def _note(self, changes: Iterable[SyncChange]) -> None:
        sql.insert_all(list(changes))


def retire(offer_ids: set[int], writing: Writing) -> None:
    """Retire offers and pause what is bought there, inside the caller's transaction."""
    Offer.objects.filter(pk__in=offer_ids, retired_at=None).update(retired_at=writing.now)
    writing.reassess(offer_ids=offer_ids)


def write_values(batch: Sequence[Changed], now: datetime) -> None:
    """Set every synced column of these offers with one statement."""
    rows = [(changed.known.id, *_stored(changed.values)) for changed in batch]
    casts = [_CASTS.get(name, "varchar") for name in COLUMNS]
    sql.update_rows("orders_offer", COLUMNS, rows, casts=casts)
    dearer_or_cheaper = [changed.known.id for changed in batch if changed.rate_differs]
    Offer.objects.filter(pk__in=dearer_or_cheaper).update(rate_changed_at=now)


def _stored(values: Values) -> Iterator[Any]:
    """The values as the database keeps them: money as whole units."""
    return (to_units(value) if isinstance(value, Decimal) else value for value in values)

"""Orders that are delivered in runs: the provider tells of the whole, and of each run."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from orders import placement, progress
from orders.errors import Declined
from orders.models import Child, Order
from orders.progress import Report
from tests.orders.sequences.expected import Standing
from tests.orders.sequences.ground import PLACES, Ground, named
from tests.orders.sequences.reporting import AGES, CHARGES, WORDS
from tests.orders.sequences.run import Run, runs_of
from tests.orders.sequences.runs_expected import after_reports, after_run_report, again

EACH = st.sampled_from([10, 100, 333])
LISTS = st.sampled_from(["as before", "one more", "all", "too many", "twice", "another's", "none"])
"""Which ids of runs are told: of *all* that were ordered, of one too many, of another order."""

WHOLE = st.lists(
    st.tuples(PLACES, WORDS, LISTS, CHARGES, st.sampled_from(["USD", "EUR"]), AGES),
    min_size=1,
    max_size=3,
)
OF_RUNS = st.lists(
    st.tuples(PLACES, WORDS, st.sampled_from([None, -5, 0, 33, 100, 333, 334]), CHARGES, AGES),
    min_size=2,
    max_size=8,
)


class Feeding(Ground):
    """In any order: of runs that ended before the whole, and after it, late and twice."""

    @rule(who=PLACES, each=EACH, runs=st.sampled_from([2, 3, 4]), missing=st.booleans())
    def place_in_runs(self, who: int, each: int, runs: int, missing: bool) -> None:
        """All of it is paid at once; where an interval is missing, nothing is."""
        fields = {"link": "https://instagram.com/p/runs", "quantity": each, "runs": runs}
        fields |= {} if missing else {"interval": 30}
        try:
            order = placement.place(
                self.scene.clients[who % 2],
                self.scene.services[0].pk,
                fields,
                by=self.scene.admin,
                now=self.later(),
                overlap_ok=True,
            ).order
        except Declined:
            return
        assert not missing
        assert (order.runs, order.quantity, order.billable) == (runs, each, each * runs)
        assert order.delivery_total == each * runs

    def _tell_of_the_whole(self, said: list[tuple[int, str, str, str | None, str, str]]) -> None:
        now, found = self.later(), {}
        orders = list(Order.objects.exclude(runs=None).order_by("pk"))
        others = list(Order.objects.exclude(upstream_id=None).order_by("pk"))
        for place, word, listed, charge, currency, age in said:
            # Now and then it tells of runs of an order that has none.
            order = others[place % len(others)] if place % 8 == 0 else orders[place % len(orders)]
            took, asked = None if charge is None else Decimal(charge), self._asked(order, age)
            found[order.pk] = Report(
                *(order.pk, word, took, currency, 5, None, "", asked),
                runs=None if listed == "none" else order.runs,
                children=tuple(self._listed(order, listed, place)),
            )
        self._heard_of_wholes(found, now)

    def _heard_of_wholes(self, found: dict[int, Report], now: datetime) -> None:
        told = Order.objects.filter(pk__in=found)
        expected = after_reports(told, found, now)
        applied = progress.apply(found.values(), now=now)
        assert applied.failed == 0
        for order in told.all():
            stands = (Standing.of(order), runs_of(order))
            assert stands == expected[order.pk], found[order.pk]

    tell_of_the_whole = rule(said=WHOLE)(named("tell_of_the_whole", _tell_of_the_whole))
    tell_more_of_the_whole = rule(said=WHOLE)(named("tell_more_of_the_whole", _tell_of_the_whole))

    def _asked(self, row: Any, age: str) -> Any:
        overtaken = max(row.changed_at, row.status_at) - timedelta(seconds=1)
        ages = {"now": self.now, "just overtaken": overtaken}
        return ages.get(age, self.now - timedelta(minutes=10))

    def _listed(self, order: Order, listed: str, place: int) -> list[str]:
        known = list(runs_of(order))
        room = (order.runs or 1) - len(known)
        match listed:
            case "one more":
                return [*known, self.number()]
            case "all" | "too many":
                return [*known, *(self.number() for _ in range(room + (listed == "too many")))]
            case "twice":
                return [*known, *[self.number()] * 2]
            case "another's":
                theirs = [*Child.objects.exclude(order=order).values_list("upstream_id", flat=True)]
                held = Order.objects.filter(provider=order.provider_id).exclude(upstream_id=None)
                theirs += [str(one) for one in held.values_list("upstream_id", flat=True)]
                return [*known, theirs[place % len(theirs)], self.number()]
            case "as before":
                return known
        return []

    def _tell_of_runs(self, said: list[tuple[int, str, int | None, str | None, str]]) -> None:
        now, found = self.later(), {}
        children = list(Child.objects.select_related("order").order_by("pk"))
        for place, word, remains, charge, age in said:
            child = children[place % len(children)]
            took, asked = None if charge is None else Decimal(charge), self._asked(child, age)
            found[child.pk] = Report(child.pk, word, took, "USD", 5, remains, "", asked)
        self._heard_of_runs(found, now)

    def _heard_of_runs(self, found: dict[int, Report], now: datetime) -> None:
        children = Child.objects.filter(pk__in=found).select_related("order")
        stood = {child.pk: Run.of(child) for child in children}
        expected = {child.pk: after_run_report(child, found[child.pk]) for child in children}
        owners = {child.order_id: child.order for child in children}
        before = {pk: (Standing.of(order), runs_of(order)) for pk, order in owners.items()}
        applied = progress.apply_to_children(found.values(), now=now)
        assert applied.failed == 0
        for child in children.all():
            # A size alone is no news.
            is_quiet = replace(expected[child.pk], size=stood[child.pk].size) == stood[child.pk]
            allowed = [expected[child.pk], stood[child.pk]] if is_quiet else [expected[child.pk]]
            assert Run.of(child) in allowed, found[child.pk]
        for pk, was in before.items():
            self._follows(owners[pk], *was, now)

    def _follows(self, was: Order, stood: Standing, runs: dict[str, Run], now: Any) -> None:
        """From runs that moved follows what they add up to; from none that did, nothing else."""
        order, moved = Order.objects.get(pk=was.pk), runs_of(was)
        summed = again(was, list(moved.values()), now)
        allowed = [summed] if moved != runs else [summed, stood]
        assert Standing.of(order) in allowed, (was.pk, moved)

    tell_of_runs = rule(said=OF_RUNS)(named("tell_of_runs", _tell_of_runs))
    tell_more_of_runs = rule(said=OF_RUNS)(named("tell_more_of_runs", _tell_of_runs))
    tell_yet_more_of_runs = rule(said=OF_RUNS)(named("tell_yet_more_of_runs", _tell_of_runs))

"""The provider says how orders stand: late, out of order, in odd words, many in one answer."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import rule

from orders import progress
from orders.models import Order
from orders.progress import Report
from tests.orders.sequences.expected import MEANT, Standing
from tests.orders.sequences.ground import PLACES, Ground, named
from tests.orders.sequences.runs_expected import after_reports

WORDS = st.sampled_from([*MEANT, *["Partial"] * 4, "Completed", "Canceled", "Odd"])
REMAINS = st.sampled_from([None, None, -5, 0, 1, 333, 999, 1000, 1001])
CHARGES = st.sampled_from([None, "0", "0.9", "1", "1.00000001", "0.123456789", "-1", "7"])
AGES = st.sampled_from(["now", "now", "now", "just overtaken", "old"])
"""When the provider was asked: *just overtaken* is a moment before the order's last change."""

SAID = st.lists(
    st.tuples(PLACES, WORDS, REMAINS, CHARGES, st.sampled_from(["USD"] * 4 + ["EUR"]), AGES),
    min_size=3,
    max_size=8,
)


class Reporting(Ground):
    """About any order: one that the provider has never seen, or that has ended long ago."""

    def _report(self, said: list[tuple[int, str, int | None, str | None, str, str]]) -> None:
        now, found = self.later(), {}
        orders = list(Order.objects.order_by("pk"))
        for place, word, remains, charge, currency, age in said:
            order = orders[place % len(orders)]
            overtaken = max(order.changed_at, order.status_at) - timedelta(seconds=1)
            asked = {"now": now, "just overtaken": overtaken}.get(age, now - timedelta(minutes=10))
            took = None if charge is None else Decimal(charge)
            found[order.pk] = Report(order.pk, word, took, currency, 5, remains, "", asked)
        expected = after_reports([one for one in orders if one.pk in found], found, now)
        applied = progress.apply([*found.values()] * 2, now=now)
        assert applied.failed == 0
        for order in Order.objects.filter(pk__in=expected):
            assert Standing.of(order) == expected[order.pk][0], found[order.pk]

    # Hypothesis leaves out some rules, by name, in each example; this one is wanted in most.
    report = rule(said=SAID)(named("report", _report))
    report_more = rule(said=SAID)(named("report_more", _report))
    report_yet_more = rule(said=SAID)(named("report_yet_more", _report))

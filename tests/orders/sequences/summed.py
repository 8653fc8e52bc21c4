"""Roll-ups beside everything else: summed at any moment, true for every day without a mark."""

from collections import defaultdict
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from orders.enums import ReportBy
from orders.models import Customer, MovedClient, Panel, Staff, StaleMoment
from orders.reports import agreement, days, rolling
from tests.orders.sequences.house import House
from tests.support.report_truth import FIGURES, by_month, kept, truth


class Summed(House):
    """A house whose days are summed after every third act, in a time zone that may change."""

    acts = 0

    @rule(zone=st.sampled_from(["UTC", "Pacific/Auckland", "America/New_York"]))
    def moves(self, zone: str) -> None:
        Panel.objects.update(time_zone=zone)

    @rule(data=st.data())
    def changes_hands(self, data: st.DataObject) -> None:
        customers = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
        members = [None, *Staff.objects.order_by("pk").values_list("pk", flat=True)]
        if customers:
            who, whose = (data.draw(st.sampled_from(each)) for each in (customers, members))
            Customer.objects.filter(pk=who).update(manager=whose)

    @invariant()
    def what_has_no_mark_is_true(self) -> None:
        """So the acts after a summing must leave the marks of all that they change."""
        self.acts += 1
        if self.acts % 3 == 0:
            rolling.add_up(self.later())
        name = days.state().zone
        if not name or StaleMoment.objects.count() > 400:
            return
        zone = ZoneInfo(name)
        marked = {
            at.astimezone(zone).date() for at in StaleMoment.objects.values_list("at", flat=True)
        }
        moved = set(MovedClient.objects.values_list("staff_id", flat=True))
        wanted, found = truth(zone), kept()
        for line in wanted.keys() | found.keys():
            if line[0] not in marked and line[3] not in moved:
                assert found.get(line) == wanted.get(line), line
        assert kept(is_month=True) == by_month(found)
        assert agreement.check_all() == []

    @invariant()
    def every_way_of_summing_comes_to_the_same(self) -> None:
        sums: dict[int, list[object]] = defaultdict(lambda: [0] * len(FIGURES))
        for (_, by, _, clients_of), figures in kept().items():
            if clients_of:
                continue
            sums[by] = [a + figures[n] for a, n in zip(sums[by], FIGURES, strict=True)]
        assert all(sums[by] == sums[ReportBy.DAY] for by in ReportBy)

    def teardown(self) -> None:
        rolling.add_up(self.later())
        assert kept() == truth(ZoneInfo(days.state().zone))
        assert not MovedClient.objects.exists()
        super().teardown()

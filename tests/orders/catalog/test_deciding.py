"""Many risen costs decided at once: as they were seen, in bounded pieces, said truthfully."""

from datetime import timedelta
from decimal import Decimal

import pytest

from orders import catalog
from orders.catalog import deciding
from orders.enums import MarkupKind, PauseReason, PriceLevel
from orders.errors import FieldErrors
from orders.models import AuditEntry, Offer, Service
from orders.rules import set_markup
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def risen(**fields: object) -> Service:
    values = {"pause": PauseReason.COST_ROSE, "paused_at": NOW, "accepted_cost": Decimal("0.5")}
    return factories.service(**values | fields)


def accept(*rows: Service, seen_at: object = NOW + HOUR) -> catalog.Decided:
    ids = [row.pk for row in rows] or None
    return catalog.accept_costs(ids, by=None, now=NOW + HOUR, seen_at=seen_at)


def pauses() -> list[str]:
    return list(Service.objects.order_by("pk").values_list("pause", flat=True))


def test_the_chosen_ones_are_accepted_and_no_others() -> None:
    first, _, third = risen(), risen(), risen(pause=PauseReason.CHARGED_MORE)
    assert accept(first, third) == catalog.Decided(done=2)
    assert pauses() == ["", PauseReason.COST_ROSE, ""]
    first.refresh_from_db()
    assert first.accepted_cost == 1
    assert AuditEntry.objects.filter(action="service.cost_accepted").count() == 2


def test_all_means_all_that_rose_and_nothing_else() -> None:
    risen()
    risen(pause=PauseReason.STAFF)
    risen(pause=PauseReason.GONE)
    assert accept() == catalog.Decided(done=1)
    assert pauses() == ["", PauseReason.STAFF, PauseReason.GONE]


def test_what_moved_after_it_was_seen_is_left_alone() -> None:
    dearer, repaused, seen = risen(), risen(paused_at=NOW + 2 * HOUR), risen()
    Offer.objects.filter(pk=dearer.offer_id).update(rate_changed_at=NOW + 2 * HOUR)
    assert accept() == catalog.Decided(done=1, moved=2)
    seen.refresh_from_db()
    repaused.refresh_from_db()
    assert (seen.pause, repaused.pause) == ("", PauseReason.COST_ROSE)


def test_what_somebody_else_decided_is_counted_and_untouched() -> None:
    row = risen()
    catalog.pause(row, None, NOW, reason="Angry clients")
    assert accept(row) == catalog.Decided(gone=1)
    assert pauses() == [PauseReason.STAFF]


def test_one_below_its_floor_stays_paused_and_is_said() -> None:
    row = risen()
    set_markup(PriceLevel.SERVICE, MarkupKind.FIXED_RATE, Decimal("1.01"), None, NOW, service=row)
    Service.objects.update(pause=PauseReason.COST_ROSE, paused_at=NOW)
    assert accept(row) == catalog.Decided(done=1, still_paused=1)
    assert pauses() == [PauseReason.BELOW_FLOOR]


def test_a_press_is_bounded_and_says_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "MOST", 3)
    monkeypatch.setattr(deciding, "BATCH", 2)
    for _ in range(5):
        risen()
    assert accept() == catalog.Decided(done=3, left=2)
    assert accept() == catalog.Decided(done=2)


def test_kept_paused_ones_wait_for_a_person_and_keep_the_reason() -> None:
    row = risen()
    said = {"by": None, "now": NOW, "seen_at": NOW, "reason": "Too dear for us"}
    assert catalog.keep_paused([row.pk], **said) == catalog.Decided(done=1, still_paused=1)
    row.refresh_from_db()
    assert (row.pause, row.pause_detail) == (PauseReason.STAFF, "Too dear for us")
    assert row.accepted_cost == Decimal("0.5")


def test_keeping_paused_needs_a_reason() -> None:
    risen()
    with pytest.raises(FieldErrors):
        catalog.keep_paused(None, by=None, now=NOW, seen_at=NOW, reason=" ")
    assert pauses() == [PauseReason.COST_ROSE]

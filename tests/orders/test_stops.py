"""The three stop switches of a provider and of the panel."""

import pytest

from orders import panel_settings, stops
from orders.errors import FieldErrors
from orders.models import AuditEntry
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("of", ["provider", "panel"])
def test_each_switch_stops_alone_with_person_reason_and_time(of: str) -> None:
    person = factories.user()
    subject = factories.provider() if of == "provider" else panel_settings.current()

    stops.stop(subject, "not_sent", by=person, now=NOW, reason="They are moving house")
    stops.stop(subject, "not_sold", by=person, now=NOW, reason="All of it")

    subject.refresh_from_db()
    assert (subject.not_sold, subject.not_sent, subject.not_polled) == (True, True, False)
    assert (subject.stopped_by, subject.stopped_at) == (person, NOW)
    assert subject.stopped_reason == "All of it"

    stops.resume(subject, "not_sent", by=person, now=NOW)
    assert subject.stopped_reason == "All of it"
    stops.resume(subject, "not_sold", by=person, now=NOW)

    subject.refresh_from_db()
    assert not any(getattr(subject, switch) for switch in stops.SWITCHES)
    assert (subject.stopped_reason, subject.stopped_by, subject.stopped_at) == ("", None, None)
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == [f"{of}.stopped"] * 2 + [f"{of}.resumed"] * 2


def test_a_stop_without_a_reason_is_refused() -> None:
    with pytest.raises(FieldErrors):
        stops.stop(factories.provider(), "not_sent", by=None, now=NOW, reason="")

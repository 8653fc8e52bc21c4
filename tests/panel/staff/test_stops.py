"""What is stopped stands on every staff page: what, why, who and since when."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders import machinery, panel_settings, stops
from orders.enums import AlarmKind
from orders.models import Alert, Provider, Staff
from orders.people import person_of
from panel import alarms
from tests.support import factories as make

pytestmark = pytest.mark.django_db


def read(member: Staff, name: str = "staff:orders") -> str:
    browser = Client()
    browser.force_login(member.user)
    return browser.get(reverse(name)).content.decode()


def stop(subject: object, switch: stops.Switch, reason: str, by: Staff) -> None:
    stops.stop(subject, switch, by=by.user, now=timezone.now(), reason=reason)


def bulkhaus() -> Provider:
    return make.provider("Bulkhaus")


def test_nothing_stands_there_while_nothing_is_stopped() -> None:
    bulkhaus()
    assert "stopped everywhere" not in read(make.admin())


def test_a_stop_of_the_panel_is_read_by_all_of_the_house() -> None:
    ada = make.admin()
    stop(panel_settings.current(), "not_sold", "Stocktaking", ada)
    stop(panel_settings.current(), "not_polled", "Stocktaking", ada)
    for member in (ada, make.staff()):
        text = read(member)
        assert "Selling and asking for status stopped everywhere:" in text
        assert "Stocktaking" in text and "Ada Admin" in text and "just now" in text
    assert "Resume" in read(ada, "staff:services")
    assert "Resume" not in read(make.staff("Tom"))


def test_a_providers_stop_names_it_only_to_who_sees_costs() -> None:
    ada = make.admin()
    stop(bulkhaus(), "not_sent", "Bulkhaus cheats", ada)
    assert "Sending stopped at Bulkhaus:" in read(make.staff("Cora", sees_cost=True))
    plain = read(make.staff("Tom"))
    assert "Sending stopped at a provider." in plain and "Ada Admin" in plain
    assert "Bulkhaus" not in plain


def test_three_are_listed_and_the_others_counted() -> None:
    ada = make.admin()
    for number in range(5):
        stop(make.provider(f"P{number}"), "not_sold", f"Why {number}", ada)
    text = read(ada)
    assert text.count('class="strip stops') == 3 and "2 more" in text


def test_the_alert_that_says_the_same_leaves_the_strip_to_the_line() -> None:
    now, who = timezone.now(), person_of(make.admin().user)
    Alert.objects.create(
        kind=AlarmKind.SENDING_STOPPED, title="Sending is stopped: x", started_at=now, seen_at=now
    )
    alive = machinery.Pulse(timedelta(seconds=1))
    strip = alarms.watch(who, alive, now).strip
    assert strip is not None and strip.title == "Sending is stopped: x"
    assert alarms.watch(who, alive, now, stop_is_shown=True).strip is None


def test_no_customer_reads_of_it() -> None:
    stop(panel_settings.current(), "not_sent", "Holiday", make.admin())
    browser = Client()
    buyer = make.customer(signs_in=True)
    browser.force_login(buyer.user)
    assert "Holiday" not in browser.get(reverse("my:orders")).content.decode()

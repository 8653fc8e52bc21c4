"""How a service's price and cost came to be, and who may read it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from orders import catalog, rules
from orders.enums import ChangeKind, MarkupKind, PauseReason, PriceLevel, SyncOutcome
from orders.models import Service, Staff, SyncChange, SyncRun
from orders.people import person_of
from panel.staff.services.service_history import History
from panel.staff.services.service_rows import WHAT_TO_DO
from tests.support import factories as make

pytestmark = pytest.mark.django_db
PERCENT = MarkupKind.PERCENT


def history(service: Service, member: Staff) -> History:
    found = Service.objects.select_related("category", "offer__provider").get(pk=service.pk)
    return History(found, person_of(member.user))


@pytest.fixture
def ada() -> Staff:
    return make.admin()


@pytest.fixture
def sold() -> Service:
    return make.service(make.offer(make.provider(currency="EUR"), category="Likes"))


def test_the_rule_that_acts_is_marked_and_ended_ones_are_kept(sold: Service, ada: Staff) -> None:
    for percent in (40, 50):
        value = Decimal(percent)
        rules.set_markup(
            PriceLevel.SERVICE, PERCENT, value, ada.user, make.NOW, "Season", service=sold
        )
    rules.set_markup(
        PriceLevel.CATEGORY, PERCENT, Decimal(20), None, make.NOW, category=sold.category
    )
    told = [(rule.words, rule.where, rule.acts) for rule in history(sold, ada).rules]
    assert [line[0] for line in told if line[2]] == ["50\u00a0%"]
    assert ("20\u00a0%", "Likes", False) in told and ("40\u00a0%", "this service", False) in told
    (acting,) = [rule for rule in history(sold, ada).rules if rule.acts]
    assert (acting.by, acting.reason) == ("Ada Admin", "Season")


def test_a_long_history_never_hides_what_acts(sold: Service, ada: Staff) -> None:
    for number in range(12):
        value = Decimal(30 + number)
        rules.set_markup(PriceLevel.SERVICE, PERCENT, value, None, make.NOW, service=sold)
    rules.end_markup(PriceLevel.SERVICE, None, make.NOW + timedelta(1), service=sold)
    found = history(sold, ada).rules
    assert len(found) == 10 and found[0].where == "panel" and found[0].acts


def test_changes_of_the_rate_stand_with_their_step(sold: Service, ada: Staff) -> None:
    run = SyncRun.objects.create(
        provider=sold.offer.provider, started_at=make.NOW, outcome=SyncOutcome.CHANGED
    )
    for before, after in (("1.2", "1.5"), ("0", "1")):
        said = {"before": {"rate": before}, "after": {"rate": after}}
        SyncChange.objects.create(run=run, kind=ChangeKind.RATE, offer=sold.offer, **said)
    free, dearer = history(sold, ada).costs
    assert (dearer.before, dearer.after, dearer.change) == (Decimal("1.2"), Decimal("1.5"), 25)
    assert free.change is None


def test_what_people_decided_is_told_to_admins(sold: Service, ada: Staff) -> None:
    catalog.pause(sold, ada.user, make.NOW, reason="Angry clients")
    (done,) = history(sold, ada).decisions
    assert (done.words, done.by, done.reason) == ("Paused", "Ada Admin", "Angry clients")
    assert history(sold, make.staff(sees_cost=True)).decisions == []


def test_rules_and_rates_are_for_who_sees_costs(sold: Service) -> None:
    mira = make.staff()
    assert history(sold, mira).rules == [] and history(sold, mira).costs == []
    browser = Client()
    browser.force_login(mira.user)
    text = browser.get(reverse("staff:service", args=[sold.pk])).content.decode()
    assert "Rules of the price list" not in text and "rate over time" not in text


def test_every_pause_says_how_it_ends(ada: Staff) -> None:
    assert set(WHAT_TO_DO) == set(PauseReason) - {PauseReason.NONE}
    service = make.service(pause=PauseReason.TYPE_CHANGED, pause_detail="Its type is now “Poll”.")
    browser = Client()
    browser.force_login(ada.user)
    text = browser.get(reverse("staff:service", args=[service.pk])).content.decode()
    assert "then resume it or buy it elsewhere" in text

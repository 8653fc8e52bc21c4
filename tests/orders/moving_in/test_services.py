"""Services keep the numbers that they had on another panel."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import moving_in, rules
from orders.enums import ImportKind, MarkupKind, PauseReason, PriceLevel
from orders.errors import NotAllowed, StateChanged
from orders.models import Arrival, AuditEntry, Bound, MarkupRule, Offer, Provider, Service, User
from orders.moving_in import Report
from tests.orders.moving_in.conftest import services_csv
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db
KIND = ImportKind.SERVICES
Offers = Callable[..., Offer]


def bring(*rows: str, by: User | None = None, **more: str) -> Report:
    file = moving_in.read_services(services_csv(*rows))
    return moving_in.carry_out(KIND, file, by=by, now=NOW, **more)


def look(*rows: str, by: User | None = None) -> Report:
    return moving_in.look_at(KIND, moving_in.read_services(services_csv(*rows)), by=by)


def told(report: Report) -> dict[int, str]:
    return {remark.line: remark.text for remark in report.remarks}


def standing() -> list[tuple[int, str, str, bool]]:
    rows = Service.objects.order_by("pk").select_related("offer")
    return [(row.pk, row.offer.upstream_id, row.name, row.is_visible) for row in rows]


def test_a_service_comes_in_under_its_number_at_its_price(offer: Offers) -> None:
    offer("11", category="Likes")
    report = bring("2104,bulk,11,Likes HQ,Instagram,1.5")

    assert report.fates == {"added": 1}
    service = Service.objects.select_related("offer", "category").get()
    assert (service.pk, service.offer.upstream_id, service.name) == (2104, "11", "Likes HQ")
    assert (service.category.name, service.is_visible, service.pause) == ("Instagram", True, "")
    assert service.accepted_cost == 1
    assert rules.price_list([service])[2104].price == Decimal("1.5")
    entry = AuditEntry.objects.get(action="service.moved_in")
    assert (entry.subject, entry.after["price"]) == ("service:2104", "1.5")


def test_what_is_left_empty_is_the_providers_and_the_panels_own(offer: Offers) -> None:
    offer("11", name="Followers", category="Insta")
    bring("7,Bulk,11,,,")
    service = Service.objects.select_related("category").get()
    assert (service.name, service.category.name) == ("Followers", "Insta")
    assert rules.price_list([service])[7].price == Decimal("1.3")
    assert not MarkupRule.objects.filter(level=PriceLevel.SERVICE).exists()


def test_the_next_service_is_numbered_past_those_that_came_in_and_those_that_stayed_out(
    offer: Offers,
) -> None:
    offer("11")
    far = factories.service().pk + 500
    report = bring(f"{far},Bulk,11,Likes,x,2", f"{far + 90},Bulk,99,Gone,x,2")
    assert report.fates == {"added": 1, "unlisted": 1}
    assert "does not list 99" in told(report)[3]
    assert factories.service().pk == far + 91


def test_a_retired_offer_is_not_listed(offer: Offers) -> None:
    offer("11", retired_at=NOW)
    assert bring("5,Bulk,11,Likes,x,2").fates == {"unlisted": 1}
    assert not Service.objects.exists()


def test_a_second_run_changes_nothing_and_tells_what_differs(offer: Offers) -> None:
    offer("11")
    bring("5,Bulk,11,Likes,x,2")
    trail = AuditEntry.objects.exclude(action="import.started")
    before = standing(), MarkupRule.objects.count(), trail.count()
    assert bring("5,Bulk,11,Likes,x,2").remarks == []
    report = bring("5,Bulk,11,Other name,x,2.5")

    assert report.fates == {"there": 1}
    assert "came in at 2.00; the file now says 2.50" in told(report)[2]
    assert (standing(), MarkupRule.objects.count(), trail.count()) == before


def test_what_a_person_changed_since_stays(offer: Offers) -> None:
    offer("11")
    bring("5,Bulk,11,Likes,x,2")
    service = Service.objects.get()
    rules.set_markup(
        PriceLevel.SERVICE, MarkupKind.FIXED_RATE, Decimal(3), None, NOW, service=service
    )
    assert bring("5,Bulk,11,Likes,x,2").remarks == []
    assert rules.price_list([service])[5].price == 3


def test_an_unsold_service_makes_room_and_goes_on_under_another_number(offer: Offers) -> None:
    one, two = offer("11", name="One"), offer("12", name="Two")
    first, second = factories.service(one), factories.service(two)
    report = bring(f"{first.pk},Bulk,12,Twelve,x,2")

    assert (report.fates["added"], report.fates["moved"]) == (1, 1)
    assert standing() == [(first.pk, "12", "Twelve", True), (second.pk, "11", "One", True)]
    moved = AuditEntry.objects.get(action="service.made_room")
    assert (moved.subject, moved.before) == (f"service:{second.pk}", {"number": first.pk})


def test_numbers_that_change_places_all_come_in(offer: Offers) -> None:
    services = [factories.service(offer(str(n), name=f"Auto {n}")) for n in (11, 12, 13)]
    a, b, c = (service.pk for service in services)
    bring(f"{a},Bulk,12,B,x,2", f"{b},Bulk,13,C,x,2", f"{c},Bulk,11,A,x,2")
    assert standing() == [(a, "12", "B", True), (b, "13", "C", True), (c, "11", "A", True)]


def test_without_a_twin_what_makes_room_gets_a_new_number(offer: Offers) -> None:
    offer("12")
    first = factories.service(offer("11", name="One"))
    far = first.pk + 500
    bring(f"{first.pk},Bulk,12,Twelve,x,2", f"{far},Bulk,12,Again,x,3")
    assert standing() == [
        (first.pk, "12", "Twelve", True),
        (far, "12", "Again", True),
        (far + 1, "11", "One", True),
    ]


def test_the_unsold_twin_of_what_comes_in_is_hidden(offer: Offers) -> None:
    twin = factories.service(offer("11"))
    far = twin.pk + 500
    report = bring(f"{far},Bulk,11,Likes,x,2")
    assert report.fates["hidden"] == 1
    assert [(pk, shown) for pk, _, _, shown in standing()] == [(twin.pk, False), (far, True)]


def test_a_number_that_was_ordered_or_priced_stays_what_it_is(offer: Offers) -> None:
    offer("12")
    sold, priced = factories.service(offer("11")), factories.service(offer("13"))
    factories.order(of=sold)
    rules.set_markup(PriceLevel.SERVICE, MarkupKind.PERCENT, Decimal(50), None, NOW, service=priced)
    before = standing()
    report = bring(f"{sold.pk},Bulk,12,X,x,2", f"{priced.pk},Bulk,12,X,x,2")

    assert report.fates == {"wrong": 2}
    assert all("another number" in text for text in told(report).values())
    assert standing() == before


def test_an_unknown_provider_is_told_with_those_there_are(bulk: Provider) -> None:
    assert told(bring("5,Bulkhaus,11,X,x,2"))[2].endswith("There are: Bulk.")


def test_a_price_below_the_floor_is_the_owners_and_comes_in_paused(offer: Offers) -> None:
    offer("11")
    row = "5,Bulk,11,Likes,x,1.04"
    admin, owner = factories.admin().user, factories.owner().user
    assert "Only the owner" in told(bring(row, by=admin))[2]
    assert not Service.objects.exists()

    report = bring(row, by=owner)
    assert (report.fates["added"], report.fates["below_floor"]) == (1, 1)
    assert Service.objects.get().pause == PauseReason.BELOW_FLOOR


def test_the_floor_of_its_category_holds_too(offer: Offers) -> None:
    offer("11")
    shelf = factories.service(offer("12", category="Dear")).category
    Bound.objects.create(
        level=PriceLevel.CATEGORY, category=shelf, floor_percent=Decimal(100), set_at=NOW
    )
    report = bring("5,Bulk,11,Likes,Dear,1.9")
    assert report.fates["below_floor"] == 1
    assert Service.objects.get(pk=5).pause == PauseReason.BELOW_FLOOR


def test_looking_writes_nothing_and_says_what_then_happens(offer: Offers) -> None:
    offer("11")
    factories.service(offer("12"))
    rows = ("5,Bulk,11,Likes,New shelf,2", "6,Bulk,99,Gone,x,1", "x,Bulk,11,Bad,x,1")
    before, next_number = standing(), factories.service().pk + 1
    report = look(*rows)
    assert [row for row in standing() if row[0] < next_number - 1] == before
    assert not Arrival.objects.exists()

    done = bring(*rows, fingerprint=report.fingerprint)
    assert (done.fates, sorted(done.remarks)) == (report.fates, sorted(report.remarks))
    assert done.fates == {"added": 1, "unlisted": 1, "wrong": 1}


def test_a_fingerprint_that_does_not_fit_any_more_stops_it(offer: Offers) -> None:
    of = offer("11")
    seen = look("5,Bulk,11,Likes,x,2").fingerprint
    Offer.objects.filter(pk=of.pk).update(retired_at=NOW)
    with pytest.raises(StateChanged):
        bring("5,Bulk,11,Likes,x,2", fingerprint=seen)
    assert not Service.objects.exists()


def test_only_admins_bring_services_in(bulk: Provider) -> None:
    with pytest.raises(NotAllowed):
        bring("5,Bulk,11,Likes,x,2", by=factories.staff(sees_cost=True).user)


def test_a_row_with_an_error_of_ours_leaves_nothing_and_a_second_run_gives_the_same_end(
    offer: Offers, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer("11")
    offer("12")
    rows = ("500,Bulk,11,Likes,x,2", "501,Bulk,12,Views,x,3")
    with monkeypatch.context() as patch:
        patch.setattr("orders.moving_in.services._price", lambda *_: 1 / 0)
        assert bring(*rows).fates == {"wrong": 2}
    assert standing() == []
    bring(*rows)
    assert [row[0] for row in standing()] == [500, 501]


def test_a_look_takes_no_more_queries_for_many_rows_and_each_row_as_many_as_the_first(
    offer: Offers,
) -> None:
    """Of those whose number is taken, too: each makes room for the one beside it."""
    services = [factories.service(offer(str(n))) for n in range(24)]
    looks, counts = [], []
    for span in (range(4), range(4, 24)):
        rows = [f"{services[n].pk},Bulk,{n ^ 1},S{n},x,2" for n in span]
        with CaptureQueriesContext(connection) as queries:
            look(*rows)
        looks.append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            assert bring(*rows).fates["added"] == len(span)
        counts.append(len(queries))
    assert looks[0] == looks[1]
    assert (counts[1] - counts[0]) / 16 <= 42


def test_what_a_person_paused_is_paused_under_its_other_number(offer: Offers) -> None:
    one = factories.service(offer("11"), pause="staff", paused_at=NOW, pause_detail="Slow")
    two = factories.service(offer("12"))
    bring(f"{one.pk},Bulk,12,Twelve,x,2")
    moved = Service.objects.get(pk=two.pk)
    assert (moved.pause, moved.paused_at, moved.pause_detail) == ("staff", NOW, "Slow")
    assert Service.objects.get(pk=one.pk).pause == ""

"""A rise of the cost is caught before the next sale, wherever it comes from."""

from decimal import Decimal

import pytest

from orders import catalog, panel_settings, providers, rules
from orders.enums import MarkupKind, PauseReason, PriceLevel
from orders.errors import Declined, FieldErrors, StateChanged
from orders.models import AuditEntry, Provider, Service
from tests.orders.catalog.conftest import Reader, Upstream, service
from tests.support import factories

pytestmark = pytest.mark.django_db


def test_a_rise_over_the_threshold_pauses_the_service(read: Reader, upstream: Upstream) -> None:
    upstream.lists(1, 2, 3, 4)
    read()
    upstream.lists(1, rate="1.26")
    upstream.lists(2, rate="1.25")
    upstream.lists(3, rate="0.5")

    run = read()

    assert run.paused == 1
    dearer = service(1)
    assert (dearer.pause, dearer.paused_at) == (PauseReason.COST_ROSE, read.now)
    assert dearer.pause_detail == "Cost per 1000 rose from 1.0000 to 1.2600, by 26.0 %."
    assert {service(number).pause for number in (2, 3, 4)} == {""}


def test_small_rises_add_up_against_what_a_person_accepted(
    read: Reader, upstream: Upstream
) -> None:
    upstream.lists(1)
    for rate in ("1.00", "1.12", "1.24"):
        upstream.lists(1, rate=rate)
        read()
        assert service(1).pause == ""
    upstream.lists(1, rate="1.30")

    read()

    assert service(1).pause == PauseReason.COST_ROSE


def test_a_fall_is_fine_and_does_not_lower_what_was_accepted(
    read: Reader, upstream: Upstream
) -> None:
    for rate in ("1.00", "0.10", "1.20"):
        upstream.lists(1, rate=rate)
        read()

    assert service(1).pause == ""
    assert service(1).accepted_cost == Decimal(1)


def test_the_pause_lifts_when_the_cost_comes_back_down(read: Reader, upstream: Upstream) -> None:
    for rate in ("1.00", "2.00", "1.10"):
        upstream.lists(1, rate=rate)
        run = read()

    assert service(1).pause == ""
    assert run.detail == "1 changed, 1 service back on sale."


def test_a_free_service_that_is_no_longer_free_is_paused(read: Reader, upstream: Upstream) -> None:
    for rate in ("0", "0.00000001"):
        upstream.lists(1, rate=rate)
        read()

    assert service(1).pause == PauseReason.COST_ROSE


def test_accepting_the_cost_puts_it_back_on_sale(read: Reader, upstream: Upstream) -> None:
    person = factories.user()
    for rate in ("1", "2"):
        upstream.lists(1, rate=rate)
        read()

    accepted = catalog.accept_rate(service(1), person, read.now, seen_rate=Decimal(2))

    assert (accepted.pause, accepted.paused_at, accepted.pause_detail) == ("", None, "")
    assert service(1).accepted_cost == Decimal(2)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.person) == ("service.cost_accepted", person)
    assert entry.before["accepted_cost"] == "1.00000000"
    upstream.lists(1, rate="2.1")
    assert read().paused == 0


def test_a_rate_that_nobody_has_seen_is_not_accepted(read: Reader, upstream: Upstream) -> None:
    for rate in ("1", "2", "3"):
        upstream.lists(1, rate=rate)
        read()

    with pytest.raises(StateChanged):
        catalog.accept_rate(service(1), None, read.now, seen_rate=Decimal(2))

    assert service(1).pause == PauseReason.COST_ROSE


def test_a_new_price_for_the_service_accepts_its_cost(read: Reader, upstream: Upstream) -> None:
    for rate in ("1", "2"):
        upstream.lists(1, rate=rate)
        read()

    rules.set_markup(
        PriceLevel.SERVICE, MarkupKind.PERCENT, Decimal(40), None, read.now, service=service(1)
    )

    assert (service(1).pause, service(1).accepted_cost) == ("", Decimal(2))


def test_a_price_for_everything_accepts_no_single_cost(read: Reader, upstream: Upstream) -> None:
    for rate in ("1", "2"):
        upstream.lists(1, rate=rate)
        read()

    rules.set_markup(PriceLevel.PANEL, MarkupKind.PERCENT, Decimal(40), None, read.now)

    assert service(1).pause == PauseReason.COST_ROSE


@pytest.mark.parametrize("terms", [{"exchange_rate": Decimal("1.3")}, {"factor": Decimal("1.3")}])
def test_money_terms_that_lift_the_cost_too_far_pause_at_once(
    read: Reader, upstream: Upstream, bulkhaus: Provider, terms: dict[str, Decimal]
) -> None:
    upstream.lists(1, 2)
    read()
    catalog.pause(service(2), None, read.now, reason="Complaints")

    paused = providers.change(bulkhaus, by=None, now=read.now, **terms)

    assert paused == 1
    assert service(1).pause == PauseReason.COST_ROSE
    assert service(2).pause == PauseReason.STAFF
    providers.change(bulkhaus, by=None, now=read.now, **dict.fromkeys(terms, Decimal(1)))
    assert service(1).pause == ""


def test_a_small_rise_of_rate_and_of_exchange_together_are_one_rise(
    read: Reader, upstream: Upstream, bulkhaus: Provider
) -> None:
    upstream.lists(1)
    read()
    assert providers.change(bulkhaus, by=None, now=read.now, exchange_rate=Decimal("1.2")) == 0
    upstream.lists(1, rate="1.1")

    assert read().paused == 1


def test_a_new_threshold_acts_with_the_next_reading_even_of_the_same_bytes(
    read: Reader, upstream: Upstream
) -> None:
    for rate in ("1", "1.2"):
        upstream.lists(1, rate=rate)
        read()
    panel_settings.change(by=None, now=read.now, rise_threshold=Decimal(10))

    run = read()

    assert (run.outcome, run.paused) == ("unchanged", 1)
    assert service(1).pause == PauseReason.COST_ROSE


def test_another_type_pauses_the_service_until_a_person_looks(
    read: Reader, upstream: Upstream
) -> None:
    upstream.lists(1, 2)
    read()
    upstream.lists(1, type="Poll")
    upstream.lists(2, type="default")  # another spelling of the same

    read()
    read()

    assert service(1).pause == PauseReason.TYPE_CHANGED
    assert service(1).pause_detail == "Its type is now “Poll”."
    assert service(2).pause == ""
    assert catalog.resume(service(1), None, read.now).pause == ""


def test_a_type_that_became_unknown_cannot_be_resumed(read: Reader, upstream: Upstream) -> None:
    upstream.lists(1)
    read()
    upstream.lists(1, type="Voodoo")
    read()

    with pytest.raises(Declined, match="does not know the type"):
        catalog.resume(service(1), None, read.now)


# ── By hand ──────────────────────────────────────────────────────────────────────────────────


def test_a_pause_needs_a_reason(read: Reader, upstream: Upstream) -> None:
    upstream.lists(1)
    read()

    with pytest.raises(FieldErrors):
        catalog.pause(service(1), None, read.now, reason=" ")


def test_resuming_meets_the_machines_own_reason(read: Reader, upstream: Upstream) -> None:
    upstream.lists(1)
    read()
    catalog.pause(service(1), None, read.now, reason="Complaints")
    upstream.lists(1, rate="2")
    read()
    assert service(1).pause == PauseReason.STAFF

    assert catalog.resume(service(1), None, read.now).pause == PauseReason.COST_ROSE
    with pytest.raises(Declined, match="Accept the new cost"):
        catalog.resume(service(1), None, read.now)


def test_what_the_provider_dropped_cannot_be_resumed(read: Reader, upstream: Upstream) -> None:
    upstream.lists(*range(1, 11))
    read()
    upstream.drops(1)
    read()

    with pytest.raises(Declined, match="no longer offers"):
        catalog.resume(service(1), None, read.now)


def test_a_service_of_an_unknown_type_cannot_be_shown(read: Reader, upstream: Upstream) -> None:
    upstream.lists(1, type="Voodoo")
    read()

    with pytest.raises(Declined, match="does not know the type"):
        catalog.show(service(1), None, read.now)


def test_a_service_is_pointed_at_another_offer_of_its_type(
    read: Reader, upstream: Upstream
) -> None:
    upstream.lists(1, 2, 3)
    upstream.lists(2, rate="3")
    upstream.lists(3, type="Poll")
    read()
    ours, other, poll = service(1), service(2).offer, service(3).offer

    with pytest.raises(Declined, match="types differ"):
        catalog.point_at(ours, poll, None, read.now)
    catalog.point_at(ours, other, None, read.now)

    pointed = Service.objects.get(pk=ours.pk)
    assert (pointed.offer, pointed.accepted_cost, pointed.name) == (other, 3, "Followers 1")


# ── Finding ──────────────────────────────────────────────────────────────────────────────────


def test_search_finds_by_number_first_and_then_by_words(read: Reader, upstream: Upstream) -> None:
    upstream.lists(5, name="Telegram views 5", category="Telegram")
    upstream.lists(6, name="Instagram followers, HQ")
    upstream.lists(7, name="Instagram likes")
    read()
    hidden = service(7)
    catalog.hide(hidden, None, read.now)

    def found(text: str, **options: bool) -> list[str]:
        return [row.offer.upstream_id for row in catalog.search_services(text, **options)]

    assert found("insta foll") == ["6"]
    assert found("TELEGRAM") == ["5"]
    assert found("") == ["5", "6"]
    assert found("likes") == []
    assert found("likes", hidden=True) == ["7"]
    assert found(str(service(6).pk))[0] == "6"
    assert found("6", upstream_ids=True)[0] == "6"
    assert len(catalog.search_services("", limit=1)) == 1


def test_a_provider_may_have_thresholds_of_its_own(
    read: Reader, upstream: Upstream, bulkhaus: Provider
) -> None:
    upstream.lists(1, 2)
    read()
    providers.change(bulkhaus, by=None, now=read.now, rise_threshold=Decimal(60))
    upstream.lists(1, rate="1.50")
    read()
    assert service(1).pause == ""
    paused = providers.change(bulkhaus, by=None, now=read.now, rise_threshold=Decimal(40))
    assert (paused, service(1).pause) == (1, PauseReason.COST_ROSE)
    upstream.drops(2)
    providers.change(bulkhaus, by=None, now=read.now, shrink_threshold=Decimal(50))
    assert read().held_removals == 0
    with pytest.raises(FieldErrors):
        providers.change(bulkhaus, by=None, now=read.now, shrink_threshold=Decimal(-1))

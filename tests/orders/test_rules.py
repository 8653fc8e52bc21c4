"""Whose markup acts on a sale, within which bounds."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import pricing, rules
from orders.enums import MarkupKind, PriceLevel
from orders.errors import Declined, FieldErrors, NotAllowed, StateChanged
from orders.models import (
    AuditEntry,
    Bound,
    Customer,
    MarkupRule,
    Service,
    Staff,
)
from tests.support import factories
from tests.support.factories import NOW
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db

PERCENT, FIXED = MarkupKind.PERCENT, MarkupKind.FIXED_RATE


def mark_up(level: PriceLevel, percent: str, **scope: object) -> MarkupRule:
    return rules.set_markup(level, PERCENT, Decimal(percent), None, NOW, "", **scope)


def bound(level: PriceLevel, floor: str | None, ceiling: str | None = None, **scope: object):
    return rules.set_bound(
        level,
        floor_percent=None if floor is None else Decimal(floor),
        ceiling_percent=None if ceiling is None else Decimal(ceiling),
        by=None,
        now=NOW,
        **scope,
    )


def acting(customer: Customer | None, service: Service, staff: Staff | None = None) -> str:
    """The level and value that act."""
    chosen = pricing.choose(rules.markups_for(customer, service, staff))
    return f"{chosen.level} {chosen.value:f}".removesuffix(".00000000")


# ── Which one acts ───────────────────────────────────────────────────────────────────────────


def test_the_most_specific_acts_and_each_gives_way_to_the_next() -> None:
    mira = factories.staff()
    client, service = factories.customer(manager=mira), factories.service()
    shelf = service.category
    scopes = [
        (PriceLevel.CUSTOMER_SERVICE, {"customer": client, "service": service}),
        (PriceLevel.CUSTOMER_CATEGORY, {"customer": client, "category": shelf}),
        (PriceLevel.CUSTOMER, {"customer": client}),
        (PriceLevel.STAFF, {"staff": mira}),
        (PriceLevel.SERVICE, {"service": service}),
        (PriceLevel.CATEGORY, {"category": shelf}),
    ]
    for number, (level, scope) in enumerate(reversed(scopes), 10):
        mark_up(level, str(number), **scope)
        assert acting(client, service) == f"{level} {number}"
    for level, scope in scopes:
        assert acting(client, service).startswith(f"{level} ")
        assert rules.end_markup(level, None, NOW, **scope)
        assert not rules.end_markup(level, None, NOW, **scope)
    assert acting(client, service) == "panel 30"


def test_rules_of_others_do_not_act() -> None:
    client, service = factories.customer(), factories.service()
    other = factories.service(factories.offer(category="Telegram"))
    mark_up(PriceLevel.CUSTOMER, "1", customer=factories.customer("Other"))
    mark_up(PriceLevel.STAFF, "2", staff=factories.staff())
    mark_up(PriceLevel.SERVICE, "3", service=other)
    mark_up(PriceLevel.CATEGORY, "4", category=other.category)
    mark_up(PriceLevel.CUSTOMER_SERVICE, "5", customer=client, service=other)

    assert acting(client, service) == "panel 30"
    assert acting(None, service) == "panel 30"


def test_the_managers_markup_acts_whoever_places() -> None:
    manager, placing = factories.staff(markup="20"), factories.staff("Tom", markup="50")
    service = factories.service()

    assert acting(factories.customer(manager=manager), service, placing) == "staff 20"
    assert acting(factories.customer(), service, placing) == "staff 50"
    assert acting(None, service, placing) == "staff 50"
    assert acting(factories.customer(), service) == "panel 30"


def test_a_manager_without_a_markup_leaves_no_room_for_the_placing_members() -> None:
    """Two clients of one manager pay the same, whoever picks up the phone."""
    client = factories.customer(manager=factories.staff())

    assert acting(client, factories.service(), factories.staff(markup="50")) == "panel 30"


def test_the_markup_says_whose_it_is() -> None:
    mira = factories.staff("Mira Kovač", markup="35")
    service = factories.service()
    mark_up(PriceLevel.CATEGORY, "20", category=service.category)

    named = {
        str(markup.level): markup.who
        for markup in rules.markups_for(factories.customer(manager=mira), service, None)
    }

    assert named == {"staff": "Mira Kovač", "category": "Instagram", "panel": ""}


def test_without_any_markup_there_is_no_price() -> None:
    service = factories.service()
    MarkupRule.objects.all().delete()

    assert rules.markups_for(factories.customer(), service, None) == []
    assert rules.price_list([service]) == {}


# ── Bounds ───────────────────────────────────────────────────────────────────────────────────


def test_floors_and_ceilings_of_every_kind_hold_and_say_where_they_stand() -> None:
    mira, service = factories.staff("Mira Kovač"), factories.service()
    other = factories.service(factories.offer(category="Telegram"))
    bound(PriceLevel.CATEGORY, "12", "80", category=service.category)
    bound(PriceLevel.SERVICE, "7", service=service)
    bound(PriceLevel.STAFF, None, "60", staff=mira)
    bound(PriceLevel.CATEGORY, "99", category=other.category)
    bound(PriceLevel.STAFF, "98", staff=factories.staff("Tom"))

    terms = rules.terms_for(service, mira)

    assert {(floor.where, floor.percent) for floor in terms.floors} == {
        ("panel", 5),
        ("Instagram", 12),
        (f"service {service.pk}", 7),
    }
    assert {(ceiling.where, ceiling.percent) for ceiling in terms.ceilings} == {
        ("Instagram", 80),
        ("Mira Kovač", 60),
    }
    assert (terms.floor.where, terms.ceiling.where) == ("Instagram", "Mira Kovač")
    assert (terms.step, terms.minimum_charge, terms.currency) == (Decimal("0.0001"), 0, "USD")


def test_the_floor_lifts_a_price_and_is_named() -> None:
    service = factories.service(factories.offer(category="Telegram", rate=Decimal("1.30")))
    bound(PriceLevel.CATEGORY, "150", category=service.category)

    quote = rules.price_list([service])[service.pk]

    assert quote.price == Decimal("3.25")
    notes = [stage.note for stage in quote.stages if stage.code == "floor"]
    assert notes == ["Floor (Telegram, 150 %) lifted 1.69 to 3.25"]


# ── Costs and lists ──────────────────────────────────────────────────────────────────────────


def test_the_cost_carries_the_providers_money_terms() -> None:
    provider = factories.provider(
        "Bulkhaus", currency="EUR", exchange_rate=Decimal("1.085"), factor=Decimal("1.015")
    )
    offer = factories.offer(provider, rate=Decimal("1.24"))

    cost = rules.cost_of(offer, provider)

    assert cost == pricing.Cost(
        Decimal("1.24"), "EUR", Decimal("1.085"), Decimal("1.015"), "Bulkhaus"
    )


def test_a_price_list_agrees_with_the_single_quote() -> None:
    mira = factories.staff(markup="35")
    client = factories.customer(manager=mira)
    services = [factories.service() for _ in range(3)]
    package = factories.service(
        factories.offer(type_name="Package", service_type="package", rate=Decimal(8))
    )
    unknown = factories.service(factories.offer(type_name="Voodoo", service_type=""))
    mark_up(PriceLevel.CUSTOMER_SERVICE, "10", customer=client, service=services[1])
    bound(PriceLevel.SERVICE, "50", service=services[2])

    prices = rules.price_list([*services, package, unknown], client)

    assert {number: quote.price for number, quote in prices.items()} == {
        services[0].pk: Decimal("1.35"),
        services[1].pk: Decimal("1.10"),
        services[2].pk: Decimal("1.50"),
        package.pk: Decimal("10.8"),
    }
    for service in services:
        single = pricing.quote(
            rules.cost_of(service.offer, service.offer.provider),
            pricing.choose(rules.markups_for(client, service, mira)),
            rules.terms_for(service, mira),
            1000,
        )
        assert prices[service.pk] == single

    known = [*services, package]
    costed = [
        rules.Costed(rules.Place(one.pk, one.category_id), one.offer.rate, one.offer.provider)
        for one in known
    ]
    assert rules.rate_list(costed, client) == [prices[one.pk].rate for one in known]
    MarkupRule.objects.exclude(level=PriceLevel.CUSTOMER_SERVICE).delete()
    assert rules.rate_list(costed, client) == [None, Decimal("1.10"), None, None]


def test_a_list_of_many_takes_as_many_queries_as_a_list_of_one() -> None:
    client = factories.customer(manager=factories.staff(markup="35"))
    for number in range(5):
        service = factories.service(factories.offer(category=f"Shelf {number}"))
        mark_up(PriceLevel.SERVICE, "10", service=service)
        mark_up(PriceLevel.CATEGORY, "11", category=service.category)
        bound(PriceLevel.CATEGORY, "6", category=service.category)

    def queries(count: int) -> int:
        listed = list(Service.objects.all()[:count])
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert len(rules.price_list(listed, client)) == count
        return len(captured)

    assert queries(1) == queries(5) <= 5


def test_single_quotes_take_a_constant_number_of_queries() -> None:
    mira = factories.staff(markup="35")
    client = Customer.objects.get(pk=factories.customer(manager=mira).pk)
    service = factories.service()

    with CaptureQueriesContext(connection) as captured:
        rules.markups_for(client, service, mira)
        rules.terms_for(service, mira)

    assert len(captured) == 3


# ── Changing them ────────────────────────────────────────────────────────────────────────────


def test_a_change_ends_the_old_rule_and_appends_a_new_one() -> None:
    person, later = factories.admin().user, NOW + timedelta(days=1)
    first = mark_up(PriceLevel.PANEL, "30")

    second = rules.set_markup(
        PriceLevel.PANEL, MarkupKind.PER_1000, Decimal("0.5"), person, later, "Simpler"
    )

    first.refresh_from_db()
    assert (first.value, first.ended_at) == (30, later)
    assert (second.kind, second.set_by, second.set_at, second.ended_at) == (
        MarkupKind.PER_1000,
        person,
        later,
        None,
    )
    entry = AuditEntry.objects.order_by("-pk").first()
    assert (entry.action, entry.subject, entry.reason) == ("markup.set", "panel", "Simpler")
    assert (entry.before, entry.after) == (
        {"kind": "percent", "value": "30.00000000"},
        {"kind": "per_1000", "value": "0.5"},
    )


def test_the_same_again_writes_nothing() -> None:
    first = mark_up(PriceLevel.PANEL, "30")
    assert mark_up(PriceLevel.PANEL, "30.0") == first
    floor = bound(PriceLevel.PANEL, "5")
    assert bound(PriceLevel.PANEL, "5.0") == floor

    assert (MarkupRule.objects.count(), Bound.objects.count()) == (1, 1)
    assert AuditEntry.objects.count() == 2


def test_each_scope_has_a_rule_of_its_own() -> None:
    one, two = factories.staff(), factories.staff("Tom")
    mark_up(PriceLevel.STAFF, "20", staff=one)
    mark_up(PriceLevel.STAFF, "40", staff=two)
    mark_up(PriceLevel.STAFF, "25", staff=one)

    standing = MarkupRule.objects.filter(ended_at=None, level=PriceLevel.STAFF)
    assert dict(standing.values_list("staff", "value")) == {one.pk: 25, two.pk: 40}


@pytest.mark.parametrize("value", ["-1", "NaN", "Infinity", "0.123456789", "100000"])
def test_a_markup_that_is_no_markup_is_refused(value: str) -> None:
    with pytest.raises(FieldErrors) as refusal:
        mark_up(PriceLevel.PANEL, value)

    assert set(refusal.value.errors) == {"value"}


def test_a_ceiling_below_the_floor_is_refused() -> None:
    with pytest.raises(FieldErrors) as refusal:
        bound(PriceLevel.PANEL, "10", "9")

    assert refusal.value.errors == {"ceiling_percent": "The ceiling lies below the floor."}


def test_a_scope_must_fit_its_level() -> None:
    client = factories.customer()

    with pytest.raises(TypeError):
        mark_up(PriceLevel.PANEL, "10", customer=client)
    with pytest.raises(TypeError):
        mark_up(PriceLevel.STAFF, "10")
    with pytest.raises(TypeError):
        mark_up(PriceLevel.TYPED, "10")
    with pytest.raises(TypeError):
        bound(PriceLevel.CUSTOMER, "10", customer=client)


def test_the_panels_markup_cannot_be_taken_away() -> None:
    mark_up(PriceLevel.PANEL, "30")

    with pytest.raises(Declined):
        rules.end_markup(PriceLevel.PANEL, None, NOW)


def test_defaults_never_replace_what_somebody_set_or_took_away() -> None:
    mark_up(PriceLevel.PANEL, "12")
    bound(PriceLevel.PANEL, "3")
    bound(PriceLevel.PANEL, None)

    rules.set_defaults(by=None, now=NOW)

    assert MarkupRule.objects.get(ended_at=None).value == 12
    assert Bound.objects.get(ended_at=None).floor_percent is None


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_change_one_rule_at_once_the_second_is_told() -> None:
    mark_up(PriceLevel.PANEL, "30")

    def change(percent: int) -> MarkupRule:
        return mark_up(PriceLevel.PANEL, str(percent))

    outcomes = at_once(*[lambda percent=percent: change(percent) for percent in (31, 32, 33)])

    assert all(isinstance(outcome, MarkupRule | StateChanged) for outcome in outcomes)
    assert MarkupRule.objects.filter(ended_at=None).count() == 1
    kept = [outcome for outcome in outcomes if isinstance(outcome, MarkupRule)]
    assert MarkupRule.objects.count() == 1 + len(kept)


# ── Who may set which ────────────────────────────────────────────────────────────────────────


def by(member: Staff, value: str, kind: MarkupKind = PERCENT, **scope: object) -> MarkupRule:
    level = PriceLevel.SERVICE if scope else PriceLevel.PANEL
    return rules.set_markup(level, kind, Decimal(value), member.user, NOW, "", **scope)


def test_only_admins_set_and_end_rules() -> None:
    mira, service = factories.staff(), factories.service()
    with pytest.raises(NotAllowed):
        by(mira, "50")
    with pytest.raises(NotAllowed):
        rules.end_markup(PriceLevel.SERVICE, mira.user, NOW, service=service)
    with pytest.raises(NotAllowed):
        raised_floor(mira, "50")
    assert by(factories.admin(), "50").value == 50


def raised_floor(member: Staff, floor: str | None) -> Bound:
    percent = None if floor is None else Decimal(floor)
    return rules.set_bound(
        PriceLevel.PANEL, floor_percent=percent, ceiling_percent=None, by=member.user, now=NOW
    )


@pytest.mark.parametrize(
    ("kind", "below", "above"),
    [(PERCENT, "9.99", "10"), (MarkupKind.PER_1000, "0.19", "0.2"), (FIXED, "2.19", "2.2")],
)
def test_only_the_owner_allows_a_rule_below_the_floor(
    kind: MarkupKind, below: str, above: str
) -> None:
    """The service costs 2.00 and stands under a floor of 10 % on its shelf, above the panel's 5."""
    service = factories.service(factories.offer(rate=Decimal(2)))
    bound(PriceLevel.CATEGORY, "10", category=service.category)
    admin, owner = factories.admin(), factories.owner()

    with pytest.raises(NotAllowed, match="The floor here is 10 %; only the owner"):
        by(admin, below, kind, service=service)
    assert by(admin, above, kind, service=service).set_by == admin.user
    assert by(owner, below, kind, service=service).set_by == owner.user


def test_a_members_own_floor_holds_for_their_clients_rules() -> None:
    mira = factories.staff()
    client = factories.customer(manager=mira)
    factories.panel_prices()
    bound(PriceLevel.STAFF, "20", staff=mira)
    for level, scope in (
        (PriceLevel.CUSTOMER, {"customer": client}),
        (PriceLevel.STAFF, {"staff": mira}),
    ):
        with pytest.raises(NotAllowed):
            rules.set_markup(level, PERCENT, Decimal(19), factories.admin().user, NOW, "", **scope)


def test_only_the_owner_lowers_a_floor_or_takes_it_away() -> None:
    factories.panel_prices(floor="5")
    admin = factories.admin()
    for floor in ("4.99", None):
        with pytest.raises(NotAllowed, match="only the owner lowers it"):
            raised_floor(admin, floor)
    assert raised_floor(admin, "6").floor_percent == 6
    assert raised_floor(factories.owner(), "4").floor_percent == 4

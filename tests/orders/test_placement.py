"""Placing an order: what is charged, to whom, and what stops it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from orders import ledger, placement, pricing, tills
from orders.enums import MarkupKind, NotSold, OrderStatus, PauseReason, PriceLevel, TransferKind
from orders.errors import (
    Declined,
    FieldErrors,
    InsufficientFunds,
    KeyReused,
    NotAllowed,
    NotForSale,
    OpenOverlap,
    PriceChanged,
)
from orders.models import (
    AuditEntry,
    Bound,
    Customer,
    Event,
    MarkupRule,
    Offer,
    Order,
    Panel,
    Provider,
    Service,
    Staff,
    Transfer,
)
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db

LINK = "https://instagram.com/ateliernord"
Place = Callable[..., placement.Placed]


@pytest.fixture
def mira() -> Staff:
    return factories.staff("Mira Kovač", markup="35", sees_cost=True)


@pytest.fixture
def client_of_mira(mira: Staff) -> Customer:
    return factories.customer(manager=mira, balance="10")


@pytest.fixture
def followers() -> Service:
    return factories.service(factories.offer(rate=Decimal("1.2")))


@pytest.fixture
def place(client_of_mira: Customer, followers: Service, mira: Staff) -> Place:
    def call(quantity: int = 1000, link: str = LINK, **more: Any) -> placement.Placed:
        fields = {"link": link, "quantity": str(quantity)}
        values = {"by": mira.user, "now": NOW} | more
        return placement.place(client_of_mira, followers.pk, fields, **values)

    return call


def balance(customer: Customer) -> Decimal:
    return ledger.lock_wallets([ledger.wallet_id(customer.pk)]).popitem()[1].balance or Decimal(0)


def test_the_wallet_falls_by_exactly_the_price_and_every_stage_is_kept(
    place: Place, client_of_mira: Customer, mira: Staff
) -> None:
    order = place().order

    assert order.price == Decimal("1.62"), "1.20 with Mira's 35 %"
    assert balance(client_of_mira) == Decimal("10") - order.price
    assert order.status == OrderStatus.WAITING
    assert (order.markup_level, order.markup_value) == (PriceLevel.STAFF, 35)
    assert (order.placed_by, order.managed_by, order.markup_of) == (mira.user, mira, mira)
    assert order.expected_cost == Decimal("1.2")
    charge = Transfer.objects.get(order=order)
    assert (charge.kind, charge.amount) == (TransferKind.ORDER, order.price)
    assert next(stage["code"] for stage in order.stages) == "cost_rate"
    assert Event.objects.get(order=order).data["price"] == "1.62000000"


def test_the_managers_markup_counts_whoever_places_it(place: Place, mira: Staff) -> None:
    other = factories.staff("Tom Adeyemi", markup="80", sees_all_customers=True)
    order = place(by=other.user).order

    assert order.markup_of == mira
    assert order.placed_by == other.user


def test_without_a_manager_the_placing_members_markup_counts(
    followers: Service, mira: Staff
) -> None:
    Staff.objects.filter(pk=mira.pk).update(sees_all_customers=True)
    mira.refresh_from_db()
    client = factories.customer("Walk-in", balance="10")
    placed = placement.place(
        client, followers.pk, {"link": LINK, "quantity": 1000}, by=mira.user, now=NOW
    )
    assert placed.order.markup_of == mira


def test_a_typed_markup_and_a_typed_total_come_before_every_rule(place: Place) -> None:
    percent = pricing.Markup(PriceLevel.TYPED, MarkupKind.PERCENT, Decimal(50))
    total = pricing.Markup(PriceLevel.TYPED_TOTAL, None, Decimal("2.5"))

    assert place(typed=percent).order.price == Decimal("1.8")
    assert place(typed=total, overlap_ok=True).order.price == Decimal("2.5")


def test_a_customer_cannot_type_a_markup(followers: Service) -> None:
    client = factories.customer(balance="10", signs_in=True)
    cheap = pricing.Markup(PriceLevel.TYPED_TOTAL, None, Decimal("0.01"))
    with pytest.raises(NotAllowed):
        placement.place(
            client,
            followers.pk,
            {"link": LINK, "quantity": 1000},
            by=client.user,
            now=NOW,
            typed=cheap,
        )


def test_two_clicks_make_one_order(place: Place, client_of_mira: Customer) -> None:
    first = place(client_key="form-1")
    second = place(client_key="form-1")

    assert (first.is_new, second.is_new) == (True, False)
    assert first.order == second.order
    assert Order.objects.count() == 1
    assert balance(client_of_mira) == Decimal("10") - first.order.price


@pytest.mark.parametrize("overlap_ok", [False, True])
def test_a_click_that_came_second_while_placing_finds_the_firsts_order(
    overlap_ok: bool, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its look for the key and its own order the other click's order appears; that one
    holds the key and lies open on the same link."""
    look, first = placement._earlier, []

    def look_then_be_overtaken(*said: Any) -> placement.Placed | None:
        found = look(*said)
        if not first:
            first.append(None)
            first[0] = place(client_key="form-1")
        return found

    monkeypatch.setattr(placement, "_earlier", look_then_be_overtaken)
    second = place(client_key="form-1", overlap_ok=overlap_ok)

    assert not second.is_new
    assert [second.order] == list(Order.objects.all()) == [first[0].order]


def test_a_key_does_not_serve_for_another_order(place: Place) -> None:
    place(client_key="form-1")
    with pytest.raises(KeyReused):
        place(client_key="form-1", quantity=2000)


def test_a_price_that_rose_is_refused_with_both_figures(
    place: Place, client_of_mira: Customer
) -> None:
    with pytest.raises(PriceChanged) as refused:
        place(expected_price=Decimal("1.5"))

    assert (refused.value.expected, refused.value.price) == (Decimal("1.5"), Decimal("1.62"))
    assert Order.objects.count() == 0
    assert balance(client_of_mira) == 10


def test_a_price_that_fell_is_charged(place: Place) -> None:
    assert place(expected_price=Decimal("9")).order.price == Decimal("1.62")


def test_without_funds_nothing_is_left_behind(place: Place, client_of_mira: Customer) -> None:
    with pytest.raises(InsufficientFunds) as short:
        place(quantity=10_000)

    assert short.value.missing == Decimal("6.2")
    assert Order.objects.count() == 0
    assert Event.objects.count() == 0
    assert balance(client_of_mira) == 10


def test_a_credit_limit_is_used(place: Place, client_of_mira: Customer) -> None:
    client_of_mira.credit_limit = Decimal("6.2")
    client_of_mira.save()

    assert place(quantity=10_000).order.price == Decimal("16.2")
    assert balance(client_of_mira) == Decimal("-6.2")


def test_cash_is_taken_and_the_order_placed_in_one_step(
    place: Place, client_of_mira: Customer, mira: Staff
) -> None:
    order = place(quantity=10_000, take_cash=Decimal("12")).order

    assert balance(client_of_mira) == Decimal("10") + 12 - order.price
    assert ledger.account_sum(ledger.till_id(mira.pk)) == -12


def test_cash_is_not_taken_for_an_order_that_is_declined(
    place: Place, client_of_mira: Customer, mira: Staff
) -> None:
    with pytest.raises(InsufficientFunds):
        place(quantity=10_000, take_cash=Decimal("1"))

    assert balance(client_of_mira) == 10
    assert ledger.account_sum(ledger.till_id(mira.pk)) == 0


def test_cash_that_the_till_may_not_hold_places_no_order_and_is_on_record(
    place: Place, client_of_mira: Customer, mira: Staff
) -> None:
    Staff.objects.filter(pk=mira.pk).update(till_limit=Decimal(11))
    with pytest.raises(tills.TillFull):
        place(quantity=10_000, take_cash=Decimal("12"))

    assert not Order.objects.exists()
    assert (balance(client_of_mira), tills.held(mira)) == (10, 0)
    assert AuditEntry.objects.get(action=tills.FULL).after == {"amount": "12"}
    assert place(quantity=10_000, take_cash=Decimal("11")).is_new


def test_an_open_order_on_the_same_link_is_asked_about(place: Place) -> None:
    first = place().order
    with pytest.raises(OpenOverlap) as overlap:
        place(link="http://www.instagram.com/ateliernord/")

    assert overlap.value.order_ids == [first.pk]
    assert place(overlap_ok=True).is_new


def test_a_customer_never_learns_of_anothers_order_on_the_link(
    place: Place, followers: Service
) -> None:
    place()
    other = factories.customer("Casa Verde", balance="10", signs_in=True)
    placed = placement.place(
        other, followers.pk, {"link": LINK, "quantity": 1000}, by=other.user, now=NOW
    )
    assert placed.is_new


@pytest.mark.parametrize(
    ("table", "column", "value", "why"),
    [
        (Service, "is_visible", False, NotSold.HIDDEN),
        (Service, "pause", PauseReason.COST_ROSE, NotSold.PAUSED),
        (Provider, "not_sold", True, NotSold.PROVIDER),
        (Panel, "not_sold", True, NotSold.PANEL),
        (Offer, "retired_at", NOW, NotSold.GONE),
        (Offer, "type_name", "Unheard of", NotSold.TYPE),
        (MarkupRule, "ended_at", NOW, NotSold.NO_PRICE),
    ],
)
def test_what_is_not_for_sale_cannot_be_ordered_and_no_provider_is_named(
    table: Any, column: str, value: object, why: NotSold, place: Place, followers: Service
) -> None:
    table.objects.update(**{column: value})
    with pytest.raises(NotForSale) as refused:
        place()
    assert refused.value.why is why
    assert followers.offer.provider.name not in str(refused.value)


# ── Who does not see costs ──


def total(amount: str) -> pricing.Markup:
    return pricing.Markup(PriceLevel.TYPED_TOTAL, None, Decimal(amount))


@pytest.fixture
def blind(mira: Staff) -> Staff:
    """Mira, without sight of costs: the list price of the order is 1.62, its cost 1.20."""
    Staff.objects.update(sees_cost=False)
    mira.refresh_from_db()
    return mira


def test_without_sight_of_costs_a_total_may_be_the_list_price_or_more(
    place: Place, blind: Staff
) -> None:
    assert place(by=blind.user, typed=total("1.62")).order.price == Decimal("1.62")
    assert place(by=blind.user, typed=total("8"), overlap_ok=True).order.price == Decimal(8)


@pytest.mark.parametrize("typed", ["1.61999999", "1.27", "1.25", "0.01", "0"])
def test_without_sight_of_costs_the_floor_answers_to_nothing(
    typed: str, place: Place, blind: Staff
) -> None:
    with pytest.raises(FieldErrors) as refused:
        place(by=blind.user, typed=total(typed))
    assert refused.value.errors["total"].startswith("Below the list price, 1.62.")


@pytest.mark.parametrize("typed", ["1.7", "2.41", "100"])
def test_without_sight_of_costs_a_ceiling_answers_to_nothing(
    typed: str, place: Place, blind: Staff
) -> None:
    Bound.objects.update(ceiling_percent=100)
    with pytest.raises(FieldErrors) as refused:
        place(by=blind.user, typed=total(typed))
    assert refused.value.errors == {"total": "This service is sold at its list price only."}


def bound_of(staff: Staff, floor: str | None, ceiling: str | None) -> None:
    sides = [None if side is None else Decimal(side) for side in (floor, ceiling)]
    Bound.objects.create(
        level=PriceLevel.STAFF,
        staff=staff,
        floor_percent=sides[0],
        ceiling_percent=sides[1],
        set_at=NOW,
    )


def test_what_somebody_types_lies_between_their_own_bounds_too(place: Place) -> None:
    """The client is Mira's; Tom may sell at 60 % to 70 % over a cost of 1.20, whoever's it is."""
    tom = factories.staff("Tom", sees_all_customers=True, sees_cost=True)
    bound_of(tom, "60", "70")

    def typed(percent: str) -> Decimal:
        markup = pricing.Markup(PriceLevel.TYPED, MarkupKind.PERCENT, Decimal(percent))
        return place(by=tom.user, typed=markup, overlap_ok=True).order.price

    assert [typed(percent) for percent in ("10", "65", "90")] == [
        Decimal("1.92"),
        Decimal("1.98"),
        Decimal("2.04"),
    ]
    assert place(by=tom.user, overlap_ok=True).order.price == Decimal("1.62"), "the list price"


def test_the_managers_bounds_hold_what_others_type(place: Place, mira: Staff) -> None:
    tom = factories.staff("Tom", sees_all_customers=True, sees_cost=True)
    bound_of(mira, "50", None)
    bound_of(tom, "20", None)
    markup = pricing.Markup(PriceLevel.TYPED, MarkupKind.PERCENT, Decimal(10))
    assert place(by=tom.user, typed=markup).order.price == Decimal("1.8")


@pytest.mark.parametrize(("floor", "ceiling"), [("150", None), (None, "40")])
def test_without_sight_of_costs_own_bounds_answer_to_nothing(
    floor: str | None, ceiling: str | None, place: Place, blind: Staff
) -> None:
    tom = factories.staff("Tom", sees_all_customers=True)
    bound_of(tom, floor, ceiling)
    assert place(by=tom.user, typed=total("1.62")).order.price == Decimal("1.62")
    for typed in ("1.7", "2.9", "9"):
        with pytest.raises(FieldErrors) as refused:
            place(by=tom.user, typed=total(typed), overlap_ok=True)
        assert refused.value.errors == {"total": "This service is sold at its list price only."}


def test_without_sight_of_costs_no_markup_is_typed(place: Place, blind: Staff) -> None:
    markup = pricing.Markup(PriceLevel.TYPED, MarkupKind.PERCENT, Decimal(50))
    with pytest.raises(NotAllowed):
        place(by=blind.user, typed=markup)


def test_a_wrong_quantity_is_told_at_its_field(place: Place) -> None:
    with pytest.raises(FieldErrors) as wrong:
        place(quantity=5)
    assert wrong.value.errors == {"quantity": "Between 10 and 10,000 for this service."}


def test_a_blocked_client_places_nothing(place: Place, client_of_mira: Customer) -> None:
    client_of_mira.is_blocked = True
    with pytest.raises(NotAllowed):
        place()


def test_a_price_below_the_floor_is_lifted_and_never_charged(place: Place) -> None:
    giveaway = pricing.Markup(PriceLevel.TYPED_TOTAL, None, Decimal("0.5"))
    order = place(typed=giveaway).order

    assert order.price == Decimal("1.26"), "1.20 and the panel's floor of 5 %"


def test_declined_orders_leave_no_line_of_history(place: Place) -> None:
    for broken in ({"quantity": 1}, {"expected_price": Decimal(0)}):
        with pytest.raises(Declined):
            place(**broken)
    assert not Event.objects.exists()
    assert not Transfer.objects.filter(kind=TransferKind.ORDER).exists()

"""Confirming, carrying out, stopping, and taking up again."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError

from orders import ledger_check, mass_orders, placement, pruning, restoring, wallets
from orders.enums import MassLineState, NotPlaced, OrderStatus, PauseReason
from orders.errors import (
    Blocked,
    Busy,
    Declined,
    InsufficientFunds,
    NotAllowed,
    StateChanged,
)
from orders.mass_orders import carrying, deciding, keeping
from orders.models import (
    AuditEntry,
    Customer,
    MassLine,
    MassOrder,
    Offer,
    Order,
    Panel,
    Service,
    Transfer,
)
from tests.orders.mass_orders.conftest import LATER, Keep, checked, confirmed
from tests.support import factories
from tests.support.factories import NOW

S, WHY = MassLineState, NotPlaced


def results(made: MassOrder) -> list[tuple[int, str, str]]:
    lines = MassLine.objects.filter(mass_order=made).order_by("number")
    return list(lines.values_list("number", "state", "why"))


def names(service: Service, count: int, quantity: int = 1000) -> list[str]:
    return [f"{service.pk}|@name{number}|{quantity}" for number in range(1, count + 1)]


def rest(made: MassOrder, why: NotPlaced) -> mass_orders.Rest:
    return next(each for each in mass_orders.rests(made) if each.why == why)


def take_up(made: MassOrder, why: NotPlaced) -> int:
    seen = rest(made, why).fingerprint
    return mass_orders.again(made, why, seen, by=made.made_by, now=LATER)


# ── Restored ─────────────────────────────────────────────────────────────────────────────────


def test_what_waits_in_a_restored_database_is_not_placed_a_second_time(
    keep: Keep, service: Service
) -> None:
    """Its lines may have been placed, and bought, since the backup was made."""
    made = confirmed(keep(*names(service, 2)))
    Panel.objects.update(home="where the dump was made")
    assert mass_orders.carry_out(LATER) == "restored: nothing is placed"
    assert restoring.settle(LATER).lines == 2
    assert mass_orders.carry_out(LATER) == "0 placed, 0 not placed"
    assert results(made) == [(1, S.NOT_PLACED, WHY.STOPPED), (2, S.NOT_PLACED, WHY.STOPPED)]
    assert not Order.objects.exists()

    assert take_up(made, WHY.STOPPED) == 2
    assert mass_orders.carry_out(LATER) == "2 placed, 0 not placed"


def test_what_waits_in_a_database_that_only_moved_is_placed(keep: Keep, service: Service) -> None:
    confirmed(keep(*names(service, 1)))
    Panel.objects.update(home="where the dump was made")
    restoring.settle(LATER, moved=True)
    assert mass_orders.carry_out(LATER) == "1 placed, 0 not placed"


# ── Confirming ───────────────────────────────────────────────────────────────────────────────


def test_nothing_is_placed_before_somebody_confirms(keep: Keep, service: Service) -> None:
    draft = keep(*names(service, 2))
    assert mass_orders.carry_out(NOW) == "0 placed, 0 not placed"
    assert not Order.objects.exists() and not MassLine.objects.exists()
    assert MassOrder.objects.get().text == draft.text


def test_the_good_lines_are_placed_once_each_and_the_others_kept_with_why(
    keep: Keep, service: Service, casa: Customer
) -> None:
    made = confirmed(keep("nonsense", f"{service.pk}|@a|1000", f"{service.pk}|@a|10"))
    assert mass_orders.carry_out(LATER) == "1 placed, 0 not placed"
    assert results(made) == [
        (1, S.NOT_PLACED, WHY.WRONG),
        (2, S.PLACED, ""),
        (3, S.NOT_PLACED, WHY.OVERLAP),
    ]
    order = Order.objects.get()
    assert (order.price, order.placed_by, order.status) == (
        Decimal("1.3"),
        casa.user,
        OrderStatus.WAITING,
    )
    assert order.client_key == f"many:{made.token.hex}:2"
    assert MassLine.objects.get(number=2).order == order
    assert MassLine.objects.get(number=3).detail == {"orders": [], "line": 2}
    assert ledger_check.check() == []
    assert mass_orders.carry_out(LATER) == "0 placed, 0 not placed"
    entry = AuditEntry.objects.get(action="mass_order.placed")
    assert (entry.after["lines"], entry.after["left_out"]) == (1, 2)
    assert Decimal(entry.after["total"]) == Decimal("1.3")


def test_lines_on_one_link_are_placed_when_a_person_says_so(keep: Keep, service: Service) -> None:
    made = confirmed(keep(*[f"{service.pk}|@a|10"] * 3), overlapping=True)
    mass_orders.carry_out(LATER)
    assert [state for _, state, _ in results(made)] == [S.PLACED] * 3


def test_what_changed_since_the_look_is_shown_again(keep: Keep, service: Service) -> None:
    draft = keep(*names(service, 1))
    seen = checked(draft).fingerprint
    Offer.objects.update(rate=Decimal(2))
    with pytest.raises(StateChanged):
        mass_orders.confirm(draft, seen, by=draft.made_by, now=NOW)
    assert not MassLine.objects.exists()


def test_a_second_press_finds_what_the_first_did(keep: Keep, service: Service) -> None:
    draft = keep(*names(service, 2))
    seen = checked(draft).fingerprint
    for _ in range(2):
        mass_orders.confirm(draft, seen, by=draft.made_by, now=NOW)
    assert MassLine.objects.count() == 2
    assert AuditEntry.objects.filter(action="mass_order.placed").count() == 1
    with pytest.raises(StateChanged):
        mass_orders.retype(draft, "1|a|2", now=NOW)


def test_more_than_the_balance_is_not_confirmed(keep: Keep, service: Service) -> None:
    draft = keep(*names(service, 8, 10_000))
    with pytest.raises(InsufficientFunds) as raised:
        confirmed(draft)
    assert raised.value.missing == Decimal("4")
    assert not MassLine.objects.exists()


def test_credit_counts_as_balance_to_the_last_coin(
    keep: Keep, service: Service, casa: Customer
) -> None:
    balance, price = casa.wallet.balance or Decimal(0), Decimal("1.3")
    taken = balance - price
    wallets.adjust(casa, -taken, by=factories.admin().user, now=NOW, reason="All but one order")
    draft = keep(*names(service, 2))
    Customer.objects.update(credit_limit=price - Decimal("0.00000001"))
    with pytest.raises(InsufficientFunds):
        confirmed(draft)
    Customer.objects.update(credit_limit=price)
    confirmed(draft)
    mass_orders.carry_out(LATER)
    assert Order.objects.count() == 2


def test_who_is_blocked_or_has_nothing_to_place_confirms_nothing(
    keep: Keep, service: Service, casa: Customer
) -> None:
    with pytest.raises(Declined, match="No line can be placed"):
        confirmed(keep("nonsense"))
    draft = keep(*names(service, 1))
    Customer.objects.update(is_blocked=True)
    with pytest.raises(Blocked):
        confirmed(draft)


def test_only_who_typed_the_lines_places_them(keep: Keep, service: Service) -> None:
    draft, admin = keep(*names(service, 1)), factories.admin().user
    seen = checked(draft).fingerprint
    with pytest.raises(NotAllowed):
        mass_orders.confirm(draft, seen, by=admin, now=NOW)
    made = confirmed(draft)
    mass_orders.stop(made, by=admin, now=NOW)
    seen = rest(made, WHY.STOPPED).fingerprint
    with pytest.raises(NotAllowed):
        mass_orders.again(made, WHY.STOPPED, seen, by=admin, now=NOW)
    with pytest.raises(NotAllowed):
        mass_orders.mend(made, by=admin, now=NOW)


# ── What changes while lines wait ────────────────────────────────────────────────────────────


def dearer(service: Service) -> None:
    Offer.objects.filter(pk=service.offer_id).update(rate=Decimal(2))


def cheaper(service: Service) -> None:
    Offer.objects.filter(pk=service.offer_id).update(rate=Decimal("0.5"))


def paused(service: Service) -> None:
    Service.objects.update(pause=PauseReason.STAFF, paused_at=NOW)


def blocked(service: Service) -> None:
    Customer.objects.update(is_blocked=True)


def signed_off(service: Service) -> None:
    user = Customer.objects.get().user
    assert user is not None
    user.is_active = False
    user.save()


def narrowed(service: Service) -> None:
    Offer.objects.update(most=500)


def broke(service: Service) -> None:
    customer = Customer.objects.get()
    wallets.adjust(customer, Decimal("-99"), by=factories.owner().user, now=NOW, reason="x")


def ordered(service: Service) -> None:
    factories.order(Customer.objects.get(), service, link="@name1")


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        (dearer, WHY.PRICE),
        (paused, WHY.NOT_SOLD),
        (blocked, WHY.BLOCKED),
        (signed_off, WHY.BLOCKED),
        (narrowed, WHY.WRONG),
        (broke, WHY.FUNDS),
        (ordered, WHY.OVERLAP),
        (cheaper, ""),
    ],
)
def test_each_line_is_told_of_what_changed_meanwhile(
    meanwhile: Callable[[Service], None], why: str, keep: Keep, service: Service
) -> None:
    made = confirmed(keep(*names(service, 1)))
    meanwhile(service)
    before = Transfer.objects.count()
    mass_orders.carry_out(LATER)
    assert results(made) == [(1, S.NOT_PLACED if why else S.PLACED, why)]
    assert Transfer.objects.count() == before + (not why)


def test_a_lower_price_is_the_one_that_is_charged(keep: Keep, service: Service) -> None:
    confirmed(keep(*names(service, 1)))
    cheaper(service)
    mass_orders.carry_out(LATER)
    assert Order.objects.get().price == Decimal("0.65")


# ── Taking up again ──────────────────────────────────────────────────────────────────────────


def test_lines_that_lacked_funds_are_placed_later_with_one_press(
    keep: Keep, service: Service, casa: Customer
) -> None:
    made = confirmed(keep(*names(service, 7, 10_000)))
    owner = factories.owner().user
    wallets.adjust(casa, Decimal("-70"), by=owner, now=NOW, reason="x")
    mass_orders.carry_out(LATER)
    assert [why for _, _, why in results(made)] == ["", "", *[WHY.FUNDS] * 5]
    with pytest.raises(InsufficientFunds):
        take_up(made, WHY.FUNDS)
    wallets.adjust(casa, Decimal("70"), by=owner, now=NOW, reason="x")
    assert take_up(made, WHY.FUNDS) == 5
    mass_orders.carry_out(LATER)
    assert [state for _, state, _ in results(made)] == [S.PLACED] * 7
    assert Order.objects.count() == 7 and ledger_check.check() == []


def test_what_still_waits_is_paid_from_the_same_balance(
    keep: Keep, service: Service, casa: Customer
) -> None:
    """The wallet covers one of the two."""
    made = confirmed(keep(*names(service, 2)))
    stopped = MassLine.objects.filter(number=1)
    stopped.update(state=S.NOT_PLACED, why=WHY.STOPPED)
    balance = casa.wallet.balance or Decimal(0)
    wallets.adjust(casa, Decimal(2) - balance, by=factories.admin().user, now=NOW, reason="Less")
    with pytest.raises(InsufficientFunds):
        take_up(made, WHY.STOPPED)
    assert stopped.get().state == S.NOT_PLACED


def test_a_changed_price_is_charged_only_as_it_was_shown(keep: Keep, service: Service) -> None:
    made = confirmed(keep(*names(service, 1)))
    dearer(service)
    mass_orders.carry_out(LATER)
    shown = rest(made, WHY.PRICE)
    assert shown.total == Decimal("2.6")
    Offer.objects.update(rate=Decimal(3))
    take_up(made, WHY.PRICE)
    mass_orders.carry_out(LATER)
    assert results(made) == [(1, S.NOT_PLACED, WHY.PRICE)]
    with pytest.raises(StateChanged):
        mass_orders.again(made, WHY.PRICE, shown.fingerprint, by=made.made_by, now=LATER)
    take_up(made, WHY.PRICE)
    mass_orders.carry_out(LATER)
    assert Order.objects.get().price == Decimal("3.9")


def test_a_line_is_placed_in_spite_of_its_link_when_a_person_says_so(
    keep: Keep, service: Service
) -> None:
    made = confirmed(keep(*names(service, 1)))
    ordered(service)
    mass_orders.carry_out(LATER)
    take_up(made, WHY.OVERLAP)
    mass_orders.carry_out(LATER)
    assert results(made) == [(1, S.PLACED, "")]


@pytest.mark.parametrize("why", [WHY.WRONG, WHY.NOT_SOLD, WHY.BLOCKED, WHY.FAILED])
def test_other_lines_are_typed_anew(why: NotPlaced, keep: Keep, service: Service) -> None:
    made = confirmed(keep(*names(service, 1)))
    MassLine.objects.update(state=S.NOT_PLACED, why=why)
    assert mass_orders.rests(made) == []
    # As if a page had shown them all the same.
    forged = deciding._rest(why, list(MassLine.objects.all())).fingerprint
    with pytest.raises(StateChanged):
        mass_orders.again(made, why, forged, by=made.made_by, now=LATER)
    anew = mass_orders.mend(made, by=made.made_by, now=LATER)
    assert anew.text == f"{service.pk}|@name1|1000"


def test_mending_takes_the_names_of_the_columns_along(keep: Keep, service: Service) -> None:
    made = confirmed(
        keep("link;quantity;service", f"@a;10;{service.pk}", f"@b;1;{service.pk}", "@c;x;7")
    )
    anew = mass_orders.mend(made, by=made.made_by, now=LATER)
    assert anew.text == f"link;quantity;service\n@b;1;{service.pk}\n@c;x;7"


# ── Stopping, breaking off ───────────────────────────────────────────────────────────────────


def test_what_is_stopped_stays_unplaced_until_it_is_taken_up(keep: Keep, service: Service) -> None:
    made = confirmed(keep(*names(service, 3)))
    carrying.place_next(made.pk, LATER)
    assert mass_orders.stop(made, by=made.made_by, now=LATER) == 2
    assert mass_orders.stop(made, by=made.made_by, now=LATER) == 0
    mass_orders.carry_out(LATER)
    assert [why for _, _, why in results(made)] == ["", WHY.STOPPED, WHY.STOPPED]
    take_up(made, WHY.STOPPED)
    mass_orders.carry_out(LATER)
    assert Order.objects.count() == 3
    assert AuditEntry.objects.filter(action__startswith="mass_order.").count() == 3


def test_an_order_and_its_lines_result_stand_or_fall_together(keep: Keep, service: Service) -> None:
    """Whatever breaks after the order was written takes the order back."""
    made = confirmed(keep(*names(service, 2)))
    with (
        mock.patch.object(MassLine, "save", side_effect=OperationalError("gone")),
        pytest.raises(OperationalError),
    ):
        mass_orders.carry_out(LATER)
    assert not Order.objects.exists() and not Transfer.objects.filter(order__isnull=False).exists()
    mass_orders.carry_out(LATER)
    assert [state for _, state, _ in results(made)] == [S.PLACED] * 2


def test_a_line_whose_order_is_there_already_finds_it(keep: Keep, service: Service) -> None:
    """Should a result ever be lost, the key keeps the order from being placed anew."""
    made = confirmed(keep(*names(service, 1)))
    mass_orders.carry_out(LATER)
    MassLine.objects.update(state=S.WAITING, order=None)
    mass_orders.carry_out(LATER)
    assert MassLine.objects.get(mass_order=made).order == Order.objects.get()


def test_a_line_that_breaks_us_keeps_back_no_other(keep: Keep, service: Service) -> None:
    made = confirmed(keep(*names(service, 3)))
    place = placement.place

    def breaking(*args: Any, **more: Any) -> Any:
        if args[2]["link"] == "@name2":
            raise ZeroDivisionError
        return place(*args, **more)

    with mock.patch.object(placement, "place", breaking):
        assert mass_orders.carry_out(LATER) == "2 placed, 1 not placed"
    assert results(made)[1] == (2, S.NOT_PLACED, WHY.FAILED)


def test_the_databases_own_trouble_leaves_the_line_for_the_next_run(
    keep: Keep, service: Service
) -> None:
    made = confirmed(keep(*names(service, 1)))
    gone = mock.patch.object(placement, "place", side_effect=OperationalError("gone"))
    with gone, pytest.raises(OperationalError):
        carrying.place_next(made.pk, LATER)
    assert results(made) == [(1, S.WAITING, "")]


def test_a_held_wallet_leaves_the_line_for_the_next_run(keep: Keep, service: Service) -> None:
    made = confirmed(keep(*names(service, 1)))
    with mock.patch.object(placement, "place", side_effect=Busy):
        assert mass_orders.carry_out(LATER) == "0 placed, 0 not placed"
    assert results(made) == [(1, S.WAITING, "")]


def test_a_small_one_does_not_wait_for_the_end_of_a_big_one(
    service: Service, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "AT_ONCE", 2)
    big = confirmed(keep(*names(service, 5, 10)))
    other = factories.customer(balance="10", signs_in=True)
    assert other.user is not None
    small = confirmed(mass_orders.keep(other, f"{service.pk}|@z|10", by=other.user, now=NOW))
    mass_orders.carry_out(LATER)
    order = list(Order.objects.order_by("pk").values_list("mass_line__mass_order", flat=True))
    assert order == [big.pk, big.pk, small.pk, big.pk, big.pk, big.pk]


def test_a_long_run_rings_for_the_next_one(
    keep: Keep, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed(keep(*names(service, 3)))
    monkeypatch.setattr(carrying, "LONGEST", -1.0)
    monkeypatch.setattr(carrying, "AT_ONCE", 1)
    with mock.patch.object(carrying.doorbell, "ring") as ring:
        mass_orders.carry_out(LATER)
    ring.assert_any_call("orders.place_many")
    assert MassLine.objects.filter(state=S.WAITING).count() == 2


# ── Who sees them, how long they are kept ────────────────────────────────────────────────────


def test_who_sees_them(keep: Keep, service: Service, casa: Customer) -> None:
    draft, made = keep(*names(service, 1)), confirmed(keep(*names(service, 2)))
    stranger = factories.customer(signs_in=True)
    manager, other, admin = factories.staff(), factories.staff(), factories.admin()
    casa.manager = manager
    casa.save()
    theirs = mass_orders.keep(casa, "1|@a|2", by=manager.user, now=NOW)

    def seen(user: Any) -> set[int]:
        from orders.people import person_of

        return set(mass_orders.visible(person_of(user)).values_list("pk", flat=True))

    assert seen(casa.user) == {draft.pk, made.pk}
    assert seen(manager.user) == {made.pk, theirs.pk}
    assert seen(admin.user) == {made.pk}
    assert seen(other.user) == seen(stranger.user) == set()


def test_a_few_texts_are_kept_of_each_person(keep: Keep) -> None:
    kept = [keep(f"{number}|@a|10").pk for number in range(1, keeping.MOST_DRAFTS + 3)]
    assert set(MassOrder.objects.values_list("pk", flat=True)) == set(kept[2:])


def test_texts_go_after_a_week_and_results_after_a_season(
    keep: Keep, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, waiting = (confirmed(keep(f"{service.pk}|@{n}|10")) for n in "ab")
    carrying.place_next(done.pk, NOW)
    draft = keep("1|@a|10")
    assert mass_orders.forget(NOW + keeping.DRAFT_KEPT_FOR - timedelta(seconds=1)) == 0
    assert mass_orders.forget(NOW + keeping.DRAFT_KEPT_FOR) == 1
    assert not MassOrder.objects.filter(pk=draft.pk).exists()
    assert "mass orders" in pruning.prune(NOW + keeping.KEPT_FOR)
    assert set(MassOrder.objects.values_list("pk", flat=True)) == {waiting.pk}
    assert Order.objects.count() == 1


def test_no_more_than_some_are_kept_of_each_client(
    keep: Keep, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [confirmed(keep(f"{service.pk}|@a{n}|10")).pk for n in range(3)]
    mass_orders.carry_out(NOW)
    monkeypatch.setattr(keeping, "MOST_KEPT", 2)
    mass_orders.forget(NOW)
    assert set(MassOrder.objects.values_list("pk", flat=True)) == set(made[1:])

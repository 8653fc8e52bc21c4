"""Clients who change hands: what they would pay, told before anything is written."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import people, rules
from orders.enums import MarkupKind, PriceLevel
from orders.errors import FieldErrors, NotAllowed, StateChanged
from orders.models import AuditEntry, Customer, Service, Staff
from orders.rules import Handing
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db
PERCENT = MarkupKind.PERCENT


@pytest.fixture
def mira() -> Staff:
    return factories.staff("Mira", markup="35")


@pytest.fixture
def tom() -> Staff:
    return factories.staff("Tom", markup="28")


def all_of(member: Staff | None, to: Staff | None) -> Handing:
    clients = Customer.objects.filter(manager=member)
    return rules.handing(clients, to.pk if to else None)


def agree(client: Customer, percent: str, service: Service | None = None) -> None:
    level = PriceLevel.CUSTOMER_SERVICE if service else PriceLevel.CUSTOMER
    scope = {"customer": client} | ({"service": service} if service else {})
    rules.set_markup(level, PERCENT, Decimal(percent), None, NOW, **scope)


def prices_of(client: Customer) -> dict[int, Decimal]:
    """The whole price list of a client, one service by itself each time."""
    fresh = Customer.objects.get(pk=client.pk)
    return {
        service.pk: rules.price_list([service], fresh)[service.pk].rate
        for service in Service.objects.filter(is_visible=True)
    }


class TestForesight:
    def test_it_says_how_many_clients_and_prices_move_and_which_most(
        self, mira: Staff, tom: Staff
    ) -> None:
        cheap = factories.service(factories.offer(rate=Decimal("0.001")))
        dear = factories.service(factories.offer(rate=Decimal("4")))
        for name in ("Nord", "Verde"):
            factories.customer(name, manager=mira)
        seen = all_of(mira, tom)
        assert (seen.clients, seen.moved, seen.services) == (2, 2, 2)
        assert (seen.rises, seen.falls, seen.lost) == (0, 2, 0)
        assert [move.service for move in seen.biggest] == [cheap.pk, dear.pk]
        assert seen.biggest[1][1:] == (mira.pk, Decimal("5.4"), Decimal("5.12"))

    def test_an_agreed_price_is_left_alone_and_the_rest_of_that_client_moves(
        self, mira: Staff, tom: Staff
    ) -> None:
        agreed, _ = factories.service(), factories.service()
        everything, one = (factories.customer(name, manager=mira) for name in ("All", "One"))
        agree(everything, "50")
        agree(one, "50", agreed)
        seen = all_of(mira, tom)
        assert (seen.clients, seen.agreed, seen.agreed_moved) == (2, 2, 0)
        assert (seen.moved, seen.services) == (1, 2)

    def test_a_floor_of_the_new_manager_moves_agreed_prices_too(
        self, mira: Staff, tom: Staff
    ) -> None:
        factories.service()
        agree(factories.customer("All", manager=mira), "20")
        assert all_of(mira, tom).moved == 0
        bound = {"floor_percent": Decimal(25), "ceiling_percent": None}
        rules.set_bound(PriceLevel.STAFF, by=None, now=NOW, staff=tom, **bound)
        seen = all_of(mira, tom)
        assert (seen.moved, seen.agreed_moved) == (1, 1)

    def test_who_stays_with_the_same_manager_is_not_counted(self, tom: Staff) -> None:
        factories.service()
        factories.customer(manager=tom)
        assert all_of(tom, tom).clients == 0

    def test_it_agrees_with_every_clients_price_list_before_and_after(
        self, mira: Staff, tom: Staff
    ) -> None:
        services = [factories.service(factories.offer(rate=Decimal(rate))) for rate in "123"]
        shelf = services[0].category
        rules.set_markup(PriceLevel.CATEGORY, PERCENT, Decimal(90), None, NOW, category=shelf)
        bound = {"floor_percent": Decimal(5), "ceiling_percent": Decimal(60)}
        rules.set_bound(PriceLevel.STAFF, by=None, now=NOW, staff=mira, **bound)
        clients = [factories.customer(f"C{number}", manager=mira) for number in range(3)]
        clients.append(factories.customer("Free"))
        agree(clients[0], "80")
        agree(clients[1], "10", services[1])
        for to in (tom, None, factories.staff("No markup")):
            seen = rules.handing(Customer.objects.all(), to.pk if to else None)
            before = {client.pk: prices_of(client) for client in clients}
            former = dict(Customer.objects.values_list("pk", "manager"))
            Customer.objects.update(manager=to)
            after = {client.pk: prices_of(client) for client in clients}
            for pk, manager in former.items():
                Customer.objects.filter(pk=pk).update(manager=manager)
            assert seen.moved == sum(before[pk] != after[pk] for pk in before)

    def test_it_writes_nothing_and_asks_as_often_for_many_as_for_one(
        self, mira: Staff, tom: Staff
    ) -> None:
        factories.service()
        agree(factories.customer(manager=mira), "20")
        asked = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as captured:
                all_of(mira, tom)
            asked.append(len(captured))
            assert all(query["sql"].startswith("SELECT") for query in captured)
            for number in range(5):
                factories.service()
                agree(factories.customer(f"More {number}", manager=mira), "20")
        assert asked[0] == asked[1] <= 6


class TestGiving:
    def test_one_or_many_change_hands_with_an_entry_each(self, mira: Staff, tom: Staff) -> None:
        ada = factories.admin()
        nord, verde = factories.customer("Nord", manager=mira), factories.customer("Verde")
        kept = factories.customer("Kept", manager=mira)
        moved = people.assign([nord.pk, verde.pk], tom, by=ada.user, now=NOW, reason="holiday")
        assert moved == 2
        assert set(Customer.objects.filter(manager=tom)) == {nord, verde}
        kept.refresh_from_db()
        assert kept.manager == mira
        told = AuditEntry.objects.filter(action="customer.changed").order_by("subject")
        assert [(e.subject, e.before, e.after, e.reason) for e in told] == [
            (f"customer:{pk}", {"manager": former}, {"manager": f"staff:{tom.pk}"}, "holiday")
            for pk, former in ((nord.pk, f"staff:{mira.pk}"), (verde.pk, None))
        ]
        assert people.assign([nord.pk], tom, by=ada.user, now=NOW) == 0
        assert told.count() == 2

    def test_a_catalog_or_rule_that_moved_since_asks_again(self, mira: Staff, tom: Staff) -> None:
        service, ada = factories.service(), factories.admin()
        nord = factories.customer(manager=mira)
        clients = Customer.objects.filter(pk=nord.pk)

        def press(seen: str) -> int:
            return people.assign([nord.pk], tom, by=ada.user, now=NOW, seen=seen)

        seen = rules.handing(clients, tom.pk).fingerprint
        type(service.offer).objects.filter(pk=service.offer_id).update(rate=Decimal(9))
        with pytest.raises(StateChanged, match="Look once more"):
            press(seen)
        seen = rules.handing(clients, tom.pk).fingerprint
        rules.set_markup(PriceLevel.STAFF, PERCENT, Decimal(44), None, NOW, staff=tom)
        with pytest.raises(StateChanged):
            press(seen)
        seen = rules.handing(clients, tom.pk).fingerprint
        Customer.objects.filter(pk=nord.pk).update(manager=factories.staff())
        with pytest.raises(StateChanged):
            press(seen)
        seen = rules.handing(clients, tom.pk).fingerprint
        rules.set_markup(PriceLevel.STAFF, PERCENT, Decimal(1), None, NOW, staff=factories.staff())
        assert press(seen) == 1, "what concerns none of them asks nobody"

    def test_admins_give_and_never_their_own_account(self, mira: Staff, tom: Staff) -> None:
        ada, nord = factories.admin(), factories.customer(manager=mira)
        with pytest.raises(NotAllowed):
            people.assign([nord.pk], mira, by=mira.user, now=NOW)
        own = factories.customer("Ada herself", manager=mira)
        Customer.objects.filter(pk=own.pk).update(user=ada.user)
        with pytest.raises(NotAllowed, match="own customer account"):
            people.assign([nord.pk, own.pk], tom, by=ada.user, now=NOW)
        assert set(Customer.objects.values_list("manager", flat=True)) == {mira.pk}

    def test_nobody_gets_clients_who_is_switched_off(self, mira: Staff, tom: Staff) -> None:
        ada, nord = factories.admin(), factories.customer()
        people.switch_off(tom.user, by=ada.user, now=NOW)
        with pytest.raises(FieldErrors, match="switched off"):
            people.assign([nord.pk], tom, by=ada.user, now=NOW)
        with pytest.raises(FieldErrors, match="switched off"):
            people.change_customer(nord, by=ada.user, now=NOW, manager=tom)
        with pytest.raises(FieldErrors, match="switched off"):
            people.add_customer(name="New", manager=tom, by=ada.user, now=NOW)

    def test_at_most_a_hundred_by_number(self, tom: Staff) -> None:
        with pytest.raises(FieldErrors, match="100"):
            people.assign(range(1, 102), tom, by=None, now=NOW)

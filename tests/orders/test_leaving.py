"""Somebody leaves: clients, cash and invitations go over by one press, or nothing does."""

from decimal import Decimal
from typing import Any

import pytest

from orders import (
    invitations,
    leaving,
    ledger_check,
    rules,
    sign_ins,
    tills,
    wallets,
)
from orders.enums import MarkupKind, OrderStatus, PriceLevel, TransferKind
from orders.errors import FieldErrors, NotAllowed, StateChanged
from orders.leaving import Leaving, Left
from orders.models import AuditEntry, Customer, Invitation, Staff, TillClosing, Transfer, User
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Staff:
    return factories.admin()


@pytest.fixture
def tom() -> Staff:
    return factories.staff("Tom")


@pytest.fixture
def mira() -> Staff:
    """Manages one client and holds 100 by the books."""
    member = factories.staff("Mira")
    client = factories.customer("Nord", manager=member)
    wallets.take_cash(client, Decimal(100), by=member.user, now=NOW)
    return member


def leave(mira: Staff, ada: Staff, heir: Staff | None = None, **said: Any) -> Left:
    given = {"counted": Decimal(100), "reason": "left"} | said
    return leaving.switch_off_member(mira, heir=heir, by=ada.user, now=NOW, **given)


def is_on(member: Staff) -> bool:
    return User.objects.get(pk=member.user_id).is_active


def rows() -> list[int]:
    counted = (Transfer, TillClosing, AuditEntry)
    return [model.objects.count() for model in counted]


class TestAllAtOnce:
    def test_clients_cash_and_sign_in_go_by_one_press(
        self, mira: Staff, tom: Staff, ada: Staff
    ) -> None:
        left = leave(mira, ada, tom, cash_to=tom)
        assert left == Left(clients=1, cash=Decimal(100), difference=Decimal(0))
        assert not is_on(mira)
        assert Customer.objects.get().manager == tom
        assert (tills.held(mira), tills.held(tom)) == (0, 100)
        handed = Transfer.objects.get(kind=TransferKind.HANDOVER)
        closing = TillClosing.objects.get()
        assert handed.reference == f"till:{tom.pk}:handed:{mira.pk}:closing-{closing.pk}"
        assert (handed.person, handed.memo) == (ada.user, "Mira to Tom: left")
        assert closing.confirmed_at == NOW, "it agrees with the books"
        assert ledger_check.check() == []
        said = AuditEntry.objects.filter(reason="left").values_list("action", flat=True)
        assert sorted(said) == [
            "sign_in.switched_off",
            "staff.clients_given",
            "till.closing_confirmed",
            "till.counted",
        ]

    def test_the_cash_goes_into_the_safe(self, mira: Staff, ada: Staff) -> None:
        leave(mira, ada)
        dropped = Transfer.objects.get(kind=TransferKind.DROP)
        assert (tills.held(mira), dropped.amount, dropped.person) == (0, 100, ada.user)
        assert Customer.objects.get().manager is None
        assert ledger_check.check() == []

    @pytest.mark.parametrize("counted", ["80", "130", "0"])
    def test_a_difference_waits_for_another_admin(
        self, mira: Staff, ada: Staff, counted: str
    ) -> None:
        left = leave(mira, ada, counted=Decimal(counted))
        assert left.difference == Decimal(counted) - 100
        closing = TillClosing.objects.get(confirmed_at=None)
        assert (closing.counted, closing.expected) == (Decimal(counted), 100)
        assert tills.held(mira) == 100 - Decimal(counted)
        with pytest.raises(NotAllowed, match="own count"):
            tills.confirm_closing(closing, by=ada.user, now=NOW)
        tills.confirm_closing(closing, by=factories.owner().user, now=NOW)
        assert tills.held(mira) == 0
        assert ledger_check.check() == []

    def test_nothing_happens_unless_the_till_is_counted(
        self, mira: Staff, tom: Staff, ada: Staff
    ) -> None:
        before = rows()
        with pytest.raises(FieldErrors, match="Count what is in the till"):
            leave(mira, ada, tom, counted=None)
        assert is_on(mira) and Customer.objects.get().manager == mira and rows() == before

    def test_nothing_happens_when_the_other_till_may_not_hold_it(
        self, mira: Staff, tom: Staff, ada: Staff
    ) -> None:
        Staff.objects.filter(pk=tom.pk).update(till_limit=Decimal(99))
        before = rows()
        with pytest.raises(tills.TillFull, match="99"):
            leave(mira, ada, tom, cash_to=tom)
        assert is_on(mira) and Customer.objects.get().manager == mira
        assert rows() == [before[0], before[1], before[2] + 1], "only the try is kept"

    def test_a_count_that_waits_is_confirmed_first(self, mira: Staff, ada: Staff) -> None:
        tills.count_till(mira, Decimal(100), by=mira.user, now=NOW)
        with pytest.raises(StateChanged, match="waiting for an admin"):
            leave(mira, ada)
        assert is_on(mira)

    def test_who_never_held_cash_has_nothing_to_count(self, tom: Staff, ada: Staff) -> None:
        assert leave(tom, ada, counted=None) == Left(0, Decimal(0), Decimal(0))
        assert not TillClosing.objects.exists()

    def test_open_invitations_are_revoked(self, mira: Staff, ada: Staff, tom: Staff) -> None:
        theirs, _ = invitations.make(by=mira.user, now=NOW)
        other, _ = invitations.make(by=tom.user, now=NOW)
        leave(mira, ada)
        assert Invitation.objects.get(pk=theirs.pk).revoked_at == NOW
        assert Invitation.objects.get(pk=other.pk).revoked_at is None
        assert AuditEntry.objects.filter(action="invitation.revoked").count() == 1


class TestWhoMay:
    def test_a_second_press_is_told(self, mira: Staff, ada: Staff) -> None:
        leave(mira, ada)
        with pytest.raises(StateChanged, match="already"):
            leave(mira, ada)

    def test_neither_oneself_nor_the_owner_nor_admins_by_admins(
        self, mira: Staff, ada: Staff
    ) -> None:
        olga = factories.owner()
        for by, whom in ((ada, ada), (olga, olga), (ada, olga), (mira, mira), (mira, ada)):
            with pytest.raises(NotAllowed):
                leave(whom, by, counted=None)
        leave(ada, olga, counted=None)
        assert not is_on(ada) and is_on(olga) and is_on(mira)

    def test_nothing_goes_to_themselves_or_to_who_is_off(
        self, mira: Staff, tom: Staff, ada: Staff
    ) -> None:
        sign_ins.switch_off(tom.user, by=ada.user, now=NOW)
        for said in ({"heir": mira}, {"heir": tom}, {"cash_to": mira}, {"cash_to": tom}):
            with pytest.raises(FieldErrors, match="somebody else"):
                leave(mira, ada, **said)
        assert is_on(mira)


class TestBefore:
    def test_it_tells_what_is_left_behind(self, mira: Staff, tom: Staff) -> None:
        factories.service()
        rules.set_markup(PriceLevel.STAFF, MarkupKind.PERCENT, Decimal(50), None, NOW, staff=tom)
        invitations.make(by=mira.user, now=NOW)
        seen = Leaving(mira, tom, NOW)
        assert (seen.held, seen.invitations, seen.proposals, seen.uncounted) == (100, 1, 0, None)
        assert (seen.prices.clients, seen.prices.rises) == (1, 1)

    def test_open_proposals_are_counted_once_a_case(self, mira: Staff) -> None:
        client = Customer.objects.get()
        for status in (OrderStatus.FAILED, OrderStatus.COMPLETED):
            order = factories.order(client, status=status)
            for _ in range(2):
                order.events.create(kind="proposed", person=mira.user, at=NOW, status=status)
        assert Leaving(mira, None, NOW).proposals == 1

    def test_whatever_moved_since_asks_again(self, mira: Staff, tom: Staff, ada: Staff) -> None:
        seen = Leaving(mira, tom, NOW).fingerprint
        wallets.take_cash(Customer.objects.get(), Decimal(5), by=mira.user, now=NOW)
        with pytest.raises(StateChanged, match="Look once more"):
            leave(mira, ada, tom, seen=seen)
        seen = Leaving(mira, tom, NOW).fingerprint
        factories.customer("New", manager=mira)
        with pytest.raises(StateChanged):
            leave(mira, ada, tom, seen=seen)
        seen = Leaving(mira, tom, NOW).fingerprint
        with pytest.raises(StateChanged):
            leave(mira, ada, None, seen=seen)
        assert leave(mira, ada, tom, counted=Decimal(105), seen=seen).clients == 2

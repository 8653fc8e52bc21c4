"""Order numbers go on from where the other panel's ended."""

import pytest

from orders import ledger_check, moving_in
from orders.errors import FieldErrors, NotAllowed
from orders.ledger_check.asking import slices
from orders.ledger_check.questions import QUESTIONS
from orders.models import AuditEntry
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def ahead() -> int:
    """A number that is still to come. Sequences do not go back between tests."""
    return moving_in.next_order_number() + 500


def test_the_next_order_has_the_number_and_the_one_after_follows(ahead: int) -> None:
    before = moving_in.set_next_order_number(ahead, by=None, now=NOW)
    assert moving_in.next_order_number() == ahead
    assert [factories.order().pk, factories.order().pk] == [ahead, ahead + 1]
    entry = AuditEntry.objects.get(action="orders.next_number")
    assert (entry.before, entry.after) == ({"next_order": before}, {"next_order": ahead})


def test_numbers_only_rise() -> None:
    last = factories.order().pk
    with pytest.raises(FieldErrors) as low:
        moving_in.set_next_order_number(last, by=None, now=NOW)
    assert str(last + 1) in low.value.errors["number"]
    with pytest.raises(FieldErrors):
        moving_in.set_next_order_number(10**13, by=None, now=NOW)
    assert factories.order().pk == last + 1


def test_the_same_number_twice_changes_nothing(ahead: int) -> None:
    moving_in.set_next_order_number(ahead, by=None, now=NOW)
    moving_in.set_next_order_number(ahead, by=None, now=NOW)
    assert AuditEntry.objects.filter(action="orders.next_number").count() == 1
    assert factories.order().pk == ahead


def test_only_admins_set_it(ahead: int) -> None:
    with pytest.raises(NotAllowed):
        moving_in.set_next_order_number(ahead, by=factories.staff().user, now=NOW)
    moving_in.set_next_order_number(ahead, by=factories.admin().user, now=NOW)


def test_the_ledger_is_proved_across_a_gap_of_billions_at_once() -> None:
    factories.order()
    factories.order(pk=900_000_000_000)
    assert ledger_check.check() == []
    of_orders = next(one for one in QUESTIONS if one.table == "orders_order")
    assert len(list(slices(of_orders))) == 2

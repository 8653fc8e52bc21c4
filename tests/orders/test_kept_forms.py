"""Forms that wait for their customer: theirs alone, a few of them, and for some days."""

from datetime import timedelta

import pytest

from orders import kept_forms, pruning
from orders.errors import Declined
from orders.kept_forms import Kept, keep, kept
from orders.models import Customer, KeptForm, Service
from tests.support import factories

pytestmark = pytest.mark.django_db
NOW = factories.NOW
TYPED = {"link": "  https://x.example/a ", "quantity": "1,000x"}


@pytest.fixture
def casa() -> Customer:
    return factories.customer()


@pytest.fixture
def followers() -> Service:
    return factories.service()


def test_what_was_typed_comes_back_as_it_was(casa: Customer, followers: Service) -> None:
    token = keep(casa, followers.pk, TYPED, now=NOW)
    assert kept(casa, token, now=NOW) == Kept(followers.pk, TYPED)


def test_the_token_opens_it_for_its_customer_alone(casa: Customer, followers: Service) -> None:
    token = keep(casa, followers.pk, TYPED, now=NOW)
    assert kept(factories.customer(), token, now=NOW) is None
    assert kept(casa, "another", now=NOW) is None


def test_the_oldest_makes_room(casa: Customer, followers: Service) -> None:
    other = factories.customer()
    theirs = keep(other, followers.pk, TYPED, now=NOW)
    tokens = [keep(casa, followers.pk, TYPED, now=NOW) for _ in range(kept_forms.MOST + 2)]

    assert [kept(casa, token, now=NOW) is None for token in tokens[:3]] == [True, True, False]
    assert KeptForm.objects.filter(customer=casa).count() == kept_forms.MOST
    assert kept(other, theirs, now=NOW)


def test_after_its_days_it_is_gone_and_is_deleted(casa: Customer, followers: Service) -> None:
    token = keep(casa, followers.pk, TYPED, now=NOW)
    later = NOW + kept_forms.KEPT_FOR
    assert kept(casa, token, now=later - timedelta(seconds=1))
    assert kept(casa, token, now=later) is None
    assert pruning.drop_forms(later - timedelta(seconds=1)) == 0
    assert pruning.drop_forms(later) == 1


def test_a_form_without_end_is_not_kept(casa: Customer, followers: Service) -> None:
    with pytest.raises(Declined, match="too long"):
        keep(casa, followers.pk, {"comments": "é" * kept_forms.LARGEST}, now=NOW)
    keep(casa, followers.pk, {"comments": "é" * (kept_forms.LARGEST - 100)}, now=NOW)
